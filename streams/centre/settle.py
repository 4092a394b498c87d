"""Take a new basis and judge every usage by it, until a scan finds none that was judged by another."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from schemas.basis import Basis
from schemas.errors import ConfigurationError
from schemas.topics import CATALOGUE
from streams.centre.agreed import agreed
from streams.centre.centre import Centre
from streams.centre.document import NEVER_JUDGED
from streams.centre.judge import judge, read_by
from streams.centre.law import Law
from streams.centre.population import Population, population
from streams.centre.spread import spread

PAGE = 20_000
"""Usages that are judged together."""
NO_MODELS = "-"
_ROUNDS = 10
_CONTENT = ["verdict", "entries", "grade", "mode", "finding"]


@dataclass(frozen=True, slots=True)
class SettleReport:
    """What a settle did."""

    basis: Basis | None
    """The basis that everything is judged by now; None for an empty store."""
    drained: int
    """Observations that were waiting."""
    judged: int
    """Usages judged."""
    changed: int
    """Usages whose verdict, grade, mode or finding changed."""


def settle(centre: Centre, day: date | None = None, *, everything: bool = False) -> SettleReport:
    """Drain the bus, take the population, append a basis if it differs, judge what another basis judged.

    The judging day is `day`, else the newest day stored. `everything` judges every usage again.
    """
    drained = centre.drain()
    centre.carry()
    judged = changed = 0
    basis: Basis | None = None
    for _ in range(_ROUNDS):
        snapshot = centre.catalogue()
        if snapshot is None:
            raise ConfigurationError("the centre has no catalogue yet; `leitplanke settle` gives it one")
        on = day or centre.store.newest_day()
        if on is None:
            return SettleReport(None, drained, judged, changed)
        pages = centre.store.scan(columns=["unit", "subject", "grade"], page=PAGE)
        people = population(pages, snapshot, agreed(centre.shelf))
        if basis is not None and (basis.catalogue, basis.population, basis.day) == (snapshot.hash, people.hash, on):
            break
        basis = _basis(centre, snapshot.hash, people, on)
        for page_judged, page_changed in _passes(centre, basis, centre.law(basis), everything=everything):
            judged, changed = judged + page_judged, changed + page_changed
        everything = False
    return SettleReport(basis, drained, judged, changed)


def _basis(centre: Centre, catalogue: str, people: Population, day: date) -> Basis:
    """The newest basis if it says the same, else a new one; what it stands on is appended before it."""
    newest = centre.basis()
    number = NEVER_JUDGED + 1 if newest is None else newest.number + 1
    basis = Basis(number=number, catalogue=catalogue, models=NO_MODELS, population=people.hash, day=day)
    if newest is not None and newest.model_copy(update={"number": number}) == basis:
        return newest
    if newest is None or newest.population != people.hash:
        centre.append(CATALOGUE, "population", people.hash, people.to_json())
    centre.append(CATALOGUE, "basis", f"{number:012d}", basis.model_dump_json())
    return basis


def _passes(centre: Centre, basis: Basis, law: Law, *, everything: bool) -> Iterator[tuple[int, int]]:
    """Judge page by page: everything once if asked for, then what is left until nothing is."""

    def judged(page: pl.DataFrame) -> tuple[int, int]:
        return _page(centre, page, basis, law)

    if everything:
        yield from spread(judged, centre.store.scan(columns=read_by(law), page=PAGE))
    while True:
        found = [*spread(judged, centre.store.scan(columns=read_by(law), but_basis=basis.number, page=PAGE))]
        if not found:
            return
        yield from found


def _page(centre: Centre, page: pl.DataFrame, basis: Basis, law: Law) -> tuple[int, int]:
    """Judge a page; documents with the same content are only marked. A conflict is left to the next scan."""
    judged = judge(page, basis, law)
    before, after = page.select(_CONTENT), judged.select(_CONTENT)
    same = pl.all_horizontal(before[name].eq_missing(after[name]) for name in _CONTENT)
    equal = pl.select(same).to_series()
    centre.store.mark(page.filter(equal).select("id", "version"), basis.number)
    changed = judged.filter(~equal)
    centre.store.save(changed.drop("summary", "decisions", "views", strict=False))
    return page.height, changed.height
