"""The file of a site: cut-off starts, other layouts, other programs; the lock is given back."""

import sqlite3
from pathlib import Path

import pytest

from schemas.errors import ConfigurationError
from streams.site.file import VERSION, SiteFile


def test_a_start_that_was_cut_off_reads_as_empty_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "site-im.db"
    path.touch()
    with SiteFile(path, writing=False) as file:
        assert file.db.execute("SELECT count(*) FROM ledger").fetchone() == (0,)
        assert file.meta("settings") is None
    assert path.stat().st_size == 0
    with SiteFile(path, writing=True) as file:
        assert file.meta("layout") == str(VERSION)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (f"UPDATE meta SET value = '{VERSION - 1}' WHERE key = 'layout'", f"layout {VERSION - 1}, this program reads"),
        ("DELETE FROM meta", "not a site's file"),
        ("DROP TABLE meta; CREATE TABLE meta(a, b)", "not a site's file"),
    ],
)
def test_another_layout_is_one_sentence_and_leaves_no_lock(tmp_path: Path, change: str, sentence: str) -> None:
    path = tmp_path / "site-im.db"
    SiteFile(path, writing=True).close()
    with sqlite3.connect(path) as db:
        db.executescript(change)
    for writing in (False, True, True):
        with pytest.raises(ConfigurationError, match=sentence):
            SiteFile(path, writing=writing, wait=False)


def test_what_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "site-im.db"
    path.write_bytes(b"a text that is longer than the head of a database, or so it should be\n" * 9)
    with pytest.raises(ConfigurationError, match="damaged, or not a site's file"):
        SiteFile(path, writing=False)
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigurationError, match="not a file"):
        SiteFile(path, writing=True, wait=False)


def test_another_program_keeps_its_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "site-im.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE recipes(name TEXT)")
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="not a site's file"):
        SiteFile(path, writing=True)
    assert path.read_bytes() == before
