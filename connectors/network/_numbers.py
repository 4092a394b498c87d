"""Numbers from text: null where the text is no number in range, never 0."""

import polars as pl


def port(text: str) -> pl.Expr:
    """Port 0 to 65535."""
    return pl.col(text).cast(pl.UInt16, strict=False).cast(pl.Int32)


def count(text: str) -> pl.Expr:
    """A whole number that is not negative: bytes, seconds."""
    number = pl.col(text).cast(pl.Int64, strict=False)
    return pl.when(number >= 0).then(number)
