"""A small state for tests of the whole job: a catalogue of few entries, and raw lines that tell a story."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from catalogue.snapshot import Snapshot
from schemas.entries import DirectoryEntry, Standard
from schemas.ports import Query
from schemas.record import Bilingual
from schemas.settings import SiteSettings, SourceSettings
from schemas.topics import decode
from schemas.unit import Unit
from streams.centre.centre import Centre
from streams.centre.read import findings as stored
from streams.embedded import Input, Report, ingest, outside

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = date(2026, 9, 1)


def named(text: str) -> Bilingual:
    return Bilingual(de=text, en=text)


def entry(subject: str, *domains: str, kind: str = "service", **more: Any) -> DirectoryEntry:
    function = "file_sharing" if kind in {"service", "software"} else None
    name = subject.partition(":")[2]
    fields = {"function": function, "domains": domains, **more}
    return DirectoryEntry(subject=subject, kind=kind, name=named(name), **fields)


SHARE = entry("service:share", "share.example.com", "sharecdn.com", applications=("share-base",))
BOARD = entry("service:board", "board.org", ranges=("203.0.113.0/24",))
WRITER = entry("software:acme/writer", kind="software", software=({"publisher": "Acme", "name": "Writer"},))
NEWS = entry("service:news", "news.de", kind="website")
UNION = entry("service:union", "union.org", kind="never")
READER = entry("service:reader", "reader.org", kind="assistive", software=({"name": "Screen Reader Pro"},))
DIRECTORY = (SHARE, BOARD, WRITER, NEWS, UNION, READER)
UNITS = (
    Unit(code="im", path="im", name=named("IM"), kind="ministry", bound=True, headcount=400),
    Unit(code="im/amt", path="im/amt", name=named("Amt"), kind="authority", bound=True, headcount=100),
    Unit(code="im/klein", path="im/klein", name=named("Klein"), kind="authority", bound=True, headcount=3),
    Unit(code="gericht", path="gericht", name=named("Gericht"), kind="court", bound=False, exposure="local_only"),
)


def snapshot(directory: Iterable[DirectoryEntry] = DIRECTORY, standards: Sequence[Standard] = ()) -> Snapshot:
    return Snapshot.of([*directory, *standards, *UNITS])


def squid(
    day: int,
    user: str,
    host: str,
    *,
    down: int = 5000,
    status: str = "TCP_TUNNEL/200",
    client: str = "10.1.0.9",
    minute: int = 0,
) -> str:
    at = datetime(FIRST.year, FIRST.month, FIRST.day, 10, tzinfo=BERLIN) + timedelta(days=day, minutes=minute)
    return f"{at.timestamp():.3f}    161 {client} {status} {down} CONNECT {host}:443 {user} HIER_DIRECT/198.51.100.7 -"


def eve(kind: str, day: int, client: str, connection: int = 0, /, **more: Any) -> str:
    at = datetime(FIRST.year, FIRST.month, FIRST.day, 10, tzinfo=BERLIN) + timedelta(days=day)
    head = {
        "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.000000%z"), "flow_id": connection, "event_type": kind,
        "src_ip": client, "src_port": 50000, "dest_ip": "198.51.100.7", "dest_port": 443, "proto": "TCP",
    }  # fmt: skip
    return json.dumps(head | more)


def people(count: int, day: int, host: str, start: int = 0) -> list[str]:
    return [squid(day, f"user{n}", host, client=f"10.1.0.{n}") for n in range(start, start + count)]


def written(path: Path, lines: Iterable[str]) -> str:
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return str(path)


def run(
    data: Path, *paths: str, source: str = "squid", law: Snapshot | None = None, settings: SiteSettings | str = "im",
    unit: str | None = "im/amt", timezone: str | None = None, at: datetime | None = None, **more: Any,
) -> Report:  # fmt: skip
    feed = SourceSettings(name=source, connector=source, unit=unit, timezone=timezone, **more)
    inputs = [Input(feed, path, at) for path in paths]
    return ingest(data, settings, inputs, law or snapshot(), lambda _: None, lambda _: None)


def observations(data: Path) -> list[dict[str, Any]]:
    """What is outside, without revisions, sorted by id."""
    return [row for frame in outside(data) for row in frame.drop("revision").to_dicts()]


def manifests(data: Path, site: str = "im") -> list[dict[str, Any]]:
    """What is said of each day, without revisions and sources."""
    with sqlite3.connect(data / f"site-{site}.db") as db:
        bodies = [json.loads(row[0]) for row in db.execute("SELECT body FROM manifests ORDER BY day")]
    for body in bodies:
        del body["sources"]
        body["observations"] = [line["id"] for line in body["observations"]]
    return bodies


def findings(data: Path) -> list[dict[str, Any]]:
    with Centre.open(data) as centre:
        return list(stored(centre, Query()))


def hosts(data: Path, site: str = "im") -> set[str | None]:
    """Hosts whose names the site has written down."""
    with sqlite3.connect(data / f"site-{site}.db") as db:
        frames = [decode(row[0]) for row in db.execute("SELECT data FROM runs WHERE kind = 'name'")]
    return {host for frame in frames for host in frame["host"]}
