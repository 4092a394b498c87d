"""Keys of pseudonyms by day: counts over a border, any cut of the input, and keys that are destroyed."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import state

from streams.embedded import ledgers
from streams.site import retention, rotation
from streams.site.file import SiteFile
from streams.site.keys import SiteKey
from streams.site.periods import Periods
from streams.site.resolved import named, pseudonyms

TODAY = datetime.now(UTC).date()
BORDER = state.FIRST + timedelta(days=3)


def keyed(data: Path, *borders: date) -> SiteKey:
    """A site whose key was rotated on some days, before it reads anything."""
    key = SiteKey.open(data / "keys", "im")
    for border in borders:
        key.periods.begin(border)
    key.write(SiteKey.path(data / "keys", "im"))
    with SiteFile(data / "site-im.db", writing=True) as file, file.transaction():
        file.remember("retained", "2100-01-01")  # the story is long past: its keys would be destroyed at once
    return key


def lines(before: range, after: range) -> list[str]:
    """People at one service on each of three days before the border, others on three days after it."""
    who = {day: before if day < 3 else after for day in range(6)}
    return [state.squid(day, f"user{n}", "share.example.com", client=f"10.1.0.{n}") for day in who for n in who[day]]


@pytest.mark.parametrize(
    ("before", "after", "counted"), [(range(9), range(6), 9), (range(6), range(9), 9), (range(6), range(6, 12), 6)]
)
def test_a_count_over_a_border_is_the_larger_side(tmp_path: Path, before: range, after: range, counted: int) -> None:
    keyed(tmp_path / "d", BORDER)
    state.run(tmp_path / "d", state.written(tmp_path / "a", lines(before, after)))
    seen = {row["day"]: row["actors_30d"] for row in state.observations(tmp_path / "d")}
    assert seen[BORDER + timedelta(days=2)] == counted
    assert seen[BORDER - timedelta(days=1)] == len(before)


@pytest.mark.parametrize("seed", range(4))
def test_any_cut_over_a_border_gives_the_same(tmp_path: Path, seed: int) -> None:
    pick = random.Random(seed)
    whole = [*lines(range(9), range(4, 12)), *(state.squid(day, f"u{day}", "board.org") for day in range(6))]
    for name in ("whole", "cut"):
        keyed(tmp_path / name, BORDER, BORDER + timedelta(days=1))
    shuffled = pick.sample(whole, len(whole))
    parts = [shuffled[n::3] for n in range(3)]
    state.run(tmp_path / "whole", state.written(tmp_path / "a", whole))
    state.run(tmp_path / "cut", *(state.written(tmp_path / f"p{n}", part) for n, part in enumerate(parts)))
    assert state.observations(tmp_path / "cut") == state.observations(tmp_path / "whole")
    ((_, _, one),), ((_, _, other),) = ledgers(tmp_path / "whole"), ledgers(tmp_path / "cut")
    assert one == other
    assert one.counted == len(whole)


def test_what_is_no_event_counts_once(tmp_path: Path) -> None:
    kinds = [state.eve("stats", day, "10.1.0.1") for day in range(6)]
    seen = [state.eve("tls", day, "10.1.0.1", day, tls={"sni": "board.org"}) for day in range(6)]
    tallies = []
    for name, borders in (("one", ()), ("two", (BORDER,))):
        keyed(tmp_path / name, *borders)
        tallies.append(
            state.run(tmp_path / name, state.written(tmp_path / "a", [*kinds, *seen]), source="suricata").tally
        )
    assert tallies[0] == tallies[1]
    assert tallies[0].idle == len(kinds)


def test_pseudonyms_of_two_periods_cannot_be_joined(tmp_path: Path) -> None:
    keyed(tmp_path / "d", BORDER)
    state.run(tmp_path / "d", state.written(tmp_path / "a", lines(range(6), range(6))))
    with SiteFile(tmp_path / "d/site-im.db", writing=False) as file:
        words = [each.word for each in pseudonyms(file, state.snapshot(), "im/amt", "service:share")]
    assert len(words) == len(set(words)) == 12


def test_a_destroyed_key_leaves_nothing_to_resolve(tmp_path: Path) -> None:
    data, people = tmp_path / "d", [f"user{n}" for n in range(6)]
    keyed(data, BORDER)
    state.run(data, state.written(tmp_path / "a", lines(range(6), range(6))))
    with SiteFile(data / "site-im.db", writing=True) as file:
        before = pseudonyms(file, state.snapshot(), "im/amt", "service:share")
        key = SiteKey.open(data / "keys", "im")
        assert {named(key, each, people) for each in before} == set(people)
        old = bytes(key.periods[0].key)
        as_of = BORDER + timedelta(days=36)
        assert rotation.destroyed(file, key, as_of - timedelta(days=1)) == 0
        assert rotation.destroyed(file, key, as_of) == 1
    left = SiteKey.open(data / "keys", "im")
    assert [one.first for one in left.periods] == [BORDER]
    assert old not in b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    found = [named(left, each, people) for each in before]
    assert found.count(None) == 6
    late = state.run(data, state.written(tmp_path / "late", [state.squid(1, "user9", "board.org")])).tally
    assert late.dropped == 1


def test_a_key_holds_from_the_day_after_tomorrow(tmp_path: Path) -> None:
    data = tmp_path / "d"
    state.run(data, state.written(tmp_path / "a", lines(range(6), range(6))))
    key = SiteKey.open(data / "keys", "im")
    with SiteFile(data / "site-im.db", writing=True) as file:
        for days, periods in ((89, 1), (90, 2), (91, 2), (179, 2), (180, 3)):
            rotation.turn(file, key, 90, TODAY + timedelta(days=days))
            assert len(key.periods) == periods
        rotation.turn(file, key, 0, TODAY + timedelta(days=999))
        assert len(key.periods) == 3
        gone = {each.kind: each.number for each in retention.apply(file, key, TODAY + timedelta(days=400))}
    assert gone["keys"] == 2
    assert SiteKey.open(data / "keys", "im").periods == key.periods
    assert key.periods[0].first == TODAY + timedelta(days=182)


def test_the_period_of_a_day() -> None:
    periods = Periods.begun()
    periods.begin(BORDER)
    assert periods.of(BORDER - timedelta(days=1)) is periods[0]
    assert periods.of(BORDER) is periods[1]
    del periods[0]
    assert periods.of(date.min) is periods[0]
    assert Periods.read(periods.written()) == periods
