"""What was worked out of a catalogue is kept, gives the same as reading anew, and is never believed when it is not whole."""

from pathlib import Path

import polars as pl
import pytest

from catalogue import compiled
from catalogue.known import Known
from catalogue.load import load
from catalogue.match import Directory
from catalogue.never import KINDS, Never
from catalogue.snapshot import SECTIONS, Snapshot

GOOD = Path(__file__).parents[2] / "fixtures" / "catalogue" / "good"
PARTS = {"a": b"one\ntwo", "b": b"", "c": "drei Wörter".encode()}
SEEN = pl.DataFrame(
    {
        "host": ["a.zoom.us", "help.dropbox.com", "static-web.dropbox.com", "verdi.de", None, "www.dropbox.com"],
        "address": [None, None, None, None, "192.0.2.130", None],
        "application": [None, None, None, None, None, "dropbox"],
    },
    schema=dict.fromkeys(("host", "address", "application"), pl.String),
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "leitplanke"


def test_parts_come_back_as_they_were() -> None:
    assert compiled.kept("things", "1") is None
    compiled.keep("things", "1", PARTS)
    assert compiled.kept("things", "1") == PARTS
    assert compiled.kept("things", "2") is None
    assert compiled.kept("others", "1") is None


@pytest.mark.parametrize(
    "broken", [b"", b"{}", b"[1]\nx", b"not JSON\n", b'{"a": 9}\nshort', b'{"a": "x"}\n', b"\xff\n"]
)
def test_a_file_that_is_not_whole_is_none(cache: Path, broken: bytes) -> None:
    compiled.keep("things", "1", PARTS)
    next(cache.glob("things-*")).write_bytes(broken)
    assert not compiled.kept("things", "1")


def test_few_files_of_a_kind_stay_and_those_in_use_among_them(cache: Path) -> None:
    compiled.keep("others", "x", PARTS)
    for number in range(20):
        compiled.keep("things", str(number), PARTS)
        assert compiled.kept("things", "0") == PARTS
    assert len([*cache.glob("things-*")]) < 10
    assert compiled.kept("others", "x") == PARTS


def test_any_change_of_a_file_is_another_key(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    file = tmp_path / "deep" / "a.YAML"
    file.write_text("one", encoding="utf-8")
    (tmp_path / "b.txt").write_text("not read", encoding="utf-8")

    def key() -> str:
        return compiled.key_of(compiled.below(tmp_path, frozenset({".yaml"})))

    first = key()
    assert key() == first
    file.write_text("two", encoding="utf-8")
    second = key()
    file.rename(tmp_path / "deep" / "c.yaml")
    assert len({first, second, key()}) == 3


def test_what_was_kept_is_the_snapshot_that_was_read() -> None:
    read, kept = load(GOOD), load(GOOD)
    assert kept.prepared("known") is not None
    assert read.prepared("known") is None
    assert kept.holds("directory")
    assert not kept.__dict__.keys() & SECTIONS.keys()
    assert (kept.hash, kept.to_json(), kept) == (read.hash, read.to_json(), read)
    for subject, entry in read.directory.items():
        assert kept.entry_hash(kept.directory[subject]) == read.entry_hash(entry)


def test_the_sections_of_a_snapshot_are_the_same_however_it_came() -> None:
    read, kept = load(GOOD), load(GOOD)
    assert kept.sections() == read.sections() == Snapshot.from_json(read.to_json()).sections()
    assert Snapshot.written(read.sections()) == read


def test_what_was_kept_recognises_the_same() -> None:
    read, kept = load(GOOD), load(GOOD)
    assert Directory(kept).network(SEEN).equals(Directory(read).network(SEEN))
    assert Never(kept).network(SEEN).equals(Never(read).network(SEEN))
    assert Never(kept).ranged == Never(read).ranged
    for kinds, name in (({"service", "website"}, "none"), (KINDS, "never")):
        made, prepared = Known.made(read, kinds), Known.prepared(kept, kinds, name=name)
        assert prepared.table.equals(made.table)
        assert prepared.host_words == made.host_words


def test_a_catalogue_of_a_broken_file_is_read_anew(cache: Path) -> None:
    read = load(GOOD)
    file = next(cache.glob("catalogue-*"))
    file.write_bytes(file.read_bytes()[:-1])
    assert load(GOOD) == read


def test_a_snapshot_without_a_section_says_so() -> None:
    assert not Snapshot().holds("directory")
    again = Snapshot.from_json(Snapshot().to_json())
    assert not again.holds("units")
    with pytest.raises(AttributeError):
        _ = again.no_such_section  # type: ignore[attr-defined]
