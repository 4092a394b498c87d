"""Compiled code reads lines as the long way does: the same runs, names, counts and rejects, line by line and all together."""

import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
import state
from mutations import CASES, many, source

from catalogue.never import Never
from connectors import registry
from schemas.connector import Options
from schemas.errors import NotThisFormatError
from streams.site import lane, meaning
from streams.site.arrays import wide, with_null
from streams.site.assign import UnitMap
from streams.site.blocks import Block
from streams.site.connections import Connections
from streams.site.feed import Feed, segments
from streams.site.keys import SiteKey
from streams.site.periods import Period, Periods
from streams.site.reduce import Reducer
from streams.site.rows import WINDOW, merged
from streams.site.table import BYTES, SLOT
from streams.site.taken import Taken, Taker

KEY = SiteKey(b"a" * 32, b"b" * 32, b"c" * 32)
UNITS = UnitMap("im", None, accounts=(("*svc*", "im/amt"),))
SHARED = Path(os.environ.get("LEITPLANKE_SHARED", Path(__file__).parents[2] / ".." / "shared")) / "data" / "network"
shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real captures of ../shared are not here")
NAMES = {"squid": "squid", "suricata": "suricata", "paloalto": "paloalto", "zeek": "zeek"}


def feed(name: str, *, quick: bool, key: SiteKey = KEY) -> Feed:
    connector = registry.get(name)
    if not quick:
        connector._functions.pop("quick")
    options = Options(timezone=ZoneInfo("Europe/Berlin"))
    reducer = Reducer(key, UNITS, Never(state.snapshot()))
    return Feed(name, connector, options, reducer, datetime(2026, 11, 20, 9, 30, 17, tzinfo=UTC), "test")


def read(given: Feed, data: bytes) -> Taken:
    layout = given.connector.layout(data, given.options)
    return Taker(given).parts(segments(Block(data, 1), 0, layout, given))


def waiting(run: Connections) -> list[str]:
    """Flows or hosts that wait for each other, one text a row."""
    columns, slot = dict(run.columns), "slot" in run.columns
    if slot:
        columns["unit"] = np.array(run.units)[columns["unit"]]
    by = {name: "slot" if slot and name in SLOT else "place" for name in ("name", "domain", "bucket", "rank", *SLOT)}
    told = {name: columns[name][wide(columns[by[name]], run.rows)] for name in by if name in columns}
    rest = {name: wide(values, run.rows) for name, values in columns.items() if name not in {*by, "slot", "place"}}
    bytes_ = {
        name: np.where(known, values, -1)
        for name in BYTES
        if name in rest
        for values, known in (with_null(rest[name]),)
    }
    return [
        str(row) for row in zip(*(values.tolist() for _, values in sorted((told | rest | bytes_).items())), strict=True)
    ]


def content(taken: Taken) -> dict[str, object]:
    runs = taken.runs
    windows = merged(pl.concat([pl.DataFrame(schema=WINDOW), *(part.frame() for run in runs for part in run.windows)]))
    return {
        "tally": taken.tally,
        "rejects": sorted((reject.place, reject.reason, reject.raw, reject.kind) for reject in taken.rejects),
        "foreign": taken.foreign,
        "fault": taken.fault,
        "windows": sorted(map(str, windows.rows())),
        "flows": sorted(row for run in runs for part in run.flows for row in waiting(part)),
        "hosts": sorted({row for run in runs for part in run.hosts for row in waiting(part)}),
        "seen": {key: asdict(count) for key, count in taken.seen.counts.items()} if taken.seen else {},
        "names": sorted({str(row) for run in runs for row in run.names.frame().rows()}),
    }


def agree(name: str, data: bytes) -> Taken:
    quick, long = read(feed(name, quick=True), data), read(feed(name, quick=False), data)
    one, other = content(quick), content(long)
    for key in one:
        assert one[key] == other[key], key
    return quick


def by_quick(name: str, data: bytes) -> float:
    """Share of the records that need no long way."""
    given = feed(name, quick=True)
    layout = given.connector.layout(data, given.options)
    quick = given.quick(layout)
    assert quick is not None
    found = given.reducer.read(data, quick, given.receipt)
    return found.records / max(1, found.records + len(found.odd))


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}")
def test_fixtures_are_read_as_the_long_way_reads_them(case: Path) -> None:
    agree(case.parent.parent.name, case.read_bytes())


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}")
def test_mutated_lines_are_read_as_the_long_way_reads_them(case: Path) -> None:
    connector, _, lines = source(case)
    head = [line for line in lines if line.startswith("#")]
    mutated = [line for line in many(case, 600) if not line.startswith("#sep")]
    data = "\n".join([*head, *lines[len(head) :], *mutated]).encode()
    agree(connector.NAME, data)
    agree(connector.NAME, data + b"\n\xff\xfe\n" + lines[-1].encode() + b"\xfc\n")
    agree(connector.NAME, data.replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("name", ["squid", "suricata", "paloalto"])
def test_who_is_full_in_the_middle_of_a_block_goes_on_anew(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (lane, meaning):
        monkeypatch.setattr(module, "BYTES_MAX", 3_000)
    case = next(case for case in CASES if case.parent.parent.name == name)
    connector, _, lines = source(case)
    data = "\n".join([*lines, *many(case, 3000)]).encode()
    given = feed(connector.NAME, quick=True)
    quick = given.quick(given.connector.layout(data, given.options))
    assert quick is not None
    assert len(given.reducer.read(data, quick, given.receipt).runs) > 1
    agree(connector.NAME, data)


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}")
@pytest.mark.parametrize("quick", [True, False], ids=["quick", "long"])
def test_days_under_several_keys_fill_what_they_fill_under_one(case: Path, *, quick: bool) -> None:
    connector, _, lines = source(case)
    head = [line for line in lines if line.startswith("#")]
    data = "\n".join([*head, *lines[len(head) :], *many(case, 600)]).encode()
    borders = (date.min, date(2024, 1, 1), date(2026, 9, 20), date(2026, 9, 21), date(2026, 10, 1))
    periods = Periods(Period(first, bytes([n]) * 32) for n, first in enumerate(borders))
    several = SiteKey(KEY.pseudonym, KEY.periods[0].key, KEY.sealing, periods)
    found, wanted = (
        read(feed(connector.NAME, quick=quick, key=several), data),
        read(feed(connector.NAME, quick=quick), data),
    )
    assert content(found)["seen"] == content(wanted)["seen"]
    assert found.tally == wanted.tally


def shared_logs() -> Iterator[tuple[str, Path]]:
    for path in sorted(SHARED.rglob("*")):
        for part, name in NAMES.items():
            if (
                path.is_file()
                and part in str(path.parent)
                and path.suffix in {".log", ".json", ".txt", ".csv", ".ndjson"}
            ):
                yield name, path


@shared
@pytest.mark.parametrize(("name", "path"), list(shared_logs()), ids=lambda value: str(value).rpartition("network/")[2])
def test_real_logs_are_read_as_the_long_way_reads_them(name: str, path: Path) -> None:
    try:
        agree(name, path.read_bytes()[:2_000_000])
    except NotThisFormatError:
        pytest.skip("another format")


@shared
@pytest.mark.parametrize("log", ["dns", "ssl", "conn", "http"])
def test_nearly_all_of_a_real_capture_is_read_quickly(log: str) -> None:
    path = SHARED / f"zeek-wrccdc/tsv/{log}.log"
    if not path.exists():
        pytest.skip("not captured")
    assert by_quick("zeek", path.read_bytes()) > 0.98
