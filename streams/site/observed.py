"""Counts to observations: exact numbers from the group size on, a band and powers of ten below it, and an id for each."""

import polars as pl

from schemas.names import OBSERVATION_ID, content_ids
from schemas.observation import OBSERVATION, SIGNS
from streams.site.border import COUNTED, Egress
from streams.site.differences import BEHIND, shown


def use_observations(seen: pl.DataFrame, signal: str, egress: Egress) -> pl.DataFrame:
    """OBSERVATION rows of use: exact numbers from the group size on, a band and powers of ten below it."""
    if not seen.height:
        return OBSERVATION.empty()
    known = pl.col("actors_kind").cast(pl.String).is_in(COUNTED)
    exact = (pl.col("largest") >= egress.group_size) & known
    some = pl.col("upload_actors") > 0
    uploads = pl.when(exact & (pl.col("upload_actors") >= egress.group_size)).then("upload_actors").when(some).then(1)
    seen = seen.with_columns(exact=exact.fill_null(value=False), known=known.fill_null(value=False))
    signs = {sign: pl.when(pl.col(sign)).then(1) for sign in SIGNS if sign in seen.columns}
    programs = pl.when(pl.col("program_days") > 0).then("program_days")
    rows = seen.with_columns(
        *(shown(name, egress.group_size) for name in BEHIND),
        pl.when("exact").then(pl.col("actors").fill_null(0)).alias("actors"),
        pl.when("exact").then("actors_30d").alias("actors_30d"),
        pl.when(pl.col("known") & ~pl.col("exact") & (pl.col("largest") > 0)).then(pl.lit(egress.band)).alias("band"),
        pl.when("exact").then("active_days").alias("active_days"),
        features=_features(seen, upload_actors=uploads, program_days=programs, **signs),
        signal=pl.lit(signal),
        site=pl.lit(egress.site),
        revision=pl.lit(0, dtype=pl.Int64),
    )
    wanted = [name for name in OBSERVATION.names if name in rows.columns]
    texts = pl.col("subject", "unit", "view", "actors_kind").cast(pl.String)
    return identified(rows.select(wanted).with_columns(texts))


def _features(rows: pl.DataFrame, **features: pl.Expr) -> pl.Series:
    """List of the features of each row that say something; null when none does. Lists of many nulls would cost far more."""
    values = rows.select(pl.int_range(pl.len()).alias("row"), **{n: v.cast(pl.Float64) for n, v in features.items()})
    said = [
        values.filter(pl.col(name).is_not_null()).select("row", pl.lit(name).alias("name"), pl.col(name).alias("value"))
        for name in features
    ]
    lists = pl.concat(said).group_by("row", maintain_order=True).agg(pl.struct("name", "value").alias("features"))
    return values.select("row").join(lists, on="row", how="left", maintain_order="left")["features"]


def identified(rows: pl.DataFrame, document: str | None = None) -> pl.DataFrame:
    """Rows with their id, as a complete OBSERVATION frame; `document` names a column used in place of the day."""
    last = pl.col(document) if document else pl.col("day").dt.to_string("%Y-%m-%d")
    parts = (
        pl.col(column).cast(pl.String).fill_null("None") for column in ("site", "unit", "subject", "signal", "view")
    )
    texts = rows.select(pl.concat_str(*parts, last, separator="\n")).to_series()
    ids = pl.Series("id", content_ids(texts.to_list(), OBSERVATION_ID), dtype=pl.String)
    return OBSERVATION.complete(rows.drop(document) if document else rows).with_columns(ids)
