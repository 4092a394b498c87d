"""What is wrong between catalogue records: ids twice, identifiers claimed twice, names that nothing bears."""

from collections.abc import Iterable, Iterator
from typing import Any

from catalogue.documents import Key, Place
from catalogue.identifiers import Identifier, identifiers
from catalogue.spellings import OPINIONS
from schemas.entries import DirectoryEntry, Initiative, LegalBasis, Parameter, Standard
from schemas.record import Record
from schemas.sentence import said
from schemas.unit import Unit


def across(placed: list[tuple[Place, Record]]) -> Iterator[str]:
    """All contradictions, each as a sentence with file, line and key."""
    yield from _twice(placed)
    entries = [(place, record) for place, record in placed if isinstance(record, DirectoryEntry)]
    standards = [(place, record) for place, record in placed if isinstance(record, Standard)]
    yield from _claimed_twice(entries)
    subjects = {entry.subject: {edition.edition for edition in entry.editions} for _, entry in entries}
    legal = {record.id for _, record in placed if isinstance(record, LegalBasis)}
    for place, record in placed:
        for path, name in _references(record):
            if not _exists(name, subjects):
                yield place.say(path, said("no entry of the directory is called {name}", name=name))
        if isinstance(record, DirectoryEntry):
            for index, name in enumerate(record.was):
                if name in subjects:
                    yield place.say(("was", index), said("{name} is an entry of its own", name=name))
        if isinstance(record, Standard):
            if record.legal_basis is not None and record.legal_basis not in legal:
                told = said("no legal basis is called {name}", name=record.legal_basis)
                yield place.say(("legal_basis",), told)
            yield from _unknown_editions(place, record, subjects)
    units = [(place, record) for place, record in placed if isinstance(record, Unit)]
    yield from _one_path(units)
    yield from _looser_below(standards, {unit.code: unit.path for _, unit in units})


def _twice(placed: list[tuple[Place, Record]]) -> Iterator[str]:
    first: dict[tuple[object, ...], Place] = {}
    for place, record in placed:
        name, identity = _identity(record)
        key = (type(record), *identity)
        if key in first:
            which = " ".join(str(part) for part in identity if part is not None)
            there = first[key].where((name,))
            yield place.say((name,), said("{which} is written in {there} too", which=which, there=there))
        else:
            first[key] = place


def _identity(record: Any) -> tuple[str, tuple[object, ...]]:
    if isinstance(record, DirectoryEntry):
        return "subject", (record.subject,)
    if isinstance(record, Unit):
        return "code", (record.code,)
    if isinstance(record, Parameter):
        return "name", (record.name, record.jurisdiction, record.scope, record.valid_from)
    return "id", (record.id,)


def _one_path(units: Iterable[tuple[Place, Unit]]) -> Iterator[str]:
    first: dict[str, tuple[Place, str]] = {}
    for place, unit in units:
        there, code = first.setdefault(unit.path, (place, unit.code))
        if code != unit.code:
            at = there.where(("path",))
            told = said("{path} is the path of {code} ({there}) already", path=unit.path, code=code, there=at)
            yield place.say(("path",), told)


def _claimed_twice(entries: Iterable[tuple[Place, DirectoryEntry]]) -> Iterator[str]:
    first: dict[tuple[str, str], tuple[Place, Identifier]] = {}
    for place, entry in entries:
        for identifier in identifiers(entry):
            key = (identifier.kind, identifier.key)
            if identifier.kind == "name":
                continue  # words may mean two things; the matcher chooses in a fixed order
            there, other = first.setdefault(key, (place, identifier))
            if other.subject == identifier.subject:
                continue
            told = said(
                "{given} belongs to {subject} ({there}) already",
                given=repr(identifier.spelling),
                subject=other.subject,
                there=there.where(other.path),
            )
            yield place.say(identifier.path, told)


def _references(record: Record) -> Iterator[tuple[tuple[Key, ...], str]]:
    if isinstance(record, DirectoryEntry):
        for index, name in enumerate(record.alternatives):
            yield ("alternatives", index), name
    elif isinstance(record, Standard):
        for index, name in enumerate(record.subjects):
            yield ("subjects", index), name
        if record.successor is not None:
            yield ("successor",), record.successor
    elif isinstance(record, Initiative):
        yield ("subject",), record.subject


def _exists(name: str, subjects: dict[str, set[str]]) -> bool:
    """Candidates and purchases stand in no directory."""
    base, _, edition = name.partition("#")
    if base not in subjects:
        return base.startswith(("domain:", "purchases:"))
    return not edition or edition in subjects[base]


def _unknown_editions(place: Place, standard: Standard, subjects: dict[str, set[str]]) -> Iterator[str]:
    known = set().union(*(subjects.get(name.partition("#")[0], set()) for name in standard.subjects))
    for index, edition in enumerate(standard.editions):
        if standard.subjects and edition not in known:
            told = said("none of the subjects has an edition {edition}", edition=edition)
            yield place.say(("editions", index), told)


def _looser_below(standards: list[tuple[Place, Standard]], paths: dict[str, str]) -> Iterator[str]:
    """A narrower unit may be stricter than the state; looser only where the state recommends or an initiative covers."""
    binding = [(p, s) for p, s in standards if s.enacted_by == "land" and s.force == "binding"]
    for place, narrow in standards:
        for there, wide in binding:
            if narrow.enacted_by == "land" or narrow.verdict not in OPINIONS or wide.verdict not in OPINIONS:
                continue
            if OPINIONS.index(narrow.verdict) >= OPINIONS.index(wide.verdict) or not _meet(narrow, wide, paths):
                continue
            told = said(
                "{verdict} is looser than {other} of the state in {there}; register an initiative instead",
                verdict=narrow.verdict,
                other=wide.verdict,
                there=there.where(("verdict",)),
            )
            yield place.say(("verdict",), told)


def _meet(narrow: Standard, wide: Standard, paths: dict[str, str]) -> bool:
    """Both speak of one subject, on one day, for one unit."""
    same = any(_covers(broad, name) for name in narrow.subjects for broad in wide.subjects)
    editions = not wide.editions or bool(set(wide.editions) & set(narrow.editions))
    overlap = (wide.valid_to is None or narrow.valid_from <= wide.valid_to) and (
        narrow.valid_to is None or wide.valid_from <= narrow.valid_to
    )
    inside = any(
        b == "land" or f"{paths.get(n, n)}/".startswith(f"{paths.get(b, b)}/") for n in narrow.units for b in wide.units
    )
    return same and editions and overlap and inside


def _covers(broad: str, name: str) -> bool:
    return broad == name or broad == name.partition("#")[0]
