"""Exact only with the group size of the day behind it; sums and wholes beside it do not give it either."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import state
from hypothesis import given
from hypothesis import strategies as st

from schemas.observation import MANIFEST
from schemas.topics import OBSERVATIONS
from streams.centre.centre import Centre
from streams.site.differences import hidden

NUMBERS = ("events", "blocked", "bytes_up", "bytes_down", "actors", "actors_30d", "band")


def on(data: Path, day: int, view: str = "proxy") -> list[Any]:
    at = state.FIRST.toordinal() + day
    (row,) = [o for o in state.observations(data) if o["day"].toordinal() == at and o["view"] == view]
    return [row[name] for name in NUMBERS]


def test_a_day_of_few_among_thirty_days_of_many(tmp_path: Path) -> None:
    lines = [*state.people(6, 0, "share.example.com"), *state.people(1, 1, "share.example.com")]
    lines += [state.squid(1, "user0", "share.example.com", status="TCP_DENIED/403")]
    state.run(tmp_path, state.written(tmp_path / "a", lines))
    assert on(tmp_path, 0) == [6, 0, None, 30_000, 6, 6, None]
    assert on(tmp_path, 1) == [10, None, None, 10_000, 1, 6, None]


def test_blocked_attempts_of_few_beside_many(tmp_path: Path) -> None:
    denied = [state.squid(0, f"user{n}", "share.example.com", status="TCP_DENIED/403") for n in range(4)]
    state.run(tmp_path, state.written(tmp_path / "a", [*state.people(6, 0, "share.example.com"), *denied]))
    assert on(tmp_path, 0)[:2] == [6, None]


def test_an_upload_of_one_among_many(tmp_path: Path) -> None:
    def flow(n: int, up: int) -> list[str]:
        at = 0, f"10.1.0.{n}", n
        tls = state.eve("tls", *at, tls={"sni": "share.example.com"})
        return [tls, state.eve("flow", *at, flow={"bytes_toserver": up, "bytes_toclient": 2000})]

    one = [line for n in range(6) for line in flow(n, 8_000_000 if n == 0 else 100)]
    state.run(tmp_path / "1", state.written(tmp_path / "a", one), source="suricata")
    assert on(tmp_path / "1", 0, "flow")[:4] == [6, 0, 1_000_000, 12_000]
    none = [line for n in range(6) for line in flow(n, 100 if n < 2 else 0)]
    state.run(tmp_path / "2", state.written(tmp_path / "b", none), source="suricata")
    assert on(tmp_path / "2", 0, "flow")[:4] == [6, 0, 100, 12_000]
    many = [line for n in range(6) for line in flow(n, 8_000_000)]
    state.run(tmp_path / "3", state.written(tmp_path / "c", many), source="suricata")
    assert on(tmp_path / "3", 0, "flow")[:4] == [6, 0, 48_000_000, 12_000]


def test_the_sums_of_a_manifest_are_powers_of_ten(tmp_path: Path) -> None:
    lines = [*state.people(6, 0, "share.example.com"), *state.people(3, 0, "board.org"), *state.people(7, 0, "news.de")]
    state.run(tmp_path, state.written(tmp_path / "a", lines))
    with Centre.open(tmp_path) as centre:
        (row,) = [r for _, f in centre.bus.read(OBSERVATIONS, 0) if f.schema == MANIFEST.schema for r in f.to_dicts()]
    assert [cover["records"] for cover in row["coverage"]] == [100]
    assert [(other["events"], other["bytes_down"]) for other in row["other"]] == [(10, 100_000)]


@given(st.lists(st.integers(1, 12), min_size=1, max_size=6), st.integers(2, 6))
def test_the_whole_minus_the_shown_parts_is_never_small(devices: list[int], group_size: int) -> None:
    parts = pl.DataFrame({"devices": sorted(devices), "whole": 1})
    stays = parts.select(hidden("devices", ["whole"], group_size)).to_series()
    rest = sum(parts["devices"].filter(stays))
    assert all(n >= group_size for n in parts["devices"].filter(~stays))
    assert rest == 0 or rest >= group_size or stays.all()
    assert stays.any() == (min(devices) < group_size)


def device(folder: Path, n: int, version: str) -> str:
    software = [{"name": "Writer", "publisher": "Acme", "version": version}]
    content = {"hardware": {"name": f"pc{n}"}, "versionclient": "GLPI-Agent_v1.7", "softwares": software}
    inventory = {"action": "inventory", "deviceid": f"pc{n}", "itemtype": "Computer", "content": content}
    path = folder / f"{n}.json"
    path.write_text(json.dumps(inventory))
    return str(path)


def test_versions_of_few_devices_hide_with_the_next(tmp_path: Path) -> None:
    versions = ["1.0"] * 2 + ["2.0"] * 5 + ["3.0"] * 9
    files = [device(tmp_path, n, version) for n, version in enumerate(versions)]
    at = state.datetime(2026, 9, 2, tzinfo=state.BERLIN)
    state.run(tmp_path / "d", *files, source="glpi", at=at)
    (row,) = state.observations(tmp_path / "d")
    assert row["actors_30d"] == 16
    assert {r["version"]: r["devices"] for r in row["releases"]} == {"1.0": None, "2.0": None, "3.0": 9}
