"""Comma-separated lines with quotes. Most fields stand before the first quote: only odd lines pay for quotes."""

import polars as pl

from connectors.lines import put

_INSIDE = "\x1f"
"""Stands for a comma inside quotes while a line is split."""


def fields(lines: pl.Series, wanted: dict[str, int], clear: int, near: int) -> pl.DataFrame:
    """Text of the wanted fields by index, and `count`, the number of fields. Same height and order.

    `near` is how many characters are looked at first; a longer line whose fields do not end there is read in full.
    A first quote in field `clear` or later does no harm: what stands behind is taken as it is, or read by `quoted`.
    """
    short = lines.str.head(near)
    frame = _by_index(short.str.split(","), wanted)
    last = max(wanted.values())
    odd = (short.str.len_bytes() < lines.str.len_bytes()) & (frame["count"] <= last + 1)
    has_quote = short.str.contains('"', literal=True).fill_null(value=False)
    if has_quote.any():
        before = (
            short.filter(has_quote).str.split_exact('"', 0).struct.field("field_0").str.count_matches(",", literal=True)
        )
        odd |= put(has_quote, has_quote, before < clear)
    odd = odd.fill_null(value=False)
    if not odd.any():
        return frame
    again = quoted(lines.filter(odd), wanted)
    return pl.DataFrame([put(column, odd, again[column.name]) for column in frame])


def quoted(lines: pl.Series, wanted: dict[str, int]) -> pl.DataFrame:
    """As `fields`, for lines with quotes anywhere: commas and doubled quotes inside them are text."""
    pieces = pl.DataFrame({"line": lines.str.split('"')}).with_row_index().explode("line", empty_as_null=False)
    position = pl.int_range(pl.len()).over("index")
    size = pl.len().over("index")
    doubled = (pl.col("line") == "") & (position % 2 == 0) & (position > 0) & (position < size - 1)
    text = (
        pl.when(position % 2 == 1)
        .then(pl.col("line").str.replace_all(",", _INSIDE, literal=True))
        .when(doubled)
        .then(pl.lit('"'))
        .otherwise("line")
    )
    whole = pieces.with_columns(line=text).group_by("index", maintain_order=True).agg(pl.col("line").str.join(""))
    frame = _by_index(whole["line"].str.split(","), wanted)
    return frame.with_columns(pl.col(name).str.replace_all(_INSIDE, ",", literal=True) for name in wanted)


def _by_index(items: pl.Series, wanted: dict[str, int]) -> pl.DataFrame:
    return (
        items.alias("items")
        .to_frame()
        .select(
            pl.col("items").list.len().cast(pl.Int64).alias("count"),
            *(pl.col("items").list.get(index, null_on_oob=True).alias(name) for name, index in wanted.items()),
        )
    )
