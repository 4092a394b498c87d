"""Answers kept between calls: blocks of one log share most of their values."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

import numpy as np
import polars as pl

LIMIT = 100_000
"""Values kept; beyond it the memory starts anew, and a question with more values goes past it."""
_CHUNKS = 16
"""Pieces that the known rows may lie in before they are copied into one."""

Values = TypeVar("Values", pl.Series, pl.DataFrame)


class _Places(dict[str | None, int]):
    """Place of each known value; -1 for any other."""

    def __missing__(self, key: str | None) -> int:
        return -1


class Remembered(Generic[Values]):
    """A function from distinct values to a frame of the same height, each value asked once; safe for threads.

    A dict from value to place beats a join here: a join hashes all that is known again for every block.
    """

    def __init__(self, function: Callable[[Values], pl.DataFrame], limit: int = LIMIT) -> None:
        self._function: Callable[[Values], pl.DataFrame] = function
        self._limit = limit
        self._places = _Places()
        self._known: pl.DataFrame | None = None
        self._lock = Lock()

    def __call__(self: "Remembered[pl.Series]", texts: pl.Series) -> pl.DataFrame:
        """The function's columns for texts without nulls, in their order."""
        return self.rows(texts, texts)

    def rows(self, keys: pl.Series, values: Values) -> pl.DataFrame:
        """The function's columns for each of the values, in order; `keys` are texts that tell them apart."""
        if len(keys) > self._limit:
            return self._function(values)
        asked = keys.to_list()
        with self._lock:
            places = np.fromiter(map(self._places.__getitem__, asked), np.int64, len(asked))
            new = np.flatnonzero(places < 0)
            if len(self._places) + len(new) > self._limit:
                self._places, self._known, new = _Places(), None, np.arange(len(asked))
            if self._known is None or len(new):
                first = {asked[i]: i for i in new[::-1].tolist()}
                rows = np.sort(np.fromiter(first.values(), np.int64, len(first)))
                answers = self._function(values[rows])
                start = len(self._places)
                self._places.update((asked[row], start + i) for i, row in enumerate(rows.tolist()))
                places[new] = np.fromiter((self._places[asked[i]] for i in new.tolist()), np.int64, len(new))
                known = answers if self._known is None else self._known.vstack(answers)
                self._known = known.rechunk() if known.n_chunks() > _CHUNKS else known
            return self._known[places]
