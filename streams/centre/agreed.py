"""Which detectors the works agreements of the sites allow, and which reasons they leave.

A usage says which views of which sites it rests on, not which source. Where sources with different agreements give the
same view, only what all of them allow holds: nobody can tell them apart afterwards.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import polars as pl

from connectors.store.shelf import Item, Shelf
from schemas.table import TEXT_LIST
from schemas.topics import decode, encode
from streams.centre.windows import WINDOW

KIND = "sources"
_BOUGHT = "procurement"
AGREED = pl.Schema({"site": pl.String(), "signal": pl.String(), "view": pl.String(), "detectors": TEXT_LIST})
"""Detectors that may speak of a view of a site; null for every view of the signal that has no row of its own. What has no
row is not limited."""


def keep_sources(shelf: Shelf, manifests: pl.DataFrame) -> None:
    """Keep what each site said last of its sources: every manifest of one emission says the same."""
    rows = manifests.drop_nulls(["site", "revision"]).select("site", "revision", "sources")
    shelf.put(KIND, [Item(row["site"][0], row["revision"][0], encode(row)) for row in rows.iter_slices(n_rows=1)])


def agreed(shelf: Shelf) -> pl.DataFrame:
    """AGREED, sorted: of all sites, the views that an agreement limits."""
    found: list[tuple[str, str, str | None, list[str]]] = []
    for item in shelf.items(KIND):
        site, _, sources = decode(item.body).row(0)
        for signal in sorted({source["signal"] for source in sources or []}):
            of_signal = [source for source in sources if source["signal"] == signal]
            found += [(site, signal, view, allowed) for view, allowed in _limited(of_signal)]
    return pl.DataFrame(found, schema=AGREED, orient="row")


def _limited(sources: list[dict[str, Any]]) -> Iterator[tuple[str | None, list[str]]]:
    """Of the sources of a signal the views that are limited, with what all sources that give the view allow."""
    views = sorted({view for source in sources for view in source["views"] or []})
    for view in (None, *views):
        giving = [s for s in sources if s["views"] is None or view in s["views"]]
        limits = [set(source["detectors"]) for source in giving if source["detectors"] is not None]
        if limits:
            yield view, sorted(set.intersection(*limits))


def left(reasons: pl.DataFrame, usages: pl.DataFrame, limits: pl.DataFrame) -> pl.DataFrame:
    """The reasons without those of detectors that no view of their usage allows, in the same order.

    `usages` has unit, subject, last_day and views; views that ended before the last 30 days carry no reason.
    """
    if limits.is_empty() or reasons.is_empty():
        return reasons
    pair = ["unit", "subject"]
    seen = usages.select(*pair, "last_day", "views").join(reasons, on=pair, how="semi").explode("views")
    seen = seen.drop("last_day").hstack(seen.select(ends="last_day")).unnest("views")
    recent = pl.col("last_day") > pl.col("ends") - timedelta(days=WINDOW)
    seen = seen.filter((pl.col("signal") == _BOUGHT) | recent).select(*pair, "site", "signal", "view")
    named, rest = limits.drop_nulls("view"), limits.filter(pl.col("view").is_null()).drop("view")
    seen = seen.join(named, on=["site", "signal", "view"], how="left")
    seen = seen.join(rest, on=["site", "signal"], how="left", suffix="_rest")
    seen = seen.select(*pair, detectors=pl.coalesce("detectors", "detectors_rest"))
    open_ = seen.filter(pl.col("detectors").is_null()).select(pair).unique()
    codes = seen.explode("detectors").drop_nulls("detectors").select(*pair, code="detectors").unique()
    number = reasons.with_row_index("row")
    kept = pl.concat([
        number.join(open_, on=pair, how="semi"), number.join(codes, on=[*pair, "code"], how="semi")
    ])["row"].unique().sort()  # fmt: skip
    return reasons[kept]
