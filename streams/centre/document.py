"""What the centre keeps of a usage besides USAGE, and what it asks of its store beyond the port."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

import polars as pl

from schemas.ports import Page, Query, Store
from schemas.table import TEXT_LIST
from schemas.usage import DECIDED, NUMBERS, USAGE

_JUDGED = ("id", "unit", "subject", "verdict", "grade", "mode", "first_day", "last_day")
SUMMARY = pl.Schema(
    {
        **{name: dtype for name, dtype in NUMBERS.schema.items() if name not in _JUDGED},
        "contract": pl.String(),
        "evidence": TEXT_LIST,
        "used_day": pl.Date(),
    },
)
"""What the observations say, in one row: NUMBERS without what is judged, and `contract` (own_contract or through, from
the purchases), `evidence` (network views with sightings that were not blocked), `used_day` (last day of network or
assets). A function of the observations alone, so that judging again reads no observation."""

COLUMNS = [*USAGE.names, "summary", "words"]
"""Columns of a document."""
JUDGED = [name for name in COLUMNS if name not in {"observations", "views", "words"}]
"""Columns that judging again reads."""
KEPT = ["id", "unit", "subject", "version", "packed", "decisions"]
"""Columns that merging reads, with the observations packed as they are stored; what was judged is judged again."""

DECISIONS = pl.Schema({"finding": pl.String, **{field.name: field.dtype for field in DECIDED.fields}})
"""Decisions as `merge` takes them."""

NEVER_JUDGED = 0
"""Number of the basis of a usage that no basis has judged yet; the first basis written is 1."""


class UsageStore(Store, Protocol):
    """The store with what makes judging a million usages quick: columns, and pages of those not judged yet.

    `packed` is a column that stands for `observations`, when loading and when saving (connectors/store/seen.py).
    """

    def load(self, ids: Sequence[str], columns: Sequence[str] = USAGE.names) -> pl.DataFrame: ...

    def search(self, query: Query, columns: Sequence[str] = USAGE.names) -> Page: ...

    def scan(
        self,
        part: int = 0,
        parts: int = 1,
        columns: Sequence[str] = USAGE.names,
        but_basis: int | None = None,
        page: int = 5000,
    ) -> Iterator[pl.DataFrame]:
        """`but_basis` leaves out documents that this basis has judged."""
        ...

    def mark(self, judged: pl.DataFrame, basis: int) -> None:
        """Note that these documents (id, version) were judged by `basis` and did not change; versions stay."""
        ...

    def newest_day(self) -> date | None:
        """The newest day observed."""
        ...

    def units(self) -> list[str]:
        """Codes of all units that have usages."""
        ...

    def ids(self, prefix: str, limit: int) -> list[str]:
        """Ids of findings that begin with these characters."""
        ...
