"""Does a unit use generative AI that is neither approved, registered nor tolerated?

Reads     usages with signal network, assets or procurement; catalogue: directory (function), standards, initiatives
Says      generative_ai, with the approved service of the same function, F13, where the unit is offered it
Score     actors in 30 days / headcount of the unit (adoption), 0 to 1; none without a headcount or an exact count
Answer    use F13, register an initiative, or stop
Source    IT strategy BW 2025, digital transformation (F13); Regulation (EU) 2024/1689, Art. 4 and 26
Blind to  AI functions inside other products; what was typed; use on private devices
"""

import polars as pl

from detectors.context import Context
from detectors.say import counted, in_use, say, share

DIMENSION = "transformation"
VERSION = "1.0"
SINCE = "2026-01-01"
ANSWER = "use_alternative"

FUNCTION = "generative_ai"
WITHOUT_RULE = ("unlisted", "unclear", "phase_out", "prohibited")
"""Verdicts under which nobody has allowed the use."""


def reasons(usages: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Rows of (unit, subject, code, score, params); no row where there is nothing to say."""
    rows = in_use(usages, context, *WITHOUT_RULE)
    rows = rows.filter(pl.col("bound"), pl.col("function") == FUNCTION)
    offers = [s for s, entry in context.snapshot.directory.items() if entry.function == FUNCTION]
    alternative = pl.col("alternative")
    offered = pl.when(alternative.str.split("#").list.first().is_in(offers)).then(alternative).alias("alternative")
    return say(rows, "generative_ai", share(), offered, *counted())
