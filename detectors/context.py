"""What a detector knows besides the usages: day, catalogue, units, subjects, prevalence and seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from catalogue.snapshot import Snapshot

UNITS = pl.Schema(
    {
        "unit": pl.String,
        "path": pl.String,
        "name_de": pl.String,
        "name_en": pl.String,
        "kind": pl.String,
        "bound": pl.Boolean,
        "headcount": pl.Int64,
        "ministry": pl.String,
        "sensitive": pl.Boolean,
    },
)
"""One row a unit that occurs in the usages."""
SUBJECTS = pl.Schema(
    {
        "subject": pl.String(),
        "base": pl.String(),
        "edition": pl.String(),
        "kind": pl.String(),
        "name_de": pl.String(),
        "name_en": pl.String(),
        "function": pl.String(),
        "provider": pl.String(),
        "provider_seat": pl.String(),
        "parent": pl.String(),
        "parent_seat": pl.String(),
        "processed_in": pl.List(pl.String),
    },
)
"""One row a subject that occurs in the usages; all but the first three are null without a directory entry."""
PREVALENCE = pl.Schema({"subject": pl.String, "units": pl.Int64})
"""Units that use a subject at grade `use` or above."""


@dataclass(frozen=True)
class Context:
    """Everything a detector may read besides its usages; it has no clock, file or random source of its own."""

    day: date
    """Judging day."""
    snapshot: Snapshot
    """The catalogue as of the basis."""
    units: pl.DataFrame
    """Columns UNITS."""
    subjects: pl.DataFrame
    """Columns SUBJECTS."""
    prevalence: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PREVALENCE))
    """Columns PREVALENCE."""
    seed: int = 0
    """Seed of detectors that draw."""
    worked_out: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """What one detector worked out and the next one asks for, too."""

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        day: date,
        subjects: pl.Series,
        units: pl.Series,
        prevalence: pl.DataFrame | None = None,
        seed: int = 0,
    ) -> Context:
        """The context for usages with these subjects and units; repeated values are taken once."""
        return cls(
            day,
            snapshot,
            pl.DataFrame([_unit(snapshot, code) for code in _distinct(units)], schema=UNITS, orient="row"),
            pl.DataFrame([_subject(snapshot, s) for s in _distinct(subjects)], schema=SUBJECTS, orient="row"),
            pl.DataFrame(schema=PREVALENCE) if prevalence is None else prevalence,
            seed,
        )


def _distinct(values: pl.Series) -> Iterable[str]:
    names: list[str] = values.drop_nulls().unique().sort().to_list()
    return names


def _unit(snapshot: Snapshot, code: str) -> tuple[object, ...]:
    unit = snapshot.unit(code)
    ministry = unit.path.split("/", 1)[0]
    names = (unit.name.de, unit.name.en)
    return (code, unit.path, *names, unit.kind, unit.bound, unit.headcount, ministry, unit.sensitive)


def _subject(snapshot: Snapshot, subject: str) -> tuple[object, ...]:
    base, _, edition = subject.partition("#")
    entry = snapshot.directory.get(base)
    if entry is None:
        return (subject, base, edition or None, *[None] * 9)
    variant = next((e for e in entry.editions if e.edition == edition), None)
    provider = (variant and variant.provider) or entry.provider
    places = entry.processed_in if variant is None or variant.processed_in is None else variant.processed_in
    who = (provider.name, provider.seat, provider.parent, provider.parent_seat) if provider else (None,) * 4
    return (
        subject,
        base,
        edition or None,
        entry.kind,
        entry.name.de,
        entry.name.en,
        entry.function,
        *who,
        list(places) or None,
    )
