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
    purchase = pl.col("subject").str.starts_with("purchases:") | bought_only
    use = [_share(), _upload(), *_rules(), _growth(), _jurisdiction(), _sensitive()]
    if "asked_on" in rows.columns:
        use.append(_age(context))
    named = [(purchase, part) for part in (_money(), _deadline(context))] + [(~purchase, part) for part in use]
    points = [pl.when(track & (part[1] > 0)).then(part[1]).otherwise(0).cast(pl.Int64) for track, part in named]
    columns = rows.select(
        *(p.alias(f"points_{i}") for i, p in enumerate(points)),
        *(pl.struct(*part[2]).struct.json_encode().alias(f"params_{i}") for i, (_, part) in enumerate(named)),
    )
    texts = [_text(i, part[0]) for i, (_, part) in enumerate(named)]
    return columns.select(
        pl.sum_horizontal(f"points_{i}" for i in range(len(named))).alias("urgency"),
        pl.format("[{}]", pl.concat_list(texts).list.drop_nulls().list.join(",")).alias("parts"),
    )


def _text(index: int, name: str) -> pl.Expr:
    head = pl.lit(f'{{"name":"{name}","points":')
    points, params = pl.col(f"points_{index}"), pl.col(f"params_{index}")
    return pl.when(points > 0).then(
        pl.concat_str(head, points.cast(pl.String), pl.lit(',"params":'), params, pl.lit("}"))
    )


def _said(reasons: pl.DataFrame) -> pl.DataFrame:
    """Of each usage the codes of its reasons, how far places lie outside, and the sum of awards."""
    code = pl.col("code")
    total = pl.col("params").filter(code == "split_award").str.json_path_match("$.sum").cast(MONEY).max()
    return reasons.group_by("unit", "subject").agg(
        code.unique().sort().alias("codes"),
        pl.col("score").filter(code == "outside_jurisdiction").max().alias("outside"),
        total.alias("awarded"),
    )


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
        holds = pl.col("codes").list.contains(code).fill_null(value=False)
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
