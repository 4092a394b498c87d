"""The catalogue as one value with a hash: what a judgement stands on."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Self

from pydantic import TypeAdapter

from schemas.entries import DirectoryEntry, Initiative, LegalBasis, Parameter, Standard
from schemas.record import Record
from schemas.unit import Unit, without_record


@dataclass(frozen=True)
class Snapshot:
    """All records of a catalogue. Equal content has an equal hash, whatever the order of files.

    Of a snapshot that was written down each section becomes records when it is first asked for: reading a log asks for
    the units only.
    """

    directory: dict[str, DirectoryEntry] = field(default_factory=dict)
    """Entries by subject."""
    standards: tuple[Standard, ...] = field(default_factory=tuple)
    initiatives: tuple[Initiative, ...] = field(default_factory=tuple)
    parameters: tuple[Parameter, ...] = field(default_factory=tuple)
    legal: dict[str, LegalBasis] = field(default_factory=dict)
    """Legal bases by id."""
    units: dict[str, Unit] = field(default_factory=dict)
    """Units by code."""

    @classmethod
    def of(cls, records: Iterable[Record]) -> "Snapshot":
        """A snapshot of records of any kind in any order; of two with one id the last counts."""
        kinds: dict[type[Record], list[Any]] = {kind: [] for kind, _ in SECTIONS.values()}
        for record in records:
            kinds[type(record)].append(record)
        sections = {name: kinds[kind] for name, (kind, _) in SECTIONS.items()}
        return cls(
            **{
                name: _arranged(name, found if SECTIONS[name][1] else sorted(found, key=_canonical))
                for name, found in sections.items()
            }
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
    def _hashes(self) -> dict[int, tuple[Record, str]]:
        """Hashes asked for so far, by the identity of the record, which is held so that it keeps it."""
        return {}

    def entry_hash(self, record: Record) -> str:
        """12 hex characters over kind and content of the record."""
        found = self._hashes.get(id(record))
        if found is None:
            found = self._hashes[id(record)] = (record, _hash(record))
        return found[1]

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
        return "{" + ",".join(f'"{name}":{text.decode()}' for name, text in self.sections().items()) + "}"

    def sections(self) -> dict[str, bytes]:
        """The JSON of each section, from which `written` makes the snapshot again."""
        found = {name: part for name, part in self.__dict__.get("_unread", {}).items() if isinstance(part, bytes)}
        return {name: found[name] if name in found else _listed(getattr(self, name)) for name in SECTIONS}

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The snapshot that `to_json` wrote; it has the same hash."""
        body = json.loads(text)
        snapshot = cls.written({name: body[name] for name in SECTIONS})
        snapshot.__dict__["_json"] = text
        return snapshot

    @classmethod
    def written(cls, parts: Mapping[str, Any]) -> Self:
        """The snapshot of which `sections` gave these parts, as bytes or as what JSON makes of them."""
        snapshot = cls.__new__(cls)
        snapshot.__dict__["_unread"] = dict(parts)
        return snapshot

    def holds(self, section: str) -> bool:
        """True when the section has records; reads none of them."""
        found = self.__dict__.get("_unread", {}).get(section)
        return found != b"[]" if isinstance(found, bytes) else bool(found or getattr(self, section))

    def prepared(self, name: str) -> bytes | None:
        """What was worked out of this snapshot and written down beside its sections."""
        found: bytes | None = self.__dict__.get("_unread", {}).get(name)
        return found

    if not TYPE_CHECKING:  # for a type checker an attribute that does not exist stays an error

        def __getattr__(self, name: str) -> Any:
            if name not in SECTIONS or name not in self.__dict__.get("_unread", {}):
                raise AttributeError(name)
            # of two threads that read at the same time both go on with the same records
            return self.__dict__.setdefault(name, _records(name, self._unread[name]))


def _records(name: str, written: Any) -> Any:
    """The records of a section, which are written in order of their JSON."""
    kind, _ = SECTIONS[name]
    adapter = TypeAdapter(list[kind])  # type: ignore[valid-type]
    records = adapter.validate_json(written) if isinstance(written, bytes) else adapter.validate_python(written)
    return _arranged(name, [typed(r) for r in records] if kind is Parameter else records)


def _arranged(name: str, records: list[Any]) -> Any:
    """The section: by its key, of two with one key the last; else by id, those without one as they come."""
    key = SECTIONS[name][1]
    if key is None:
        return tuple(sorted(records, key=lambda r: getattr(r, "id", "")))
    return {getattr(r, key): r for r in sorted(records, key=lambda r: str(getattr(r, key)))}


def _listed(section: Any) -> bytes:
    records = section.values() if isinstance(section, dict) else section
    return f"[{','.join(sorted(map(_canonical, records)))}]".encode()


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


def _hash(record: Record) -> str:
    return blake2b(f"{type(record).__name__}\n{_canonical(record)}".encode(), digest_size=6).hexdigest()


SECTIONS: dict[str, tuple[type[Record], str | None]] = {
    "directory": (DirectoryEntry, "subject"),
    "standards": (Standard, None),
    "initiatives": (Initiative, None),
    "parameters": (Parameter, None),
    "legal": (LegalBasis, "id"),
    "units": (Unit, "code"),
}
"""What a snapshot consists of: the kind of record, and the field that it is looked up by."""
