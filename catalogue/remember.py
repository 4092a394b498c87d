"""Answers kept between calls: blocks of one log share most of their names."""

from collections.abc import Callable
from threading import Lock

import polars as pl

LIMIT = 200_000
"""Values kept; beyond it the memory starts anew, and a question with more values goes past it."""


class Remembered:
    """A function from distinct texts to a frame of the same height, each text asked once."""

    def __init__(self, function: Callable[[pl.Series], pl.DataFrame], limit: int = LIMIT) -> None:
        self._function = function
        self._limit = limit
        self._places: dict[str, int] = {}
        self._known: pl.DataFrame | None = None
        self._lock = Lock()

    def __call__(self, texts: pl.Series) -> pl.DataFrame:
        """The function's columns for distinct texts without nulls, in their order."""
        if len(texts) > self._limit:
            return self._function(texts)
        with self._lock:
            asked = texts.to_list()
            new = [text for text in asked if text not in self._places]
            if len(self._places) + len(new) > self._limit:
                self._places, self._known, new = {}, None, asked
            if new or self._known is None:
                first = len(self._places)
                answers = self._function(pl.Series(new, dtype=pl.String))
                self._known = answers if self._known is None else pl.concat([self._known, answers], rechunk=True)
                self._places.update(zip(new, range(first, first + len(new)), strict=True))
            return self._known[[self._places[text] for text in asked]]
