"""Rows of many documents on their way between store and frame: numbers in records, every other value once.

Most of what is done with stored rows needs some numbers of all of them and every column of a few; so nothing becomes a
column before it is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from schemas.observation import FEATURE_NAMES, FEATURES

NULL = np.iinfo(np.int64).min
"""Stands for null in a record."""
TEXT = "text"
_FEW = 50_000
"""Values of lists up to which copying them costs less than loading Arrow."""
_FEATURE = pl.Series([*FEATURE_NAMES], dtype=pl.String)


@dataclass(frozen=True)
class Loose:
    """Rows in order of their documents."""

    schema: pl.Schema
    """Of a frame of the rows; a column is a field of `numbers`, `ids`, or a column of `texts`."""
    numbers: np.ndarray
    """A record a row; its field `text` has no meaning here."""
    ids: pl.Series | None
    """A text that differs in every row."""
    text: np.ndarray
    """Of each row the place of its other values in `texts`."""
    texts: pl.DataFrame
    """Distinct JSON texts as column `text`, and what they say in columns."""
    lengths: np.ndarray
    """How many rows each document has."""

    @cached_property
    def document(self) -> np.ndarray:
        """Of each row the number of its document."""
        return np.repeat(np.arange(len(self.lengths), dtype=np.int64), self.lengths)

    def number(self, name: str) -> np.ndarray:
        """A column of `numbers` as it lies there, NULL or NaN for null."""
        return np.ascontiguousarray(self.numbers[name])

    def take(self, places: np.ndarray, lengths: np.ndarray | None = None) -> "Loose":
        """The rows at these places; without `lengths` they stay with their documents and have to be in their order."""
        if lengths is None:
            lengths = np.bincount(self.document[places], minlength=len(self.lengths))
        ids = None if self.ids is None else self.ids.gather(pl.Series(places, dtype=pl.UInt32))
        return replace(self, numbers=self.numbers.take(places), ids=ids, text=self.text.take(places), lengths=lengths)

    def of_documents(self, chosen: np.ndarray) -> "Loose":
        """The rows of the documents for which `chosen` is true."""
        return self.take(np.flatnonzero(chosen[self.document]), self.lengths[chosen])

    def frame(self, places: np.ndarray | None = None, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows, or those at these places, with all columns of the schema or these."""
        names = self.schema.names() if columns is None else columns
        record, text = (
            (self.numbers, self.text) if places is None else (self.numbers.take(places), self.text.take(places))
        )
        shared = [name for name in names if name in self.texts.columns]
        known = [name for name in shared if self.texts[name].null_count() < self.texts.height]
        found = {series.name: series for series in self.texts.select(known)[text]} if known else {}
        for name in names:
            if name in found:
                continue
            if name in shared:
                found[name] = pl.repeat(None, len(text), dtype=self.schema[name], eager=True)
            elif name == "features" and self.schema[name] == FEATURES:
                found[name] = _features(record)
            elif name in (record.dtype.names or ()):
                found[name] = numbers(np.ascontiguousarray(record[name]), self.schema[name])
            else:
                assert self.ids is not None  # noqa: S101 - what is neither text nor number is the id
                found[name] = self.ids if places is None else self.ids.gather(pl.Series(places, dtype=pl.UInt32))
        return pl.DataFrame([found[name].alias(name) for name in names])


def together(first: Loose, second: Loose) -> Loose:
    """The rows of both, one after the other, as one document each row; equal texts are one."""
    if not len(second.numbers):
        return replace(first, lengths=np.ones(len(first.numbers), np.int64))
    texts = pl.concat([first.texts, second.texts])
    distinct = texts.with_row_index("place").unique(TEXT, keep="first", maintain_order=True)
    numbered = distinct.select(TEXT, number=pl.int_range(pl.len(), dtype=pl.Int64))
    place = texts.select(TEXT).join(numbered, on=TEXT, how="left", maintain_order="left")["number"].to_numpy()
    text = np.concatenate([place[first.text], place[first.texts.height + second.text]])
    ids = None if first.ids is None or second.ids is None else pl.concat([first.ids, second.ids], rechunk=True)
    # as bytes, for records are copied field by field, which takes ten times as long
    width = first.numbers.dtype.itemsize
    parts = [part.numbers.view(np.uint8).reshape(-1, width) for part in (first, second)]
    records = np.concatenate(parts).reshape(-1).view(first.numbers.dtype)
    return replace(
        first, numbers=records, ids=ids, text=text, texts=distinct.drop("place"), lengths=np.ones(len(text), np.int64)
    )


def numbers(values: np.ndarray, dtype: pl.DataType) -> pl.Series:
    """A column of numbers as it lies in records as a series with nulls."""
    series = pl.Series(values)
    if dtype == pl.Float64:
        return series.fill_nan(None)
    gone = values == NULL
    if gone.any():
        series = series.set(pl.Series(gone), None)
    return series.cast(pl.Int32).cast(dtype) if dtype == pl.Date else series.cast(dtype)


def listed(values: pl.Series, lengths: np.ndarray) -> pl.Series:
    """The values as lists of these lengths, in order; many are not copied."""
    if len(values) <= _FEW:
        return _grouped(values, lengths)
    import pyarrow as pa  # takes 40 ms

    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    arrow = values.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    whole = pl.Series(_Borrowed(pa.LargeListArray.from_arrays(pa.array(offsets), arrow)))  # type: ignore[arg-type]  # wants a method that gives pyarrow
    return whole.alias(values.name).cast(pl.List(values.dtype))


def _grouped(values: pl.Series, lengths: np.ndarray) -> pl.Series:
    row = np.repeat(np.arange(len(lengths)), lengths)
    lists = values.alias("values").to_frame().with_columns(row=row).group_by("row", maintain_order=True).agg("values")
    every = pl.DataFrame({"row": np.arange(len(lengths))}).join(lists, on="row", how="left", maintain_order="left")
    return every.select(pl.col("values").fill_null([]).alias(values.name)).to_series()


class _Borrowed:
    """An Arrow array handed over as it lies: `from_arrow` copies lists, and loads all of Arrow's functions for it."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __arrow_c_array__(self, schema: object | None = None) -> object:
        return self._array.__arrow_c_array__(schema)


def _features(record: np.ndarray) -> pl.Series:
    values = np.stack([record[name] for name in FEATURE_NAMES], axis=1)
    known = ~np.isnan(values)
    row, which = np.nonzero(known)
    if not len(row):
        return pl.repeat(None, len(record), dtype=FEATURES, eager=True)
    structs = pl.DataFrame({"name": _FEATURE[which], "value": values[known]}).to_struct()
    series = listed(structs, known.sum(axis=1))
    return series.to_frame("f").select(pl.when(pl.col("f").list.len() > 0).then("f"))["f"]
