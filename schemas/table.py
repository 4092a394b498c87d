"""Column tables: many things are columns, and frames are checked against their table at every border."""

from dataclasses import dataclass

import polars as pl

MONEY = pl.Decimal(18, 2)
"""Amounts of money, net, in the currency of the row."""
INSTANT = pl.Datetime("us", "UTC")
"""A UTC instant in microseconds."""
TEXT_LIST = pl.List(pl.String)
ID_LIST = pl.List(pl.Struct({"scheme": pl.String, "value": pl.String}))
"""Identifiers of a party with their scheme; scheme is null where the source names none."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: name, type, unit where the type cannot carry it, and its sentence."""

    name: str
    dtype: pl.DataType
    sentence: str
    required: bool = False
    """Never null in a row that is an event (contracts.md marks these with `!`)."""
    values: tuple[str, ...] | None = None
    """The closed list of values, where there is one."""


@dataclass(frozen=True, slots=True)
class Table:
    """An ordered set of columns with a name."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    @property
    def schema(self) -> pl.Schema:
        """Polars schema of the table."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    def empty(self) -> pl.DataFrame:
        """A frame of this table without rows."""
        return pl.DataFrame(schema=self.schema)

    def complete(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with exactly this table's columns in order and type; absent ones become null.

        Raises ValueError for a column that the table does not have.
        """
        unknown = set(frame.columns) - set(self.names)
        if unknown:
            raise ValueError(f"{self.name} has no column {', '.join(sorted(unknown))}")
        return frame.select(
            (pl.col(c.name).cast(c.dtype) if c.name in frame.columns else pl.lit(None, dtype=c.dtype)).alias(c.name)
            for c in self.columns
        )

    def problems(self, frame: pl.DataFrame) -> list[str]:
        """What is wrong with a frame as one sentence each: columns, types, nulls, values outside the closed list."""
        if frame.schema != self.schema:
            wrong = [c.name for c in self.columns if frame.schema.get(c.name) != c.dtype]
            extra = [name for name in frame.columns if name not in self.names]
            return [f"{self.name}: columns or types differ: {', '.join(wrong + extra) or 'order'}"]
        found = []
        for c in self.columns:
            series = frame[c.name]
            if c.required and series.null_count():
                found.append(f"{self.name}.{c.name}: null in {series.null_count()} rows")
            if c.values and not series.drop_nulls().is_in(c.values).all():
                found.append(f"{self.name}.{c.name}: a value outside {', '.join(c.values)}")
        return found
