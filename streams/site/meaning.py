"""What the distinct texts of one layout mean, in tables that compiled code looks places up in; each is asked about once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from connectors.native.distinct import Distinct, Table
from connectors.native.library import Tables
from connectors.native.plan import SLOT_SECONDS, TEXTS, JsonLines, Quick, quarters
from detectors.site.program import follows_links, is_program
from schemas.events import EVIDENCE
from streams.site.books import Books
from streams.site.columns import days
from streams.site.destinations import Destinations

SLOT = timedelta(seconds=SLOT_SECONDS)
"""Length of the longest stretch of time that is looked up at once."""
COSTS = {
    "time": 70, "account": 110, "client": 110, "name": 420, "address": 300, "application": 120, "agent": 100, "mark": 60,
}  # fmt: skip
"""Bytes that a distinct value takes beside its text, with what is known of it."""
_THING = 250
BYTES_MAX = 96 * 1024 * 1024
"""Bytes that a lane may remember; then it is given up for a new start, in the middle of a block where need be."""
PIECE = BYTES_MAX // 2
"""Bytes that one piece of a block may add to that: what is made of a piece takes as much again."""
STEP = 16_384
"""Texts that are asked about at a time: what that takes is gone with the answer."""

_SLOT_MICROS = SLOT_SECONDS * 1_000_000
_PROGRAM, _FOLLOWS = 1, 2


def as_it_is(texts: pl.Series) -> pl.Series:
    """For texts that are canonical already."""
    return texts


EVENTS = Quick(
    lines=JsonLines({}, ()),
    times=quarters,
    marks=lambda marks: marks.with_columns(odd=pl.lit(value=False)),
    names=lambda hosts: pl.DataFrame({"host": hosts, "address": hosts.clear(len(hosts))}),
    addresses=as_it_is,
)
"""What the columns of NETWORK events mean: what they say."""


class Meaning:
    """Distinct values of one layout and what they mean. One thread at a time."""

    def __init__(self, quick: Quick, books: Books, latest: datetime | None = None) -> None:
        """`latest`: a record later than this is read the long way, which rejects it; None where that has been done."""
        self.quick, self.books, self.latest = quick, books, latest
        self.of = {slot: Distinct() for slot in (*TEXTS, "mark")}
        self.marks = Distinct()
        self.tables: dict[str, Table] = {name: Table(null, dtype) for name, (null, dtype) in _TABLES.items()}
        self.starts = Table(0, np.int64)
        """When the stretch of time begins that a place of `time` stands for: seconds since 1970, at a quarter of an hour."""
        self.destinations = Destinations(quick, books, self.of, self.tables)
        self.slots = Distinct()
        """Day, unit, view and kind of sums, as one number (sums.c)."""
        self._by_slots = quick is EVENTS or any(take.op == "epoch" for kind in quick.lines.kinds for take in kind.takes)
        self._said: list[str | None] = [None]

    @property
    def full(self) -> bool:
        """Who remembers too much is given up."""
        things = _THING * len(self.destinations.things) + COSTS["mark"] * len(self.slots)
        return self.cost + things > BYTES_MAX

    @property
    def cost(self) -> int:
        """Bytes that the texts take, with what is known of them; compiled code counts the same."""
        return sum(len(table) * COSTS[slot] + 2 * table.size for slot, table in self.of.items())

    def ask(self) -> None:
        """Ask about every text that is new."""
        for slot, describe in self._describers.items():
            while (first := self.tables[_FIRST[slot]].length - 1) < len(self.of[slot]):
                describe(first, min(first + STEP, len(self.of[slot])))

    def pointers(self) -> Tables:
        """The tables as compiled code reads them; they hold until something new is asked about."""
        pointers = Tables()
        for name, table in self.tables.items():
            setattr(pointers, name, table.pointer)
        return pointers

    @property
    def _describers(self) -> dict[str, Callable[[int, int], None]]:
        there = self.destinations
        return {
            "time": self._times, "mark": self._marks, "account": self._actors, "client": self._clients,
            "agent": self._agents, "name": there.names, "address": there.places, "application": there.applications,
        }  # fmt: skip

    def _add(self, **columns: npt.NDArray[Any]) -> None:
        for name, values in columns.items():
            self.tables[name].add(values)

    def _times(self, first: int, end: int) -> None:
        table = self.of["time"]
        starts = (
            pl.Series(table.words(first, 1, end)[:, 0].view(np.int32))
            if self._by_slots
            else _series(table.texts(first, end))
        )
        at = self.quick.times(starts)
        late = at.is_null()
        if self.latest is not None:
            late |= ~at.is_between(self.books.earliest, self.latest - SLOT).fill_null(value=False)
        at = at.fill_null(self.books.earliest)
        self.starts.add(at.to_physical().to_numpy() // _SLOT_MICROS * SLOT_SECONDS)
        self._add(day=days(at), day_odd=late.to_numpy())

    def _marks(self, first: int, end: int) -> None:
        self._said += self.marks.texts(len(self._said) - 1)
        names = self.quick.marked or [("evidence", "action")]
        columns = {name: pl.String for values in names for name in values}
        rows = [
            {"kind": int(kind), **dict(zip(names[kind], (self._said[place] for place in places), strict=False))}
            for kind, *places in self.of["mark"].words(first, 5, end).tolist()
        ]
        said = self.quick.marks(pl.DataFrame(rows, schema={"kind": pl.Int64, **columns}))
        view = said["evidence"].replace_strict(
            {name: i for i, name in enumerate(EVIDENCE)}, default=-1, return_dtype=pl.Int8
        )
        blocked = (said["action"] == "blocked").fill_null(value=False)
        self._add(view=view.to_numpy(), blocked=blocked.to_numpy(), mark_odd=said["odd"].to_numpy())

    def _actors(self, first: int, end: int) -> None:
        words, units = self.books.account(self.quick.accounts(_series(self.of["account"].texts(first, end))))
        self._add(account_word=words, account_unit=units)

    def _clients(self, first: int, end: int) -> None:
        words, units = self.books.client(_series(self.of["client"].texts(first, end)))
        self._add(client_word=words, client_unit=units)

    def _agents(self, first: int, end: int) -> None:
        agents = self.quick.agents(_series(self.of["agent"].texts(first, end)))
        program, follows = is_program(agents).to_numpy() & self.books.programs, follows_links(agents).to_numpy()
        self._add(agent=program * np.uint8(_PROGRAM) + follows * np.uint8(_FOLLOWS))


def _series(texts: list[str]) -> pl.Series:
    return pl.Series(texts, dtype=pl.String)


_TABLES = {
    "day": (0, np.int32), "day_odd": (0, np.uint8), "view": (-1, np.int8), "blocked": (0, np.uint8),
    "mark_odd": (0, np.uint8), "account_word": (0, np.uint64), "client_word": (0, np.uint64),
    "account_unit": (-1, np.int32), "client_unit": (-1, np.int32), "agent": (0, np.uint8), "name": (0, np.uint8),
    "address": (0, np.uint8), "application": (0, np.uint8), "thing_name": (0, np.uint64), "thing_domain": (0, np.uint64),
    "thing_bucket": (0, np.uint8), "thing_never": (0, np.uint8),
    "name_thing": (0, np.uint32), "address_thing": (0, np.uint32),
}  # fmt: skip
"""Value of null, and type."""
_FIRST = {
    "time": "day", "mark": "view", "account": "account_word", "client": "client_word", "agent": "agent", "name": "name",
    "address": "address", "application": "application",
}  # fmt: skip
