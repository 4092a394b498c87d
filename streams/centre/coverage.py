"""What could be seen: manifests kept, and read as days with data and as agreements of the sources."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import polars as pl

from connectors.store.shelf import Item, Shelf
from schemas.finding import Coverage
from schemas.observation import MANIFEST, QUALITY, manifest
from schemas.topics import decode, encode
from streams.centre.agreed import keep_sources
from streams.centre.measure import WINDOW

KIND = "manifest"


def keep_manifests(shelf: Shelf, frame: pl.DataFrame) -> None:
    """Keep the newest revision of each site and day."""
    rows = frame.drop_nulls([column.name for column in MANIFEST.columns if column.required])
    items = [
        Item(f"{row['day'][0]}/{row['site'][0]}", row["revision"][0], encode(row)) for row in rows.iter_slices(n_rows=1)
    ]
    shelf.put(KIND, items)
    keep_sources(shelf, rows)


def manifests(shelf: Shelf, first: date, last: date) -> pl.DataFrame:
    """Manifests of the days between the two, both included."""
    items = shelf.items(KIND, f"{first}/", f"{last}/\x7f")
    kept = (manifest(decode(item.body)) for item in items)
    return pl.concat([MANIFEST.empty(), *(frame for frame in kept if frame is not None)])


def coverage(shelf: Shelf, units: Iterable[str], day: date) -> list[Coverage]:
    """Of each unit, signal and view the days with data, of the 30 that end on this day."""
    rows = manifests(shelf, day - timedelta(days=WINDOW - 1), day).select("day", "coverage")
    rows = rows.filter(pl.col("coverage").list.len() > 0).explode("coverage").unnest("coverage")
    rows = rows.filter(pl.col("unit").is_in([*units]), pl.col("records") > 0)
    days = rows.group_by("unit", "signal", "view").agg(pl.col("day").n_unique().alias("days"))
    return [Coverage(**row) for row in days.sort("unit", "signal", "view").iter_rows(named=True)]


def sources(shelf: Shelf, day: date) -> pl.DataFrame:
    """The feeds of each site as its newest manifest up to this day names them, with `site`."""
    rows = manifests(shelf, day - timedelta(days=WINDOW - 1), day).sort("site", "day")
    newest = rows.group_by("site", maintain_order=True).agg(pl.col("sources").last())
    return newest.filter(pl.col("sources").list.len() > 0).explode("sources").unnest("sources")


def partial(shelf: Shelf, unit: str, sites: Iterable[str], day: date) -> list[dict[str, Any]]:
    """Why less was seen of a unit than there was, in the 30 days that end on this day: signal, source, code, days.

    Asked are the sources of all sites that saw something of the unit, and of `sites`: a manifest says what was wrong with
    a source, and not of which units its records are.
    """
    rows = manifests(shelf, day - timedelta(days=WINDOW - 1), day)
    covering = rows.explode("coverage").filter(pl.col("coverage").struct.field("unit") == unit)["site"]
    rows = rows.filter(pl.col("site").is_in([*covering, *sites])).select("day", "sources").explode("sources")
    told = rows.drop_nulls("sources").unnest("sources").select("day", "name", "signal", "quality").explode("quality")
    known = told.filter(pl.col("quality").is_in(QUALITY))
    counted = known.group_by("signal", source="name", code="quality").agg(pl.col("day").n_unique().alias("days"))
    return counted.sort(pl.col("code").cast(pl.Enum(QUALITY)), "signal", "source").to_dicts()
