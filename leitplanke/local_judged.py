"""What stays at a site, judged in memory by the judge of the centre; nothing is stored or sent."""

import json
from collections.abc import Iterator
from typing import Any

import polars as pl

from catalogue.snapshot import Snapshot
from schemas.basis import Basis
from schemas.observation import OBSERVATION
from streams.centre.document import DECISIONS
from streams.centre.judge import graded, judge
from streams.centre.law import Law
from streams.centre.merge import empty, merge
from streams.centre.numbers import numbers
from streams.centre.population import population


def cases(staying: pl.DataFrame, snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """Usages of OBSERVATION rows with `why`, most urgent first, with their finding where the judge makes one.

    Usages below the group size are left out; the judging day is the newest day among the rows.
    """
    if staying.is_empty():
        return
    merged = merge(empty(), staying.select(OBSERVATION.names), pl.DataFrame(schema=DECISIONS))
    people = population([graded(merged).select("unit", "subject", "grade")], snapshot)
    day = staying["day"].max()
    basis = Basis(number=1, catalogue=snapshot.hash, models="-", population=people.hash, day=day)
    judged = judge(merged, basis, Law(snapshot, basis.day, people.prevalence))
    counted = numbers(judged).select("id", "actors", "band", "actors_kind", "signals", "grade")
    why = staying.group_by("unit", "subject").agg(pl.col("why").first())
    shown = judged.select("id", "unit", "subject", "verdict", "first_day", "last_day", "finding")
    found = shown.join(counted, on="id").join(why, on=["unit", "subject"])
    said = [_row(row) for row in found.filter(pl.col("band").is_null()).iter_rows(named=True)]
    yield from sorted(said, key=lambda row: (-(row["urgency"] or 0), row["unit"], row["subject"]))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    finding = json.loads(row["finding"]) if row["finding"] else None
    kept = {name: row[name] for name in _KEPT} | {"first_seen": row["first_day"], "last_seen": row["last_day"]}
    if finding is None:
        return kept | {"kind": "stays", "urgency": None, "reasons": []}
    reasons = [reason["code"] for reason in finding["reasons"]]
    return kept | {"kind": "stays", "finding": finding["id"], "urgency": finding["urgency"], "reasons": reasons}


_KEPT = ("unit", "subject", "verdict", "grade", "signals", "actors", "band", "actors_kind", "why")
