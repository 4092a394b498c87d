"""The views of usages over the 30 days that end on each usage's last day.

Inside a view sums add. Rows are in order of view and day, so that a view is one run of rows; of a view everything is a
number or comes from its last day.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from connectors.store.loose import NULL, Loose, numbers
from schemas.observation import SIGNS

WINDOW = 30
"""Days of a window, the last one included."""
VIEW = ("signal", "view", "site")
SUMMED = ("events", "blocked", "bytes_up", "bytes_down")
LARGEST = ("upload_actors", *SIGNS)
"""Features of which the largest value of the window counts."""
LAST = ("actors_30d", "active_days", "program_days")
"""Numbers of which that of the last day counts."""
_DAYS_MAX = 1 << 20


@dataclass(frozen=True)
class Windows:
    """Observations of network and assets by view and day."""

    rows: Loose
    """The observations as they are stored; a document is a usage."""
    order: np.ndarray
    """Places of the rows by usage, view and day."""
    usage: np.ndarray
    """Of each row, in that order, the number of its usage; likewise what follows."""
    day: np.ndarray
    kind: np.ndarray
    """Number of signal, view and site in `kinds`."""
    ago: np.ndarray
    """Days from its usage's last day."""
    kinds: pl.DataFrame
    """Columns VIEW, sorted."""

    @classmethod
    def of(cls, rows: Loose) -> "Windows":
        """From observations that are not purchases."""
        kinds = rows.texts.select(VIEW).unique().sort(VIEW)
        numbered = kinds.with_columns(kind=pl.int_range(pl.len(), dtype=pl.Int64))
        kind = rows.texts.select(VIEW).join(numbered, on=VIEW, how="left", nulls_equal=True, maintain_order="left")
        kind_of = kind["kind"].to_numpy()[rows.text]
        usage, day = rows.document, rows.number("day")
        ago = largest_of(usage, day, len(rows.lengths))[usage] - day
        place = (usage * kinds.height + kind_of) * _DAYS_MAX - ago
        order = np.argsort(place, kind="stable")
        return cls(rows, order, usage, day[order], kind_of[order], ago[order], kinds)

    def number(self, name: str) -> np.ndarray:
        """A number of every row."""
        found: np.ndarray = self.rows.number(name).take(self.order)
        return found

    @cached_property
    def first(self) -> np.ndarray:
        """Of each view the place of its first row."""
        return begins(self.usage, self.kind)

    @cached_property
    def last(self) -> np.ndarray:
        """Of each view the place of its last row."""
        return np.append(self.first[1:], len(self.usage)) - 1

    @cached_property
    def inside(self) -> np.ndarray:
        """Which rows are in the window."""
        return self.ago < WINDOW

    @cached_property
    def views(self) -> pl.DataFrame:
        """One row a view, by usage and VIEW: `row`, the number of the usage, sums of the window, what its last day says."""
        last = self.order[self.last]
        ends = self.rows.frame(last, ["actors_kind", "band"])
        columns = {
            "row": self.usage[self.last],
            "kind": self.kind[self.last],
            "ago": self.ago[self.last],
            **{name: self._sum(name) for name in SUMMED},
        }
        dates = {"first_day": self.day[self.first], "last_day": self.day[self.last]}
        dates["used_day"] = dates["last_day"] + columns["ago"]
        ended = [_whole(name, self.rows.numbers[name][last]) for name in LAST]
        return pl.DataFrame(
            [
                *(numbers(values, pl.Int64()).alias(name) for name, values in columns.items()),
                *(numbers(values, pl.Date()).alias(name) for name, values in dates.items()),
                *ended,
                *(self._largest(name) for name in LARGEST),
                *ends.get_columns(),
                *self.kinds[columns["kind"]].get_columns(),
            ]
        ).rename({"actors_30d": "actors"})

    def _sum(self, name: str) -> np.ndarray:
        """The sum of each view over its window; NULL where no value is known."""
        values = self.number(name)
        known = self.inside & (values != NULL)
        if known.all():
            return np.add.reduceat(values, self.first)
        sums = np.add.reduceat(np.where(known, values, 0), self.first)
        return np.where(np.logical_or.reduceat(known, self.first), sums, NULL)

    def _largest(self, name: str) -> pl.Series:
        values = self.number(name)
        if np.isnan(values).all():
            return pl.Series(name, [None], dtype=pl.Int64).new_from_index(0, len(self.first))
        whole = _whole(name, values).fill_null(NULL).to_numpy()
        found = np.maximum.reduceat(np.where(self.inside, whole, NULL), self.first)
        return numbers(found, pl.Int64()).alias(name)


def begins(*keys: np.ndarray) -> np.ndarray:
    """Places where some of the keys differs from the row before."""
    differs = np.zeros(len(keys[0]), bool)
    differs[:1] = True
    for key in keys:
        differs[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(differs)


def largest_of(owner: np.ndarray, values: np.ndarray, owners: int) -> np.ndarray:
    """The largest value of each owner, NULL where it has none; `owner` is in order."""
    found = np.full(owners, NULL)
    first = begins(owner)
    if len(first):
        found[owner[first]] = np.maximum.reduceat(values, first)
    return found


def _whole(name: str, values: np.ndarray) -> pl.Series:
    """Numbers as they lie in records as whole numbers; an infinite one is refused."""
    return numbers(values, pl.Float64() if values.dtype.kind == "f" else pl.Int64()).cast(pl.Int64).alias(name)
