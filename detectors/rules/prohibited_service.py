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
ANSWER = "migrate_register_or_stop"

STANDARDS = pl.Schema(
    {
        "standard": pl.String,
        "title_de": pl.String,
        "title_en": pl.String,
        "force": pl.String,
        "enacted_by": pl.String,
        "ended": pl.Date,
    },
)


def reasons(usages: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Rows of (unit, subject, code, score, params); no row where there is nothing to say."""
    rows = in_use(usages, context, "prohibited", "phase_out")
    rows = rows.join(_standards(context), on="standard", how="left", maintain_order="left").filter(
        (pl.col("verdict") == "prohibited") | (pl.col("ended") < context.day),
        pl.col("bound") | (pl.col("enacted_by") != "land"),
    )
    facts = pl.col("standard", "title_de", "title_en", "force", "ended", "successor")
    return say(rows, "prohibited_service", share(), pl.col("verdict"), facts, *counted())


def _standards(context: Context) -> pl.DataFrame:
    return pl.DataFrame(
        [(s.id, s.title.de, s.title.en, s.force, s.enacted_by, s.valid_to) for s in context.snapshot.standards],
        schema=STANDARDS,
        orient="row",
    )
