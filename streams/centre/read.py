"""What readers get: findings as lists, and one case with everything that its page shows."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl

from catalogue.snapshot import Snapshot
from schemas.basis import Basis
from schemas.errors import ConfigurationError
from schemas.finding import Coverage
from schemas.ports import Query
from streams.centre.centre import Centre
from streams.centre.coverage import coverage, partial, sources
from streams.centre.document import COLUMNS
from streams.centre.judge import graded, judge
from streams.centre.law import Law
from streams.centre.measure import measured
from streams.centre.numbers import told
from streams.centre.population import population

PREFIX_MIN = 4
"""Fewest characters that name a finding."""
AMBIGUOUS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Case:
    """A finding with everything that its page shows."""

    finding: Mapping[str, Any]
    """Columns of Finding."""
    numbers: Mapping[str, Any]
    """Its row of NUMBERS."""
    views: Sequence[Mapping[str, Any]]
    """Rows of VIEW."""
    history: Sequence[Mapping[str, Any]]
    """In order of time: day, event, and outcome of a decision."""
    basis: Basis
    """What it was judged by."""
    snapshot: Snapshot
    """The catalogue of the basis."""
    others: int
    """Other units that use the subject at grade `use` or above."""
    coverage: Mapping[str, int]
    """Days with data of the unit by signal, of the 30 that end on the judging day; the largest view counts."""
    views_covered: Sequence[Coverage]
    """The same by view."""
    partial: Sequence[Mapping[str, Any]]
    """Why less was seen than there was: signal, source, code of QUALITY, days of the 30."""
    agreement: Mapping[str, Any] | None
    """Works agreement of the sources that could see the unit; None when none is on file."""
    catalogue_day: date | None
    """Day the catalogue was published."""
    deadline: date | None
    """Day until which an answer was asked for."""


def findings(centre: Centre, query: Query, as_of: date | None = None) -> Iterator[dict[str, Any]]:
    """Findings that the query asks for, sorted by id: columns of Finding, and `catalogue`, the newest basis' snapshot.

    `unit` in the query means the whole subtree. `as_of` judges the observations of days up to that day with it as the
    judging day, and stores nothing.
    """
    basis = centre.basis()
    if basis is None:
        return
    query = _resolved(centre, query)
    texts = _stored(centre, query) if as_of is None else _dated(centre, query, basis, as_of)
    for text in texts:
        yield json.loads(text) | {"catalogue": basis.catalogue}


def _stored(centre: Centre, query: Query) -> Iterator[str]:
    while True:
        page = centre.store.search(query, ["id", "finding"])
        yield from page.documents["finding"].drop_nulls()
        if page.after is None:
            return
        query = replace(query, after=page.after)


def _dated(centre: Centre, query: Query, basis: Basis, day: date) -> list[str]:
    """Findings as they would be if the centre knew the observations of days up to `day` only."""
    law = centre.law(basis)
    heads = law.headcounts(pl.Series(centre.store.units(), dtype=pl.String))
    pages = (graded(measured(page, day), heads) for page in centre.store.scan(columns=COLUMNS))
    people = population((page.select("unit", "subject", "grade") for page in pages), law.snapshot)
    law, basis = Law(law.snapshot, day, people.prevalence, law.agreed), basis.model_copy(update={"day": day})
    kept = []
    for page in centre.store.scan(columns=COLUMNS):
        judged = judge(measured(page, day), basis, law).filter(pl.col("finding").is_not_null())
        status = pl.col("finding").str.json_path_match("$.status").alias("status")
        kept.append(_asked(judged.with_columns(status), query).select("id", "finding"))
    return pl.concat(kept).sort("id")["finding"].to_list() if kept else []


def _asked(judged: pl.DataFrame, query: Query) -> pl.DataFrame:
    rows = judged.filter(pl.col("id") > (query.after or ""))
    for name, allowed in query.where.items():
        rows = rows.filter(pl.col(name).is_in(allowed))
    for word in (query.words or "").split():
        rows = rows.filter(pl.col("words").str.to_lowercase().str.contains(word.lower(), literal=True))
    return rows


def _resolved(centre: Centre, query: Query) -> Query:
    """The query with codes of all units below those that it names."""
    asked = query.where.get("unit")
    if not asked:
        return query
    snapshot = centre.catalogue() or Snapshot()
    units = [snapshot.unit(code) for code in {*snapshot.units, *centre.store.units()}]
    roots = {path for name in asked for path in (name, snapshot.unit(name).path)}
    below = [u.code for u in units if u.code in asked or any(_below(u.path, root) for root in roots)]
    return replace(query, where={**query.where, "unit": tuple(sorted(below))})


def _below(path: str, root: str) -> bool:
    return root in {"land", path} or path.startswith(f"{root}/")


def case(centre: Centre, prefix: str) -> Case:
    """The case of the finding whose id begins with `prefix`; raises ConfigurationError unless it is exactly one."""
    found = _only(centre, prefix)
    basis = centre.basis()
    usage = centre.store.load([found], COLUMNS)
    finding = usage["finding"][0] if usage.height else None
    if basis is None or finding is None:
        raise ConfigurationError("there is no finding {finding}", finding=prefix)
    finding = json.loads(finding)
    law = centre.law(basis)
    covered = coverage(centre.shelf, [finding["unit"]], basis.day)
    return Case(
        finding=finding,
        numbers=told(usage, headcounts=law.headcounts(usage["unit"])).row(0, named=True),
        views=usage["views"][0].to_list(),
        history=_history(usage),
        basis=basis,
        snapshot=law.snapshot,
        others=_others(centre, finding),
        coverage={signal: max(c.days for c in covered if c.signal == signal) for signal in {c.signal for c in covered}},
        views_covered=covered,
        partial=partial(centre.shelf, finding["unit"], {view["site"] for view in usage["views"][0]}, basis.day),
        agreement=_agreement(centre, usage, basis),
        catalogue_day=_published(centre, basis),
        deadline=None,
    )


def _only(centre: Centre, prefix: str) -> str:
    wanted = prefix.upper()
    if len(wanted) < PREFIX_MIN:
        raise ConfigurationError("a finding is named by at least {least} characters of its id", least=PREFIX_MIN)
    ids = centre.store.ids(wanted, AMBIGUOUS_SHOWN + 1)
    if not ids:
        raise ConfigurationError("there is no finding {finding}", finding=prefix)
    if len(ids) > 1:
        shown = ", ".join(ids[:AMBIGUOUS_SHOWN]) + (" ..." if len(ids) > AMBIGUOUS_SHOWN else "")
        raise ConfigurationError("{finding} is the beginning of several findings: {shown}", finding=prefix, shown=shown)
    return ids[0]


def _others(centre: Centre, finding: Mapping[str, Any]) -> int:
    query = Query(where={"subject": (finding["subject"],)}, findings_only=False, limit=100_000)
    users = centre.store.search(query, ["unit", "grade"]).documents
    return int(users.filter(pl.col("grade") != "contact", pl.col("unit") != finding["unit"])["unit"].n_unique())


def _history(usage: pl.DataFrame) -> list[dict[str, Any]]:
    """What happened when: the finding begins with the first day seen, decisions follow."""
    events: list[dict[str, Any]] = [{"day": usage["first_day"][0], "event": "finding"}]
    for decision in usage["decisions"][0] if usage["decisions"][0] is not None else []:
        made: datetime = decision["at"]
        events.append({"day": made.date(), "event": "decided", "outcome": decision["outcome"]})
    return events


def _agreement(centre: Centre, usage: pl.DataFrame, basis: Basis) -> dict[str, Any] | None:
    """The agreement of the sources that saw the usage; with several, that of the first by name."""
    seen = usage.select(pl.col("views").explode().struct.unnest()).select("site", "signal").unique()
    feeds = sources(centre.shelf, basis.day).join(seen, on=["site", "signal"], how="semi")
    named = feeds.drop_nulls("agreement").sort("site", "name").select(reference="agreement", date="agreed_on")
    return named.row(0, named=True) if named.height else None


def _published(centre: Centre, basis: Basis) -> date | None:
    items = centre.shelf.items("snapshot", basis.catalogue, basis.catalogue)
    return datetime.fromisoformat(json.loads(items[0].body)["at"]).date() if items else None


def agreements(centre: Centre, day: date) -> Iterable[Mapping[str, Any]]:
    """The feeds of all sites with purpose, legal basis and agreement."""
    return sources(centre.shelf, day).iter_rows(named=True)
