"""What could be seen at all: days with data by unit, signal, view and month, from the manifests of sites and centre."""

import json
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from streams.centre.centre import FILE, Centre
from streams.centre.coverage import manifests
from streams.site.file import SiteFile
from streams.site.site import file_of, sites

_NEEDS = {
    "names": ("network", {"proxy", "tls", "http"}),
    "proxy": ("network", {"proxy", "http"}),
    "flow": ("network", {"flow", "proxy"}),
    "dns": ("network", {"dns"}),
    "assets": ("assets", None),
    "procurement": ("procurement", None),
}
"""What is blind without which views of a signal: one of them is enough; None: any view."""


@dataclass(frozen=True)
class Covered:
    """One unit, signal, view and month."""

    unit: str
    signal: str
    view: str
    month: str
    """Such as 2026-11."""
    days: int
    """Days with data."""
    of: int
    """Days of the month; of the newest one, up to the newest day with data of anybody."""


@dataclass(frozen=True)
class Blind:
    """What could not be seen of a unit in a month."""

    unit: str
    month: str
    signal: str
    code: str
    """names, proxy, flow, dns, assets or procurement: what was missing."""
    of: int
    """As of Covered."""


def covered(data: Path) -> list[Covered]:
    """Days with data, by unit, month, signal and view."""
    frame = _manifests(data)
    if not frame.height:
        return []
    newest = frame["day"].max()
    month = pl.col("day").dt.strftime("%Y-%m")
    counted = frame.group_by("unit", month.alias("month"), "signal", "view").agg(pl.col("day").n_unique().alias("days"))
    return [
        Covered(unit, signal, view, month, days, _length(month, newest))
        for unit, month, signal, view, days in counted.sort("unit", "month", "signal", "view").iter_rows()
    ]


def blind(rows: list[Covered]) -> Iterator[Blind]:
    """What was missing of each unit in each month in which anything was seen of it."""
    views: dict[tuple[str, str, int], set[tuple[str, str]]] = {}
    for row in rows:
        views.setdefault((row.unit, row.month, row.of), set()).add((row.signal, row.view))
    for (unit, month, of), seen in views.items():
        for code, (signal, wanted) in _NEEDS.items():
            if not any(one == signal and (wanted is None or view in wanted) for one, view in seen):
                yield Blind(unit, month, signal, code, of)


def _length(month: str, newest: object) -> int:
    year, number = map(int, month.split("-"))
    if isinstance(newest, date) and (newest.year, newest.month) == (year, number):
        return newest.day
    return monthrange(year, number)[1]


def _manifests(data: Path) -> pl.DataFrame:
    """(day, unit, signal, view) with records, by the newest manifest of each site and day, here or at the centre."""
    newest: dict[tuple[str, str], tuple[int, list[dict[str, object]]]] = {}
    for site, day, revision, told in _told(data):
        if (site, day) not in newest or newest[site, day][0] < revision:
            newest[site, day] = (revision, told)
    rows = [
        (date.fromisoformat(day), one["unit"], one["signal"], one["view"])
        for (_, day), (_, told) in newest.items()
        for one in told
        if one["records"]
    ]
    schema = {"day": pl.Date(), "unit": pl.String(), "signal": pl.String(), "view": pl.String()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _told(data: Path) -> Iterator[tuple[str, str, int, list[dict[str, object]]]]:
    for site in sites(data):
        with SiteFile(file_of(data, site), writing=False) as file:
            for day, revision, body in file.db.execute("SELECT day, revision, body FROM manifests"):
                yield site, day, revision, json.loads(body)["coverage"]
    if not (data / FILE).exists():
        return
    with Centre.open(data) as centre:
        kept = manifests(centre.shelf, date.min, date.max)
    for row in kept.select("site", pl.col("day").cast(pl.String), "revision", "coverage").iter_rows():
        yield row[0], row[1], row[2], row[3] or []
