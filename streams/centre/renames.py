"""Decisions go on under a new id: what an entry was called before is named in its `was`."""

import polars as pl

from catalogue.snapshot import Snapshot
from streams.centre.merge import usage_ids

FORMER = pl.Schema({"base": pl.String, "was": pl.String})


def renamed(snapshot: Snapshot | None) -> pl.DataFrame:
    """Columns FORMER: each subject that was called something else, and what."""
    entries = () if snapshot is None else snapshot.directory.values()
    rows = [(entry.subject, former) for entry in entries for former in entry.was]
    return pl.DataFrame(rows, schema=FORMER, orient="row")


def carried(decisions: pl.DataFrame, usages: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Decisions on these usages (id, unit, subject): their own, and those made under their former names."""
    own = decisions.join(usages.select(pl.col("id").alias("finding")), on="finding", how="semi")
    if decisions.is_empty() or names.is_empty():
        return own
    parts = pl.col("subject").str.splitn("#", 2).struct
    named = usages.with_columns(parts.field("field_0").alias("base"), parts.field("field_1").alias("edition"))
    before = named.join(names, on="base").with_columns(
        pl.concat_str("was", pl.lit("#") + pl.col("edition"), ignore_nulls=True).alias("subject")
    )
    old = before.select("id", usage_ids(before).alias("finding")).unique()
    moved = decisions.join(old, on="finding").with_columns(pl.col("id_right").alias("finding"))
    return pl.concat([own, moved.select(decisions.columns)]).unique()
