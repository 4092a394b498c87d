"""The records that hold on a day, and what they say of one subject for units of one scope.

Of the standards that hold for a unit the most specific decides: one that names the edition, then one that names the
subject, then one that names its function; then the narrower unit; then binding before recommended; then the later; then
the stricter. Where the edition or the version is unknown every possibility is tried: if they differ, it is `unclear`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from catalogue.applies import (
    FUNCTION,
    LAND,
    Rule,
    Scope,
    announced,
    applies,
    codes_by_path,
    holds,
    is_ban_by_law,
    rules_of,
    seat_of,
)
from catalogue.snapshot import Snapshot
from schemas.entries import DirectoryEntry, Initiative
from schemas.record import Record

_STRICTNESS = {"approved": 0, "tolerated": 1, "phase_out": 2, "prohibited": 3}
_SETTLED = frozenset({"approved", "registered"})
"""Verdicts that need no alternative."""


class Opinion(NamedTuple):
    """What the catalogue says; the fields of `verdict.VERDICTS`."""

    verdict: str
    entries: tuple[str, ...] = ()
    standard: str | None = None
    successor: str | None = None
    initiative: str | None = None
    alternative: str | None = None


class _Offer(NamedTuple):
    """A subject that a standard approves."""

    order: tuple[bool, str]
    name: str
    units: tuple[str, ...]


class _World(NamedTuple):
    """One possibility: what decides if the subject is of this edition and version."""

    verdict: str
    rule: Rule | None
    initiative: Initiative | None


class Law:
    """Standards and initiatives of a snapshot that hold on a day, by what they name."""

    def __init__(self, snapshot: Snapshot, day: date) -> None:
        self._snapshot = snapshot
        self._by_subject: dict[str, list[Rule]] = defaultdict(list)
        self._by_function: dict[str, list[Rule]] = defaultdict(list)
        self._initiatives: dict[str, list[Initiative]] = defaultdict(list)
        self._codes: dict[str, frozenset[str]] = {}
        self._opinions: dict[tuple[str, Scope], Opinion] = {}
        self._told: dict[tuple[str, Scope], Opinion] = {}
        standards = [s for s in snapshot.standards if holds(s, day) and not announced(s, day)]
        for standard in standards:
            for base, rule in rules_of(standard):
                self._by_subject[base].append(rule)
            limited = frozenset(standard.editions) or None
            for function in standard.functions:
                self._by_function[function].append(Rule(standard, FUNCTION, limited))
        initiatives = [i for i in snapshot.initiatives if holds(i, day)]
        for initiative in initiatives:
            self._initiatives[initiative.subject.partition("#")[0]].append(initiative)
        self.named = frozenset({*snapshot.directory, *self._by_subject, *self._initiatives})
        """Subjects, without edition, that any record speaks of; all others are unlisted."""
        self._paths = codes_by_path(snapshot, standards, initiatives)
        self._offers = self._offers_by_function()
        self._offered_to: dict[tuple[str, Scope], list[str]] = {}

    def scope(self, code: str) -> Scope:
        """The scope of a unit: its path today decides. One without a record is bound and has its code as path."""
        unit = self._snapshot.units.get(code)
        steps = (unit.path if unit else code).split("/")
        above = ("/".join(steps[:depth]) for depth in range(1, len(steps) + 1))
        codes = frozenset(name for path in above for name in self._paths.get(path, ()))
        return Scope(unit.bound if unit else True, codes | {LAND})

    def opinion(self, subject: str, scope: Scope) -> Opinion:
        """Verdict, the records read for it, and what the unit is offered instead."""
        key = (subject, scope)
        if key not in self._told:
            found = self._verdict(subject, scope)
            if found.verdict not in _SETTLED:
                found = found._replace(alternative=self._alternative(subject, found.successor, scope))
            self._told[key] = found
        return self._told[key]

    def _verdict(self, subject: str, scope: Scope) -> Opinion:
        base = subject.partition("#")[0]
        if base not in self._codes:
            self._codes[base] = self._codes_for(base)
        key = (subject, Scope(scope.bound, scope.codes & self._codes[base]))
        if key not in self._opinions:
            self._opinions[key] = self._judge(*key)
        return self._opinions[key]

    def _codes_for(self, base: str) -> frozenset[str]:
        """Codes by which records on the subject tell units apart; other codes of a scope change nothing."""
        entry = self._snapshot.directory.get(base)
        rules = [*self._by_subject.get(base, ()), *self._by_function.get(entry.function or "" if entry else "", ())]
        codes = {code for rule in rules for code in (*rule.standard.units, *rule.standard.open_to)}
        return frozenset(codes.union(*(initiative.units for initiative in self._initiatives.get(base, ()))))

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
        seat = seat_of(entry, edition)
        rules = [rule for rule in rules if applies(rule, edition, seat, scope)]
        every_version = [rule for rule in rules if rule.standard.versions is None]
        for holding in [rules] if len(rules) == len(every_version) else [rules, every_version]:
            rule = max(holding, key=lambda rule: self._rank(rule, scope), default=None)
            verdict = rule.standard.verdict if rule else "unlisted"
            by_law = verdict == "prohibited" and any(map(is_ban_by_law, holding))
            initiative = None if by_law else self._initiative(base, edition, scope)
            yield _World("registered" if initiative else verdict, rule, initiative)

    def _rank(self, rule: Rule, scope: Scope) -> tuple[int, int, bool, date, int, str]:
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
        """The successor, else an alternative of the entry, else a subject of the same function; offered to the unit.

        A successor is what a standard enacted. All others are of the subject's kind: no service in place of software.
        """
        base, _, edition = subject.partition("#")
        entry = self._snapshot.directory.get(base)
        named = [successor] if successor else []
        others: list[str] = []
        if entry is not None:
            named += entry.alternatives
            others = self._offered(entry.function or "", scope)
        own = {subject} if edition else {subject, *(name for name in others if name.partition("#")[0] == base)}
        kind = base.partition(":")[0]
        candidates = (
            name
            for name in (*named, *others)
            if name not in own and (name == successor or name.partition(":")[0] == kind)
        )
        return next((name for name in candidates if self._verdict(name, scope).verdict == "approved"), None)

    def _offered(self, function: str, scope: Scope) -> list[str]:
        """Subjects of a function that an approving standard names for the units, in order."""
        key = (function, scope)
        if key not in self._offered_to:
            offers = self._offers.get(function, ())
            names = (name for _, name, units in offers if not scope.codes.isdisjoint(units))
            self._offered_to[key] = list(dict.fromkeys(names))
        return self._offered_to[key]

    def _offers_by_function(self) -> dict[str, list[_Offer]]:
        """What approving standards name, by function; binding standards first."""
        offers: dict[str, list[_Offer]] = defaultdict(list)
        for base, rules in self._by_subject.items():
            entry = self._snapshot.directory.get(base)
            for rule in rules:
                if entry is None or entry.function is None or rule.standard.verdict != "approved":
                    continue
                names = [base] if rule.editions is None else [f"{base}#{name}" for name in sorted(rule.editions)]
                order = (rule.standard.force != "binding", rule.standard.id)
                offers[entry.function] += [_Offer(order, name, rule.standard.units) for name in names]
        return {function: sorted(found) for function, found in offers.items()}


def _once(records: Iterable[Record]) -> list[Record]:
    return list({id(record): record for record in records}.values())
