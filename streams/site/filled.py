"""Which columns a block fills, how often, and when: counted by compiled code on rows of small numbers."""

import ctypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from connectors.native.library import FILLED, Filling
from schemas.events import EVIDENCE
from streams.site.lane import Coded
from streams.site.meaning import Meaning

COLUMNS = (
    "account_raw", "client_raw", "agent_raw", "host", "address", "application", "bytes_up", "bytes_down", "flow",
)  # fmt: skip
"""The columns that something is made of, in the order of filled.c; the others of a network event nobody counts."""

_ODD = 2
"""State of a row whose line is read the long way (native.h)."""
_Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class Filled:
    """What rows of a part of a block, or of a frame, fill; those that are no event, or read another way, do not count."""

    groups: _Numbers = field(default_factory=lambda: np.zeros(0, FILLED))
    """Views and quarters of an hour (FILLED): records, and how many of them have a value, by column."""
    lines: _Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    """Numbers of lines that count: the first, the last, and those before lines that are read another way."""
    days: _Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    """Their days."""

    @property
    def records(self) -> int:
        """Rows that count."""
        return int(self.groups["records"].sum())

    def by_day(self) -> Iterator[tuple[int, str, _Numbers]]:
        """Day (since 1970, in the state's zone), view and their groups."""
        keys = self.groups["day"].astype(np.int64) * len(EVIDENCE) + self.groups["view"]
        distinct, which = np.unique(keys, return_inverse=True)
        for n, key in enumerate(distinct.tolist()):
            yield key // len(EVIDENCE), EVIDENCE[key % len(EVIDENCE)], self.groups[which.reshape(-1) == n]

    def after(self, lines: int) -> "Filled":
        """The same behind so many lines."""
        return replace(self, lines=self.lines + lines)


def joined(parts: Iterable[Filled]) -> Filled:
    """Parts of a block as one; each row counts in one of them."""
    several = [Filled(), *parts]
    groups, lines, days = ([getattr(one, name) for one in several] for name in ("groups", "lines", "days"))
    return Filled(np.concatenate(groups), np.concatenate(lines), np.concatenate(days))


class Fill:
    """Room in which compiled code counts what rows fill, while it sums them up."""

    def __init__(self, meaning: Meaning, coded: Coded) -> None:
        """Views and stretches of time are at most so many as there are places of both; pages that stay empty cost nothing."""
        self._coded, tables = coded, meaning.tables
        self._views, self._days = tables["view"].array, tables["day"].array
        room = min(int(coded.rows.rows), len(EVIDENCE) * meaning.starts.length)
        mask = (1 << (2 * room + 1).bit_length()) - 1
        self._groups, self._slots = np.zeros(room, FILLED), np.zeros(mask + 1, np.uint32)
        known = (tables[name].pointer for name in ("day", "view", "name", "address", "application"))
        self._filling = Filling(
            meaning.starts.pointer, *known, ctypes.addressof(coded.rows), coded.state.ctypes.data,
            self._groups.ctypes.data, None, self._slots.ctypes.data, room, 0, mask, 0, 0,
        )  # fmt: skip
        self.pointer = ctypes.addressof(self._filling)

    def told(self, *, lines: bool) -> Filled:
        """What was counted; `lines`: rows are lines, whose days may be asked for."""
        groups = self._groups[: self._filling.count].copy()
        return Filled(groups, *self._beside()) if lines and len(groups) else Filled(groups)

    def _beside(self) -> tuple[_Numbers, _Numbers]:
        """Numbers and days of the lines by which those that are read another way are dated: the rows hold for now only."""
        arrays, rows = self._coded.arrays, self._coded.rows
        line, mark, time = (arrays[name][: rows.rows] for name in ("line", "mark", "time"))
        chosen = np.array([self._filling.first, self._filling.end - 1], np.int64)
        if rows.odd:
            counts = np.flatnonzero((self._views[mark] >= 0) & (self._coded.state[: rows.rows] != _ODD))
            before = np.searchsorted(line[counts], arrays["odd_line"][: rows.odd], side="right") - 1
            chosen = np.unique(np.concatenate([chosen, counts[np.maximum(before, 0)]]))
        return line[chosen].astype(np.int64), self._days[time[chosen]].astype(np.int64)
