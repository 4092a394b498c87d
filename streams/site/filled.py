"""Which columns a block fills, how often, and from when to when: counted on rows of small numbers, not line by line."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from schemas.events import EVIDENCE
from streams.site.lane import Coded
from streams.site.meaning import Meaning

COLUMNS = (
    "account_raw", "client_raw", "agent_raw", "host", "address", "application", "bytes_up", "bytes_down", "flow",
)  # fmt: skip
"""The columns that something is made of; the others of a network event nobody counts."""

_ODD = 2
"""State of a row whose line is read the long way (native.h)."""
_HOSTED, _ADDRESSED = 1, 2
"""Bits of what a name or an address is (sums.c)."""
_FEW = 8
"""Up to one row in so many is taken off by itself; of more, every row is looked at."""

_Numbers = npt.NDArray[Any]


@dataclass
class Group:
    """Records of one view on one day."""

    view: str
    day: int
    """Days since 1970 in the state's zone."""
    at: _Numbers
    """Starts of the quarters of an hour or minutes in which there are records, in seconds since 1970."""
    counts: _Numbers
    """Records in each of them."""
    filled: dict[str, int]
    """Records with a value, by column."""


@dataclass
class Filled:
    """What the rows of one frame or one part of a block fill."""

    groups: list[Group] = field(default_factory=list)
    lines: _Numbers | None = None
    """Line number of each row, from 0, where lines were read."""
    days: _Numbers | None = None
    """Day of each row; None where all have that of the only group."""
    out: _Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    """Rows that do not count."""

    @property
    def records(self) -> int:
        """Rows that count."""
        return sum(int(group.counts.sum()) for group in self.groups)

    def dated(self, place: int) -> tuple[_Numbers, _Numbers]:
        """Line numbers and days of the rows that count; `place` is that of line 0."""
        if self.lines is None or not self.groups:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        days = np.full(len(self.lines), self.groups[0].day) if self.days is None else self.days
        return np.delete(self.lines, self.out) + np.int64(place), np.delete(days, self.out)


def filled(meaning: Meaning, coded: Coded, *, lines: bool) -> Filled:
    """What rows fill; those that are read the long way or are no event (without evidence) do not count."""
    count = int(coded.rows.rows)
    if not count:
        return Filled()
    arrays = {name: array[:count] for name, array in coded.arrays.items() if len(array) >= count}
    views = meaning.tables["view"].array[arrays["mark"]]
    out = np.flatnonzero((views < 0) | (coded.state[:count] == _ODD))
    slots = _slots(arrays, views, out, meaning)
    if not len(slots):
        return Filled()
    held = _Held(meaning, arrays)
    groups = [*_grouped(slots)]
    where = arrays["line"] if lines else None
    if len(groups) == 1 and len(out) * _FEW <= count:
        whole = held.counts()
        less = held.at(out).counts() if len(out) else dict.fromkeys(whole, 0)
        groups[0].filled = {name: left for name, number in whole.items() if (left := number - less[name])}
        return Filled(groups, where, out=out)
    days = meaning.tables["day"].array[arrays["time"]]
    _by_group(groups, held, views, days, out)
    return Filled(groups, where, days, out)


def _slots(arrays: dict[str, _Numbers], views: _Numbers, out: _Numbers, meaning: Meaning) -> _Numbers:
    """View, day, start and count of each view and slot of time that occurs, one a row, without the rows `out`."""
    times = arrays["time"]
    length = len(meaning.starts.array)
    if views[0] >= 0 and (views == views[0]).all():
        keys, first = times, int(views[0]) * length
    else:
        keys, first = np.where(views < 0, 0, views).astype(np.int64) * length + times, 0
    counts = np.bincount(keys)
    if len(out):
        counts -= np.bincount(keys[out], minlength=len(counts))
    used = np.flatnonzero(counts)
    slot = used % length
    found: _Numbers = np.stack(
        [(used + first) // length, meaning.tables["day"].array[slot], meaning.starts.array[slot], counts[used]], axis=1
    )
    return found


def _grouped(slots: _Numbers) -> Iterator[Group]:
    pairs, which = np.unique(slots[:, :2], axis=0, return_inverse=True)
    for n, (view, day) in enumerate(pairs.tolist()):
        rows = slots[which.reshape(-1) == n]
        yield Group(EVIDENCE[view], day, rows[:, 2], rows[:, 3], {})


class _Held:
    """Whether rows have a value, by column."""

    def __init__(self, meaning: Meaning, arrays: dict[str, _Numbers]) -> None:
        self._meaning, self._arrays = meaning, arrays

    def at(self, rows: _Numbers) -> "_Held":
        """Some of the rows."""
        return _Held(self._meaning, {name: array[rows] for name, array in self._arrays.items()})

    def counts(self) -> dict[str, int]:
        """How many have one."""
        return {name: int(np.count_nonzero(values)) for name, values in self.values()}

    def values(self) -> Iterator[tuple[str, _Numbers]]:
        """Of each column that occurs, numbers that are 0 where it is null."""
        arrays, tables = self._arrays, self._meaning.tables
        for slot in ("account", "client", "agent"):
            if len(self._meaning.of[slot]):
                yield f"{slot}_raw", arrays[slot]
        named, placed = (len(self._meaning.of[slot]) > 0 for slot in ("name", "address"))
        names = tables["name"].array[arrays["name"]] if named else None
        if names is not None:
            yield "host", names & _HOSTED
        places = tables["address"].array[arrays["address"]] & _ADDRESSED if placed else None
        both = [part for part in (places, None if names is None else names & _ADDRESSED) if part is not None]
        if both:
            yield "address", both[0] if len(both) == 1 else both[0] | both[1]
        if len(self._meaning.of["application"]):
            yield "application", tables["application"].array[arrays["application"]]
        yield "bytes_up", arrays["up"] >= 0
        yield "bytes_down", arrays["down"] >= 0
        yield "flow", arrays["flow"]


def _by_group(groups: list[Group], held: _Held, views: _Numbers, days: _Numbers, out: _Numbers) -> None:
    """Count the columns of several groups at once: a bit a column, and each combination of bits counted."""
    known = sorted({group.day for group in groups})
    span = len(known)
    places = np.searchsorted(known, days) if span > 1 else 0
    bits = np.zeros(len(views), np.uint16)
    for name, values in held.values():
        bits |= (values != 0).astype(np.uint16) << np.uint16(COLUMNS.index(name))
    width = 1 << len(COLUMNS)
    keys = (views.astype(np.int64) * span + places) * width + bits
    keys[out] = len(EVIDENCE) * span * width
    table = np.bincount(keys, minlength=len(EVIDENCE) * span * width + 1)[:-1].reshape(len(EVIDENCE), span, width)
    combinations = np.arange(width)
    for group in groups:
        counts = table[EVIDENCE.index(group.view), known.index(group.day)]
        sums = {name: int(counts[combinations >> n & 1 > 0].sum()) for n, name in enumerate(COLUMNS)}
        group.filled = {name: number for name, number in sums.items() if number}
