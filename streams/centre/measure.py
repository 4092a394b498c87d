"""What a usage's observations say: its days, its views, and the summary that detectors read.

Inside a view sums add, over the 30 days that end on the usage's last day. Each site's view is one of its own; over views
the largest value counts, never the sum: proxy, TLS and DNS see the same visit.
"""

from datetime import date

import numpy as np
import polars as pl

from schemas.observation import FEATURE_NAMES
from schemas.usage import VIEW
from streams.centre.document import SUMMARY
from streams.centre.growth import growth
from streams.centre.purchases import bought

WINDOW = 30
"""Days of a window, the last one included."""

_VIEW = ["row", "signal", "view", "site"]
_DAYS_MAX = 1 << 20
_SUMMED = ("events", "blocked", "bytes_up", "bytes_down")
_SIGNS = tuple(name for name in FEATURE_NAMES if name.startswith("by_"))
"""Features that say why a domain is a candidate."""


def measured(usages: pl.DataFrame, day: date | None = None) -> pl.DataFrame:
    """The usages with days, active_days, views and summary from their observations, of days up to `day`.

    Withdrawn observations count for nothing; a usage without any other has null days.
    """
    rows = observed(usages)
    if day is not None:
        rows = rows.filter(pl.col("day") <= day)
    used, money = _used(rows), bought(rows.filter(pl.col("signal") == "procurement"))
    views = _views(used)
    parts = [
        _days(rows),
        _largest(views),
        growth(used, top_views(views)),
        _matched(rows),
        _releases(used),
        money.usages,
    ]
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
    if "observations" not in usages.columns:
        raise ValueError("needs the observations of the usages")
    lists = usages["observations"]
    rows = lists.filter(lists.list.len().fill_null(0) > 0).explode().struct.unnest()
    lengths = lists.list.len().fill_null(0).to_numpy()
    row = pl.Series("row", np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths))
    return rows.with_columns(row.set_sorted())


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
    """Observations of network and assets by view and day: `group` numbers the views, `ago` is the days from `used_day`."""
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
    used = rows.filter(pl.col("signal") != "procurement").select(columns)
    kinds = used.select(_VIEW[1:]).unique().sort(_VIEW[1:]).with_row_index("kind")
    used = used.join(kinds, on=_VIEW[1:], how="left", maintain_order="left")
    group = (pl.col("row").cast(pl.Int64) * kinds.height + pl.col("kind")).alias("group")
    used = used.with_columns(group, pl.col("day").max().over("row").alias("used_day"))
    used = used.with_columns((pl.col("used_day") - pl.col("day")).dt.total_days().alias("ago"))
    # views in order, and in each the newest day last; by one integer, which is nearly in order already
    place = used.select(pl.col("group") * _DAYS_MAX - pl.col("ago")).to_series().to_numpy()
    return used.drop("kind")[np.argsort(place, kind="stable")].with_columns(pl.col("group", "row").set_sorted())


def _views(used: pl.DataFrame) -> pl.DataFrame:
    """One row a view: sums of the window, and what its last day says."""
    inside = pl.col("ago") < WINDOW
    sums = (pl.when(inside).then(name).alias(name) for name in _SUMMED)
    known = (pl.when(pl.col(n).count() > 0).then(pl.col(n).sum()).alias(n) for n in _SUMMED)
    last = (*_VIEW, "actors_30d", "actors_kind", "band", "active_days", "program_days", "used_day", "ago")
    return (
        _featured(used)
        .with_columns(sums)
        .group_by("group", maintain_order=True)
        .agg(
            pl.col("day").first().alias("first_day"),
            pl.col("day").last().alias("last_day"),
            *known,
            pl.col(last).last(),
            pl.col("upload_actors", *_SIGNS).filter(inside).max(),
        )
        .rename({"actors_30d": "actors"})
    )


def _featured(used: pl.DataFrame) -> pl.DataFrame:
    """The rows with the features that detectors read as columns."""
    listed = used.select("features").with_row_index("place").filter(pl.col("features").list.len() > 0)
    long = listed.explode("features").unnest("features")
    columns = []
    for name in FEATURE_NAMES:
        found = long.filter(pl.col("name") == name)
        values = np.full(used.height, np.nan)
        values[found["place"].to_numpy()] = found["value"].to_numpy()
        columns.append(pl.Series(name, values).fill_nan(None).cast(pl.Int64))
    return used.drop("features").with_columns(columns)


def top_views(views: pl.DataFrame) -> pl.DataFrame:
    """Views that were seen in the window, of each usage the largest first."""
    order = ["row", "actors", "events", "signal", "view", "site"]
    current = views.filter(pl.col("ago") < WINDOW)
    return current.sort(order, descending=[False, True, True, False, False, False], nulls_last=True)


def _largest(views: pl.DataFrame) -> pl.DataFrame:
    """Of each usage the largest values over its views that were seen in the window."""
    seen = (pl.col("signal") == "network") & (pl.col("events") > 0)
    top = (
        top_views(views)
        .group_by("row", maintain_order=True)
        .agg(
            pl.col("actors", "actors_kind", "band").first(),
            pl.col("active_days", *_SUMMED, "upload_actors", "program_days", "used_day", *_SIGNS).max(),
            pl.col("view").filter(seen).unique().sort().alias("evidence"),
        )
    )
    signs = pl.concat_list(pl.when(pl.col(name) > 0).then(pl.lit(name)) for name in _SIGNS).list.drop_nulls()
    return top.with_columns(
        pl.when(pl.col("actors").is_null()).then("band").alias("band"),
        pl.when(signs.list.len() > 0).then(signs).alias("shown_by"),
    ).drop(_SIGNS)


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
    newest = assets.filter(pl.col("day") == pl.col("day").max().over("group"), pl.col("ago") < WINDOW)
    long = newest.select("row", "releases").explode("releases").unnest("releases")
    versions = long.group_by("row", "version").agg(pl.col("devices").max()).sort("row", "version", nulls_last=True)
    return versions.group_by("row", maintain_order=True).agg(pl.struct("version", "devices").alias("releases"))


def _listed(views: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """All views of each usage as VIEW structs, sorted."""
    rows = pl.concat(
        [views.drop("group", "upload_actors", "program_days", "used_day", "ago", *_SIGNS), documents],
        how="diagonal_relaxed",
    )
    rows = rows.sort(_VIEW).select("row", pl.struct(_as(rows, field) for field in VIEW.fields).alias("views"))
    return rows.group_by("row", maintain_order=True).agg("views")


def _as(rows: pl.DataFrame, field: pl.Field) -> pl.Expr:
    found = pl.col(field.name) if field.name in rows.columns else pl.lit(None)
    return found.cast(field.dtype).alias(field.name)
