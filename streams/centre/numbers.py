"""Usages as detectors read them: one row each, views brought to the largest."""

from datetime import date

import polars as pl

from detectors.grade import grade
from schemas.usage import NUMBERS
from streams.centre.measure import measured

FREE = "#free"
"""Edition of an account that nobody pays for."""


def numbers(usages: pl.DataFrame, day: date | None = None) -> pl.DataFrame:
    """Columns of NUMBERS, one row a usage that has days, in order; with `day` of observations of days up to it only."""
    return told(usages, day).select(NUMBERS.names)


def told(usages: pl.DataFrame, day: date | None = None, headcounts: pl.DataFrame | None = None) -> pl.DataFrame:
    """The same, and `evidence` and `used_day` of document.SUMMARY; `headcounts` (unit, headcount) sharpens the grade."""
    if day is not None or "summary" not in usages.columns:
        usages = measured(usages, day)
    seen = usages.filter(pl.col("last_day").is_not_null())
    rows = seen.select("id", "unit", "subject", "verdict", "first_day", "last_day", "decisions", "summary")
    rows = rows.unnest("summary").with_columns(_mode().alias("mode"))
    if headcounts is not None:
        rows = rows.join(headcounts, on="unit", how="left", maintain_order="left")
    rows = rows.with_columns(grade(rows))
    return rows.select(*NUMBERS.names, "evidence", "used_day")


def _mode() -> pl.Expr:
    """Whose contract it is; a decision can say that somebody else is the customer."""
    guest = pl.col("decisions").list.last().struct.field("outcome") == "guest"
    return (
        pl.when(pl.col("contract").is_not_null())
        .then("contract")
        .when(guest.fill_null(value=False))
        .then(pl.lit("guest"))
        .when(pl.col("subject").str.ends_with(FREE))
        .then(pl.lit("free_account"))
        .otherwise(pl.lit("unknown"))
    )
