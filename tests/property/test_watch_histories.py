"""Any history of appending, rotating, cutting, compressing and starting again: a watch counts what one ingest counts."""

import gzip
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import state
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schemas.settings import SiteSettings, SourceSettings
from streams.embedded import ledgers
from streams.site import blocks, chain, follow, identity, seen
from streams.site.file import SiteFile
from streams.site.ledger import Tally
from streams.site.site import Law, Site
from streams.site.watcher import PATIENCE, SETTLED, Watcher

HOSTS = ("share.example.com", "a.share.example.com", "board.org", "stranger.com", "news.de")
QUICK = settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
TODAY = date(2026, 10, 1)


class World:
    """A folder of logs, a clock, and a site that watches it."""

    def __init__(self, home: Path, source: SourceSettings) -> None:
        self.home, self.source = home, source
        self.logs = home / "logs"
        self.logs.mkdir()
        self.now = 1000.0
        self.said: list[str] = []
        self.late = ""

    @contextmanager
    def watching(self) -> Iterator[Watcher]:
        with Site(self.home / "d", SiteSettings(site="im"), Law.of(state.snapshot())) as site:
            watcher = Watcher(site, (self.source,), lambda _: self.paths(), self.said.append)
            yield watcher
            watcher.close()

    def paths(self) -> list[str]:
        return [str(path) for path in sorted(self.logs.rglob("*"))]

    def look(self, watcher: Watcher, after: float = 0.2, *, finish: bool = False) -> Tally:
        self.now += after
        watcher.scan(self.now, self.now)
        total = Tally()
        for tally, _ in watcher.poll(self.now, TODAY, finish=finish):
            total += tally
        return total


def source(name: str = "squid", **more: object) -> SourceSettings:
    return SourceSettings(name=name, connector=name, unit="im/amt", **more)


def line(n: int, pick: random.Random) -> str:
    person = pick.randrange(9)
    return state.squid(0, f"user{person}", pick.choice(HOSTS), client=f"10.1.0.{person}", minute=n)


def filled(data: Path) -> tuple[int, list[tuple[object, ...]]]:
    """Rejected records, and what the others fill, by source, day and view."""
    with SiteFile(data / "site-im.db", writing=False) as file:
        rows = seen.read(file.db)
    return sum(row[3].rejected for row in rows), [
        (*row[:3], count.records, count.filled, count.first_at, count.last_at)
        for row in rows
        if (count := row[3]).records
    ]


def sameness(home: Path, text: str, feed: str = "squid") -> None:
    """What the watch gave is what one ingest of all lines gives."""
    from streams.embedded import ingest

    (home / "all").write_text(text, encoding="utf-8")
    state.run(home / "whole", str(home / "all"), source=feed)
    ingest(home / "d", SiteSettings(site="im"), [], state.snapshot(), lambda _: None, lambda _: None)
    ((_, _, one),) = ledgers(home / "whole")
    ((_, _, two),) = ledgers(home / "d")
    assert (two.counted, two.rejected, two.received - two.duplicate) == (
        one.counted, one.rejected, one.received - one.duplicate,
    )  # fmt: skip
    assert filled(home / "d") == filled(home / "whole")
    assert state.observations(home / "d") == state.observations(home / "whole")
    assert state.findings(home / "d") == state.findings(home / "whole")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 3000)
    monkeypatch.setattr(chain, "PIECE", 256)
    monkeypatch.setattr(follow, "CHUNK", 700)
    for module in (identity, follow):  # a copy is recognised from the length of a head on
        monkeypatch.setattr(module, "HEAD", 32)


def _write(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def _rotated(world: World, watcher: Watcher, pick: random.Random, name: str, number: int) -> None:
    """What log rotation does, in one of its ways."""
    log, old = world.logs / name, world.logs / f"{name}.{number}"
    if not log.exists():
        return
    way = pick.choice(("rename", "copytruncate", "gz"))
    if way == "rename":
        log.rename(old)
    elif way == "copytruncate":
        shutil.copyfile(log, old)
        for _ in range(pick.choice((0, 0, 3))):  # lines that are not in the copy, but were seen
            number += 1
            late = line(100_000 + 10 * number, pick) + "\n"
            _write(log, late)
            world.late += late
            world.look(watcher)
        log.write_bytes(b"")
    else:
        old.with_suffix(f".{number}.gz").write_bytes(gzip.compress(log.read_bytes()))
        log.unlink()


@QUICK
@given(st.integers(0, 2**32))
def test_any_history_counts_as_one_ingest(seed: int) -> None:
    pick = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), source())
        written, rest, number = "", dict.fromkeys(("a.log", "b.log"), ""), 0
        for _ in range(pick.choice((1, 4))):
            with world.watching() as watcher:
                for _ in range(pick.choice((3, 12))):
                    name = pick.choice([*rest])
                    deed = pick.random()
                    if deed < 0.5:
                        lines = "".join(line(number + n, pick) + "\n" for n in range(pick.choice((1, 3, 30))))
                        number += 30
                        text = rest[name] + lines
                        cut = len(text) if pick.random() < 0.5 else pick.randrange(len(text))
                        _write(world.logs / name, text[:cut])
                        written, rest[name] = written + lines, text[cut:]
                    elif deed < 0.7:
                        _write(world.logs / name, rest[name])
                        rest[name] = ""
                        number += 1
                        _rotated(world, watcher, pick, name, number)
                    else:
                        world.look(watcher, pick.choice((0.2, SETTLED, PATIENCE)))
                    if pick.random() < 0.5:
                        world.look(watcher)
        for name, text in rest.items():
            _write(world.logs / name, text)
        with world.watching() as watcher:
            world.look(watcher, 2 * PATIENCE)
            world.look(watcher, 2 * PATIENCE)
            assert world.look(watcher, finish=True) == Tally()
        if not written:
            return
        sameness(Path(folder), written + world.late)
        # and what was watched is known to an ingest
        before = ledgers(Path(folder) / "d")[0][2]
        files = [path for path in world.paths() if Path(path).stat().st_size]
        if files:
            state.run(Path(folder) / "d", *files)
            after = ledgers(Path(folder) / "d")[0][2]
            assert (after.counted, after.rejected) == (before.counted, before.rejected)
