"""What cannot wait is sent at once: a subject new at a unit, and one that reaches the group size; nothing else, nothing wrong."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import state

from schemas.settings import SiteSettings, SourceSettings, UnitSettings
from schemas.topics import OBSERVATIONS
from streams.centre.centre import Centre
from streams.embedded import opened
from streams.site.fresh import Fresh
from streams.site.packed import packed
from streams.site.site import Law, Site
from streams.site.soon import sent

SITE = SiteSettings(site="im", unit=(UnitSettings(unit="im/amt", ranges=("10.2.0.0/16",)),))
SOURCE = SourceSettings(name="squid", connector="squid", unit="im")


class Watched:
    """A site that is told line by line, with what it holds to be due."""

    def __init__(self, site: Site, data: Path) -> None:
        self.site, self.data = site, data
        self.fresh = Fresh(site.law.directory, site.key, site.settings.group_size)
        self.fresh.begin(site.windows.glossary)

    def reads(self, *lines: str) -> set[str]:
        """Subjects that are due after some lines; they are sent."""
        place = self.data / f"{len(list(self.data.glob('*.log')))}.log"
        self.site.fresh = None
        feed = self.site.feed(SOURCE, None)
        state.written(place, lines)
        before = self.site.windows.append
        parts = []

        def append(*given: Any, **more: Any) -> list[int]:
            parts.append(given[2])
            return before(*given, **more)

        self.site.windows.append = append  # type: ignore[method-assign]
        self.site.read(SOURCE, str(place), None, lambda _: None)
        self.site.windows.append = before  # type: ignore[method-assign]
        for part in parts:
            self.fresh.saw(part if hasattr(part, "pieces") else packed(part, self.site.key))
        assert feed is self.site.feed(SOURCE, None)
        only = self.fresh.take()
        if only is None:
            return set()
        with Centre.open(self.data) as centre:
            sent(self.site, only, lambda frames: centre.bus.publish(OBSERVATIONS, frames))
        return set(only.subjects)


@pytest.fixture
def watched(tmp_path: Path) -> Any:
    with opened(tmp_path, SITE, Law.of(state.snapshot()), lambda _: None) as site:
        with Centre.open(tmp_path) as centre:
            centre.publish_catalogue(state.snapshot())
        yield Watched(site, tmp_path)


def visit(person: int, host: str, unit: int = 1, **more: Any) -> str:
    return state.squid(0, f"u{unit}-{person}", host, client=f"10.{unit}.0.{person}", **more)


def test_a_subject_that_is_new_at_a_unit_is_due_once(watched: Watched) -> None:
    assert watched.reads(visit(1, "share.example.com"), visit(1, "news.de")) == {"service:share"}
    assert watched.reads(visit(1, "share.example.com"), visit(2, "sharecdn.com")) == set()
    assert watched.reads(visit(1, "share.example.com", 2)) == {"service:share"}
    assert {(o["unit"], o["band"]) for o in state.observations(watched.data)} == {("im", "1-4"), ("im/amt", "1-4")}


def test_what_reaches_the_group_size_is_due_once(watched: Watched) -> None:
    watched.reads(*(visit(n, "board.org") for n in range(1, 5)))
    assert watched.reads(visit(4, "board.org")) == set()
    assert watched.reads(visit(5, "board.org")) == {"service:board"}
    assert watched.reads(visit(6, "board.org")) == set()
    assert [(o["subject"], o["actors"], o["band"]) for o in state.observations(watched.data)] == [
        ("service:board", 5, None)
    ]


def test_a_candidate_is_due_when_the_group_size_is_reached(watched: Watched) -> None:
    hosts = [visit(n, "new-tool.org") for n in range(1, 6)]
    assert watched.reads(*hosts[:4]) == set()
    assert watched.reads(hosts[4]) == {"domain:new-tool.org"}
    assert state.observations(watched.data) == []  # nothing shows that it is a service


def test_blocked_attempts_make_no_people(watched: Watched) -> None:
    watched.reads(visit(1, "board.org"))
    assert watched.reads(*(visit(n, "board.org", status="TCP_DENIED/403") for n in range(2, 9))) == set()


def test_sent_before_and_then_as_a_whole_is_as_if_never_sent_before(watched: Watched, tmp_path: Path) -> None:
    lines = [
        visit(n % 7, host, 1 + n % 2) for n, host in enumerate(("share.example.com", "sharecdn.com", "board.org") * 9)
    ]
    for n in range(0, len(lines), 4):
        watched.reads(*lines[n : n + 4])
    with Centre.open(watched.data) as centre:
        watched.site.emit(lambda frames: centre.bus.publish(OBSERVATIONS, frames))
    once = tmp_path / "once"
    once.mkdir()
    state.run(once, state.written(once / "a.log", lines), settings=SITE, unit="im")
    assert state.observations(watched.data) == state.observations(once)
    shutil.rmtree(once)
