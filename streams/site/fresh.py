"""What has to be sent at once: a subject that is new at a unit, or that the group size has just reached there.

Everything else that changed waits for the next look at the whole site. What is told twice costs a little work and changes
nothing, so that nothing is read at the start but names.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from catalogue.match import Directory
from streams.site.arrays import wide
from streams.site.border import CANDIDATE
from streams.site.emit import LEAVING, Only
from streams.site.glossary import Glossary, buckets_of
from streams.site.keys import SiteKey
from streams.site.packed import Packed
from streams.site.table import SLOT, Table

MOST = 200_000
"""Names, and places where people are counted, that are remembered; beyond, they are met anew."""


@dataclass(frozen=True, slots=True)
class _Name:
    """What a name is of."""

    subject: str
    domain: str
    listed: bool
    """The directory knows it; else it may become a candidate."""


@dataclass
class Fresh:
    """Told of every block that is written; knows what of it cannot wait. One thread at a time."""

    directory: Directory
    key: SiteKey
    group_size: int
    _names: dict[int, _Name | None] = field(default_factory=dict)
    _where: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Slices of each listed subject."""
    _met: dict[tuple[str, str, str, int, int], set[int] | None] = field(default_factory=dict)
    """People met at a unit, subject, domain, view and kind; None from the group size on."""
    _known: set[tuple[str, str]] = field(default_factory=set)
    """Units and subjects that were met."""
    _due: set[str] = field(default_factory=set)

    def begin(self, glossary: Glossary) -> None:
        """Learn in which slices the names of listed subjects lie that the site has stored."""
        for names in glossary.frames():
            self._learn(names)

    def saw(self, given: Packed) -> None:
        """A block was written."""
        new = np.array([word not in self._names for word in given.names.words.tolist()], dtype=np.bool_)
        if new.any():
            self._learn(given.names.frame(np.flatnonzero(new)))
        for piece in given.pieces:
            if piece.kind == "window":
                self._meet(Table.read(piece.data))

    def take(self) -> Only | None:
        """What is due, once; None when nothing is."""
        if not self._due:
            return None
        subjects, self._due = frozenset(self._due), set()
        return Only(subjects, frozenset(bucket for subject in subjects for bucket in self._where[subject]))

    @property
    def due(self) -> bool:
        """Whether something is."""
        return bool(self._due)

    def _learn(self, names: pl.DataFrame) -> None:
        if len(self._names) > MOST:
            self._names.clear()
        found = self.directory.network(names.select("host", "address", "application"))
        place = names.select(pl.coalesce("domain", "address", "application").fill_null("")).to_series()
        buckets = buckets_of(names, self.key)
        rows = zip(
            names["name"], names["domain"], place, found["subject"], found["kind"], buckets, strict=True
        )  # fmt: skip
        for word, domain, there, subject, kind, bucket in rows:
            name: _Name | None = None
            if kind in LEAVING:
                name = _Name(subject, there, listed=True)
            elif kind is None and domain is not None:
                name = _Name(CANDIDATE + domain, there, listed=False)
            self._names[word] = name
            if name is not None and name.listed:
                self._where[name.subject].add(bucket)

    def _meet(self, table: Table) -> None:
        if len(self._met) > MOST:
            self._met.clear()
            self._known.clear()
        units, slots = table.units, list(zip(*(table.columns[column].tolist() for column in SLOT), strict=True))
        buckets = wide(table.columns["bucket"], len(table.columns["name"])).tolist()
        for at, word, slot, actor in _distinct(table):
            name = self._names.get(word)
            if name is None:
                continue
            unit, view, kind, _ = slots[slot]
            place = (units[unit], name.subject, name.domain, view, kind)
            met = self._met.setdefault(place, set())
            if name.listed and place[:2] not in self._known:
                self._known.add(place[:2])
                self._due.add(name.subject)
            if met is None or not actor:
                continue
            met.add(actor)
            if len(met) >= self.group_size:
                self._met[place] = None
                self._due.add(name.subject)
                self._where[name.subject].add(buckets[at])


def _distinct(table: Table) -> Iterator[tuple[int, int, int, int]]:
    """Place of the name, name, slot and actor (0: nobody, or nothing but blocked attempts) of the rows, each once."""
    count = table.rows
    at = np.repeat(np.arange(len(table.columns["name"])), table.counts)
    seen = wide(table.columns["events"], count) > 0
    actor = np.where(seen, wide(table.columns["actor"], count), np.uint64(0))
    names = table.columns["name"].tolist()
    rows = zip(at.tolist(), wide(table.columns["slot"], count).tolist(), actor.tolist(), strict=True)
    for place, slot, who in dict.fromkeys(rows):
        yield place, names[place], slot, who
