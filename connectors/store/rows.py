"""How a document lies in SQLite: which column in which table, packed how."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from connectors.store.packed import PACKED, Packing
from connectors.store.seen import PACKED_COLUMN, loosened, packed, unpacked
from schemas.usage import USAGE

FIXED = ("id", "unit", "subject", "open")
"""Columns that an update leaves alone: three never change, and `open` is indexed and seldom does."""
VALUES = "SELECT value FROM json_each(?)"
"""A list of values as one parameter."""
_EPOCH = date(1970, 1, 1)
_SEARCHED = (
    "id",
    "unit",
    "subject",
    "version",
    "basis",
    "verdict",
    "grade",
    "mode",
    "first_day",
    "last_day",
    "active_days",
)
_FIELDS = {
    **{name: (f"u.{name}",) for name in _SEARCHED},
    "finding": ("a.finding",),
    "entries": ("a.entries",),
    "summary": ("a.numbers AS summary_numbers", "a.texts AS summary_texts"),
    "words": ("a.words",),
    "observations": ("s.numbers", "s.ids", "s.texts"),
    PACKED_COLUMN: ("s.numbers", "s.ids", "s.texts"),
    "decisions": ("s.decisions",),
    "views": ("s.views",),
}
# JSON paths read the whole text once a field, which takes thirty times as long; a reason's parameters are free, but none
# of them is followed by the field that follows in a finding
_STATUS = r'"status":\s*"([a-z_]+)",\s*"addressee"'
_URGENCY = r'"urgency":\s*([0-9]+),\s*"parts"'
_LISTS = {name: pl.Struct({name: USAGE.schema[name]}) for name in ("decisions", "views")}
_FIXED = (pl.Int64, pl.Date, pl.Float64)


class Form:
    """Documents to rows and back."""

    def __init__(self, summary: pl.Schema | None) -> None:
        self._summary = None
        if summary is not None:
            self._summary = Packing(summary, [name for name, dtype in summary.items() if dtype in _FIXED])

    def tables(self, documents: pl.DataFrame) -> dict[str, list[str]]:
        """The tables that these documents are written to, and the columns of each."""
        answer = ["finding", "entries"]
        answer += ["summary_numbers", "summary_texts"] if "summary" in documents.columns else []
        tables = {"usage": [*_SEARCHED, "status", "urgency", "open"], "answer": answer}
        if {"observations", PACKED_COLUMN} & {*documents.columns}:
            tables["seen"] = ["numbers", "ids", "texts", "decisions", "views"]
        return tables

    def encode(self, documents: pl.DataFrame) -> pl.DataFrame:
        """The fields of all tables, one row a document."""
        finding = documents["finding"]
        fields = documents.select(
            pl.col(_SEARCHED).exclude("version"),
            pl.col("version") + 1,
            "finding",
            pl.col("entries").list.join(" "),
            *(pl.col(name) for name in ("words",) if name in documents.columns),
        ).with_columns(
            pl.col("first_day", "last_day").to_physical(),
            finding.str.extract(_STATUS).alias("status"),
            finding.str.extract(_URGENCY).cast(pl.Int64).alias("urgency"),
            finding.is_not_null().cast(pl.Int64).alias("open"),
        )
        if "words" in documents.columns:
            hashed = documents["words"].hash(seed=11).reinterpret(signed=True)
            fields = fields.with_columns(pl.when(pl.col("words").is_not_null()).then(hashed).alias("words_hash"))
        if "summary" in documents.columns and self._summary is not None:
            rows = documents["summary"].struct.unnest()
            brief = self._summary.pack(rows, np.ones(rows.height, np.int64))
            fields = fields.with_columns(
                brief["numbers"].alias("summary_numbers"), brief["texts"].alias("summary_texts")
            )
        if {"observations", PACKED_COLUMN} & {*documents.columns}:
            held = documents[PACKED_COLUMN] if PACKED_COLUMN in documents.columns else packed(loosened(documents))
            fields = fields.with_columns(held.struct.unnest().get_columns())
            fields = fields.with_columns(_json(documents, name) for name in _LISTS)
        return fields

    @staticmethod
    def select(columns: Sequence[str], where: str) -> tuple[list[str], str]:
        """Names of the fields and the query that reads them for these columns."""
        fields = [field for name in columns for field in _FIELDS[name]]
        if "observations" in columns:
            fields += [f"u.{name}" for name in ("unit", "subject") if name not in columns]
        names = [field.split(" AS ")[-1].split(".")[-1] for field in fields]
        joined = {field[0] for field in fields}
        tables = "usage u"
        tables += " JOIN answer a ON a.key = u.key" if "a" in joined else ""
        tables += " JOIN seen s ON s.key = u.key" if "s" in joined else ""
        return names, f"SELECT {', '.join(fields)} FROM {tables} {where}"

    def decode(self, names: list[str], rows: list[tuple[Any, ...]], columns: Sequence[str]) -> pl.DataFrame:
        """Documents with these columns."""
        values = zip(*rows, strict=True) if rows else ([] for _ in names)
        binary = {"numbers", "summary_numbers"}
        fields = {
            name: pl.Series(name, value, dtype=_simple(name) if name not in binary else pl.Binary)
            for name, value in zip(names, values, strict=True)
        }
        return pl.DataFrame([self._column(name, fields) for name in columns])

    def _column(self, name: str, fields: dict[str, pl.Series]) -> pl.Series:
        if name in {"observations", PACKED_COLUMN}:
            held = pl.DataFrame({field.name: fields[field.name] for field in PACKED.fields}).to_struct(name)
            if name == PACKED_COLUMN:
                return held
            return unpacked(loosened(held.to_frame(PACKED_COLUMN)), fields["unit"], fields["subject"])
        if name == "summary":
            assert self._summary is not None  # noqa: S101 - only asked for by who gave its schema
            brief = pl.DataFrame({"numbers": fields["summary_numbers"], "texts": fields["summary_texts"]})
            return self._summary.unpack(brief)[0].to_struct(name)
        field = fields[name]
        if name in _LISTS:
            return field.fill_null("{}").str.json_decode(_LISTS[name]).struct.field(name)
        if name == "entries":
            return field.to_frame().select(
                pl.when(pl.col(name) == "")
                .then(pl.lit([], pl.List(pl.String)))
                .otherwise(pl.col(name).str.split(" "))
                .alias(name)
            )[name]
        return field.cast(pl.Date) if name in {"first_day", "last_day"} else field


def values(items: Iterable[Any]) -> str:
    """The parameter of VALUES."""
    return json.dumps(list(items))


def day(number: int) -> date:
    """The day of a number of days since 1970."""
    return _EPOCH + timedelta(days=number)


def insert(table: str, columns: Sequence[str], rows: int = 1) -> str:
    """SQL that inserts key and columns of so many rows."""
    return f"INSERT INTO {table} (key, {', '.join(map(_named, columns))}) VALUES {_marks(len(columns) + 1, rows)}"


def update(table: str, columns: Sequence[str], rows: int = 1) -> str:
    """SQL that updates the columns of so many keys, which follow their columns."""
    names = ", ".join(f"{_named(name)} = given.column{number}" for number, name in enumerate(columns, 1))
    given = f"(VALUES {_marks(len(columns) + 1, rows)}) AS given"
    return f"UPDATE {table} SET {names} FROM {given} WHERE {table}.key = given.column{len(columns) + 1}"


def _marks(columns: int, rows: int) -> str:
    return ", ".join([f"({', '.join('?' * columns)})"] * rows)


def _named(column: str) -> str:
    return column.removeprefix("summary_")


def _simple(name: str) -> pl.DataType:
    whole = {"version", "basis", "active_days"}
    if name in {"first_day", "last_day"}:
        return pl.Int32()
    return pl.Int64() if name in whole else pl.String()


def _json(documents: pl.DataFrame, name: str) -> pl.Series:
    text = documents.select(pl.struct(name).struct.json_encode()).to_series()
    empty = documents[name].list.len().fill_null(0) == 0
    return pl.select(pl.when(~empty).then(text).alias(name)).to_series()
