"""Helpers of connectors that read lines: parts over the cores, columns from distinct values, the canonical frame."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl

from connectors.native.distinct import Distinct
from schemas.errors import NotThisFormatError
from schemas.events import NETWORK
from schemas.sentence import said

PART = 262_144
"""Lines parsed at a time: large enough to forget the cost of a call, small enough to stay near the cache."""


def in_parts(lines: pl.DataFrame, parse: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """What `parse` gives of the whole frame, computed over slices in threads; the order is kept.

    `parse` must treat each line by itself.
    """
    if lines.height <= PART:
        return parse(lines)
    parts = [lines.slice(start, PART) for start in range(0, lines.height, PART)]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return pl.concat(pool.map(parse, parts))


def without_return(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines without a carriage return at their end."""
    if not lines["line"].str.ends_with("\r").any():
        return lines
    return lines.with_columns(pl.col("line").str.strip_suffix("\r"))


def is_record() -> pl.Expr:
    """Lines that are neither blank nor a comment with `#`."""
    line = pl.col("line")
    return (line.str.contains(r"\S") & ~line.str.starts_with("#")).fill_null(value=False)


def by_distinct(values: pl.Series, frame: Callable[[pl.Series], pl.DataFrame]) -> pl.DataFrame:
    """The columns that `frame` gives for the distinct values, brought to the height and order of `values`.

    A null value gets null in every column.
    """
    if values.dtype == pl.String:
        texts = Distinct()
        codes = texts.places(values).astype(np.int64) - 1
        distinct = pl.Series(values.name, texts.texts(0), dtype=pl.String)
    else:
        distinct = values.drop_nulls().unique().sort()
        numbers = values.to_physical().fill_null(0).to_numpy()
        codes = np.searchsorted(distinct.to_physical().to_numpy(), numbers)
        codes[values.is_null().to_numpy()] = -1
    places = pl.Series(codes)
    found = frame(distinct)
    return found.select(pl.all().gather(places.set(places < 0, None) if (codes < 0).any() else places))


def put(column: pl.Series, where: pl.Series, values: pl.Series) -> pl.Series:
    """The column with `values` in the rows that `where` marks, in their order."""
    rows = where.cum_sum().cast(pl.Int64) - 1
    spread = values.gather(pl.select(pl.when(where).then(rows)).to_series())
    return spread.zip_with(where, column).alias(column.name)


METHODS = ("CONNECT", "GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH")


def upper(methods: pl.Series) -> pl.Series:
    """HTTP methods in upper case, as nearly all are; null for what is none (`-`)."""
    if methods.is_in(METHODS).all():
        return methods
    return pl.select(pl.when(methods != "-").then(methods.str.to_uppercase())).to_series()


def event_frame(frame: pl.DataFrame, view: str | None) -> pl.DataFrame:
    """NETWORK rows: a rejected row keeps its place and reason, one without `at` is idle and keeps its place."""
    if view is not None:
        frame = frame.with_columns(evidence=pl.lit(view))
    whole = NETWORK.complete(frame)
    event = whole["at"].is_not_null() & whole["rejected"].is_null()
    if event.all():
        return whole
    kept = [name for name in whole.columns if name not in {"place", "rejected"}]
    return whole.with_columns(pl.when(event).then(pl.col(name)).alias(name) for name in kept)


def first_lines(head: bytes, most: int = 200) -> list[str]:
    """The first lines of an input that are not blank, decoded; a last line without its end counts only alone."""
    lines = head.decode("utf-8-sig", errors="replace").split("\n")
    whole = lines[:-1] or lines
    return [line.rstrip("\r") for line in whole[:most] if line.strip()]


def refuse_documents(lines: Iterable[str], expected: str) -> None:
    """Raise NotThisFormatError for JSON that is spread over several lines: an array or a pretty-printed object."""
    if next(iter(lines), "").strip() in {"[", "{", "[{"}:
        raise NotThisFormatError("expected {what}; this is one JSON document over several lines", what=said(expected))
