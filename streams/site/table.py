"""Window rows as arrays, as they are stored: ordered by bucket and name, so that what is nobody's business is passed over.

The order also forgets in which order records came: only names that follow from each other by number stand side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from streams.site.arrays import (
    UNKNOWN,
    Array,
    Flags,
    Numbers,
    added,
    fitted,
    narrow,
    opened,
    places,
    wide,
    with_null,
    without_null,
    written,
)  # fmt: skip
from streams.site.rows import KIND, UNIT, VIEW, WINDOW

PROGRAM, INTERNAL = 1, 2
"""Bits of `flags`."""
SLOT = ("unit", "view", "kind", "day")
"""What is told once for all rows that share it; `unit` is a place in the table's list of codes."""
TOTALS = ("rows", "events", "blocked", "bytes_up", "bytes_down", "known_up", "known_down")
PER_ROW = ("slot", "actor", "events", "blocked", "bytes_up", "bytes_down", "flags")
"""Columns with a number a row, or one for all. An actor of 0 is nobody; bytes as `without_null` gives them."""
BYTES = ("bytes_up", "bytes_down")
_TOP, _LOW = np.uint64(59), np.uint64(5)
"""A bucket takes the five highest bits of the number that rows are ordered by."""


@dataclass(frozen=True)
class Table:
    """Rows in order of bucket and name."""

    units: Sequence[str]
    columns: dict[str, Array]
    """`name`, `bucket`, `count` of each name; SLOT and `sum_` + TOTALS of each slot; PER_ROW."""

    @classmethod
    def of(cls, units: Sequence[str], rows: dict[str, Array]) -> "Table":
        """Of rows in any order: `name`, `bucket`, the columns of SLOT, PER_ROW without `slot`."""
        slots = slotted({column: rows[column] for column in SLOT}, len(rows["name"]))
        return cls.ordered(units, slots, rows | {"slot": slots.pop("slot")})

    @classmethod
    def ordered(cls, units: Sequence[str], slots: dict[str, Array], rows: dict[str, Array]) -> "Table":
        """Of the columns of SLOT, each slot once, and rows in any order: `name`, `bucket`, PER_ROW."""
        name, bucket = rows["name"], wide(rows["bucket"], len(rows["name"]))
        order = np.argsort((name >> _LOW) | (bucket.astype(np.uint64) << _TOP))
        columns = slots | {
            column: taken(narrow(rows[column]), order) for column in ("slot", "events", "blocked", "flags")
        }
        columns |= {column: taken(_one(rows[column]), order) for column in BYTES} | {"actor": rows["actor"][order]}
        name, bucket = name[order], bucket[order]
        first = np.flatnonzero(np.concatenate([[True], name[1:] != name[:-1]]))
        columns |= {"name": name[first], "bucket": bucket[first], "count": narrow(np.diff(first, append=len(name)))}
        return cls(units, columns)

    @classmethod
    def read(cls, data: bytes) -> "Table":
        """Of what `written` gave."""
        return cls(*opened(data))

    def written(self) -> bytes:
        """The table as bytes."""
        return written(self.units, self.columns | self.sums)

    @cached_property
    def counts(self) -> Numbers:
        """Rows of each name."""
        return wide(self.columns["count"], len(self.columns["name"])).astype(np.int64)

    @cached_property
    def ends(self) -> Numbers:
        """Before the rows of each name, and after the last."""
        return np.concatenate([[0], np.cumsum(self.counts)])

    @cached_property
    def sums(self) -> dict[str, Array]:
        """TOTALS of each slot, named `sum_`."""
        found = {name: values for name, values in self.columns.items() if name.startswith("sum_")}
        return found or _totals(self.columns, self.rows)

    @cached_property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.ends[-1])

    def part(self, buckets: range) -> "Table | None":
        """The rows of some buckets; None when there are none. The arrays are views where they can be."""
        bucket = self.columns["bucket"]
        start, end = np.searchsorted(bucket, [buckets.start, buckets.stop])
        if start == end:
            return None
        if end - start == len(bucket):
            return self
        rows = slice(self.ends[start], self.ends[end])
        columns = {column: cut(self.columns[column], rows) for column in PER_ROW}
        columns |= {column: cut(self.columns[column], slice(start, end)) for column in ("name", "bucket", "count")}
        place, present = places(wide(columns["slot"], rows.stop - rows.start), len(self.columns["unit"]))
        columns |= {column: self.columns[column][present] for column in SLOT} | {"slot": narrow(place)}
        return Table(self.units, columns)

    def some(self, buckets: Flags) -> "Table | None":
        """The rows of some buckets, one flag each; None when there are none."""
        chosen = buckets[self.columns["bucket"]]
        if not chosen.any():
            return None
        if chosen.all():
            return self
        rows = np.flatnonzero(np.repeat(chosen, self.counts))
        columns = {column: taken(self.columns[column], rows) for column in PER_ROW}
        columns |= {column: self.columns[column][chosen] for column in ("name", "bucket")}
        columns |= {column: self.columns[column] for column in SLOT} | {"count": narrow(self.counts[chosen])}
        return Table(self.units, columns)

    def small(self) -> "Table":
        """Itself: parts of tables keep nothing of the others."""
        return self

    def spread(self) -> dict[str, Array]:
        """What `of` was given, each column as long as there are rows."""
        columns, count = self.columns, self.rows
        rows = {column: columns[column][wide(columns["slot"], count)] for column in SLOT}
        rows |= {column: np.repeat(columns[column], self.counts) for column in ("name", "bucket")}
        return rows | {column: wide(columns[column], count) for column in PER_ROW[1:]}

    def frame(self) -> pl.DataFrame:
        """The rows with WINDOW columns."""
        rows = self.spread()
        frame = named(self.units, {column: rows.pop(column) for column in SLOT})
        flags = rows.pop("flags")
        known = {name: with_null(rows[name]) for name in ("bytes_up", "bytes_down")}
        rows |= {name: values for name, (values, _) in known.items()} | {
            f"{name}_known": k for name, (_, k) in known.items()
        }
        rows |= {
            "program": (flags & PROGRAM) > 0,
            "internal": (flags & INTERNAL) > 0,
            "actor_known": rows["actor"] != 0,
        }
        frame = frame.with_columns(pl.Series(name, np.ascontiguousarray(values)) for name, values in rows.items())
        nullable = {name: pl.when(f"{name}_known").then(name) for name in ("actor", "bytes_up", "bytes_down")}
        return frame.with_columns(**nullable).select(pl.col(name).cast(dtype) for name, dtype in WINDOW.items())


def slots_of(tables: Sequence[Table]) -> pl.DataFrame:
    """Unit, view, kind, day (as in WINDOW) and TOTALS of each slot of each table, one below the other."""
    units = sorted({unit for table in tables for unit in table.units})
    columns = {column: np.concatenate([table.columns[column] for table in tables]) for column in SLOT[1:]}
    at = {unit: place for place, unit in enumerate(units)}
    own = [np.array([at[unit] for unit in table.units])[table.columns["unit"]] for table in tables]
    sums = {name: np.concatenate([table.sums[f"sum_{name}"].astype(np.int64) for table in tables]) for name in TOTALS}
    frame = named(units, columns | {"unit": np.concatenate(own)})
    return frame.with_columns(pl.Series(name, values, dtype=pl.Int64) for name, values in sums.items())


def named(units: Sequence[str], slots: dict[str, Array]) -> pl.DataFrame:
    """Unit, view, kind and day as in WINDOW of the columns of SLOT."""
    codes = pl.Series(units, dtype=pl.String).cast(UNIT)
    return pl.DataFrame(
        {
            "unit": codes.gather(pl.Series(slots["unit"], dtype=pl.UInt32)),
            "view": _category(slots["view"], VIEW),
            "kind": _category(slots["kind"], KIND),
            "day": pl.Series(slots["day"], dtype=pl.Int32).cast(pl.Date),
        },
    )


def coded(frame: pl.DataFrame) -> tuple[list[str], dict[str, Array]]:
    """Codes of units, and WINDOW columns as `Table.of` takes them, in the order of the frame."""
    unit = frame["unit"].to_physical()
    place, distinct = places(unit.to_numpy(), int(unit.max() or 0) + 1)  # type: ignore[arg-type]  # numbers
    firsts = np.zeros(len(distinct), dtype=np.int64)
    firsts[place] = np.arange(len(place))
    flags = frame["program"].to_numpy() * np.uint8(PROGRAM) + frame["internal"].to_numpy() * np.uint8(INTERNAL)
    rows: dict[str, Array] = {
        "name": frame["name"].to_numpy(),
        "bucket": frame["bucket"].to_numpy(),
        "unit": narrow(place),
        **{column: narrow(frame[column].to_physical().to_numpy()) for column in ("view", "kind", "day")},
        "actor": frame["actor"].fill_null(0).to_numpy(),
        **{column: narrow(frame[column].to_numpy()) for column in ("events", "blocked")},
        **{column: _bytes(frame[column]) for column in ("bytes_up", "bytes_down")},
        "flags": narrow(flags),
    }
    return frame["unit"].gather(firsts).cast(pl.String).to_list(), rows


def _bytes(series: pl.Series) -> Array:
    if series.null_count() == len(series):
        return np.zeros(1, dtype=np.uint8)
    known = series.is_not_null().to_numpy() if series.null_count() else None
    return without_null(series.fill_null(0).to_numpy(), known)


def slotted(parts: dict[str, Array], count: int) -> dict[str, Array]:
    """SLOT of each distinct combination, and `slot` of each row."""
    first = int(parts["day"].min())
    sizes = {column: int(parts[column].max()) + 1 - (first if column == "day" else 0) for column in SLOT}
    key = parts["day"].astype(np.int64) - first
    for column in ("view", "kind", "unit"):
        key = key * sizes[column] + parts[column]
    slot, distinct = places(wide(key, count), int(np.prod(list(sizes.values()))))
    columns: dict[str, Array] = {"slot": narrow(slot)}
    for column in ("unit", "kind", "view"):
        distinct, columns[column] = np.divmod(distinct, sizes[column])
    columns["day"] = distinct + first
    return {column: fitted(values) if column != "slot" else values for column, values in columns.items()}


def _totals(columns: dict[str, Array], count: int) -> dict[str, Array]:
    slot, slots = wide(columns["slot"], count), len(columns["unit"])
    rows = added(slot, np.ones(1, dtype=np.int64), slots)

    def of(values: Array) -> Numbers:
        return rows * values.astype(np.int64) if len(values) == 1 else added(slot, values, slots)

    sums = {"rows": rows, "events": of(columns["events"]), "blocked": of(columns["blocked"])}
    for name, known in (("bytes_up", "known_up"), ("bytes_down", "known_down")):
        stored = columns[name]
        sums[known] = rows if stored.all() else of(stored != 0)
        sums[name] = of(stored) - sums[known]
        if stored.dtype == np.int64:
            sums[known], sums[name] = of(stored != UNKNOWN), of(with_null(stored)[0])
    return {f"sum_{name}": fitted(values) for name, values in sums.items()}


def _one(values: Array) -> Array:
    """Bytes in one place where no record gave any."""
    return values if len(values) == 1 or values.dtype == np.int64 or values.any() else values[:1]


def taken(values: Array, order: Array) -> Array:
    """A column at some places; a constant stays one."""
    return values if len(values) == 1 else values[order]


def cut(values: Array, rows: slice) -> Array:
    """A range of a column; a constant stays one."""
    return values if len(values) == 1 else values[rows]


def _category(codes: Array, dtype: pl.Enum) -> pl.Series:
    return dtype.categories.gather(pl.Series(codes, dtype=pl.UInt32)).cast(dtype)
