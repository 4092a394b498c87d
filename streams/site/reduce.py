"""Network events to runs: per name, unit, view and day the sums and the actors. Knows nothing of the catalogue but `never`."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from catalogue.never import Never
from connectors.native.library import Columns, Sums, Tables, checked, library
from connectors.native.plan import Quick
from schemas.events import EVIDENCE
from schemas.observation import ACTOR_KINDS
from streams.site.assign import UnitMap
from streams.site.blocks import Data
from streams.site.books import Books
from streams.site.cap import capped
from streams.site.columns import category
from streams.site.filled import Fill, Filled
from streams.site.flows import RANK_OF, Waiting
from streams.site.keys import SiteKey
from streams.site.lane import Coded, Lane
from streams.site.meaning import EVENTS
from streams.site.rows import FLOW, HOST, KIND, UNIT, VIEW, WINDOW, merged


@dataclass(frozen=True)
class Runs:
    """What one block gives: windows, flows and hosts that wait for each other, names, and counts of records."""

    windows: pl.DataFrame
    names: pl.DataFrame
    flows: Waiting = field(default_factory=Waiting)
    idle: int = 0
    unassigned: int = 0
    dropped: int = 0
    filled: Filled = field(default_factory=Filled)
    """Which columns its rows fill."""


@dataclass(frozen=True)
class Quickly:
    """What quick reading gives of raw lines, and which lines it leaves to the long way."""

    runs: Runs
    records: int
    """Records read quickly."""
    odd: npt.NDArray[np.uint32]
    """First byte, end and line number from 0 of the others, by line."""
    first: int | None
    """Line number of the first record that was read quickly, where it is known."""


def reduce(events: pl.DataFrame, key: SiteKey, units: UnitMap, never: Never) -> Runs:
    """Runs of a frame of NETWORK events (rows without `rejected`); rows without `at` or without a name are idle."""
    return Reducer(key, units, never)(events)


class Reducer:
    """`reduce` with a memory of distinct values, for many frames and blocks of one source."""

    def __init__(self, key: SiteKey, units: UnitMap, never: Never) -> None:
        """One reducer a source; it may be called from several threads."""
        self.key, self.units = key, units
        self.books = Books(key, units, never)
        self._free: dict[int, list[Lane]] = {}
        self._lock = Lock()

    def __call__(self, events: pl.DataFrame) -> Runs:
        """Runs of one frame."""
        with self._lane(EVENTS, None) as lane:
            return self._runs(lane, lane.take(events))

    def read(self, data: Data, quick: Quick, latest: datetime) -> Quickly:
        """Runs of the lines of a block that can be read quickly."""
        with self._lane(quick, latest) as lane:
            coded = lane.read(data)
            runs = self._runs(lane, coded)
            understood = coded.rows.rows - int((coded.state[: coded.rows.rows] == _ODD).sum())
            lines = coded.arrays["line"][: coded.rows.rows]
            first = None if coded.rows.idle or not len(lines) else int(lines[0])
            return Quickly(runs, understood + coded.rows.idle, coded.odd(), first)

    @contextmanager
    def _lane(self, quick: Quick, latest: datetime | None) -> Iterator[Lane]:
        with self._lock:
            free = self._free.setdefault(id(quick), [])
            lane = free.pop() if free else Lane(quick, self.books, latest)
        yield lane
        if not lane.meaning.full:
            with self._lock:
                free.append(lane)

    def _runs(self, lane: Lane, coded: Coded) -> Runs:
        tables, sums, arrays = self._constants(lane.meaning.pointers()), Sums(), _Arrays(coded.rows.rows)
        occurs = np.zeros(lane.meaning.destinations.described.height + 1, np.uint8)
        fill = Fill(lane.meaning, coded)
        sums.occurs, sums.fills = occurs.ctypes.data, fill.pointer
        for kind in ("windows", "flows", "hosts"):
            arrays.fill(kind, getattr(sums, kind))
        checked(
            library().summed(
                ctypes.byref(tables), ctypes.byref(coded.rows), coded.thing.ctypes.data, coded.state.ctypes.data,
                ctypes.byref(sums),
            )
        )  # fmt: skip
        windows = self._windows(arrays, "windows", sums.windows.count)
        flows = self._windows(arrays, "flows", sums.flows.count)
        hosts = self._hosts(arrays, sums.hosts.count)
        known = lane.meaning.destinations.described[np.flatnonzero(occurs[1:])].unique("name", maintain_order=True)
        fewer, capped_names = capped(windows, known, self.key)
        if fewer is not windows:
            waiting_names = known.filter(pl.col("name").is_in(hosts["name"].implode()))
            windows, known = merged(fewer), pl.concat([capped_names, waiting_names]).unique("name", maintain_order=True)
        return Runs(
            windows, known, Waiting(flows, hosts),
            idle=coded.rows.idle + sums.idle, unassigned=sums.unassigned, dropped=sums.dropped,
            filled=fill.told(lines=lane.quick is not EVENTS),
        )  # fmt: skip

    def _constants(self, tables: Tables) -> Tables:
        tables.unit = self.books.default
        tables.kind = ACTOR_KINDS.index(self.units.actor) if self.units.actor else -1
        tables.of_account, tables.of_client, tables.of_nobody = map(ACTOR_KINDS.index, ("account", "device", "unknown"))
        tables.view_flow = EVIDENCE.index("flow")
        tables.key[0], tables.key[1] = map(int, self.key.pairs_key)
        return tables

    def _windows(self, arrays: "_Arrays", kind: str, count: int) -> pl.DataFrame:
        """WINDOW columns, with `flow` before them where flows wait."""
        of = arrays.columns(kind, count)
        units = pl.Series(self.books.codes, dtype=pl.String).cast(UNIT)
        columns = {
            **of, "unit": units.gather(of["unit"]), "view": category(of["view"], VIEW), "kind": category(of["kind"], KIND),
            "day": pl.Series(of["day"]).cast(pl.Date), "actor": _known(of["actor"], of["nobody"] == 0),
            "bytes_up": _known(of["up"], of["known"] & 1), "bytes_down": _known(of["down"], of["known"] & 2),
            "program": of["program"].astype(np.bool_), "internal": of["internal"].astype(np.bool_),
        }  # fmt: skip
        schema = FLOW if kind == "flows" else WINDOW
        return pl.DataFrame({name: columns[name] for name in schema}, schema=schema)

    def _hosts(self, arrays: "_Arrays", count: int) -> pl.DataFrame:
        of = arrays.columns("hosts", count)
        columns = {
            **of, "rank": RANK_OF[of["view"]], "kind": category(of["kind"], KIND),
            "actor": _known(of["actor"], of["nobody"] == 0),
        }  # fmt: skip
        return pl.DataFrame({name: columns[name] for name in HOST}, schema=HOST)


class _Arrays:
    """Room for the columns of sums; pages that are not written cost nothing."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._of: dict[str, dict[str, npt.NDArray[Any]]] = {}

    def fill(self, kind: str, columns: Columns) -> None:
        """Point the columns of a kind at new arrays."""
        self._of[kind] = {name: np.empty(self._count, dtype) for name, dtype in _COLUMNS[kind].items()}
        for name, array in self._of[kind].items():
            setattr(columns, name, array.ctypes.data)

    def columns(self, kind: str, count: int) -> dict[str, npt.NDArray[Any]]:
        """What was written."""
        return {name: array[:count] for name, array in self._of[kind].items()}


def _known(values: npt.NDArray[Any], known: npt.NDArray[Any]) -> pl.Series:
    """The values; null where nothing is known."""
    series, where = pl.Series(values), pl.Series(known != 0)
    return series if where.all() else series.set(~where, None)


_ODD = 2
"""State of a row whose line is read the long way (native.h)."""
_WHO = {
    "name": np.uint64, "bucket": np.uint8, "kind": np.uint8, "view": np.uint8, "actor": np.uint64, "nobody": np.uint8,
}  # fmt: skip
_NUMBERS = {
    "up": np.int64, "down": np.int64, "unit": np.int32, "day": np.int32, "events": np.uint32, "blocked": np.uint32,
    "known": np.uint8, "program": np.uint8, "internal": np.uint8,
}  # fmt: skip
_COLUMNS = {
    "windows": _WHO | _NUMBERS,
    "flows": {"flow": np.uint64} | _WHO | _NUMBERS,
    "hosts": {"flow": np.uint64, "domain": np.uint64} | _WHO,
}
