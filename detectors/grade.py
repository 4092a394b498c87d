"""What does the evidence carry: contact, use or reliance?

Contact is a look-up, a blocked attempt, a page read, a prefetch. Use is an upload, a program, an installation, or
recurrence on three days by the group size. Reliance is bought, rolled out, or many for a month. What fewer than the
group size do in the network stays contact: a finding is about a unit, never about a few people.
"""

import polars as pl

from detectors import weights as w
from schemas.finding import GRADES

NOT_BOUGHT = ("tender", "credit_note")
"""Documents that buy nothing."""


def grade(numbers: pl.DataFrame) -> pl.Series:
    """One of GRADES a row, same height and order.

    Reads two more columns where they are there: `evidence` (list of network views with sightings that were not
    blocked; DNS alone stays contact) and `headcount` of the unit.
    """
    columns = numbers.collect_schema()
    evidence = pl.col("evidence") if "evidence" in columns else pl.lit(None, dtype=pl.List(pl.String))
    headcount = pl.col("headcount") if "headcount" in columns else pl.lit(None, dtype=pl.Int64)
    use = pl.when(_use(evidence)).then(pl.lit(GRADES[1])).otherwise(pl.lit(GRADES[0]))
    level = pl.when(_reliance(headcount, evidence)).then(pl.lit(GRADES[2])).otherwise(use)
    return numbers.select(level.alias("grade"))["grade"]


def uploaded() -> pl.Expr:
    """Bytes that surely went up: below the group size a tenth of the power of ten that left the site."""
    return pl.when(pl.col("band").is_null()).then("bytes_up").otherwise(pl.col("bytes_up") // w.BAND_FACTOR)


def uploads() -> pl.Expr:
    """Was there an upload? Where the sensor counted actors who upload, that decides; else the bytes do. Never null."""
    enough = pl.max_horizontal(pl.col("actors").fill_null(1), 1) * w.UPLOAD_BYTES
    mostly_up = pl.col("bytes_down").is_null() | (pl.col("bytes_up") * w.UPLOAD_SHARE >= pl.col("bytes_down"))
    by_bytes = pl.col("upload_actors").is_null() & (uploaded() >= enough) & mostly_up
    return (pl.col("upload_actors") > 0).fill_null(value=False) | by_bytes.fill_null(value=False)


def _seen(evidence: pl.Expr) -> pl.Expr:
    unblocked = pl.col("events").fill_null(0) > 0
    dns_only = (evidence.list.len() > 0) & evidence.list.eval(pl.element() == "dns").list.all()
    group = pl.col("band").is_null()
    return unblocked & group & ~dns_only.fill_null(value=False) & pl.col("signals").list.contains("network")


def _use(evidence: pl.Expr) -> pl.Expr:
    program = pl.col("program_days") >= w.RECURRING_DAYS
    recurring = pl.col("active_days") >= w.RECURRING_DAYS
    did = pl.any_horizontal(c.fill_null(value=False) for c in (uploads(), program, recurring))
    return (did & _seen(evidence)) | pl.col("signals").list.contains("assets")


def _reliance(headcount: pl.Expr, evidence: pl.Expr) -> pl.Expr:
    kinds = pl.col("purchases").list.eval(~pl.element().struct.field("view").is_in(NOT_BOUGHT))
    bought = kinds.list.any()
    devices = pl.col("releases").list.eval(pl.element().struct.field("devices")).list.sum()
    rolled_out = (devices >= w.ROLLED_OUT_DEVICES) | (devices >= headcount * w.ROLLED_OUT_SHARE)
    many = (pl.col("actors") >= w.LASTING_ACTORS) | (pl.col("actors") >= headcount * w.LASTING_SHARE)
    lasting = (pl.col("active_days") >= w.LASTING_DAYS) & many & _seen(evidence)
    return pl.any_horizontal(c.fill_null(value=False) for c in (bought, rolled_out, lasting))
