"""The records that hold on a day, and what they say of one subject for units of one scope.

Of the standards that hold for a unit the most specific decides: one that names the edition, then one that names the
subject, then one that names its function; then the narrower unit; then binding before recommended; then the later; then
the stricter. Where the edition or the version is unknown every possibility is tried: if they differ, it is `unclear`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from catalogue.snapshot import Snapshot
from schemas.entries import DirectoryEntry, Edition, Initiative, Standard
from schemas.record import Record

LAND = "land"
"""The state as a whole; every unit lies in it."""
_STRICTNESS = {"approved": 0, "tolerated": 1, "phase_out": 2, "prohibited": 3}
_OFFERS = frozenset({"approved", "tolerated"})
"""Verdicts that an announced or closed offer does not give."""
_SETTLED = frozenset({"approved", "registered"})
"""Verdicts that need no alternative."""
_FUNCTION, _SUBJECT, _EDITION = range(3)


class Scope(NamedTuple):
    """Units that the records do not tell apart."""

    bound: bool
    codes: frozenset[str]
    """Unit codes, named by a record, in whose subtree the units lie."""


class Opinion(NamedTuple):
    """What the catalogue says; the fields of `verdict.VERDICTS`."""

    verdict: str
    entries: tuple[str, ...] = ()
    standard: str | None = None
    successor: str | None = None
    initiative: str | None = None
    alternative: str | None = None


class _Rule(NamedTuple):
    standard: Standard
    level: int
    editions: frozenset[str] | None
    """Editions it is limited to; None for all."""


class _World(NamedTuple):
    """One possibility: what decides if the subject is of this edition and version."""

    verdict: str
    rule: _Rule | None
    initiative: Initiative | None


class Law:
    """Standards and initiatives of a snapshot that hold on a day, by what they name."""

    def __init__(self, snapshot: Snapshot, day: date) -> None:
        self._snapshot = snapshot
        self._by_subject: dict[str, list[_Rule]] = defaultdict(list)
        self._by_function: dict[str, list[_Rule]] = defaultdict(list)
        self._initiatives: dict[str, list[Initiative]] = defaultdict(list)
        self._opinions: dict[tuple[str, Scope], Opinion] = {}
        standards = [s for s in snapshot.standards if _holds(s, day) and not _announced(s, day)]
        for standard in standards:
            for base, rule in _rules(standard):
                self._by_subject[base].append(rule)
            limited = frozenset(standard.editions) or None
            for function in standard.functions:
                self._by_function[function].append(_Rule(standard, _FUNCTION, limited))
        initiatives = [i for i in snapshot.initiatives if _holds(i, day)]
        for initiative in initiatives:
            self._initiatives[initiative.subject.partition("#")[0]].append(initiative)
        self.named = frozenset({*snapshot.directory, *self._by_subject, *self._initiatives})
        """Subjects, without edition, that any record speaks of; all others are unlisted."""
        self._paths = _paths(snapshot, standards, initiatives)
        self._offers = self._offered_by_function()

    def scope(self, code: str) -> Scope:
        """The scope of a unit: its path today decides. One without a record is bound and has its code as path."""
        unit = self._snapshot.units.get(code)
        steps = (unit.path if unit else code).split("/")
        above = ("/".join(steps[:depth]) for depth in range(1, len(steps) + 1))
        codes = frozenset(name for path in above for name in self._paths.get(path, ()))
        return Scope(unit.bound if unit else True, codes | {LAND})

    def opinion(self, subject: str, scope: Scope) -> Opinion:
        """Verdict, the records read for it, and what the unit is offered instead."""
        found = self._verdict(subject, scope)
        if found.verdict in _SETTLED:
            return found
        return found._replace(alternative=self._alternative(subject, found.successor, scope))

    def _verdict(self, subject: str, scope: Scope) -> Opinion:
        key = (subject, scope)
        if key not in self._opinions:
            self._opinions[key] = self._judge(subject, scope)
        return self._opinions[key]

    def _judge(self, subject: str, scope: Scope) -> Opinion:
        base, _, edition = subject.partition("#")
        entry = self._snapshot.directory.get(base)
        unknown = [None, *(e.edition for e in entry.editions)] if entry is not None else [None]
        worlds = [
            world for name in ([edition] if edition else unknown) for world in self._worlds(base, entry, name, scope)
        ]
        deciding = [world.rule.standard for world in worlds if world.rule is not None]
        initiatives = [world.initiative for world in worlds if world.initiative is not None]
        said = {world.verdict for world in worlds}
        read: list[Record] = [entry] if entry is not None else []
        records = _once([*read, *sorted(deciding, key=lambda s: s.id), *initiatives])
        return Opinion(
            verdict=said.pop() if len(said) == 1 else "unclear",
            entries=tuple(self._snapshot.entry_hash(record) for record in records),
            standard=deciding[0].id if deciding else None,
            successor=next((s.successor for s in deciding if s.successor is not None), None),
            initiative=initiatives[0].id if initiatives else None,
        )

    def _worlds(self, base: str, entry: DirectoryEntry | None, edition: str | None, scope: Scope) -> Iterator[_World]:
        """What decides for an edition (None: one without a name of its own); two worlds where the version would."""
        rules = [*self._by_subject.get(base, ())]
        if entry is not None and entry.function is not None:
            rules += self._by_function.get(entry.function, ())
        seat = _seat(entry, edition)
        rules = [rule for rule in rules if _applies(rule, edition, seat, scope)]
        every_version = [rule for rule in rules if rule.standard.versions is None]
        for holding in [rules] if len(rules) == len(every_version) else [rules, every_version]:
            rule = max(holding, key=lambda rule: self._rank(rule, scope), default=None)
            verdict = rule.standard.verdict if rule else "unlisted"
            by_law = verdict == "prohibited" and any(map(_is_ban_by_law, holding))
            initiative = None if by_law else self._initiative(base, edition, scope)
            yield _World("registered" if initiative else verdict, rule, initiative)

    def _rank(self, rule: _Rule, scope: Scope) -> tuple[int, int, bool, date, int, str]:
        standard = rule.standard
        depth = max(self._depth(code) for code in standard.units if code in scope.codes)
        strictness = _STRICTNESS.get(standard.verdict, 0)
        return (rule.level, depth, standard.force == "binding", standard.valid_from, strictness, standard.id)

    def _depth(self, code: str) -> int:
        if code == LAND:
            return 0
        unit = self._snapshot.units.get(code)
        return 1 + (unit.path if unit else code).count("/")

    def _initiative(self, base: str, edition: str | None, scope: Scope) -> Initiative | None:
        for initiative in self._initiatives.get(base, ()):
            named = initiative.subject.partition("#")[2]
            if (not named or named == edition) and not scope.codes.isdisjoint(initiative.units):
                return initiative
        return None

    def _alternative(self, subject: str, successor: str | None, scope: Scope) -> str | None:
        """The successor, else an alternative of the entry, else a subject of the same function; offered to the unit."""
        base, _, edition = subject.partition("#")
        entry = self._snapshot.directory.get(base)
        named = [successor] if successor else []
        others: Iterable[str] = ()
        if entry is not None:
            named += entry.alternatives
            others = self._offers.get(entry.function or "", ())
        own = {subject} if edition else {subject, *(name for name in others if name.partition("#")[0] == base)}
        candidates = (name for name in (*named, *others) if name not in own)
        return next((name for name in candidates if self._verdict(name, scope).verdict == "approved"), None)

    def _offered_by_function(self) -> dict[str, list[str]]:
        """Subjects that an approving standard names, by function; binding standards first."""
        offers: dict[str, list[tuple[bool, str, str]]] = defaultdict(list)
        for base, rules in self._by_subject.items():
            entry = self._snapshot.directory.get(base)
            for rule in rules:
                if entry is None or entry.function is None or rule.standard.verdict != "approved":
                    continue
                names = [base] if rule.editions is None else [f"{base}#{name}" for name in sorted(rule.editions)]
                offers[entry.function] += [(rule.standard.force != "binding", rule.standard.id, name) for name in names]
        return {function: [name for _, _, name in sorted(found)] for function, found in offers.items()}


def _holds(record: Standard | Initiative, day: date) -> bool:
    return record.valid_from <= day and (record.valid_to is None or day <= record.valid_to)


def _announced(standard: Standard, day: date) -> bool:
    return standard.verdict in _OFFERS and standard.offered_from is not None and day < standard.offered_from


def _rules(standard: Standard) -> Iterator[tuple[str, _Rule]]:
    for subject in standard.subjects:
        base, _, edition = subject.partition("#")
        editions = frozenset({edition} if edition else standard.editions) or None
        yield base, _Rule(standard, _SUBJECT if editions is None else _EDITION, editions)


def _applies(rule: _Rule, edition: str | None, seat: str | None, scope: Scope) -> bool:
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


def _is_ban_by_law(rule: _Rule) -> bool:
    standard = rule.standard
    return standard.verdict == "prohibited" and standard.force == "binding" and standard.legal_basis is not None


def _seat(entry: DirectoryEntry | None, edition: str | None) -> str | None:
    if entry is None:
        return None
    found: Edition | None = next((e for e in entry.editions if e.edition == edition), None)
    provider = found.provider if found is not None and found.provider is not None else entry.provider
    return provider.seat if provider is not None else None


def _paths(
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


def _once(records: Iterable[Record]) -> list[Record]:
    return list({id(record): record for record in records}.values())
