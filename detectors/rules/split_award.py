"""Do direct awards of one unit to one supplier for one kind of goods stay below the threshold only one by one?

Reads     usages of purchases (unit, supplier, CPV group); catalogue: parameter direct_award_threshold
Says      split_award, with supplier, sum, count, threshold, days, the day the sum was reached and the numbers of the documents
Score     sum of the awards in 12 months / twice the threshold, at most 1: 0.5 at the threshold
Answer    check whether the needs belong together and note the result
Source    UVgO § 14, VgV § 3; VwV Beschaffung BW of 23 July 2024; Directive 2014/24/EU, Art. 5
Blind to  several suppliers of one need; invoices that name no order; awards that share a project number count as one;
          awards after limited competition have a higher limit of their own, the reason compares with the lower
"""

from decimal import Decimal

import polars as pl

from detectors import purchases
from detectors.context import Context
from detectors.disputed import disputed_on
from detectors.say import ratio, say
from schemas.table import MONEY
from schemas.usage import REASON

DIMENSION = "governance"
VERSION = "1.2"
SINCE = "2026-01-01"
ANSWER = "check_aggregation"

PERIOD = "12mo"
"""Rolling period in which awards are summed (UVgO, estimated needs of a year)."""
COUNT_MIN = 2
"""Fewest awards that can be added up."""
RECURRING_MONTHS = 6
"""Equal invoices in at least so many months, one a month, are the instalments of one contract."""
DIRECT = r"^(direct|limited)|direkt|freihändig|freihaendig|ohne teilnahme|ohne tnw|without|wo-call|single|sole"
"""Procedures without competition, in the words sources use; every other known procedure is competitive."""
PARAMETER = "direct_award_threshold"
KINDS = ("estimated", "committed", "paid")
"""Kinds of money, never added to each other; the estimate is what the law asks for."""
SERIES = ("unit", "subject", "money")


def reasons(usages: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Rows of (unit, subject, code, score, params); no row where there is nothing to say."""
    several = usages.select("unit", "subject", "purchases").filter(
        pl.col("subject").str.starts_with("purchases:"),
        pl.col("purchases").list.len() >= COUNT_MIN,
    )
    if several.is_empty():
        return pl.DataFrame(schema=REASON)
    below = _below(_series(_direct(purchases.summed(several))), context)
    found = _windows(below).unique(["unit", "subject"], keep="first", maintain_order=True)
    found = found.join(purchases.suppliers(several), on=["unit", "subject"], how="left", maintain_order="left")
    facts = (
        "supplier",
        "money",
        "sum",
        "count",
        "threshold",
        "disputed",
        "days",
        "first",
        "last",
        "reached",
        "documents",
        "unknown",
    )
    params = pl.col(facts)
    return say(found, "split_award", pl.col("score"), params)


def _direct(bought: pl.DataFrame) -> pl.DataFrame:
    """Purchases that may have been awarded without competition; what is known to be competitive is not."""
    direct = pl.col("procedures").list.eval(pl.element().str.contains(DIRECT)).list.all()
    known = pl.col("procedures").list.len() > 0
    kept = bought.filter(
        ~pl.col("in_house"),
        direct | ~known,
        ~pl.col("called_off") | (known & direct),
        pl.col("awarded") | (pl.col("paid_only") & pl.col("named")),
    )
    monthly = pl.struct("unit", "subject", "paid")
    months = pl.col("day").dt.truncate("1mo").n_unique().over(monthly)
    instalment = pl.col("paid_only") & (months >= RECURRING_MONTHS) & (pl.len().over(monthly) == months)
    return kept.filter(~instalment)


def _series(bought: pl.DataFrame) -> pl.DataFrame:
    """One row a purchase and kind of money; the commitment counts only where some purchase has no estimate."""
    lacking = pl.col("estimated").is_null().any().over("unit", "subject")
    amounts = bought.with_columns(
        pl.when(pl.col("awarded")).then("estimated").alias("estimated"),
        pl.when(pl.col("awarded") & lacking).then("committed").alias("committed"),
        pl.when(pl.col("paid_only")).then("paid").alias("paid"),
        (pl.col("procedures").list.len() == 0).alias("unknown"),
    )
    kept = ("unit", "subject", "day", "documents", "unknown")
    return amounts.unpivot(KINDS, index=kept, variable_name="money", value_name="value").filter(pl.col("value") > 0)


def _below(series: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Purchases below the threshold of their own day; none where no threshold is known."""
    municipal = pl.col("kind") == "municipality"
    jurisdiction = pl.when(municipal).then(pl.lit("municipalities-bw")).when("bound").then(pl.lit("land-bw"))
    units = context.units.select("unit", jurisdiction.alias("jurisdiction"))
    dated = series.join(units, on="unit", how="left", maintain_order="left")
    limits = _thresholds(dated.select("jurisdiction", "day").drop_nulls().unique(), context)
    dated = dated.join(limits, on=["jurisdiction", "day"], how="inner")
    return dated.filter(pl.col("value") < pl.col("threshold")).sort(*SERIES, "day", "documents")


def _thresholds(days: pl.DataFrame, context: Context) -> pl.DataFrame:
    rows = []
    for jurisdiction, day in days.sort("jurisdiction", "day").iter_rows():
        parameter = context.snapshot.parameter(PARAMETER, jurisdiction, day)
        if parameter is not None:
            rows.append((jurisdiction, day, Decimal(parameter.value), disputed_on(parameter, day)))
    names = pl.Schema({"jurisdiction": pl.String(), "day": pl.Date(), "threshold": MONEY, "disputed": pl.String()})
    return pl.DataFrame(rows, schema=names, orient="row")


def _windows(below: pl.DataFrame) -> pl.DataFrame:
    """Periods whose awards reach the threshold of their last day; the estimate first, then the largest sum."""
    windows = below.rolling("day", period=PERIOD, group_by=SERIES).agg(
        pl.col("value").sum().alias("sum"),
        pl.len().alias("count"),
        pl.col("threshold").last(),
        pl.col("disputed").drop_nulls().last(),
        pl.col("day").first().alias("first"),
        pl.col("day").last().alias("last"),
        pl.col("day").filter(pl.col("value").cum_sum() >= pl.col("threshold").last()).first().alias("reached"),
        pl.col("documents").explode().unique(maintain_order=True).drop_nulls().alias("documents"),
        pl.col("unknown").sum().alias("unknown"),
    )
    reached = windows.filter(pl.col("count") >= COUNT_MIN, pl.col("sum") >= pl.col("threshold")).with_columns(
        (ratio(pl.col("sum").cast(pl.Float64), pl.col("threshold").cast(pl.Float64)) / 2)
        .clip(upper_bound=1.0)
        .alias("score"),
        (pl.col("last") - pl.col("first")).dt.total_days().alias("days"),
        pl.col("money").replace_strict({kind: i for i, kind in enumerate(KINDS)}, return_dtype=pl.Int8).alias("rank"),
    )
    return reached.sort("unit", "subject", "rank", "score", "last", descending=[False, False, False, True, True])
