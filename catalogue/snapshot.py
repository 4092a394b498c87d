"""The catalogue as one value with a hash: what a judgement stands on."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from hashlib import blake2b
from typing import Any

from pydantic import TypeAdapter

from schemas.entries import DirectoryEntry, Initiative, LegalBasis, Parameter, Standard
from schemas.record import Record
from schemas.unit import Unit, without_record


@dataclass(frozen=True)
class Snapshot:
    """All records of a catalogue. Equal content has an equal hash, whatever the order of files."""

    directory: dict[str, DirectoryEntry] = field(default_factory=dict)
    """Entries by subject."""
    standards: tuple[Standard, ...] = ()
    initiatives: tuple[Initiative, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    legal: dict[str, LegalBasis] = field(default_factory=dict)
    """Legal bases by id."""
    units: dict[str, Unit] = field(default_factory=dict)
    """Units by code."""

    @classmethod
    def of(cls, records: Iterable[Record]) -> "Snapshot":
        """A snapshot of records of any kind in any order; of two with one id the last counts."""
        kinds: dict[type[Record], list[Any]] = {kind: [] for kind in _SECTION}
        for record in records:
            kinds[type(record)].append(record)
        return cls(
            directory={r.subject: r for r in sorted(kinds[DirectoryEntry], key=lambda r: str(r.subject))},
            standards=tuple(sorted(kinds[Standard], key=_order)),
            initiatives=tuple(sorted(kinds[Initiative], key=_order)),
            parameters=tuple(sorted(kinds[Parameter], key=_order)),
            legal={r.id: r for r in sorted(kinds[LegalBasis], key=lambda r: str(r.id))},
            units={r.code: r for r in sorted(kinds[Unit], key=lambda r: str(r.code))},
        )

    @cached_property
    def hash(self) -> str:
        """16 hex characters over the canonical JSON."""
        return blake2b(self.to_json().encode(), digest_size=8).hexdigest()

    @cached_property
    def worked_out(self) -> dict[Any, Any]:
        """What was worked out of this snapshot, which never changes, and is asked for again and again."""
        return {}

    @cached_property
    def _hashes(self) -> dict[int, str]:
        records = (*self.directory.values(), *self.standards, *self.initiatives, *self.parameters)
        return {id(record): _hash(record) for record in (*records, *self.legal.values(), *self.units.values())}

    def entry_hash(self, record: Record) -> str:
        """12 hex characters over kind and content of the record."""
        return self._hashes.get(id(record)) or _hash(record)

    def unit(self, code: str) -> Unit:
        """The unit with this code; one without a record counts as authority, bound, normal."""
        return self.units.get(code) or without_record(code)

    def parameter(self, name: str, jurisdiction: str, day: date, scope: str | None = None) -> Parameter | None:
        """The value that holds on a day; of several the one that began last.

        With a scope the record of that scope, else the general one; without a scope the general one only.
        """
        holding = [
            p
            for p in self.parameters
            if p.name == name
            and p.jurisdiction == jurisdiction
            and p.scope in {scope, None}
            and p.valid_from <= day
            and (p.valid_to is None or day <= p.valid_to)
        ]
        return max(holding, key=lambda p: (p.scope is not None, p.valid_from, _canonical(p)), default=None)

    def to_json(self) -> str:
        """Canonical JSON: sections and keys in order, defaults left out."""
        return self._json

    @cached_property
    def _json(self) -> str:
        sections: dict[str, list[Any]] = {
            "directory": list(self.directory.values()),
            "standards": list(self.standards),
            "initiatives": list(self.initiatives),
            "parameters": list(self.parameters),
            "legal": list(self.legal.values()),
            "units": list(self.units.values()),
        }
        parts = [f'"{name}":[{",".join(sorted(map(_canonical, records)))}]' for name, records in sections.items()]
        return "{" + ",".join(parts) + "}"

    @classmethod
    def from_json(cls, text: str) -> "Snapshot":
        """The snapshot that `to_json` wrote; it has the same hash."""
        body = json.loads(text)
        records: list[Record] = []
        for kind, section in _SECTION.items():
            records += TypeAdapter(tuple[kind, ...]).validate_python(tuple(body[section]))  # type: ignore[valid-type]
        return cls.of(typed(r) if isinstance(r, Parameter) else r for r in records)


_SECTION: dict[type[Record], str] = {
    DirectoryEntry: "directory",
    Standard: "standards",
    Initiative: "initiatives",
    Parameter: "parameters",
    LegalBasis: "legal",
    Unit: "units",
}


def typed(parameter: Parameter) -> Parameter:
    """The parameter with a number as Decimal: neither YAML nor JSON says which text is one.

    >>> typed(Parameter(name="n", value="100000", unit="EUR", jurisdiction="eu", valid_from="2026-01-01", source="s")).value
    Decimal('100000')
    """
    value = parameter.value
    if not isinstance(value, str) or not value.removeprefix("-").replace(".", "", 1).isdecimal():
        return parameter
    if not value.isascii():
        return parameter
    return parameter.model_copy(update={"value": Decimal(value)})


def _canonical(record: Record) -> str:
    return json.dumps(
        record.model_dump(mode="json", exclude_defaults=True),
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _order(record: Any) -> tuple[str, str]:
    return getattr(record, "id", ""), _canonical(record)


def _hash(record: Record) -> str:
    return blake2b(f"{type(record).__name__}\n{_canonical(record)}".encode(), digest_size=6).hexdigest()
