"""The file of the centre: other layouts and other programs are refused, readers wait for nobody."""

import hashlib
import sqlite3
from pathlib import Path

import pytest

from connectors import database
from connectors.bus import embedded
from connectors.database import LAYOUT, Database
from connectors.store import shelf, sqlite
from schemas.errors import ConfigurationError, LeitplankeError

TABLES = "CREATE TABLE IF NOT EXISTS thing (name TEXT)"
PINNED = {1: "00580c5f8423"}
"""The tables of each layout, hashed. Other tables are another layout: give it the next number in connectors/database.py."""


def refused(path: Path) -> LeitplankeError:
    with pytest.raises(LeitplankeError) as found:
        Database(path, TABLES)
    return found.value


def test_other_tables_have_another_number() -> None:
    scripts = (embedded.TABLES, shelf.TABLES, sqlite.TABLES)
    assert hashlib.sha256("\n".join(scripts).encode()).hexdigest()[:12] == PINNED.get(LAYOUT)


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("CREATE TABLE usage (id TEXT)", f"layout 0, this program reads {LAYOUT}"),
        (f"PRAGMA application_id = {database.PROGRAM}; PRAGMA user_version = 99; CREATE TABLE log (x)", "layout 99, "),
        ("CREATE TABLE recipes (name TEXT)", "not a file of Leitplanke"),
    ],
)
def test_another_file_is_one_sentence_and_stays_as_it_is(tmp_path: Path, script: str, sentence: str) -> None:
    path = tmp_path / "centre.db"
    with sqlite3.connect(path) as db:
        db.executescript(script)
    before = path.read_bytes()
    error = refused(path)
    assert sentence in str(error)
    assert "leitplanke settle" in str(error)
    assert error.exit_code == 2
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"a text that is no database at all, but long enough to be one\n" * 9, None])
def test_what_is_no_database(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "centre.db"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    assert isinstance(refused(path), ConfigurationError)


def test_a_cut_file_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "centre.db"
    whole = Database(path, TABLES)
    with whole.writing() as connection:
        connection.executemany("INSERT INTO thing VALUES (?)", [("x" * 9000,)] * 40)
    whole.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    whole.close()
    path.write_bytes(path.read_bytes()[:12_000])
    assert "damaged" in str(refused(path))


def test_an_empty_file_is_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "centre.db"
    path.touch()
    Database(path, TABLES).close()
    Database(path, TABLES).close()


def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    first = Database(tmp_path / "centre.db", TABLES)
    with first.writing() as connection:
        connection.execute("INSERT INTO thing VALUES ('a')")
        second = Database(tmp_path / "centre.db", TABLES)
        assert second.rows("SELECT count(*) FROM thing") == [(0,)]
    assert second.rows("SELECT count(*) FROM thing") == [(1,)]


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path: Path) -> None:
    full = Database(tmp_path / "centre.db", TABLES)
    pages = full.rows("PRAGMA page_count")[0][0]
    full.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LeitplankeError, match="the disk is full"), full.writing() as connection:
        connection.executemany("INSERT INTO thing VALUES (?)", [("x" * 9000,)] * 40)
    assert full.rows("SELECT count(*) FROM thing") == [(0,)]
