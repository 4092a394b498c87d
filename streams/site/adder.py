"""Adds up the rows of a block in compiled code, and gives the sums in the form in which they are stored."""

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from connectors.native.distinct import Scratch
from connectors.native.library import Given, Names, Sums, Tables, checked, library
from streams.site.arrays import Array, fitted, narrow, places, without_null
from streams.site.connections import Connections
from streams.site.filled import Fill, Filled
from streams.site.flows import RANK_OF
from streams.site.lane import Coded
from streams.site.meaning import EVENTS, Meaning
from streams.site.table import Table, taken

_UP, _DOWN = 1, 2
"""Bits of `known` (tables.h)."""


@dataclass(frozen=True)
class Added:
    """What the rows of a block give; None where there is nothing of a kind."""

    windows: Table | None
    flows: Connections | None
    hosts: Connections | None
    things: npt.NDArray[np.int64]
    """That are kept."""
    given: Given
    """Counts of records."""
    filled: Filled
    """Which columns the rows fill."""


class Adder:
    """Memory for adding rows up. One thread at a time."""

    def __init__(self, meaning: Meaning, codes: list[str]) -> None:
        """`codes` of units; it may grow."""
        self.meaning, self.codes = meaning, codes
        self._scratch = Scratch()
        self._library = library()
        self._work = self._library.work_new()
        if not self._work:
            raise MemoryError

    def __del__(self) -> None:
        self._library.work_free(self._work)

    def add(self, coded: Coded, tables: Tables) -> Added:
        """Add up rows; `tables` say what their numbers mean."""
        rows, there, given = coded.rows.rows, self.meaning.destinations, Given()
        flows, hosts = self._room("flow", rows, _FLOWS | _SUMS), self._room("host", rows, _HOSTS)
        _point(given.flows, flows, _FLOWS)
        _point(given.flows.sums, flows, _SUMS)
        _point(given.hosts, hosts, _HOSTS)
        occurs = np.zeros(len(there.things) + 1, np.uint8)
        fill = Fill(self.meaning, coded)
        given.occurs, given.fills = occurs.ctypes.data, fill.pointer
        checked(
            self._library.summed(
                self._work, ctypes.byref(tables), ctypes.byref(coded.rows), coded.thing.ctypes.data,
                coded.state.ctypes.data, self.meaning.slots.pointer, ctypes.byref(given),
            )
        )  # fmt: skip
        things = np.flatnonzero(occurs)
        windows = self._windows(given.rows, tables, len(things)) if given.rows else None
        waiting = {name: values[: given.flows.sums.count] for name, values in flows.items()}
        heard = {name: values[: given.hosts.count] for name, values in hosts.items()}
        return Added(
            windows, self._flows(waiting) if len(waiting["flow"]) else None,
            self._hosts(heard) if len(heard["flow"]) else None, things, given,
            fill.told(lines=self.meaning.quick is not EVENTS),
        )  # fmt: skip

    def _room(self, kind: str, count: int, columns: dict[str, Any]) -> dict[str, Array]:
        return {name: self._scratch.array(f"{kind} {name}", count, dtype) for name, dtype in columns.items()}

    def _windows(self, count: int, tables: Tables, things: int) -> Table:
        rows = {name: np.empty(count, dtype) for name, dtype in _SUMS.items()}
        names = {name: np.empty(things, dtype) for name, dtype in _NAMES.items()}
        sums, named, order = Sums(), Names(), self.meaning.destinations.order
        _point(sums, rows, _SUMS)
        _point(named, names, _NAMES)
        checked(
            self._library.ordered(
                self._work, ctypes.byref(tables), order.ctypes.data, len(order), ctypes.byref(named), ctypes.byref(sums)
            )
        )
        units, slots, slot = self._slots(rows["slot"])
        columns = slots | _numbers(rows) | {"slot": slot, "actor": rows["actor"]}
        name, bucket, each = (names[column][: named.count].copy() for column in _NAMES)
        return Table(units, columns | {"name": name, "bucket": bucket, "count": narrow(each)})

    def _flows(self, rows: dict[str, Array]) -> Connections:
        units, columns, slot = self._slots(rows["slot"])
        order = np.argsort(rows["flow"])
        place, things = places(rows["thing"], len(self.meaning.destinations.things) + 1)
        told = _numbers(rows) | {"place": narrow(place), "slot": slot}
        columns |= {name: taken(values, order) for name, values in told.items()}
        columns |= {name: rows[name][order] for name in ("flow", "actor")}
        return Connections(units, columns | self._told(things, "name", "bucket"))

    def _hosts(self, rows: dict[str, Array]) -> Connections:
        said, kinds = places(rows["said"], 256)
        key = rows["thing"].astype(np.int64) * len(kinds) + said
        place, keys = places(key, (len(self.meaning.destinations.things) + 1) * len(kinds))
        things, which = np.divmod(keys, len(kinds))
        columns: dict[str, Array] = self._told(things, "name", "domain", "bucket")
        columns |= {"rank": RANK_OF[kinds >> 4][which], "kind": (kinds & 15).astype(np.uint8)[which]}
        order = np.argsort(rows["flow"])
        columns |= {name: rows[name][order] for name in ("flow", "actor")}
        return Connections((), columns | {"place": taken(narrow(place), order)})

    def _told(self, things: npt.NDArray[np.int64], *columns: str) -> dict[str, Array]:
        return {column: self.meaning.tables[f"thing_{column}"].array[things] for column in columns}

    def _slots(self, slot: Array) -> tuple[list[str], dict[str, Array], Array]:
        """Codes of units, unit, view, kind and day of each slot that occurs, and the slot of each row."""
        words = self.meaning.slots.words(0, 2)
        place, present = places(slot, len(words))
        low, day = words[present].T
        units, unit = np.unique(low >> 8, return_inverse=True)
        columns = {"unit": unit, "view": low >> 4 & 15, "kind": low & 15, "day": day.view(np.int32).astype(np.int64)}
        return (
            [self.codes[code] for code in units],
            {name: fitted(values) for name, values in columns.items()},
            narrow(place),
        )


def _point(columns: Any, arrays: dict[str, Array], names: dict[str, Any]) -> None:
    for name in names:
        setattr(columns, name, arrays[name].ctypes.data)


def _numbers(rows: dict[str, Array]) -> dict[str, Array]:
    """Events, bytes and flags as a table holds them."""
    numbers = {name: narrow(rows[name]) for name in ("events", "blocked", "flags")}
    for column, name, bit in (("bytes_up", "up", _UP), ("bytes_down", "down", _DOWN)):
        known = (rows["known"] & bit) > 0
        numbers[column] = without_null(rows[name], None if known.all() else known)
    return numbers


_SUMS = {
    "actor": np.uint64, "up": np.int64, "down": np.int64, "slot": np.uint32, "events": np.uint32, "blocked": np.uint32,
    "known": np.uint8, "flags": np.uint8,
}  # fmt: skip
_NAMES = {"name": np.uint64, "bucket": np.uint8, "rows": np.uint32}
_FLOWS = {"flow": np.uint64, "thing": np.uint32}
_HOSTS = {"flow": np.uint64, "actor": np.uint64, "thing": np.uint32, "said": np.uint8}
