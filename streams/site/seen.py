"""What a source gave, by day and view: records, filled columns, from when to when. Numbers only, nothing about people.

Written in the transaction of the block. What may be taken out again (a last line without end, a document of which a record
could not be read) has rows of its own, named by its link.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.table import INSTANT
from streams.site import closed
from streams.site.closed import GONE
from streams.site.columns import days
from streams.site.file import SiteFile
from streams.site.filled import COLUMNS, Filled

AHEAD = timedelta(minutes=5)
"""A record that is later than its receipt by more than this comes from a clock that is fast."""
BEHIND = timedelta(days=366)
"""A record that is older than this at its receipt comes from a clock that was reset, or is no news."""
SHARED = b""
"""Link of rows that belong to no single block."""

NUMBERS = "seen"
"""Stands for these numbers where days that are gone are noted by signal."""

_EPOCH = date(1970, 1, 1)
_Numbers = npt.NDArray[Any]


@dataclass
class Count:
    """Records of one source, view and day."""

    records: int = 0
    """Events."""
    rejected: int = 0
    """Records that could not be read; they have no view, and the day of the record before them."""
    idle: int = 0
    """Understood, but no event; as `rejected`."""
    untimely: int = 0
    """With a time that cannot be right, taken or rejected: later than their receipt by more than AHEAD, or older than BEHIND."""
    filled: dict[str, int] = field(default_factory=dict)
    """Events that have a value, by column."""
    first_at: int | None = None
    """Start of the quarter of an hour of the first event, in seconds since 1970."""
    last_at: int | None = None
    """The same of the last."""
    received_at: int | None = None
    """Last receipt, in seconds since 1970."""
    lag: int | None = None
    """Largest time between the newest event of a block and its receipt, in seconds."""

    def __iadd__(self, other: "Count") -> Self:
        """Both together."""
        for name in ("records", "rejected", "idle", "untimely"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name, number in other.filled.items():
            self.filled[name] = self.filled.get(name, 0) + number
        for name, choose in (("first_at", min), ("last_at", max), ("received_at", max), ("lag", max)):
            both = [value for one in (self, other) if (value := getattr(one, name)) is not None]
            setattr(self, name, choose(both) if both else None)
        return self


Key = tuple[int, str]
"""Day since 1970 in the state's zone, and view; the view is empty where none is known."""


class Seen:
    """What one block or document gave."""

    def __init__(self, receipt: datetime) -> None:
        """`receipt`: when it is read."""
        self._receipt = int(receipt.timestamp())
        self._earliest = self._receipt - BEHIND.total_seconds()
        self._latest = self._receipt + AHEAD.total_seconds()
        self._day = int(days(pl.Series([receipt], dtype=INSTANT))[0])
        self.counts: dict[Key, Count] = {}
        self._lines: list[tuple[_Numbers, _Numbers]] = []

    def _add(self, day: int, view: str, count: Count) -> None:
        known = self.counts.setdefault((day, view), Count(received_at=self._receipt))
        known += count
        if known.last_at is not None:
            known.lag = max(0, self._receipt - known.last_at)  # of the whole block, however its lines were read

    def rows(self, filled: Filled, place: int = 0) -> None:
        """Count rows of network events; `place` is that of line 0."""
        most = 0
        for day, view, groups in filled.by_day():
            starts, records = groups["start"], groups["records"]
            number, first, last = int(records.sum()), int(starts.min()), int(starts.max())
            untimely = int(records[(starts < self._earliest) | (starts > self._latest)].sum())
            sums = zip(COLUMNS, groups["filled"].sum(axis=0).tolist(), strict=True)
            known = {name: n for name, n in sums if n}
            self._add(day, view, Count(number, 0, 0, untimely, known, first, last))
            most, self._day = max((most, self._day), (number, day))
        self._lines.append((filled.lines + place, filled.days))

    def lines(self, places: pl.Series, at: pl.Series) -> None:
        """Say of which time lines are, for those that cannot be read among them."""
        known = at.is_not_null()
        self._lines.append((places.filter(known).to_numpy(), days(at.filter(known))))

    def document(self, frame: pl.DataFrame) -> None:
        """Count the records of a document, each by its first row; those without a moment are no event."""
        moment, view = ("day", "document") if "day" in frame.columns else ("at", "asset")
        every = frame.unique("place", keep="first", maintain_order=True)
        known = every.filter(pl.col(moment).is_not_null())
        at = known[moment].cast(INSTANT)
        day = known[moment].to_physical() if moment == "day" else pl.Series(days(at))
        known = known.with_columns(day_=day.cast(pl.Int64), at_=at.to_physical() // 1_000_000)
        for key, rows in known.group_by("day_", view, maintain_order=True):
            first, last = (int(value) for value in rows.select(pl.col("at_").min(), last=pl.col("at_").max()).row(0))
            names = [name for name in frame.columns if name not in {"place", "rejected", moment, view}]
            filled = {name: rows.height - rows[name].null_count() for name in names}
            filled = {name: number for name, number in filled.items() if number}
            wrong = (rows["at_"] > self._latest) | (rows["at_"] < self._earliest)
            untimely = int(wrong.sum()) if moment == "at" else 0
            self._day = int(str(key[0]))
            self._add(self._day, str(key[1]), Count(rows.height, 0, 0, untimely, filled, first, last))
        self.idle(every.height - known.height)

    def idle(self, number: int) -> None:
        """Count records that are no event, on the day of most of what was counted just before them."""
        if number:
            self._add(self._day, "", Count(idle=number))

    def unread(self, places: Sequence[int], untimely: int = 0) -> None:
        """Count records that could not be read, of which `untimely` for their time alone, on the days that they get."""
        given = self._days(np.asarray(places, np.int64))
        for day, number in zip(*np.unique(given, return_counts=True), strict=True):
            self._add(int(day), "", Count(rejected=int(number)))
        if untimely:
            self._add(int(given[-1]), "", Count(untimely=untimely))

    def days_of(self, places: Sequence[int]) -> list[date]:
        """The days of records that could not be read.

        Each has that of the record before it, else of the one after it, else of what was counted before, else of receipt.
        """
        return [_EPOCH + timedelta(int(day)) for day in self._days(np.asarray(places, np.int64))]

    def _days(self, places: _Numbers) -> _Numbers:
        if not any(len(lines) for lines, _ in self._lines):
            return np.full(len(places), self._day)
        lines, of = (np.concatenate(parts) for parts in zip(*self._lines, strict=True))
        order = np.argsort(lines, kind="stable")
        before = np.searchsorted(lines[order], places, side="right") - 1
        found: _Numbers = of[order][np.maximum(before, 0)]
        return found

    def close(self) -> None:
        """Forget which line was of which day: a part of a block is done."""
        self._lines = []


def add(db: sqlite3.Connection, source: str, counts: Mapping[Key, Count], link: bytes = SHARED) -> None:
    """Add to what is written down, inside the transaction of what is counted."""
    for (number, view), count in counts.items():
        where = (source, (_EPOCH + timedelta(number)).isoformat(), view, link)
        row = db.execute(f"SELECT {_COLUMNS} FROM seen WHERE source = ? AND day = ? AND view = ? AND link = ?", where)
        found = row.fetchone()
        both = replace(count, filled=dict(count.filled))
        if found is not None:
            both += _count(found)
        values = (*(getattr(both, name) for name in _NUMBERS), json.dumps(both.filled, sort_keys=True))
        db.execute(f"INSERT OR REPLACE INTO seen VALUES({', '.join('?' * (4 + len(values)))})", (*where, *values))


def take_out(db: sqlite3.Connection, source: str, link: bytes) -> None:
    """Take out what has rows of its own."""
    db.execute("DELETE FROM seen WHERE source = ? AND link = ?", (source, link))


def let_go(file: SiteFile, before: str) -> None:
    """Delete what was received before a day, inside a transaction; the last sign of life of each source stays."""
    limit = int(datetime.combine(date.fromisoformat(before), time(), UTC).timestamp())
    last = "(SELECT max(received_at) FROM seen AS newest WHERE newest.source = seen.source)"
    over = f"FROM seen WHERE received_at < min(?, {last})"
    day = file.db.execute(f"SELECT max(day) {over}", (limit,)).fetchone()[0]
    if day is not None:
        closed.until(file, GONE, NUMBERS, date.fromisoformat(day))
        file.db.execute(f"DELETE {over}", (limit,))


def mend(
    db: sqlite3.Connection, source: str, gone: Sequence[str | None], counts: Mapping[Key, Count], link: bytes | None
) -> None:
    """Records that were rejected on the days `gone` are read now and give `counts`; `link` is that of a last line."""
    # they came long before: how late they are read now says nothing of the source
    add(db, source, {key: replace(count, lag=None) for key, count in counts.items()}, link or SHARED)
    for day, number in Counter(gone).items():
        db.execute(
            "UPDATE seen SET rejected = max(0, rejected - ?) WHERE source = ? AND day = ? AND view = '' AND link = ?",
            (number, source, day, link or SHARED),
        )


def read(db: sqlite3.Connection) -> list[tuple[str, date, str, Count]]:
    """Source, day, view and count, by day."""
    found: dict[tuple[str, str, str], Count] = {}
    for source, day, view, *values in db.execute(f"SELECT source, day, view, {_COLUMNS} FROM seen"):
        count = found.setdefault((source, day, view), Count())
        count += _count(values)
    return [(source, date.fromisoformat(day), view, count) for (source, day, view), count in sorted(found.items())]


_NUMBERS = ("records", "rejected", "idle", "untimely", "first_at", "last_at", "received_at", "lag")
_COLUMNS = ", ".join((*_NUMBERS, "filled"))


def _count(values: Sequence[Any]) -> Count:
    *numbers, filled = values
    return Count(**dict(zip(_NUMBERS, numbers, strict=True)), filled=json.loads(filled))
