"""Compiled code reads lines as the long way does: the same runs, names, counts and rejects, line by line and all together."""

import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import state
from mutations import CASES, many, source

from catalogue.never import Never
from connectors import registry
from schemas.connector import Options
from schemas.errors import NotThisFormatError
from streams.site.assign import UnitMap
from streams.site.blocks import Block
from streams.site.feed import Feed, segments
from streams.site.keys import SiteKey
from streams.site.reduce import Reducer
from streams.site.rows import FLOW, HOST, WINDOW, merged
from streams.site.taken import Taken, Taker

KEY = SiteKey(b"a" * 32, b"b" * 32, b"c" * 32)
UNITS = UnitMap("im", None, accounts=(("*svc*", "im/amt"),))
SHARED = Path(os.environ.get("LEITPLANKE_SHARED", Path(__file__).parents[2] / ".." / "shared")) / "data" / "network"
shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real captures of ../shared are not here")
NAMES = {"squid": "squid", "suricata": "suricata", "paloalto": "paloalto", "zeek": "zeek"}


def feed(name: str, *, quick: bool) -> Feed:
    connector = registry.get(name)
    if not quick:
        connector._functions.pop("quick")
    options = Options(timezone=ZoneInfo("Europe/Berlin"))
    reducer = Reducer(KEY, UNITS, Never(state.snapshot()))
    return Feed(name, connector, options, reducer, datetime(2026, 11, 20, 9, 30, 17, tzinfo=UTC), "test")


def read(given: Feed, data: bytes) -> Taken:
    layout = given.connector.layout(data, given.options)
    return Taker(given).parts(segments(Block(data, 1), 0, layout, given))


def content(taken: Taken) -> dict[str, object]:
    runs = taken.runs
    flows = pl.concat([pl.DataFrame(schema=FLOW), *(run.flows.flows for run in runs)])
    hosts = pl.concat([pl.DataFrame(schema=HOST), *(run.flows.hosts for run in runs)]).unique()
    windows = merged(pl.concat([pl.DataFrame(schema=WINDOW), *(run.windows for run in runs)]))
    return {
        "tally": taken.tally,
        "rejects": sorted((reject.place, reject.reason, reject.raw, reject.kind) for reject in taken.rejects),
        "foreign": taken.foreign,
        "fault": taken.fault,
        "windows": sorted(map(str, windows.rows())),
        "flows": sorted(map(str, flows.rows())),
        "hosts": sorted(map(str, hosts.select(HOST.names()).rows())),
        "seen": {key: asdict(count) for key, count in taken.seen.counts.items()} if taken.seen else {},
        "names": sorted({str(row) for run in runs for row in run.names.rows()}),
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
