"""Does what applies depend on an edition that nobody could see?

Reads     usages with signal network, assets or procurement and verdict unclear; catalogue: directory (editions),
          standards, initiatives
Says      edition_unknown, with each edition and the verdict it would have
Score     actors in 30 days / headcount of the unit, 0 to 1; none without a headcount or an exact count
Answer    name the edition that is used
Source    IT strategy BW 2025, governance; BSI Grundschutz++ ASST.7.1
Blind to  several editions at one unit; a verdict that depends on the version only
"""

import polars as pl

from catalogue.verdict import verdicts
from detectors.context import Context
from detectors.say import counted, in_use, say, share

DIMENSION = "governance"
VERSION = "1.0"
SINCE = "2026-01-01"
ANSWER = "name_edition"

KINDS = ("service", "software")
OPEN = "unclear"
EDITIONS = pl.Schema({"subject": pl.String, "edition": pl.String})
NAMED = pl.List(pl.Struct({"edition": pl.String, "verdict": pl.String}))


def reasons(usages: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Rows of (unit, subject, code, score, params); no row where there is nothing to say."""
    rows = in_use(usages, context, OPEN).filter(pl.col("kind").is_in(KINDS), pl.col("edition").is_null())
    rows = rows.join(_editions(rows, context), on=["unit", "subject"], how="inner", maintain_order="left")
    return say(rows, "edition_unknown", share(), pl.col("editions"), *counted())


def _editions(rows: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Of each unit and subject the editions with their verdicts; none where naming the edition would settle nothing."""
    directory = context.snapshot.directory
    subjects = rows["subject"].unique().sort().to_list()
    known = [(s, e.edition) for s in subjects if s in directory for e in directory[s].editions]
    each = rows.select("unit", "subject").join(
        pl.DataFrame(known, schema=EDITIONS, orient="row"), on="subject", how="inner", maintain_order="left_right"
    )
    if each.is_empty():
        return each.clear().select("unit", "subject", editions=pl.lit(None, dtype=NAMED))
    asked = each.select("unit", pl.format("{}#{}", "subject", "edition").alias("subject"))
    said = verdicts(asked, context.snapshot, context.day).select("verdict")
    return (
        each.hstack(said)
        .group_by("unit", "subject", maintain_order=True)
        .agg(pl.struct("edition", "verdict").alias("editions"), (pl.col("verdict") != OPEN).any().alias("settles"))
        .filter("settles")
        .drop("settles")
    )
