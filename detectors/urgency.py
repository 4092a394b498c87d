"""How urgent is it? A sum of named reasons; the points stand in `detectors/weights.py`, each with its unit.

Use (network, assets) and purchases are two tracks that are never mixed. Unknown adds nothing.
"""

from decimal import Decimal

import polars as pl

from detectors import weights as w
from detectors.context import Context
from detectors.grade import uploaded, uploads
from detectors.say import share
from schemas.table import MONEY

Part = tuple[str, pl.Expr, list[pl.Expr]]
"""Name, points (null or 0: nothing is added) and what the sentence needs."""
_HOLDS = "holds_"
READ = (
    *("unit", "subject", "signals", "actors", "actors_kind", "band", "bytes_up", "growth_weeks", "purchases"),
    *("bytes_down", "upload_actors", "estimated", "committed", "paid", "asked_on"),
)


def urgency(numbers: pl.DataFrame, reasons: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Columns urgency (0 to 100) and parts (JSON list of name, points, params), same height and order as `numbers`.

    The urgency is the sum of the parts. Reads `asked_on` (day of an unanswered question) where it is there.
    """
    kept = [name for name in READ if name in numbers.columns]
    rows = numbers.select(kept).join(_said(reasons), on=["unit", "subject"], how="left", maintain_order="left")
    rows = rows.join(context.units, on="unit", how="left", maintain_order="left", suffix="_unit")
    bought_only = pl.col("signals").list.eval(pl.element() == "procurement").list.all()
    purchase = rows.select(pl.col("subject").str.starts_with("purchases:") | bought_only).to_series()
    use = [_share(), _upload(), *_rules(), _growth(), _jurisdiction(), _sensitive()]
    if "asked_on" in rows.columns:
        use.append(_age(context))
    rows = rows.with_row_index("row")
    bought = _weighed(rows.filter(purchase), [_money(), _deadline(context)])
    found = pl.concat([bought, _weighed(rows.filter(~purchase), use)]).sort("row", maintain_order=True)
    sums = found.group_by("row", maintain_order=True).agg(pl.col("points").sum(), "text")
    every = rows.select("row").join(sums, on="row", how="left", maintain_order="left")
    return every.select(
        pl.col("points").fill_null(0).alias("urgency"),
        pl.format("[{}]", pl.col("text").list.join(",").fill_null("")).alias("parts"),
    )


def _weighed(rows: pl.DataFrame, parts: list[Part]) -> pl.DataFrame:
    """Columns row, points, text (JSON): one row a part that adds points, part after part."""
    points = rows.select(part[1].cast(pl.Int64).alias(str(i)) for i, part in enumerate(parts))
    found = [pl.DataFrame(schema={"row": pl.UInt32, "points": pl.Int64, "text": pl.String})]
    for i, (name, _, params) in enumerate(parts):
        adds = points[str(i)] > 0
        if adds.any():
            needed = {"row", *(root for expression in params for root in expression.meta.root_names())}
            hit = rows.select(needed).filter(adds).with_columns(points[str(i)].filter(adds).alias("points"))
            found.append(hit.select("row", "points", _text(name, params)))
    return pl.concat(found)


def _text(name: str, params: list[pl.Expr]) -> pl.Expr:
    head = pl.lit(f'{{"name":"{name}","points":')
    told = pl.struct(*params).struct.json_encode()
    return pl.concat_str(head, pl.col("points").cast(pl.String), pl.lit(',"params":'), told, pl.lit("}")).alias("text")


def _said(reasons: pl.DataFrame) -> pl.DataFrame:
    """Of each usage which rules hold, how far places lie outside, and the sum of awards."""
    code = pl.col("code")
    total = pl.col("params").str.json_path_match("$.sum").cast(MONEY)
    awards = reasons.filter(code == "split_award").group_by("unit", "subject").agg(total.max().alias("awarded"))
    rules = reasons.select(
        "unit",
        "subject",
        *((code == name).alias(_HOLDS + name) for name in w.RULE_POINTS),
        pl.when(code == "outside_jurisdiction").then("score").alias("outside"),
    )
    said = rules.group_by("unit", "subject").agg(
        pl.col(f"^{_HOLDS}.*$").any(),
        pl.col("outside").max(),
    )
    return said.join(awards, on=["unit", "subject"], how="left")


def _share() -> Part:
    percent = (share() * 100).round().cast(pl.Int64)
    points = (percent * w.SHARE_POINTS_PER_PERCENT).clip(upper_bound=w.SHARE_POINTS_MAX)
    return "share", points, [percent.alias("percent"), pl.col("actors_kind")]


def _upload() -> Part:
    """Bytes of an upload; many small requests add up, too, and count nothing. `uploads`: the sensor counted who uploads."""
    points, least = _steps(uploaded(), w.UPLOAD_POINTS)
    counted = (pl.col("upload_actors") > 0).fill_null(value=False).alias("uploads")
    return "upload", pl.when(uploads()).then(points), [least.alias("least"), counted]


def _steps(value: pl.Expr, steps: tuple[tuple[int | Decimal, int], ...]) -> tuple[pl.Expr, pl.Expr]:
    """Points of the first step that the value reaches, and that step."""
    points = pl.coalesce(*(pl.when(value >= least).then(pl.lit(p)) for least, p in steps))
    reached = pl.coalesce(*(pl.when(value >= least).then(pl.lit(least)) for least, _ in steps))
    return points, reached


def _rules() -> list[Part]:
    """One part a rule, heaviest first; a rule counts where no heavier one does."""
    parts: list[Part] = []
    free: pl.Expr = pl.lit(value=True)
    for code, points in sorted(w.RULE_POINTS.items(), key=lambda item: -item[1]):
        holds = pl.col(_HOLDS + code).fill_null(value=False)
        parts.append((code, pl.when(free & holds).then(pl.lit(points)), [pl.lit(code).alias("code")]))
        free &= ~holds
    return parts


def _growth() -> Part:
    weeks = pl.col("growth_weeks")
    points = pl.when(weeks >= w.GROWTH_WEEKS).then(weeks.clip(upper_bound=w.GROWTH_POINTS_MAX))
    return "growth", points, [weeks.alias("weeks")]


def _age(context: Context) -> Part:
    weeks = (pl.lit(context.day) - pl.col("asked_on")).dt.total_days() // 7
    points = (weeks * w.AGE_POINTS_PER_WEEK).clip(upper_bound=w.AGE_POINTS_MAX)
    return "unanswered", points, [weeks.alias("weeks")]


def _jurisdiction() -> Part:
    points = pl.when(pl.col("outside") > 0).then(pl.lit(w.JURISDICTION_POINTS))
    return "outside_jurisdiction", points, [pl.col("outside").alias("score")]


def _sensitive() -> Part:
    return "sensitive", pl.when("sensitive").then(pl.lit(w.SENSITIVE_POINTS)), [pl.col("sensitive")]


def _money() -> Part:
    """The awards that were added up, else the largest kind of money; kinds are never added to each other."""
    stake = pl.coalesce("awarded", pl.max_horizontal("estimated", "committed", "paid"))
    points, least = _steps(stake, w.MONEY_POINTS)
    return "money", points, [least.alias("least"), stake.alias("value")]


def _deadline(context: Context) -> Part:
    ends = pl.col("purchases").list.eval(pl.element().struct.field("period_end"))
    following = ends.list.eval(pl.element().filter(pl.element() >= context.day)).list.min()
    left = following - pl.lit(context.day)
    points = pl.coalesce(*(pl.when(left <= most).then(pl.lit(p)) for most, p in w.DEADLINE_POINTS))
    return "deadline", points, [following.alias("day"), left.dt.total_days().alias("days")]
