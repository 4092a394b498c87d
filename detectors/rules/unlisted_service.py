"""Does a unit use a service that no standard covers?

Reads     usages with signal network or assets, or a purchase of that very service; catalogue: directory, standards
Says      unlisted_service, with the identifier that matched
Score     actors in 30 days / headcount of the unit, 0 to 1; none without a headcount or an exact count
Answer    adopt a standard, register an initiative, or stop
Source    IT strategy BW 2025, governance; CIS Controls v8, 2.3; BSI Grundschutz++ SENS.2.4
Blind to  traffic outside the state network; units that state standards do not bind; one-off meetings of others
"""

import polars as pl

from detectors.context import Context
from detectors.say import counted, in_use, say, share

DIMENSION = "governance"
VERSION = "1.0"
SINCE = "2026-01-01"
ANSWER = "adopt_register_or_stop"

NOT_JUDGED = ("infrastructure", "website", "assistive", "never")
"""Kinds that no finding speaks of."""


def reasons(usages: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Rows of (unit, subject, code, score, params); no row where there is nothing to say."""
    rows = in_use(usages, context, "unlisted").filter(
        pl.col("bound"),
        pl.col("kind").is_null() | ~pl.col("kind").is_in(NOT_JUDGED),
    )
    matched = (pl.col("matched").struct.field(name) for name in ("identifier", "identifier_kind", "how", "confidence"))
    candidate = pl.col("subject").str.starts_with("domain:").alias("candidate")
    return say(rows, "unlisted_service", share(), *matched, candidate, *counted())
