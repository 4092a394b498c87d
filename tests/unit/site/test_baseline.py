"""A unit's first days leave nothing but coverage; then everything leaves, whatever order it came in."""

import random
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import state
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schemas.observation import MANIFEST
from schemas.settings import SiteSettings
from schemas.topics import OBSERVATIONS
from streams.centre.centre import Centre
from streams.embedded import reset
from streams.site.baseline import waiting

THIRTY = SiteSettings(site="im", baseline_days=30)


def day(n: int) -> date:
    return state.FIRST + timedelta(days=n)


def stored(*rows: tuple[str, int], signal: str = "network") -> pl.DataFrame:
    schema = {"unit": pl.String, "signal": pl.String, "day": pl.Date}
    return pl.DataFrame([(unit, signal, day(n)) for unit, n in rows], schema=schema, orient="row")


def units(coverage: pl.DataFrame, days: int = 30) -> list[str]:
    return waiting(coverage, days)["unit"].to_list()


@pytest.mark.parametrize(("last", "waits"), [(29, ["im"]), (30, [])])
def test_thirty_days_from_the_first(last: int, waits: list[str]) -> None:
    assert units(stored(*(("im", n) for n in range(last + 1)))) == waits


def test_the_days_of_the_site_count_from_the_first_of_the_unit() -> None:
    site = [("im", n) for n in range(60)]
    assert units(stored(*site, ("um", 30))) == ["um"]
    assert units(stored(*site, ("um", 29))) == []


def test_a_stray_record_of_a_wrong_clock_ends_nothing() -> None:
    assert units(stored(*(("im", n) for n in range(20)), ("im", -4000), ("im", -3000))) == ["im"]


def test_inventories_of_two_months_are_enough() -> None:
    assert units(stored(("im", 0), ("im", 31), signal="assets")) == []
    assert units(stored(("im", 0), signal="assets")) == ["im"]


def test_each_signal_has_its_own() -> None:
    both = pl.concat([stored(*(("im", n) for n in range(40))), stored(("im", 39), signal="assets")])
    assert waiting(both, 30).rows() == [("im", "assets")]


def test_without_the_setting_there_is_none() -> None:
    assert SiteSettings(site="im").baseline_days == 0
    assert units(stored(("im", 0)), days=0) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["im", "um"]), st.integers(0, 200)), max_size=30), st.integers(0, 30))
def test_more_data_never_brings_a_baseline_back(rows: list[tuple[str, int]], cut: int) -> None:
    before, after = stored(*rows[:cut]), stored(*rows)
    assert set(units(after, 20)) - set(units(before, 20)) <= {u for u, _ in rows} - {u for u, _ in rows[:cut]}


def lines(*days: int, start: int = 0) -> list[str]:
    hosts = {"share.example.com": 7, "news.de": 3}
    return [line for n in days for host, count in hosts.items() for line in state.people(count, n, host, start)]


def manifests(data: Path) -> dict[date, dict[str, Any]]:
    with Centre.open(data) as centre:
        rows = [r for _, f in centre.bus.read(OBSERVATIONS, 0) if f.schema == MANIFEST.schema for r in f.to_dicts()]
    return {row["day"]: row for row in sorted(rows, key=lambda row: int(row["revision"]))}


def test_only_coverage_leaves_and_then_everything(tmp_path: Path) -> None:
    data = tmp_path / "d"
    state.run(data, state.written(tmp_path / "a", lines(*range(30))), settings=THIRTY)
    assert state.observations(data) == []
    assert state.findings(data) == []
    first = manifests(data)[state.FIRST]
    assert (first["observations"], first["other"]) == ([], [])
    assert [(c["unit"], c["signal"]) for c in first["coverage"]] == [("im/amt", "network")]
    state.run(data, state.written(tmp_path / "b", lines(30)), settings=THIRTY)
    assert {o["day"] for o in state.observations(data)} == {day(n) for n in range(31)}
    assert len(manifests(data)[state.FIRST]["observations"]) == 1


def test_a_second_unit_has_a_baseline_of_its_own(tmp_path: Path) -> None:
    data = tmp_path / "d"
    state.run(data, state.written(tmp_path / "a", lines(*range(40))), settings=THIRTY)
    state.run(data, state.written(tmp_path / "b", lines(35, 36)), settings=THIRTY, unit="im")
    assert {o["unit"] for o in state.observations(data)} == {"im/amt"}


def test_that_it_has_ended_outlives_the_days_that_showed_it(tmp_path: Path) -> None:
    import sqlite3

    data = tmp_path / "d"
    state.run(data, state.written(tmp_path / "a", lines(*range(-100, -69))), settings=THIRTY)
    with sqlite3.connect(data / "site-im.db") as db:  # as retention does
        db.execute("DELETE FROM runs WHERE kind = 'window'")
        db.execute("UPDATE sent SET final = 1")
    state.run(data, state.written(tmp_path / "b", lines(60)), settings=THIRTY)
    assert day(60) in {o["day"] for o in state.observations(data)}
    reset(data, "im", "squid", lambda _: None)
    state.run(data, state.written(tmp_path / "c", lines(65)), settings=THIRTY)
    assert state.observations(data) == []


UNITS = ("im", "im/amt", "im/klein")
QUICK = settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@QUICK
@given(st.integers(0, 2**32), st.integers(1, 25))
def test_any_order_and_any_cut_give_the_same(seed: int, days: int) -> None:
    pick = random.Random(seed)
    site = SiteSettings(site="im", baseline_days=days)
    told = {unit: lines(*pick.sample(range(60), pick.randrange(1, 40)), start=50 * n) for n, unit in enumerate(UNITS)}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for unit in UNITS:
            state.run(home / "whole", state.written(home / "w", told[unit]), settings=site, unit=unit)
        left = {unit: pick.sample(told[unit], len(told[unit])) for unit in UNITS}
        pieces = [(unit, left[unit][n::3]) for unit in UNITS for n in range(3)]
        for unit, piece in pick.sample(pieces, len(pieces)):
            state.run(home / "cut", state.written(home / "p", piece), settings=site, unit=unit)
        assert state.observations(home / "cut") == state.observations(home / "whole")
        assert state.findings(home / "cut") == state.findings(home / "whole")
