"""Network events to runs: per name, unit, view and day the sums and the actors. Knows nothing of the catalogue but `never`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from threading import Lock
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from catalogue.never import Never
from connectors.native.distinct import Survey
from connectors.native.library import Tables
from connectors.native.plan import Quick
from schemas.events import EVIDENCE
from schemas.observation import ACTOR_KINDS
from streams.site import late
from streams.site.adder import Added, Adder
from streams.site.assign import UnitMap
from streams.site.blocks import Data
from streams.site.books import Books
from streams.site.cap import NAMES_MAX, capped
from streams.site.connections import Connections
from streams.site.filled import Filled, joined
from streams.site.keys import SiteKey
from streams.site.lane import Coded, Lane
from streams.site.meaning import EVENTS
from streams.site.named import Named
from streams.site.periods import Period
from streams.site.rows import merged
from streams.site.table import Table, coded

_Part = TypeVar("_Part", Table, Connections)


@dataclass(frozen=True)
class Runs:
    """What one block gives: windows, flows and hosts that wait for each other, names, and counts of records.

    Of windows, flows and hosts one part for each period of keys that the block's days fall into.
    """

    windows: tuple[Table, ...] = ()
    names: Named = field(default_factory=Named)
    flows: tuple[Connections, ...] = ()
    hosts: tuple[Connections, ...] = ()
    idle: int = 0
    unassigned: int = 0
    dropped: int = 0
    filled: Filled = field(default_factory=Filled)
    """Which columns its rows fill."""


@dataclass(frozen=True)
class Quickly:
    """What quick reading gives of raw lines, and which lines it leaves to the long way."""

    runs: list[Runs]
    records: int
    """Records read quickly."""
    odd: npt.NDArray[np.uint32]
    """First byte, end and line number from 0 of the others, by line."""
    first: int | None
    """Line number of the first record that was read quickly, where it is known."""
    used: int
    """Bytes that were read."""
    lines: int
    """Lines among them."""

    def with_more(self, more: "Quickly") -> "Quickly":
        """With what follows it in the block."""
        odd = more.odd + np.array([self.used, self.used, self.lines], np.uint32)
        first = self.first
        if first is None and not self.records and more.first is not None:
            first = more.first + self.lines
        runs = [replace(run, filled=run.filled.after(self.lines)) for run in more.runs]
        return Quickly(
            self.runs + runs, self.records + more.records, np.concatenate([self.odd, odd]), first,
            self.used + more.used, self.lines + more.lines,
        )  # fmt: skip


def reduce(events: pl.DataFrame, key: SiteKey, units: UnitMap, never: Never) -> Runs:
    """Runs of a frame of NETWORK events (rows without `rejected`); rows without `at` or without a name are idle."""
    return Reducer(key, units, never)(events)


class Reducer:
    """`reduce` with a memory of distinct values, for many frames and blocks of one source."""

    def __init__(self, key: SiteKey, units: UnitMap, never: Never, closed: date | None = None) -> None:
        """One reducer a source; it may be called from several threads. What is of a day up to `closed` is dropped."""
        self.key, self.units, self.closed = key, units, closed
        self.books = Books(key, units, never)
        self._free: dict[int, list[tuple[Lane, Adder]]] = {}
        self._lock, self._capping = Lock(), Lock()

    def __call__(self, events: pl.DataFrame) -> Runs:
        """Runs of one frame."""
        with self._lane(EVENTS, None) as (lane, adder):
            return self._runs(lane, adder, lane.take(events))

    def read(self, data: Data, quick: Quick, latest: datetime, seen: Survey | None = None) -> Quickly:
        """Runs of the lines of a block that can be read quickly; `seen` saves a look at its bytes."""
        seen = seen or Survey.of(data)
        read = self._piece(data, quick, latest, seen)
        while read.used < len(data):
            rest = Survey(seen.lines - read.lines, seen.ascii)
            read = read.with_more(self._piece(data[read.used :], quick, latest, rest))
        return read

    def _piece(self, data: Data, quick: Quick, latest: datetime, seen: Survey) -> Quickly:
        """What a lane reads until it is full."""
        with self._lane(quick, latest) as (lane, adder):
            coded = lane.read(data, seen)
            runs = self._runs(lane, adder, coded)
            rows = coded.rows
            understood = rows.rows - int((coded.state[: rows.rows] == _ODD).sum())
            lines = coded.arrays["line"][: rows.rows]
            first = None if rows.idle or not len(lines) else int(lines[0])
            return Quickly([runs], understood + rows.idle, coded.odd(), first, rows.used, rows.lines)

    @contextmanager
    def _lane(self, quick: Quick, latest: datetime | None) -> Iterator[tuple[Lane, Adder]]:
        with self._lock:
            free = self._free.setdefault(id(quick), [])
            pair = free.pop() if free else None
        if pair is None:
            lane = Lane(quick, self.books, latest)
            pair = lane, Adder(lane.meaning, self.books.codes)
        yield pair
        if not pair[0].meaning.full:
            with self._lock:
                free.append(pair)

    def _runs(self, lane: Lane, adder: Adder, coded: Coded) -> Runs:
        periods = self.key.periods
        if len(periods) == 1:
            return self._summed(lane, adder, coded, periods[0])
        days = pl.Series(lane.meaning.tables["day"].array[coded.arrays["time"][: coded.rows.rows]]).cast(pl.Date)
        state = coded.state[: coded.rows.rows]
        parts = [
            self._summed(lane, adder, replace(coded, state=own), period) for period, own in periods.cut(days, state)
        ]
        return together(parts, coded.rows.idle)

    def _summed(self, lane: Lane, adder: Adder, coded: Coded, period: Period) -> Runs:
        """Runs of the rows of a period; the state of the others passes them over."""
        added = adder.add(coded, self._constants(lane.meaning.pointers(), period))
        named, windows = lane.meaning.destinations.named(added.things), added.windows
        domains = lane.meaning.tables["thing_domain"].array[added.things]
        if windows is not None and len(domains) and np.unique(domains, return_counts=True)[1].max() > NAMES_MAX:
            with self._capping:  # takes much memory and happens to few
                windows, named = self._capped(windows, named, added)
        given = added.given
        runs = Runs(
            _some(windows), named, _some(added.flows), _some(added.hosts),
            idle=coded.rows.idle + given.idle, unassigned=given.unassigned, dropped=given.dropped, filled=added.filled,
        )  # fmt: skip
        return late.without(runs, self.closed)

    def _constants(self, tables: Tables, period: Period) -> Tables:
        tables.unit = self.books.default
        # who is seen without an account is no second account: the group size would count one person twice
        alike = self.units.actor is not None and self.units.actor != "account"
        tables.kind = ACTOR_KINDS.index(self.units.actor) if self.units.actor and alike else -1
        tables.of_account, tables.of_client, tables.of_nobody = map(ACTOR_KINDS.index, ("account", "device", "unknown"))
        tables.view_flow = EVIDENCE.index("flow")
        tables.key[0], tables.key[1] = map(int, self.key.pairs_key(period))
        return tables

    def _capped(self, windows: Table, named: Named, added: Added) -> tuple[Table, Named]:
        """The same with the names beyond the cap replaced."""
        rows, known = windows.frame(), named.frame()
        fewer, names = capped(rows, known, self.key)
        if fewer is rows:
            return windows, named
        waiting = [np.zeros(0, np.uint64), *(run.columns["name"] for run in (added.flows, added.hosts) if run)]
        kept = known.filter(pl.col("name").is_in(np.concatenate(waiting).tolist()))
        names = pl.concat([names, kept]).unique("name", maintain_order=True)
        return Table.of(*coded(merged(fewer))), Named.of(names)


def _some(part: _Part | None) -> tuple[_Part, ...]:
    return () if part is None else (part,)


def together(parts: Sequence[Runs], idle: int) -> Runs:
    """Runs of one block's periods as one; `idle` stands in each of them."""
    names = pl.concat([part.names.frame() for part in parts]).unique("name", maintain_order=True)
    return Runs(
        tuple(run for part in parts for run in part.windows),
        Named.of(names),
        tuple(run for part in parts for run in part.flows),
        tuple(run for part in parts for run in part.hosts),
        idle=sum(part.idle for part in parts) - idle * (len(parts) - 1),
        unassigned=sum(part.unassigned for part in parts),
        dropped=sum(part.dropped for part in parts),
        filled=joined(part.filled for part in parts),
    )


_ODD = 2
"""State of a row whose line is read the long way (native.h)."""
