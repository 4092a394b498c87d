"""One thread's way from raw lines or events to rows of small numbers.

Compiled code finds the values, gives each distinct one a place and adds up; what a text means is asked of the connector and
of the site's books, once for each distinct text.
"""

import ctypes
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from connectors.native.distinct import Scratch, Survey, address, hashes
from connectors.native.library import Rows, checked, library
from connectors.native.plan import TEXTS, JsonLines, Quick, compiled
from streams.site.blocks import Data
from streams.site.books import Books
from streams.site.meaning import BYTES_MAX, COSTS, PIECE, SLOT, Meaning

_SLOT_MICROS = SLOT // timedelta(microseconds=1)


@dataclass
class Coded:
    """Rows of one block in small numbers; they hold until the lane reads the next."""

    rows: Rows
    arrays: dict[str, npt.NDArray[Any]]
    """What `rows` points at."""
    thing: npt.NDArray[np.uint32]
    state: npt.NDArray[np.uint8]

    def odd(self) -> npt.NDArray[np.uint32]:
        """First byte, end and line number of the lines to be read the long way, by line."""
        found = np.stack([self.arrays[name][: self.rows.odd] for name in ("odd_start", "odd_end", "odd_line")], axis=1)
        ordered: npt.NDArray[np.uint32] = found[np.argsort(found[:, 2], kind="stable")]
        return ordered


class Lane:
    """Reads lines of one layout, or events. One thread at a time."""

    def __init__(self, quick: Quick, books: Books, latest: datetime | None = None) -> None:
        """`latest`: a record later than this is read the long way, which rejects it; None where that has been done."""
        self.quick = quick
        self.meaning = Meaning(quick, books, latest)
        self.scratch = Scratch()
        self._library = library()
        self._flow_key = books.key.words_key("flow")
        self._plan, self._tree = compiled(quick.lines, (int(self._flow_key[0]), int(self._flow_key[1])))

    def read(self, data: Data, seen: Survey) -> Coded:
        """Rows of raw lines, until the lane is full (`rows.used`); lines that need the long way are `odd`."""
        self._plan.utf8 = seen.ascii or _is_utf8(data)
        coded = self._room(seen.lines + 1)
        function = self._library.read_json if isinstance(self.quick.lines, JsonLines) else self._library.read_delimited
        checked(function(address(data), len(data), ctypes.byref(self._plan), ctypes.byref(coded.rows)))
        self._told(data, coded)
        return coded

    def take(self, events: pl.DataFrame) -> Coded:
        """Rows of events (NETWORK columns, without `rejected`); what has no `at` is idle."""
        idle = events["at"].is_null().sum()
        events = events.filter(pl.col("at").is_not_null()) if idle else events
        coded = self._room(events.height)
        arrays = coded.arrays
        slots = (events["at"].to_physical() // _SLOT_MICROS).cast(pl.Int32).to_numpy()
        arrays["time"][:] = self.meaning.of["time"].numbers(np.ascontiguousarray(slots))
        for slot, column in _COLUMNS.items():
            arrays[slot][:] = self.meaning.of[slot].places(events[column])
        marks = np.zeros((events.height, 5), np.uint32)
        for i, column in enumerate(("evidence", "action")):
            marks[:, i + 1] = self.meaning.marks.places(events[column])
        arrays["mark"][:] = self.meaning.of["mark"].numbers(marks)
        for slot, column in (("up", "bytes_up"), ("down", "bytes_down")):
            arrays[slot][:] = events[column].fill_null(-1).to_numpy()
        arrays["flow"][:] = hashes(events["flow"], self._flow_key)
        coded.rows.rows, coded.rows.idle = events.height, idle
        self._told(b"", coded)
        return coded

    def _room(self, count: int) -> Coded:
        rows = Rows()
        slots = (*TEXTS, "mark")
        arrays = {name: self.scratch.array(name, count, np.uint32) for name in slots}
        arrays |= {name: self.scratch.array(name, count, dtype) for name, dtype in _ARRAYS.items()}
        for i, slot in enumerate(slots):
            rows.of[i], rows.code[i] = self.meaning.of[slot].pointer, arrays[slot].ctypes.data
            rows.cost[i] = COSTS[slot]
        rows.marks = self.meaning.marks.pointer
        rows.most = min(BYTES_MAX, self.meaning.cost + PIECE)
        for name in _ARRAYS:
            setattr(rows, name, arrays[name].ctypes.data)
        return Coded(
            rows, arrays, self.scratch.array("thing", count, np.uint32), self.scratch.array("state", count, np.uint8)
        )

    def _told(self, data: Data, coded: Coded) -> None:
        """Ask about what is new, then say what each row is about."""
        self.meaning.ask()
        pointers = self.meaning.pointers()
        there = self.meaning.destinations
        checked(
            self._library.tell(
                address(data), len(data), ctypes.byref(pointers), ctypes.byref(coded.rows), there.things.pointer,
                coded.thing.ctypes.data, coded.state.ctypes.data,
            )
        )  # fmt: skip
        there.ask()


def _is_utf8(data: Data) -> bool:
    try:
        str(data, "utf-8")
    except UnicodeDecodeError:
        return False
    return True


_COLUMNS = {
    "account": "account_raw", "client": "client_raw", "name": "host", "address": "address",
    "application": "application", "agent": "agent_raw",
}  # fmt: skip
_ARRAYS = {
    "up": np.int64, "down": np.int64, "flow": np.uint64, "start": np.uint32, "line": np.uint32,
    "odd_start": np.uint32, "odd_end": np.uint32, "odd_line": np.uint32,
}  # fmt: skip
