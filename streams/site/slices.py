"""A slice of the names with their rows: first what the names are, then only rows of names that somebody asks for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from streams.site.arrays import Array, Flags, Numbers, Words, added, below, wide, with_null
from streams.site.cap import beyond, crowded
from streams.site.keys import SiteKey
from streams.site.rows import NAMES
from streams.site.table import PER_ROW, PROGRAM, SLOT, TOTALS, Table, slots_of

MOST = 2_000_000
"""Rows of a slice that are counted together; of a slice with more one share of the actors is counted after the other."""
_HIGH = np.uint64(48)


@dataclass(frozen=True)
class Rows:
    """Some rows of a slice."""

    name: Array
    """Place of the name among those that were asked for."""
    slot: Array
    """Place of unit, view, kind and day in the slice's `slots`."""
    actor: Words
    """Pseudonym; 0 is nobody."""
    events: Array
    blocked: Array
    bytes_up: Array
    bytes_down: Array
    """As `without_null` gives them."""
    flags: Array
    """PROGRAM and INTERNAL."""

    def __len__(self) -> int:
        return len(self.name)

    def where(self, meets: Flags) -> "Rows":
        """The rows that meet a condition."""
        if meets.all():
            return self
        return Rows(*(column[meets] for column in vars(self).values()))


@dataclass(frozen=True)
class Slice:
    """All rows of some names."""

    names: pl.DataFrame
    """NAMES of the slice; a name is its place here."""
    slots: pl.DataFrame
    """Unit, view, kind and day of each slot (as in WINDOW), and TOTALS of its rows."""
    added: pl.DataFrame
    """NAMES that the cap on names of a domain has made."""
    _tables: Sequence[tuple[Table, Numbers, Numbers]]
    """Each with the place of its names in `names` (-1: of a crowded domain) and of its slots in `slots`."""
    _moved: Rows | None
    """Rows of crowded domains, under the names that count."""

    @classmethod
    def of(cls, tables: Sequence[Table], names: pl.DataFrame, key: SiteKey) -> "Slice":
        """Of tables that hold all rows of their names; `names` is ordered by name."""
        all_names = names["name"].to_numpy()
        found = [np.searchsorted(all_names, table.columns["name"]) for table in tables]
        occurs = np.zeros(len(all_names), dtype=np.bool_)
        for at in found:
            occurs[at] = True
        here = names if occurs.all() else names.filter(pl.Series(occurs))
        local = np.cumsum(occurs) - 1
        slots, slot_of = _slots(tables)
        placed = [(table, local[at], slot) for table, at, slot in zip(tables, found, slot_of, strict=True)]
        full = crowded(here)
        if not full.any():
            return cls(here, slots, here.clear(), placed, None)
        rows = _taken(placed, full.to_numpy(), lambda _: None)
        moved, new = _capped(rows, here, slots, key)
        hidden = full.to_numpy()
        placed = [(table, np.where(hidden[at], -1, at), slot) for table, at, slot in placed]
        return cls(pl.concat([here, new]), slots, new, placed, moved)

    def signs(self) -> tuple[Numbers, Flags]:
        """Of each name the bytes that went up, and whether a program was seen."""
        count = self.names.height
        up, program = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.bool_)
        for table, at, _ in self._tables:
            stored, flags = table.columns["bytes_up"], table.columns["flags"]
            if stored.any():
                values = wide(with_null(stored)[0], table.rows)
                np.add.at(up, at, np.where(at < 0, 0, np.add.reduceat(values, table.ends[:-1])))
            if (flags & PROGRAM).any():
                seen = np.bitwise_or.reduceat(wide(flags, table.rows), table.ends[:-1])
                program[at[(at >= 0) & ((seen & PROGRAM) > 0)]] = True
        if self._moved is not None:
            up += added(self._moved.name, with_null(self._moved.bytes_up)[0], count)
            program[self._moved.name[(self._moved.flags & PROGRAM) > 0]] = True
        return up, program

    @property
    def shares(self) -> int:
        """Shares of the actors that are counted one after the other: the rows of an actor are in one."""
        rows = sum(table.rows for table, _, _ in self._tables) + (0 if self._moved is None else len(self._moved))
        return max(1, -(-rows // MOST))

    def rows(self, wanted: Flags, share: int = 0, shares: int = 1) -> Rows:
        """The rows of the names that are wanted (one flag a name), and of one share of the actors."""

        def meets(actor: Words) -> Flags | None:
            return None if shares == 1 else (actor >> _HIGH) * np.uint64(shares) >> np.uint64(16) == np.uint64(share)

        found = vars(_taken(self._tables, np.append(wanted, [False]), meets))
        if self._moved is not None:
            some, chosen = meets(self._moved.actor), wanted[self._moved.name]
            found = vars(_below([found, vars(self._moved.where(chosen if some is None else chosen & some))]))
        numbers = (np.cumsum(wanted) - 1).astype(np.int32)
        return Rows(**found | {"name": numbers[found["name"]]})


def _slots(tables: Sequence[Table]) -> tuple[pl.DataFrame, list[Numbers]]:
    """The distinct slots of all tables with their totals, and the place of each table's slots among them."""
    frame = slots_of(tables)
    slots = frame.group_by(SLOT, maintain_order=True).agg(pl.col(TOTALS).sum())
    place = frame.join(slots.with_row_index("place"), on=SLOT, how="left", maintain_order="left")["place"].to_numpy()
    ends = np.cumsum([len(table.columns["unit"]) for table in tables])
    return slots, [part.astype(np.int64) for part in np.split(place, ends[:-1])]


def _taken(
    tables: Sequence[tuple[Table, Numbers, Numbers]], wanted: Flags, meets: Callable[[Words], Flags | None]
) -> Rows:
    """The rows of the names that are wanted; the last flag stands for names that lie elsewhere."""
    parts: list[dict[str, Array]] = []
    for table, at, slot in tables:
        chosen = wanted[at]
        if not chosen.any():
            continue
        counts = table.counts
        rows = None if chosen.all() else np.flatnonzero(np.repeat(chosen, counts))
        columns = {name: wide(table.columns[name], table.rows) for name in PER_ROW}
        part = {name: column if rows is None else column[rows] for name, column in columns.items()}
        part["slot"] = slot.astype(np.int32)[part["slot"]]
        part = {"name": np.repeat(at[chosen], counts[chosen]).astype(np.int32)} | part
        some = meets(part["actor"].view(np.uint64))
        parts.append(part if some is None else {name: column[some] for name, column in part.items()})
    return _below(parts)


def _below(parts: Sequence[dict[str, Array]]) -> Rows:
    """Rows one below the other."""
    parts = [part for part in parts if len(part["name"])]
    if not parts:
        none: Array = np.zeros(0, dtype=np.uint8)
        return Rows(*(none,) * (len(PER_ROW) + 1))
    stacked = {"bytes_up": below, "bytes_down": below}
    return Rows(*(stacked.get(name, np.concatenate)([part[name] for part in parts]) for name in parts[0]))


def _capped(rows: Rows, names: pl.DataFrame, slots: pl.DataFrame, key: SiteKey) -> tuple[Rows, pl.DataFrame]:
    """Rows of crowded domains with the names beyond the cap replaced, and the NAMES that are new by that."""
    day = slots["day"].to_physical().to_numpy()[rows.slot]
    first, days = int(day.min()), int(day.max()) - int(day.min()) + 1
    pairs = rows.name.astype(np.int64) * days + (day - first)
    distinct, place = np.unique(pairs, return_inverse=True)
    name, at_day = np.divmod(distinct, days)
    seen = pl.DataFrame(
        {"name": names["name"].gather(name), "day": pl.Series(at_day + first, dtype=pl.Int32).cast(pl.Date)}
    )
    moved, whole = beyond(seen, names, key)
    new = whole.join(names, on="name", how="anti").select(NAMES.names())
    numbers = pl.concat([names.select("name"), new.select("name")]).with_row_index("place")
    placed = (
        seen.join(moved, on=["name", "day"], how="left", maintain_order="left")
        .select(name=pl.coalesce("whole", "name"))
        .join(numbers, on="name", how="left", maintain_order="left")
    )
    given = placed["place"].to_numpy().astype(np.int32)[place]
    return Rows(given, *list(vars(rows).values())[1:]), new
