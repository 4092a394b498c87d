"""What has left a site, looked at again: examples from its outbox, and what the sender's scanner kept inside."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from schemas.observation import OBSERVATION
from streams.site.file import SiteFile
from streams.site.outbox import REFUSED, scanned
from streams.site.site import file_of

WEEK = timedelta(days=7)
PAGE = 2_000
LOOKED_AT = 100_000
"""Observations of the week that are looked at again, newest first."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What the scanner has seen of a site."""

    site: str
    passed: int
    """Observations that were scanned and have left."""
    kept: int
    """Observations that it kept inside, since a text looked like contact data, an address or a URL with a query."""
    waiting: int
    """Observations that have not been scanned yet."""
    manifests: int
    """Days of which a manifest has left."""
    week: int
    """Observations of the last week that were scanned again now."""
    found: int
    """Of these such that should not have left."""


def newest(file: SiteFile) -> date | None:
    """The newest day of which something has left; None when nothing has."""
    sql = "SELECT max(day) FROM sent WHERE acknowledged = 1 AND digest IS NOT NULL"
    day = file.db.execute(sql).fetchone()[0]
    return None if day is None else date.fromisoformat(day)


def week(file: SiteFile) -> Iterator[list[dict[str, Any]]]:
    """What has left of the seven days that end with the newest one, page by page, newest days first."""
    last = newest(file)
    if last is None:
        return
    rows = file.db.execute(
        "SELECT b.body, s.revision FROM sent s JOIN bodies b ON b.id = s.id WHERE s.acknowledged = 1 AND s.digest IS NOT NULL"
        " AND s.day > ? AND s.day <= ? ORDER BY s.day DESC, s.id LIMIT ?",
        (str(last - WEEK), str(last), LOOKED_AT),
    )
    while page := rows.fetchmany(PAGE):
        yield [json.loads(body) | {"revision": revision} for body, revision in page]


def manifest(file: SiteFile) -> dict[str, Any] | None:
    """The manifest of the newest day of which one has left."""
    sql = "SELECT body, revision FROM manifests WHERE acknowledged = 1 ORDER BY day DESC LIMIT 1"
    row = file.db.execute(sql).fetchone()
    return None if row is None else json.loads(row[0]) | {"revision": row[1]}


def scan(data: Path, site: str) -> Scan:
    """The scanner's result for a site; what left in the last week is scanned again."""
    with SiteFile(file_of(data, site), writing=False) as file:
        counts = dict(file.db.execute("SELECT acknowledged, count(*) FROM sent GROUP BY acknowledged").fetchall())
        manifests = file.db.execute("SELECT count(*) FROM manifests WHERE acknowledged = 1").fetchone()[0]
        seen = found = 0
        for page in week(file):
            bodies = pl.Series([json.dumps(row) for row in page], dtype=pl.String)
            frame = bodies.str.json_decode(pl.Struct(OBSERVATION.schema)).struct.unnest()
            seen, found = seen + frame.height, found + int(scanned(frame).sum())
        return Scan(site, counts.get(1, 0), counts.get(REFUSED, 0), counts.get(0, 0), manifests, seen, found)
