"""Keys of pseudonyms by day: each day is keyed with the key of its period, so that nobody can be followed over a border."""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

_BYTES = 32
_EVENT, _ODD = 0, 2
"""States of a row (native.h); an odd one is passed over."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days that share a key: from `first` to the day before the next period."""

    first: date
    """`date.min` where no earlier period is known."""
    key: bytes


class Periods(list[Period]):
    """The periods of a site in order; the list is shared by everything that reads, so that a new key holds at once."""

    @classmethod
    def begun(cls) -> "Periods":
        """One period for all days."""
        return cls([Period(date.min, secrets.token_bytes(_BYTES))])

    @classmethod
    def read(cls, told: list[dict[str, Any]]) -> "Periods":
        """Of what `written` gave."""
        return cls(Period(date.fromisoformat(one["from"]), b64decode(one["key"], validate=True)) for one in told)

    def written(self) -> list[dict[str, str]]:
        """Ready for JSON."""
        return [{"from": one.first.isoformat(), "key": b64encode(one.key).decode()} for one in self]

    def begin(self, first: date) -> Period:
        """A new key from a day on."""
        self.append(Period(first, secrets.token_bytes(_BYTES)))
        return self[-1]

    def of(self, day: date) -> Period:
        """The period of a day; what is before the first belongs to it."""
        return next((one for one in reversed(self) if one.first <= day), self[0])

    def numbers(self, days: pl.Series) -> pl.Series:
        """Number of the period of each day: pseudonyms of different ones cannot be compared."""
        number = pl.repeat(0, len(days), dtype=pl.Int32, eager=True)
        for one in self[1:]:
            number += (days >= one.first).cast(pl.Int32)
        return number.alias("period")

    def cut(self, days: pl.Series, state: npt.NDArray[np.uint8]) -> Iterator[tuple[Period, npt.NDArray[np.uint8]]]:
        """Periods that rows of a block fall into, each with the rows' states: what is of another one is passed over.

        What is no event has no day; it is told with the first.
        """
        number, event = self.numbers(days).to_numpy(), state == _EVENT
        present = np.unique(number[event]).tolist() or [0]
        for n in present:
            other = (event & (number != n)) | (~event & (n != present[0]))
            yield self[n], np.where(other, np.uint8(_ODD), state)

    def over(self, before: date) -> list[Period]:
        """Periods whose last day, or a later one, lies before a day: those that another follows by then."""
        return [one for one, following in pairwise(self) if following.first <= before]
