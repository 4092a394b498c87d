"""What may leave a site, field by field: the two records of the border, with meaning and purpose in both languages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from leitplanke.texts import Lang, t
from schemas.observation import CROSSING, MANIFEST

WHY = {
    "place": ("id", "site", "unit", "signal", "view", "day", "revision", "withdrawn"),
    "thing": ("subject", "matched"),
    "use": (
        *("events", "blocked", "bytes_up", "bytes_down", "actors", "actors_30d", "actors_kind", "band", "active_days"),
        "features",
    ),
    "purchase": (
        *("estimated", "committed", "paid", "currency", "document_id", "process_id", "references", "procedure"),
        *("framework_of", "lot", "in_house", "amends", "quantity", "seats", "period_start", "period_end", "title"),
        *("cpv_group", "facts"),
    ),
    "inventory": ("releases",),
}
"""Fields of an observation by what they are for; those of a manifest are for accountability."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record that leaves; a part of another field has a dot in its name."""

    record: str
    """observation or manifest."""
    name: str
    type: str
    """text, number, day, yes/no, or list of parts."""

    def meaning(self, lang: Lang) -> str:
        """What it says."""
        return t(f"field.{self.record}.{self.name}", lang)

    def why(self, lang: Lang) -> str:
        """What it is for."""
        if self.record == MANIFEST.name:
            return t("why.account", lang)
        first = self.name.partition(".")[0]
        return t(f"why.{next(why for why, names in WHY.items() if first in names)}", lang)

    def value(self, record: Any) -> Any:
        """What a record says in this field; of a list of parts the first; None where it says nothing."""
        for step in self.name.split("."):
            if isinstance(record, list):
                record = record[0] if record else None
            record = None if record is None else record.get(step)
        if isinstance(record, list) and (not record or isinstance(record[0], dict)):
            return record[0] if record else None
        return record


def fields() -> Iterator[Field]:
    """Every field that leaves, parts after their whole, in the order of the records."""
    for record, table in CROSSING.items():
        for column in table.columns:
            yield from _fields(record, column.name, column.dtype)


def _fields(record: str, name: str, dtype: Any) -> Iterator[Field]:
    inner = dtype.inner if isinstance(dtype, pl.List) else dtype
    yield Field(record, name, _type(dtype))
    if isinstance(inner, pl.Struct):
        for part in inner.fields:
            yield from _fields(record, f"{name}.{part.name}", part.dtype)


def _type(dtype: Any) -> str:
    if isinstance(dtype, pl.List):
        return "list"
    if isinstance(dtype, pl.Struct):
        return "parts"
    if dtype == pl.String:
        return "text"
    return {pl.Date: "day", pl.Boolean: "yes_no"}.get(dtype.base_type(), "number")
