"""No difference of numbers that left gives what few people did: an exact number has at least the group size behind it.

Every sum over observations adds whole cells (unit, subject, view, day), and so does every difference of nested sums. A
cell of which each exact number stands on the group size of actors of that very day leaves no difference with fewer behind
it. Why it is so, and what attacks gave: docs/decisions.md.
"""

import polars as pl

BEHIND = {"events": "actors", "blocked": "blocked_actors", "bytes_up": "up_actors", "bytes_down": "down_actors"}
"""Numbers of a day that few people could be read from, and the column that counts the actors with a share in each."""


def shown(name: str, group_size: int) -> pl.Expr:
    """A number of a day as it leaves: exact, or what is told of it on a day of few; `exact`: the 30 days reach the group size.

    On a day of few among 30 days of many, numbers that texts state as sums must not grow by it: of bytes the power of ten
    below leaves, of blocked attempts nothing.
    """
    enough = (pl.col(BEHIND[name]) >= group_size).fill_null(value=False)
    if name == "bytes_up":
        # one large upload is nearly the whole sum: it stands on those who upload
        enough &= ~pl.col("upload_actors").fill_null(0).is_between(1, group_size - 1)
    few = {"events": at_most(name), "blocked": pl.when(pl.col(name) == 0).then(0)}.get(name, at_least(name))
    coarse = pl.when("exact").then(few).otherwise(at_most(name))
    return pl.when(pl.col("exact") & enough).then(name).otherwise(coarse).alias(name)


def at_least(name: str) -> pl.Expr:
    """The power of ten at or below a number; 0 and null stay."""
    return _power(name, pl.col(name).cast(pl.String).str.len_chars() - 1)


def at_most(name: str) -> pl.Expr:
    """The next power of ten from 10 on: a single sighting is not told from ten; 0 and null stay."""
    digits = (pl.col(name) - 1).cast(pl.String).str.len_chars()
    return _power(name, pl.max_horizontal(digits, pl.lit(1, dtype=pl.UInt32)))


def _power(name: str, exponent: pl.Expr) -> pl.Expr:
    value = pl.col(name)
    power = pl.lit(10, dtype=pl.Int64).pow(exponent.cast(pl.UInt32))
    return pl.when(value > 0).then(power).otherwise(value).cast(pl.Int64).alias(name)


def hidden(number: str, group: list[str], group_size: int) -> pl.Expr:
    """Which parts of a whole must not be shown beside it; rows are ordered by `number` within their group.

    When one part is below the group size, the next larger ones are hidden with it until those hidden together reach the
    group size: else the whole minus the shown parts would give it.
    """
    before = (pl.col(number).cum_sum() - pl.col(number)).over(group)
    some = pl.col(number).min().over(group) < group_size
    return (pl.col(number) < group_size) | (some & (before < group_size))
