"""What a watch does with each kind of file."""

import gzip
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import state

from schemas.settings import SiteSettings, SourceSettings
from streams.embedded import ledgers
from streams.site import blocks, follow, watcher
from streams.site.ledger import Tally
from streams.site.site import Law, Site
from streams.site.watcher import PATIENCE, SETTLED, SPOOLED, Watcher

TODAY = date(2026, 10, 1)


class World:
    """A folder, a clock, and a site that watches."""

    def __init__(self, home: Path, connector: str, **more: object) -> None:
        self.home, self.now = home, 1000.0
        self.source = SourceSettings(name=connector, connector=connector, unit="im/amt", **more)
        self.logs = home / "logs"
        self.logs.mkdir()
        self.said: list[str] = []

    @contextmanager
    def watching(self) -> Iterator[Watcher]:
        with Site(self.home / "d", SiteSettings(site="im"), Law.of(state.snapshot())) as site:
            found = Watcher(site, (self.source,), lambda _: sorted(map(str, self.logs.rglob("*"))), self.said.append)
            yield found
            found.close()

    def look(self, found: Watcher, after: float = 0.2, *, finish: bool = False) -> Tally:
        self.now += after
        found.scan(self.now, self.now)
        total = Tally()
        for tally, _ in found.poll(self.now, TODAY, finish=finish):
            total += tally
        return total


def added(path: Path, *lines: str, end: str = "\n") -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + end)


LINES = [state.squid(0, f"user{n}", "share.example.com", client=f"10.1.0.{n}", minute=n) for n in range(40)]


def test_a_last_line_without_end_waits_and_is_read_again_when_it_grows(tmp_path: Path) -> None:
    world = World(tmp_path, "squid")
    log = world.logs / "a"
    with world.watching() as found:
        added(log, LINES[0], LINES[1][:40], end="")
        assert world.look(found) == Tally(received=1, counted=1)
        assert world.look(found) == Tally()
        assert world.look(found, PATIENCE) == Tally(received=1, rejected=1)
        added(log, LINES[1][40:])
        assert world.look(found) == Tally(counted=1, rejected=-1)
    assert ledgers(tmp_path / "d")[0][2] == Tally(received=2, counted=2)


def test_a_header_is_read_when_it_is_whole(tmp_path: Path) -> None:
    head = ["#separator \\x09", "#path\tssl", "#fields\tts\tuid\tid.orig_h\tid.resp_h\tserver_name"]
    rows = [f"{1790000000 + n}.0\tC{n}\t10.1.0.{n}\t203.0.113.9\tboard.org" for n in range(9)]
    other = [*head[:2], "#fields\tts\tuid\tserver_name\tid.orig_h\tid.resp_h"]
    turned = [f"{1790000100 + n}.0\tD{n}\tboard.org\t10.1.1.{n}\t203.0.113.9" for n in range(9)]
    world = World(tmp_path, "zeek")
    log = world.logs / "ssl.log"
    for line in [*head, *rows, *other, *turned]:
        with world.watching() as found:  # a start for each line
            added(log, line)
            world.look(found)
    with world.watching() as found:
        world.look(found, finish=True)
    tally = ledgers(tmp_path / "d")[0][2]
    assert (tally.counted, tally.rejected, tally.duplicate) == (18, 0, 0)
    state.run(tmp_path / "whole", str(log), source="zeek")
    assert ledgers(tmp_path / "whole")[0][2] == tally


def test_an_archive_and_a_document_are_read_when_they_are_complete(tmp_path: Path) -> None:
    world = World(tmp_path, "squid")
    packed = gzip.compress("".join(line + "\n" for line in LINES).encode())
    archive = world.logs / "a.gz"
    with world.watching() as found:
        archive.write_bytes(packed[:50])
        assert world.look(found) == Tally()
        archive.write_bytes(packed)
        assert world.look(found, SETTLED) == Tally(), "it has just changed"
        assert world.look(found, SETTLED).counted == 40
        assert world.look(found, PATIENCE) == Tally()
    with world.watching() as found:
        assert world.look(found, PATIENCE) == Tally()
        assert world.look(found, PATIENCE) == Tally(), "a start does not read it again"


def test_an_archive_is_read_at_once_when_nothing_more_is_expected(tmp_path: Path) -> None:
    world = World(tmp_path, "squid")
    (world.logs / "a.gz").write_bytes(gzip.compress("".join(line + "\n" for line in LINES).encode()))
    with world.watching() as found:
        assert world.look(found, finish=True).counted == 40


def test_another_format_is_told_once_and_nothing_is_kept(tmp_path: Path) -> None:
    world = World(tmp_path, "squid")
    added(world.logs / "a", *(f"this is no access log {n}" for n in range(1200)))
    with world.watching() as found:
        for _ in range(3):
            assert world.look(found) == Tally()
    assert len(world.said) == 1
    assert "none of the first 1000 records" in world.said[0]


def test_an_unreadable_file_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, "squid")
    added(world.logs / "a", *LINES[:3])

    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    with world.watching() as found:
        with monkeypatch.context() as patched:
            patched.setattr(watcher.os, "open", refused)
            for _ in range(3):
                assert world.look(found) == Tally()
        assert world.said == ["a: Permission denied"]
        assert world.look(found).counted == 3


def test_a_spool_is_emptied_when_a_newer_file_is_there(tmp_path: Path) -> None:
    world = World(tmp_path, "squid", spool=True)
    with world.watching() as found:
        added(world.logs / "1000.log", *LINES[:3])
        assert world.look(found).counted == 3
        world.look(found, 2 * SPOOLED)
        assert (world.logs / "1000.log").exists(), "it is the newest"
        added(world.logs / "1001.log", *LINES[3:5])
        assert world.look(found).counted == 2
        world.look(found)
        assert [path.name for path in world.logs.iterdir()] == ["1001.log"]
        world.look(found, 2 * PATIENCE)
        world.look(found)
        assert not [*world.logs.iterdir()], "nothing comes any more"
        assert not found.site.file.db.execute("SELECT * FROM followed").fetchall()


def test_lines_longer_than_a_block_are_the_same_as_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 2048)
    monkeypatch.setattr(follow, "CHUNK", 512)
    pick = random.Random(1)
    world = World(tmp_path, "squid")
    log = world.logs / "a"
    text = "\n".join([*LINES[:3], "x" * 9000, *LINES[3:30], "y" * 2047, *LINES[30:], ""])
    with world.watching() as found:
        while text:
            cut = pick.choice((1, 100, 3000))
            added(log, text[:cut], end="")
            text = text[cut:]
            world.look(found)
    tally = ledgers(tmp_path / "d")[0][2]
    assert (tally.received, tally.counted, tally.rejected) == (42, 40, 2)
    state.run(tmp_path / "d", str(log))
    again = ledgers(tmp_path / "d")[0][2]
    assert (again.counted, again.rejected, again.duplicate) == (40, 2, 42)
