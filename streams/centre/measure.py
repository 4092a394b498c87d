"""What a usage's observations say: its days, its views, and the summary that detectors read.

Inside a view sums add, over the 30 days that end on the usage's last day. Each site's view is one of its own; over views
the largest value counts, never the sum: proxy, TLS and DNS see the same visit.
"""

from datetime import date

import numpy as np
import polars as pl

from schemas.usage import VIEW
from streams.centre.document import SUMMARY
from streams.centre.purchases import bought

WINDOW = 30
"""Days of a window, the last one included."""
WEEK = 7
WEEKS_MIN = 3
"""Fewest whole weeks of data that growth is told from."""

_VIEW = ["row", "signal", "view", "site"]
_SUMMED = ("events", "blocked", "bytes_up", "bytes_down")


def measured(usages: pl.DataFrame, day: date | None = None) -> pl.DataFrame:
    """The usages with days, active_days, views and summary from their observations, of days up to `day`.

    Withdrawn observations count for nothing; a usage without any other has null days.
    """
    rows = observed(usages)
    if day is not None:
        rows = rows.filter(pl.col("day") <= day)
    used, money = _used(rows), bought(rows.filter(pl.col("signal") == "procurement"))
    views = _views(used)
    parts = [_days(rows), _largest(views), _growth(used, views), _matched(rows), _releases(used), money.usages]
    every = pl.DataFrame({"row": pl.int_range(usages.height, dtype=pl.UInt32, eager=True)})
    for part in parts:
        every = every.join(part, on="row", how="left", maintain_order="left")
    listed = _listed(views, money.views)
    every = every.join(listed, on="row", how="left", maintain_order="left")
    absent = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in SUMMARY.items() if name not in every.columns]
    every = every.with_columns(absent)
    summary = pl.struct(pl.col(name).cast(dtype) for name, dtype in SUMMARY.items()).alias("summary")
    facts = every.select("first_day", "last_day", "active_days", "views", summary)
    return usages.drop(facts.columns, strict=False).hstack(facts)


def exploded(usages: pl.DataFrame) -> pl.DataFrame:
    """The observations of all usages in order, with `row`, the number of the usage they belong to."""
    lists = usages["observations"]
    rows = lists.filter(lists.list.len().fill_null(0) > 0).explode().struct.unnest()
    lengths = lists.list.len().fill_null(0).to_numpy()
    return rows.with_columns(pl.Series("row", np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths)))


def observed(usages: pl.DataFrame) -> pl.DataFrame:
    """The observations that count, with `row`, the number of their usage."""
    rows = exploded(usages)
    return rows.filter(~pl.col("withdrawn").fill_null(value=False)) if rows["withdrawn"].any() else rows


def _days(rows: pl.DataFrame) -> pl.DataFrame:
    signals = rows.select("row", "signal").unique().sort("row", "signal")
    return (
        rows.group_by("row")
        .agg(pl.col("day").min().alias("first_day"), pl.col("day").max().alias("last_day"))
        .join(signals.group_by("row", maintain_order=True).agg(pl.col("signal").alias("signals")), on="row")
    )


def _used(rows: pl.DataFrame) -> pl.DataFrame:
    """Observations of network and assets by view and day, with the days from the usage's last day (`ago`)."""
    columns = [
        *_VIEW,
        "day",
        *_SUMMED,
        "actors",
        "actors_30d",
        "actors_kind",
        "band",
        "active_days",
        "features",
        "releases",
    ]
    used = rows.filter(pl.col("signal") != "procurement").select(columns).sort(*_VIEW, "day")
    last = used.group_by("row").agg(pl.col("day").max().alias("used_day"))
    used = used.join(last, on="row", how="left", maintain_order="left")
    return used.with_columns((pl.col("used_day") - pl.col("day")).dt.total_days().alias("ago"))


def _views(used: pl.DataFrame) -> pl.DataFrame:
    """One row a view: sums of the window, and what its last day says."""
    inside = pl.col("ago") < WINDOW
    features = [_feature("upload_actors").alias("upload_actors"), _feature("program_days").alias("program_days")]
    rows = used.with_columns(pl.when(inside).then(name).alias(name) for name in _SUMMED).with_columns(features)
    sums = (pl.when(pl.col(n).count() > 0).then(pl.col(n).sum()).alias(n) for n in _SUMMED)
    at_last = (
        pl.col(n).last() for n in ("actors_30d", "actors_kind", "band", "active_days", "program_days", "used_day")
    )
    return (
        rows.group_by(_VIEW, maintain_order=True)
        .agg(
            pl.col("day").first().alias("first_day"),
            pl.col("day").last().alias("last_day"),
            *sums,
            *at_last,
            pl.col("upload_actors").filter(inside).max(),
            pl.col("ago").last(),
        )
        .rename({"actors_30d": "actors"})
    )


def _feature(name: str) -> pl.Expr:
    named = pl.col("features").list.eval(
        pl.element().filter(pl.element().struct.field("name") == name).struct.field("value")
    )
    return named.list.first().cast(pl.Int64)


def _largest(views: pl.DataFrame) -> pl.DataFrame:
    """Of each usage the largest values over its views that were seen in the window."""
    current = views.filter(pl.col("ago") < WINDOW)
    order = ["row", "actors", "events", "signal", "view", "site"]
    first = current.sort(order, descending=[False, True, True, False, False, False], nulls_last=True)
    top = first.group_by("row", maintain_order=True).agg(
        pl.col("actors", "actors_kind", "band").first(),
        pl.col("view", "site", "signal").first().name.prefix("top_"),
        pl.col("active_days", *_SUMMED, "upload_actors", "program_days", "used_day").max(),
        pl.col("view")
        .filter((pl.col("signal") == "network") & (pl.col("events") > 0))
        .unique()
        .sort()
        .alias("evidence"),
    )
    return top.with_columns(pl.when(pl.col("actors").is_null()).then("band").alias("band"))


def _growth(used: pl.DataFrame, views: pl.DataFrame) -> pl.DataFrame:
    """Weeks in a row, ending on the last day, in which the daily actors of the largest view grew."""
    weeks = (pl.col("ago") // WEEK).alias("week")
    counted = used.filter(pl.col("actors").is_not_null())
    span = (
        counted.group_by(_VIEW)
        .agg(pl.col("ago").max().alias("oldest"))
        .filter(pl.col("oldest") >= WEEKS_MIN * WEEK - 1)
    )
    top = _largest(views.join(span, on=_VIEW, how="semi")).select(
        "row", pl.col("top_signal").alias("signal"), pl.col("top_view").alias("view"), pl.col("top_site").alias("site")
    )
    rows = counted.join(span.join(top, on=_VIEW), on=_VIEW).with_columns(weeks)
    whole = rows.filter((pl.col("week") + 1) * WEEK <= pl.col("oldest") + 1)
    peaks = whole.group_by("row", "week").agg(pl.col("actors").max()).sort("row", "week")
    place = pl.int_range(pl.len())
    unbroken = (pl.col("week") == place) & (pl.col("week").shift(-1) == place + 1)
    grew = (unbroken & (pl.col("actors") > pl.col("actors").shift(-1))).fill_null(value=False)
    grown = peaks.with_columns(grew.cast(pl.Int64).cum_min().over("row").alias("grew"))
    return (
        grown.group_by("row")
        .agg(pl.col("grew").sum().alias("growth_weeks"), pl.len().alias("weeks"))
        .filter(pl.col("weeks") >= WEEKS_MIN)
        .drop("weeks")
    )


def _matched(rows: pl.DataFrame) -> pl.DataFrame:
    """Of each usage the most confident match; of equal ones the newest, then by spelling."""
    fields = rows.schema["matched"].fields  # type: ignore[attr-defined]
    names = [field.name for field in fields]
    matches = rows.select("row", "day", pl.col("matched").struct.unnest()).drop_nulls("identifier")
    newest = matches.group_by("row", *names).agg(pl.col("day").max())
    order = ["row", "confidence", "day", "identifier", "identifier_kind", "how", "entry_hash"]
    best = newest.sort(order, descending=[False, True, True, False, False, False, False], nulls_last=True)
    return best.unique("row", keep="first").select("row", pl.struct(names).alias("matched"))


def _releases(used: pl.DataFrame) -> pl.DataFrame:
    """Versions and devices of the newest inventory; where two sites name a version, the larger number."""
    assets = used.filter((pl.col("signal") == "assets") & (pl.col("releases").list.len() > 0))
    newest = assets.filter(pl.col("day") == pl.col("day").max().over(_VIEW), pl.col("ago") < WINDOW)
    long = newest.select("row", "releases").explode("releases").unnest("releases")
    versions = long.group_by("row", "version").agg(pl.col("devices").max()).sort("row", "version", nulls_last=True)
    return versions.group_by("row", maintain_order=True).agg(pl.struct("version", "devices").alias("releases"))


def _listed(views: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """All views of each usage as VIEW structs, sorted."""
    rows = pl.concat(
        [views.drop("upload_actors", "program_days", "used_day", "ago"), documents], how="diagonal_relaxed"
    )
    rows = rows.sort(_VIEW).select("row", pl.struct(_as(rows, field) for field in VIEW.fields).alias("views"))
    return rows.group_by("row", maintain_order=True).agg("views")


def _as(rows: pl.DataFrame, field: pl.Field) -> pl.Expr:
    found = pl.col(field.name) if field.name in rows.columns else pl.lit(None)
    return found.cast(field.dtype).alias(field.name)
