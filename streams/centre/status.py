"""The status of a finding: computed from its days, its reasons and the newest decision."""

from datetime import date, timedelta

import polars as pl

QUIET = timedelta(days=30)
"""Use that nobody has seen for so long is no longer observed."""
SETTLING = ("covered", "guest", "false_positive")
"""Outcomes after which nothing is left to do, until they run out."""
CHANGING = ("standardise", "migrate", "initiative")
"""Outcomes that promise something until a day."""


def status(day: date) -> pl.Expr:
    """Status on the judging day, from `said` (null without reasons), `decision`, `used_day` and `last_day`."""
    decision = pl.col("decision")
    outcome, due = decision.struct.field("outcome"), decision.struct.field("due")
    made = decision.struct.field("at").dt.convert_time_zone("Europe/Berlin").dt.date()
    today = pl.lit(day)
    quiet = (pl.col("used_day") + QUIET < today).fill_null(value=False)
    limit = pl.coalesce(due, made)
    seen_again = pl.col("last_day") > limit
    settled = pl.when((due < today) & (pl.col("last_day") > due)).then(pl.lit("reopened")).otherwise(pl.lit("closed"))
    stopped = (
        pl.when(seen_again)
        .then(pl.lit("reopened"))
        .when(limit < today)
        .then(pl.lit("closed"))
        .otherwise(pl.when(due.is_null()).then(pl.lit("decided")).otherwise(pl.lit("in_progress")))
    )
    changing = (
        pl.when(due.is_null())
        .then(pl.lit("decided"))
        .when(due < today)
        .then(pl.lit("overdue"))
        .otherwise(pl.lit("in_progress"))
    )
    decided = (
        pl.when(pl.col("said").is_null())
        .then(pl.lit("closed"))
        .when(outcome.is_in(SETTLING))
        .then(settled)
        .when(quiet)
        .then(pl.lit("closed"))
        .when(outcome == "stop")
        .then(stopped)
        .otherwise(changing)
    )
    undecided = pl.when(quiet).then(pl.lit("no_longer_observed")).otherwise(pl.lit("new"))
    return pl.when(decision.is_null()).then(undecided).otherwise(decided).alias("status")
