"""One thread's way from raw lines or events to rows of small numbers; each distinct text is asked about once.

Compiled code finds the values, gives each distinct one a place and adds up; what a text means is said here, by the
connector and the site's books, in tables that the compiled code looks places up in.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from connectors.native.distinct import (
    PLAIN_ADDRESS,
    PLAIN_NAME,
    PRIVATE,
    Distinct,
    Table,
    address,
    count_lines,
    hashes,
    is_ascii,
)
from connectors.native.library import Rows, Tables, checked, library
from connectors.native.plan import SLOT_SECONDS, TEXTS, JsonLines, Quick, compiled, quarters
from detectors.site.program import follows_links, is_program
from schemas.events import EVIDENCE
from streams.site.blocks import Data
from streams.site.books import Books
from streams.site.columns import days, private
from streams.site.rows import NAMES

SLOT = timedelta(seconds=SLOT_SECONDS)
"""Length of the longest stretch of time that is looked up at once."""
BYTES_MAX = 64 * 1024 * 1024
"""Bytes of distinct values after which a lane is given up for a new one."""

_SLOT_MICROS = SLOT // timedelta(microseconds=1)
_HOSTED, _ADDRESSED, _PRIVATE, _STRANGE = 1, 2, 4, 8
_PROGRAM, _FOLLOWS = 1, 2
_OF_NAME = 1 << 31


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


@dataclass
class Coded:
    """Rows of one block in small numbers."""

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
    """Distinct values of one layout and their meaning. One thread at a time."""

    def __init__(self, quick: Quick, books: Books, latest: datetime | None = None) -> None:
        """`latest`: a record later than this is read the long way, which rejects it; None where that has been done."""
        self.quick, self.books, self.latest = quick, books, latest
        self._library = library()
        self.of = {slot: Distinct() for slot in (*TEXTS, "mark")}
        self.marks, self.things = Distinct(), Distinct()
        self.by_slots = quick is EVENTS or any(take.op == "epoch" for kind in quick.lines.kinds for take in kind.takes)
        self._flow_key = books.key.words_key("flow")
        self._domain_key = books.key.words_key("domain")
        self._plan, self._tree = compiled(quick.lines, (int(self._flow_key[0]), int(self._flow_key[1])))
        self.tables: dict[str, Table] = {name: Table(null, dtype) for name, (null, dtype) in _TABLES.items()}
        self.described = pl.DataFrame(schema=NAMES)
        """NAMES columns of each thing."""
        self._known = books.names.hosts(pl.Series([None], dtype=pl.String))
        """What is known of names and addresses, row by row; the first row of nothing."""
        self._hosts, self._of_names, self._addresses, self._labels = (
            pl.Series([None], dtype=pl.String) for _ in range(4)
        )
        self._said: list[str | None] = [None]

    @property
    def full(self) -> bool:
        """A lane that remembers too much is given up."""
        every = [*self.of.values(), self.things]
        return max(map(len, every)) > self.books.limit or sum(table.size for table in every) > BYTES_MAX

    def read(self, data: Data) -> Coded:
        """Rows of raw lines; lines that need the long way are `odd`."""
        self._plan.utf8 = is_ascii(data) or _is_utf8(data)
        coded = self._room(count_lines(data) + 1)
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
        arrays["time"][:] = self.of["time"].numbers(np.ascontiguousarray(slots))
        for slot, column in _COLUMNS.items():
            arrays[slot][:] = self.of[slot].places(events[column])
        marks = np.zeros((events.height, 5), np.uint32)
        for i, column in enumerate(("evidence", "action")):
            marks[:, i + 1] = self.marks.places(events[column])
        arrays["mark"][:] = self.of["mark"].numbers(marks)
        for slot, column in (("up", "bytes_up"), ("down", "bytes_down")):
            arrays[slot][:] = events[column].fill_null(-1).to_numpy()
        arrays["flow"][:] = hashes(events["flow"], self._flow_key)
        coded.rows.rows, coded.rows.idle = events.height, idle
        self._told(b"", coded)
        return coded

    def _room(self, count: int) -> Coded:
        rows = Rows()
        arrays: dict[str, npt.NDArray[Any]] = {}
        for i, slot in enumerate((*TEXTS, "mark")):
            rows.of[i] = self.of[slot].pointer
            arrays[slot] = np.empty(count, np.uint32)
            rows.code[i] = arrays[slot].ctypes.data
        rows.marks = self.marks.pointer
        for name, dtype in _ARRAYS.items():
            arrays[name] = np.empty(count, dtype)
            setattr(rows, name, arrays[name].ctypes.data)
        return Coded(rows, arrays, np.empty(count, np.uint32), np.empty(count, np.uint8))

    def _told(self, data: Data, coded: Coded) -> None:
        """Ask about what is new, then say what each row is about."""
        for slot, describe in self._describers.items():
            first = self.tables[_FIRST[slot]].length - 1
            if first < len(self.of[slot]):
                describe(first)
        pointers = self.pointers()
        checked(
            self._library.tell(
                address(data), len(data), ctypes.byref(pointers), ctypes.byref(coded.rows), self.things.pointer,
                coded.thing.ctypes.data, coded.state.ctypes.data,
            )
        )  # fmt: skip
        if self.described.height < len(self.things):
            self._things(self.described.height)

    def pointers(self) -> Tables:
        """The tables as compiled code reads them; they hold until something new is asked about."""
        pointers = Tables()
        for name, table in self.tables.items():
            if not name.endswith("_row"):
                setattr(pointers, name, table.pointer)
        return pointers

    @property
    def _describers(self) -> dict[str, Callable[[int], None]]:
        return {
            "time": self._times, "mark": self._marks, "account": self._actors, "client": self._clients,
            "agent": self._agents, "name": self._names, "address": self._places, "application": self._applications,
        }  # fmt: skip

    def _add(self, **columns: npt.NDArray[Any]) -> None:
        for name, values in columns.items():
            self.tables[name].add(values)

    def _times(self, first: int) -> None:
        table = self.of["time"]
        starts = pl.Series(table.words(first, 1)[:, 0].view(np.int32)) if self.by_slots else table.texts(first)
        at = self.quick.times(starts)
        late = at.is_null()
        if self.latest is not None:
            late |= ~at.is_between(self.books.earliest, self.latest - SLOT).fill_null(value=False)
        self._add(day=days(at.fill_null(self.books.earliest)), day_odd=late.to_numpy())

    def _marks(self, first: int) -> None:
        self._said += self.marks.texts(len(self._said) - 1).to_list()
        names = self.quick.marked or [("evidence", "action")]
        columns = {name: pl.String for values in names for name in values}
        rows = [
            {"kind": int(kind), **dict(zip(names[kind], (self._said[place] for place in places), strict=False))}
            for kind, *places in self.of["mark"].words(first, 5).tolist()
        ]
        said = self.quick.marks(pl.DataFrame(rows, schema={"kind": pl.Int64, **columns}))
        view = said["evidence"].replace_strict(
            {name: i for i, name in enumerate(EVIDENCE)}, default=-1, return_dtype=pl.Int8
        )
        blocked = (said["action"] == "blocked").fill_null(value=False)
        self._add(view=view.to_numpy(), blocked=blocked.to_numpy(), mark_odd=said["odd"].to_numpy())

    def _actors(self, first: int) -> None:
        known = self.books.account(self.quick.accounts(self.of["account"].texts(first)))
        self._add(account_word=known["word"].to_numpy(), account_unit=known["unit"].to_numpy())

    def _clients(self, first: int) -> None:
        known = self.books.client(self.of["client"].texts(first))
        self._add(client_word=known["word"].to_numpy(), client_unit=known["unit"].to_numpy())

    def _agents(self, first: int) -> None:
        agents = self.quick.agents(self.of["agent"].texts(first))
        program, follows = is_program(agents).to_numpy(), follows_links(agents).to_numpy()
        self._add(agent=program * np.uint8(_PROGRAM) + follows * np.uint8(_FOLLOWS))

    def _names(self, first: int) -> None:
        texts, table = self.of["name"].texts(first), self.of["name"]
        kinds, _ = table.look(first, self._domain_key)
        plain = (kinds == PLAIN_NAME) & self.quick.bare
        odd = ~plain
        host, address = texts, texts.clear(len(texts))
        flags, rows = plain * np.uint8(_HOSTED), np.zeros(len(plain), np.int64)
        if odd.any():
            read = self.quick.names(texts.filter(odd))
            host, address = (
                host.scatter(np.flatnonzero(odd), read["host"]),
                address.scatter(np.flatnonzero(odd), read["address"]),
            )
            flags[odd] = read["host"].is_not_null().to_numpy() * np.uint8(_HOSTED) + _flags(read["address"])
            if "odd" in read.columns:
                flags[odd] += read["odd"].to_numpy() * np.uint8(_STRANGE)
            rows[odd] = self._met(self.books.names.hosts(read["host"]))
            bare = read["address"].is_not_null().to_numpy()
            if bare.any():
                rows[np.flatnonzero(odd)[bare]] = self._met(self.books.names.addresses(read["address"].drop_nulls()))
        if plain.any():
            rows[plain] = self._met(self.books.names.plain_hosts(texts.filter(plain).to_list()))
        self._hosts.append(host)
        self._of_names.append(address)
        self._add(name=flags, name_row=rows)

    def _places(self, first: int) -> None:
        texts, table = self.of["address"].texts(first), self.of["address"]
        kinds, words = table.look(first, self._domain_key)
        plain = (kinds & PLAIN_ADDRESS > 0) & self.quick.bare & (not self.books.names.ranged)
        odd, address = ~plain, texts
        flags, rows = np.uint8(_ADDRESSED) + (kinds & PRIVATE), np.zeros(len(plain), np.int64)
        if odd.any():
            read = self.quick.addresses(texts.filter(odd))
            address = texts.scatter(np.flatnonzero(odd), read)
            flags[odd] = _flags(read)
            rows[odd] = self._met(self.books.names.addresses(read))
        if plain.any():
            rows[plain] = self._met(self.books.names.plain_addresses(texts.filter(plain), words[plain]))
        self._addresses.append(address)
        self._add(address=flags, address_row=rows)

    def _met(self, known: pl.DataFrame) -> npt.NDArray[np.int64]:
        """Remember what is known of names; gives their rows."""
        first = self._known.height
        self._known = self._known.vstack(known)
        return np.arange(first, self._known.height)

    def _applications(self, first: int) -> None:
        read = self.quick.applications(self.of["application"].texts(first))
        self._labels.append(read)
        self._add(application=read.is_not_null().to_numpy())

    def _things(self, first: int) -> None:
        host, place, label = self.things.words(first, 3).astype(np.int64).T
        of_name = place & ~_OF_NAME
        from_name = place >= _OF_NAME
        names, addresses = self.tables["name_row"].array, self.tables["address_row"].array
        bare = np.where(from_name, names[np.where(from_name, of_name, 0)], addresses[np.where(from_name, 0, place)])
        rows = np.where(host > 0, names[host], bare)
        if (label > 0).any():
            at = label > 0
            address = pl.DataFrame(
                {"name": self._of_names.gather(np.where(from_name, of_name, 0)[at]),
                 "place": self._addresses.gather(np.where(from_name, 0, place)[at])}
            )  # fmt: skip
            values = pl.DataFrame(
                {
                    "host": self._hosts.gather(host[at]),
                    "address": address.select(pl.coalesce("name", "place")).to_series(),
                    "application": self._labels.gather(label[at]),
                }
            )
            rows[at] = self._met(self.books.names.rows(values))
        known = self._known[rows]
        self._add(
            thing_name=known["name"].to_numpy(), thing_domain=known["domain_word"].to_numpy(),
            thing_bucket=known["bucket"].to_numpy(), thing_never=known["never"].to_numpy(),
        )  # fmt: skip
        self.described = self.described.vstack(known.select(self.described.columns))


def _flags(addresses: pl.Series) -> npt.NDArray[np.uint8]:
    flags: npt.NDArray[np.uint8] = addresses.is_not_null().to_numpy() * np.uint8(_ADDRESSED)
    flags += private(addresses).to_numpy() * np.uint8(_PRIVATE)
    return flags


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
_TABLES = {
    "day": (0, np.int32), "day_odd": (0, np.uint8), "view": (-1, np.int8), "blocked": (0, np.uint8),
    "mark_odd": (0, np.uint8), "account_word": (0, np.uint64), "client_word": (0, np.uint64),
    "account_unit": (-1, np.int32), "client_unit": (-1, np.int32), "agent": (0, np.uint8), "name": (0, np.uint8),
    "address": (0, np.uint8), "application": (0, np.uint8), "thing_name": (0, np.uint64), "thing_domain": (0, np.uint64),
    "thing_bucket": (0, np.uint8), "thing_never": (0, np.uint8),
    "name_row": (0, np.int64), "address_row": (0, np.int64),
}  # fmt: skip
"""Value of null, and type."""
_FIRST = {
    "time": "day", "mark": "view", "account": "account_word", "client": "client_word", "agent": "agent", "name": "name",
    "address": "address", "application": "application",
}  # fmt: skip
