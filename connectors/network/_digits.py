"""Texts of one fixed form, read all at once: the bytes of a column as rows of digits."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from connectors.lines import put

Numbers = npt.NDArray[np.int64]
_ANY = "9"
"""Stands in a form for any digit."""


@dataclass(frozen=True, slots=True)
class Digits:
    """Texts of a form: a row a text, a byte a character; the value of the digit, 0 for another character."""

    values: npt.NDArray[np.uint8]

    def number(self, start: int, stop: int) -> Numbers:
        """The numbers written from one place up to another."""
        number: Numbers = self.values[:, start].astype(np.int64)
        for place in range(start + 1, stop):
            number = number * 10 + self.values[:, place]
        return number


def by_form(
    texts: pl.Series, form: str, read: Callable[[Digits], pl.Series], other: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """What `read` gives of the texts of a form, and `other` of those that have another or of which `read` gives null.

    In a form, which is ASCII, `9` stands for any digit and every other character for itself.
    """
    wide = (texts.str.len_bytes() == len(form)).fill_null(value=False)
    rows = _rows(texts if wide.all() else texts.filter(wide), len(form))
    free = np.frombuffer(form.encode(), np.uint8) == ord(_ANY)
    values = rows - np.where(free, ord("0"), np.frombuffer(form.encode(), np.uint8)).astype(np.uint8)
    right = values <= np.where(free, int(_ANY), 0).astype(np.uint8)
    if not right.all():
        fits = right.all(axis=1)
        values = values[fits]
        wide = put(wide, wide, pl.Series(fits))
    found = read(Digits(values))
    known = found if wide.all() else put(found.clear(len(texts)), wide, found)
    missing = known.is_null() & texts.is_not_null()
    return put(known, missing, other(texts.filter(missing))) if missing.any() else known


def _rows(texts: pl.Series, width: int) -> npt.NDArray[np.uint8]:
    if texts.is_empty():
        return np.zeros((0, width), np.uint8)
    return np.frombuffer(str(texts.str.join("").item()).encode(), np.uint8).reshape(-1, width)
