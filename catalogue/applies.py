"""When a standard or an initiative applies: to which day, units, edition and provider."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from catalogue.snapshot import Snapshot
from schemas.entries import DirectoryEntry, Initiative, Standard

LAND = "land"
"""The state as a whole; every unit lies in it."""
_OFFERS = frozenset({"approved", "tolerated"})
"""Verdicts that an announced or closed offer does not give."""
FUNCTION, SUBJECT, EDITION = range(3)
"""What a standard names, from general to specific."""


class Scope(NamedTuple):
    """Units that the records do not tell apart."""

    bound: bool
    codes: frozenset[str]
    """Unit codes, named by a record, in whose subtree the units lie."""


class Rule(NamedTuple):
    """A standard as it speaks of one subject or function."""

    standard: Standard
    level: int
    editions: frozenset[str] | None
    """Editions it is limited to; None for all."""


def holds(record: Standard | Initiative, day: date) -> bool:
    """The day lies between first and last day, both included."""
    return record.valid_from <= day and (record.valid_to is None or day <= record.valid_to)


def announced(standard: Standard, day: date) -> bool:
    """An offer that cannot be used yet: nothing is said before its first day."""
    return standard.verdict in _OFFERS and standard.offered_from is not None and day < standard.offered_from


def rules_of(standard: Standard) -> Iterator[tuple[str, Rule]]:
    """The subjects, without edition, that a standard names, each with its rule."""
    for subject in standard.subjects:
        base, _, edition = subject.partition("#")
        editions = frozenset({edition} if edition else standard.editions) or None
        yield base, Rule(standard, SUBJECT if editions is None else EDITION, editions)


def applies(rule: Rule, edition: str | None, seat: str | None, scope: Scope) -> bool:
    """The standard holds for the units, the edition and the provider's seat; an unknown seat is in no country."""
    standard = rule.standard
    if scope.codes.isdisjoint(standard.units):
        return False
    if standard.enacted_by == LAND and standard.force == "binding" and not scope.bound:
        return False
    if standard.verdict in _OFFERS and standard.open_to and scope.codes.isdisjoint(standard.open_to):
        return False
    if rule.editions is not None and edition not in rule.editions:
        return False
    return not standard.jurisdictions or seat in standard.jurisdictions


def is_ban_by_law(rule: Rule) -> bool:
    """A binding prohibition with a legal basis: no initiative suspends it."""
    standard = rule.standard
    return standard.verdict == "prohibited" and standard.force == "binding" and standard.legal_basis is not None


def seat_of(entry: DirectoryEntry | None, edition: str | None) -> str | None:
    """Seat of the contract party, of the edition's own provider where it has one; None when unknown."""
    if entry is None:
        return None
    found = next((e for e in entry.editions if e.edition == edition), None)
    provider = found.provider if found is not None and found.provider is not None else entry.provider
    return provider.seat if provider is not None else None


def codes_by_path(
    snapshot: Snapshot, standards: Iterable[Standard], initiatives: Iterable[Initiative]
) -> dict[str, tuple[str, ...]]:
    """Codes that records name, by the path of their unit."""
    codes = {code for s in standards for code in (*s.units, *s.open_to)} | {c for i in initiatives for c in i.units}
    paths: dict[str, tuple[str, ...]] = {}
    for code in sorted(codes):
        unit = snapshot.units.get(code)
        path = unit.path if unit else code
        paths[path] = (*paths.get(path, ()), code)
    return paths
