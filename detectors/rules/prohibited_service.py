"""Does a unit use what a standard excludes, or what should have ended?

Reads     usages with signal network, assets or procurement; catalogue: standards with verdict prohibited or phase_out
Says      prohibited_service, with the standard, its force and the day it ended
Score     actors in 30 days / headcount of the unit, 0 to 1; none without a headcount or an exact count
Answer    migrate to the successor, register an initiative, or stop
Source    IT strategy BW 2025, governance; BSI Grundschutz++ SENS.2.4, SENS.2.4.1
Blind to  exceptions that were granted outside the catalogue; units that the standard does not bind
"""

import polars as pl

from detectors.context import Context
from detectors.say import counted, in_use, say, share

DIMENSION = "governance"
VERSION = "1.0"
SINCE = "2026-01-01"
ANSWER = "migrate_register_or_stop"

STANDARDS = pl.Schema(
    {
        "standard": pl.String,
        "title_de": pl.String,
        "title_en": pl.String,
        "force": pl.String,
        "enacted_by": pl.String,
    },
)
ENDED = pl.Schema(
    {"named": pl.String, "within": pl.String, "standard": pl.String, "successor": pl.String, "ended": pl.Date}
)
LAND = "land"


def reasons(usages: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Rows of (unit, subject, code, score, params); no row where there is nothing to say."""
    excluded = in_use(usages, context, "prohibited").with_columns(pl.lit(None, dtype=pl.Date).alias("ended"))
    ended = _past(in_use(usages, context, "phase_out", "unlisted"), context)
    rows = pl.concat([excluded, ended.select(excluded.columns)])
    rows = rows.join(_standards(context), on="standard", how="left", maintain_order="left").filter(
        pl.col("bound") | (pl.col("enacted_by") != LAND),
    )
    facts = pl.col("standard", "title_de", "title_en", "force", "ended", "successor")
    return say(rows, "prohibited_service", share(), facts, *counted())


def _past(rows: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Rows whose subject a standard phased out until a day that is over; of several the one that ended last.

    From the day after its end the standard no longer holds, and the catalogue calls the subject unlisted.
    """
    ends = _ends(context)
    if ends.is_empty():
        return rows.clear().with_columns(pl.lit(None, dtype=pl.Date).alias("ended"))
    paths = context.units.select("unit", "path")
    pairs = (
        rows.select("unit", "subject", "base")
        .unpivot(["subject", "base"], index=["unit", "subject"], value_name="named")
        .join(ends, on="named")
        .join(paths, on="unit")
        .filter((pl.col("within") == LAND) | (pl.col("path") + "/").str.starts_with(pl.col("within") + "/"))
    )
    last = pairs.sort("ended", "standard", descending=True).unique(["unit", "subject"], keep="first")
    found = last.select("unit", "subject", "standard", "successor", "ended")
    return rows.drop("standard", "successor").join(found, on=["unit", "subject"], maintain_order="left")


def _ends(context: Context) -> pl.DataFrame:
    snapshot = context.snapshot
    found = [
        (subject, snapshot.unit(code).path, s.id, s.successor, s.valid_to)
        for s in snapshot.standards
        if s.verdict == "phase_out" and s.valid_to is not None and s.valid_to < context.day
        for subject in s.subjects
        for code in s.units
    ]
    return pl.DataFrame(found, schema=ENDED, orient="row")


def _standards(context: Context) -> pl.DataFrame:
    return pl.DataFrame(
        [(s.id, s.title.de, s.title.en, s.force, s.enacted_by) for s in context.snapshot.standards],
        schema=STANDARDS,
        orient="row",
    )
