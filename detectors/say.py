"""What rules on usages share: which usages are use, whose they are, and how a reason is written."""

import polars as pl

from detectors import weights as w
from detectors.context import Context
from schemas.usage import REASON

ATTENDED = ("meetings",)
"""Functions where an upload is the own camera: attending somebody else's meeting is not running the service."""
READ = (
    *(
        "unit",
        "subject",
        "signals",
        "verdict",
        "grade",
        "mode",
        "matched",
        "actors",
        "actors_kind",
        "band",
        "active_days",
    ),
    *("bytes_up", "program_days", "standard", "successor", "alternative"),
)
"""Columns that rules on use read; leaving the rest behind is what makes them fast."""


def in_use(usages: pl.DataFrame, context: Context, *verdicts: str) -> pl.DataFrame:
    """Usages of services, software and candidates at grade `use` or above with one of these verdicts.

    Has READ, `bound`, `headcount` and columns of SUBJECTS. Left out are guests of somebody else's contract, and single
    days of attending meetings.
    """
    known = context.worked_out.get("in_use")
    if known is None or known[0] is not usages:
        known = (usages, _in_use(usages, context))
        context.worked_out["in_use"] = known
    rows: pl.DataFrame = known[1].filter(pl.col("verdict").is_in(verdicts))
    return rows


def _in_use(usages: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The same with any verdict."""
    rows = (
        usages.lazy()
        .select(READ)
        .filter(
            pl.col("grade").is_in(["use", "reliance"]),
            ~pl.col("subject").str.starts_with("purchases:"),
            pl.col("mode") != "guest",
        )
    )
    units = context.units.lazy().select("unit", "bound", "headcount")
    rows = rows.join(units, on="unit", how="left", maintain_order="left")
    rows = rows.join(context.subjects.lazy(), on="subject", how="left", maintain_order="left")
    return rows.filter(~_attended()).collect()


def _attended() -> pl.Expr:
    days = pl.max_horizontal("active_days", "program_days").fill_null(0)
    network_only = pl.col("signals").list.eval(pl.element() == "network").list.all()
    return (pl.col("function").is_in(ATTENDED) & (days < w.RECURRING_DAYS) & network_only).fill_null(value=False)


def share() -> pl.Expr:
    """Actors in 30 days / headcount, at most 1; null without either, and where nobody knows what was counted."""
    counted = pl.col("actors_kind").is_in(["person", "device", "account"])
    return pl.when(counted).then(ratio(pl.col("actors"), pl.col("headcount")).clip(upper_bound=1.0))


def ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """The quotient, to the last bit the same for any rows beside it.

    Where polars knows that a divisor is constant it multiplies by the inverse: 70 / 200 then is 0.35000000000000003.
    """
    return part / (whole + pl.int_range(pl.len()) * 0)


def counted() -> tuple[pl.Expr, ...]:
    """Parameters that every reason about use carries: what was counted, of how many, how much went out."""
    return (pl.col("actors", "actors_kind", "band", "headcount", "active_days", "bytes_up"),)


def say(rows: pl.DataFrame, code: str, score: pl.Expr, *params: pl.Expr) -> pl.DataFrame:
    """REASON frame of the rows; `params` become one JSON object a row, with null where a fact is unknown."""
    return rows.select(
        "unit",
        "subject",
        pl.lit(code).alias("code"),
        score.cast(pl.Float64).alias("score"),
        pl.struct(*params).struct.json_encode().alias("params"),
    ).cast(REASON)
