"""Flows and hosts that wait for each other, as they are stored, and joined to window rows by connection.

Both lie in the order of their connection, a keyed hash: so a slice of connections is a range of each run, and finding the
host of a flow walks through memory once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from schemas.events import EVIDENCE
from schemas.observation import ACTOR_KINDS
from streams.site.arrays import (
    Array,
    Flags,
    Numbers,
    Words,
    below,
    distinct,
    narrow,
    opened,
    places,
    wide,
    written,
)
from streams.site.flows import DNS, best
from streams.site.table import BYTES, PER_ROW, SLOT, Table, coded, cut, slotted, taken

_SHIFT = np.uint64(59)
"""The highest five bits of a connection's hash say in which of the BUCKETS slices it lies."""
_HOST = ("name", "domain", "bucket", "rank", "kind")
_KINDS = len(ACTOR_KINDS)
FLOW = ("flow", "place", *PER_ROW)
"""Columns with a number a row, or one for all."""


@dataclass(frozen=True)
class Connections:
    """Flows or hosts in the order of their connection."""

    units: Sequence[str]
    columns: dict[str, Array]
    """`flow` of each row, `place` of its name (of what is said) among the distinct ones; of a flow PER_ROW and its slots,
    of a host `actor`."""

    @classmethod
    def read(cls, data: bytes) -> "Connections":
        """Of what `written` gave."""
        return cls(*opened(data))

    def written(self) -> bytes:
        """As bytes, not yet sealed."""
        return written(self.units, self.columns)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.columns["flow"])

    def part(self, buckets: range) -> "Connections | None":
        """The rows of some slices; None when there are none."""
        bounds = np.array([buckets.start, buckets.stop - 1], dtype=np.uint64) << _SHIFT
        bounds[1] |= (np.uint64(1) << _SHIFT) - np.uint64(1)
        flow = self.columns["flow"]
        rows = slice(np.searchsorted(flow, bounds[0]), np.searchsorted(flow, bounds[1], side="right"))
        if rows.start == rows.stop:
            return None
        if rows.stop - rows.start == len(flow):
            return self
        columns = {name: cut(values, rows) if name in FLOW else values for name, values in self.columns.items()}
        return Connections(self.units, columns)

    def small(self) -> "Connections":
        """The same without names and slots that do not occur, to be written by itself."""
        columns, count = dict(self.columns), self.rows
        groups = [("place", [name for name in _HOST if (name in columns and len(columns[name]) > 1) or name == "name"])]
        if "slot" in columns:
            groups = [("place", ["name", "bucket"]), ("slot", list(SLOT))]
        for place, told in groups:
            numbers, present = places(wide(columns[place], count), len(columns[told[0]]))
            columns |= {name: columns[name][present] for name in told} | {place: narrow(numbers)}
        return Connections(self.units, columns)


def together(parts: Sequence[Connections]) -> Connections:
    """Rows of several runs of one kind as one."""
    columns: dict[str, Array] = {}
    for name in ("flow", "actor", "events", "blocked", "flags"):
        if name in parts[0].columns:
            columns[name] = np.concatenate([wide(part.columns[name], part.rows) for part in parts])
    order = np.argsort(columns["flow"])
    columns |= _united(parts, "place", ("name", "bucket") if "slot" in parts[0].columns else _HOST)
    units = sorted({unit for part in parts for unit in part.units})
    if units:
        at = {unit: place for place, unit in enumerate(units)}
        own = [np.array([at[unit] for unit in part.units])[part.columns["unit"]] for part in parts]
        placed = [Connections(units, part.columns | {"unit": unit}) for part, unit in zip(parts, own, strict=True)]
        columns |= _united(placed, "slot", SLOT)
        for name in BYTES:
            columns[name] = below([wide(part.columns[name], part.rows) for part in parts])
    per_row = [name for name in FLOW if name in columns]
    return Connections(units, columns | {name: taken(columns[name], order) for name in per_row})


def _united(parts: Sequence[Connections], place: str, told: Sequence[str]) -> dict[str, Array]:
    """Places of the rows among the distinct combinations of what is told of a place, and these."""
    sizes = [len(part.columns[told[0]]) for part in parts]
    every = [
        np.concatenate([wide(part.columns[name], n) for part, n in zip(parts, sizes, strict=True)]) for name in told
    ]
    known = np.unique(np.rec.fromarrays(every), return_index=True, return_inverse=True)
    starts = np.cumsum([0, *sizes])
    rows = [
        known[2][wide(part.columns[place], part.rows).astype(np.int64) + start]
        for part, start in zip(parts, starts, strict=False)
    ]
    return {name: values[known[1]] for name, values in zip(told, every, strict=True)} | {
        place: narrow(np.concatenate(rows))
    }


def flows_of(frame: pl.DataFrame) -> Connections:
    """Of a frame with FLOW columns."""
    units, rows = coded(frame)
    order = np.argsort(frame["flow"].to_numpy())
    name, first, place = distinct(rows["name"])
    columns = slotted({column: rows[column] for column in SLOT}, frame.height)
    columns |= {column: rows[column] for column in PER_ROW[1:]} | {
        "place": narrow(place),
        "flow": frame["flow"].to_numpy(),
    }
    columns |= {column: taken(columns[column], order) for column in FLOW}
    return Connections(units, columns | {"name": name, "bucket": rows["bucket"][first]})


def hosts_of(frame: pl.DataFrame) -> Connections:
    """Of a frame with HOST columns."""
    order = np.argsort(frame["flow"].to_numpy())
    name, first, place = distinct(frame["name"].to_numpy())
    rank, kind = (frame[column].to_physical().to_numpy() for column in ("rank", "kind"))
    key = (place * (int(rank.max()) + 1) + rank) * (int(kind.max()) + 1) + kind
    place, keys = places(key, int(key.max()) + 1)
    rest, kind = np.divmod(keys, int(kind.max()) + 1)
    at, rank = np.divmod(rest, int(rank.max()) + 1)
    said: dict[str, Array] = {"name": name[at], "rank": rank.astype(np.uint8), "kind": kind.astype(np.uint8)}
    said |= {column: frame[column].to_numpy()[first][at] for column in ("domain", "bucket")}
    actor = frame["actor"].fill_null(0).to_numpy()
    return Connections(
        (),
        said | {"flow": frame["flow"].to_numpy()[order], "place": taken(narrow(place), order), "actor": actor[order]},
    )


def joined(flows: Sequence[Connections], hosts: Sequence[Connections]) -> Table | None:
    """Window rows of flows: with the host of their connection where exactly one domain speaks for it, else by address."""
    if not flows:
        return None
    heard = _heard(hosts)
    units = sorted({unit for run in flows for unit in run.units})
    parts = [_named(run, heard, units) for run in flows]
    starts = np.cumsum([0, *(len(slots["unit"]) for slots, _ in parts)])
    for start, (_, rows) in zip(starts, parts, strict=False):
        rows["slot"] = rows["slot"] + np.int32(start)
    slots = {name: np.concatenate([part[name] for part, _ in parts]) for name in SLOT}
    place = slotted(slots, int(starts[-1]))
    columns: dict[str, Array] = {}
    for name in parts[0][1]:
        arrays = [rows[name] for _, rows in parts]
        columns[name] = below(arrays) if name in {"bytes_up", "bytes_down"} else np.concatenate(arrays)
    columns["slot"], occurs = places(wide(place.pop("slot"), int(starts[-1]))[columns["slot"]], len(place["unit"]))
    return Table.ordered(units, {name: values[occurs] for name, values in place.items()}, columns)


@dataclass(frozen=True)
class _Heard:
    """What connections said, one row a connection, in order."""

    flow: Words
    place: Array
    actor: Words
    said: dict[str, Array]
    """By place: _HOST, and which `variant` of a flow's slot counts."""
    nothing: bool = False
    """The one row is a placeholder."""


def _heard(hosts: Sequence[Connections]) -> _Heard:
    if not hosts:
        none = np.zeros(1, dtype=np.uint64)
        nobody: dict[str, Array] = {"name": none, "bucket": none.astype(np.uint8), "variant": none.astype(np.uint8)}
        return _Heard(none, none.astype(np.int32), none, nobody, nothing=True)
    said = {name: np.concatenate([run.columns[name] for run in hosts]) for name in _HOST}
    starts = np.cumsum([0, *(len(run.columns["name"]) for run in hosts)])
    flow = np.concatenate([run.columns["flow"] for run in hosts])
    place = np.concatenate(
        [
            wide(run.columns["place"], run.rows).astype(np.int32) + np.int32(start)
            for run, start in zip(hosts, starts, strict=False)
        ]
    )
    actor = np.concatenate([run.columns["actor"] for run in hosts])
    if len(hosts) > 1:
        order = np.argsort(flow)
        flow, place, actor = flow[order], place[order], actor[order]
    again: Flags = np.concatenate([[False], flow[1:] == flow[:-1]])
    if again.any():
        shared = again | np.concatenate([again[1:], [False]])
        kept = ~shared
        kept[_spoken(np.flatnonzero(shared), flow, place, actor, said)] = True
        if not kept.any():
            return _heard(())
        flow, place, actor = flow[kept], place[kept], actor[kept]
    # flows without host have a slot of their own before these
    said["variant"] = (1 + 2 * said["kind"] + (said["rank"] == DNS)).astype(np.uint8)
    return _Heard(flow, place, actor, said)


def _spoken(rows: Numbers, flow: Words, place: Array, actor: Words, said: dict[str, Array]) -> Numbers:
    """Of the rows of connections that several records speak of, those that count."""
    at = place[rows]
    frame = pl.DataFrame(
        {"row": rows, "flow": flow[rows], "actor": actor[rows]} | {name: said[name][at] for name in _HOST}
    )
    return best(frame)["row"].to_numpy()


def _named(run: Connections, heard: _Heard, units: list[str]) -> tuple[dict[str, Array], dict[str, Array]]:
    """Slots and rows of one run: every slot once for flows without host, and once for each kind of host."""
    columns, count = run.columns, run.rows
    found = np.searchsorted(heard.flow, columns["flow"])
    found[found == len(heard.flow)] = 0
    hit = (heard.flow[found] == columns["flow"]) & (not heard.nothing)
    at = heard.place[found]
    own = wide(columns["place"], count)
    variants = 2 * _KINDS + 1
    old, new = np.divmod(np.arange(len(columns["unit"]) * variants), variants)
    kind, dns = np.divmod(new - 1, 2)
    slots: dict[str, Array] = {
        "unit": np.array([units.index(unit) for unit in run.units])[columns["unit"]][old],
        "view": np.where((new > 0) & (dns > 0), EVIDENCE.index("dns"), columns["view"][old]),
        "kind": np.where(new > 0, kind, columns["kind"][old]),
        "day": columns["day"][old],
    }
    rows = {name: wide(columns[name], count) for name in ("events", "blocked", "bytes_up", "bytes_down", "flags")}
    rows |= {name: np.where(hit, heard.said[name][at], columns[name][own]) for name in ("name", "bucket")}
    variant = np.where(hit, heard.said["variant"][at], 0)
    rows["slot"] = wide(columns["slot"], count).astype(np.int32) * np.int32(variants) + variant
    rows["actor"] = np.where(hit, heard.actor[found], columns["actor"])
    return slots, rows
