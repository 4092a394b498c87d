"""Cases to render: every usage of every detector's fixtures that gives a reason."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import ModuleType
from typing import Any

import polars as pl

from catalogue.snapshot import Snapshot
from detectors.context import Context
from detectors.registry import answer, rules
from detectors.urgency import urgency
from schemas.basis import Basis


@dataclass(frozen=True)
class Page:
    finding: dict[str, Any]
    numbers: dict[str, Any]
    snapshot: Snapshot
    basis: Basis
    views: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    others: int = 0
    coverage: dict[str, int] = field(default_factory=dict)
    partial: list[dict[str, Any]] = field(default_factory=list)
    agreement: dict[str, Any] | None = None
    catalogue_day: date | None = None
    deadline: date | None = None


INVENTORIES = (("cyclonedx",), ("nmap",), ("cyclonedx", "glpi", "nmap"))
"""Views of the inventory; without any a page speaks of devices."""


def pages(cases: ModuleType) -> Iterator[tuple[str, Page]]:
    for fixture in cases.fixtures():
        for page in judged(fixture.usages, fixture.context):
            name = f"{fixture}/{page.finding['subject']}"
            yield name, page
            if "assets" in page.finding["signals"]:
                for views in INVENTORIES:
                    yield f"{name}/{'+'.join(views)}", replace(page, views=inventory(*views))


def inventory(*views: str) -> list[dict[str, Any]]:
    """Rows of VIEW of the inventory, as far as a page reads them."""
    return [{"signal": "assets", "view": view} for view in views]


def judged(usages: pl.DataFrame, context: Context, **extra: Any) -> Iterator[Page]:
    """A page a usage with a reason, as the centre would judge it."""
    usages = usages.with_columns(_money(kind) for kind in ("estimated", "committed", "paid"))
    reasons = pl.concat([rule.reasons(usages, context) for rule in rules()]).sort("code")
    weighed = urgency(usages, reasons, context)
    basis = Basis(number=1, catalogue="3f9a17c0ffee0000", models="-", population="0", day=context.day)
    for row, points in zip(usages.iter_rows(named=True), weighed.iter_rows(named=True), strict=True):
        of = reasons.filter(pl.col("unit") == row["unit"], pl.col("subject") == row["subject"])
        said = [{"code": r["code"], "score": r["score"], "params": json.loads(r["params"])} for r in of.to_dicts()]
        if said:
            told = {"history": [{"day": row["first_day"], "event": "finding"}]} | extra
            yield Page(_finding(row, said, points), row, context.snapshot, basis, **told)


def _money(kind: str) -> pl.Expr:
    listed = pl.col("purchases").list.eval(pl.element().struct.field(kind).drop_nulls())
    total = pl.when(listed.list.len() > 0).then(listed.list.sum())
    return pl.coalesce(kind, total).cast(pl.Decimal(18, 2)).alias(kind)


def _finding(row: dict[str, Any], said: list[dict[str, Any]], points: dict[str, Any]) -> dict[str, Any]:
    kept = ("id", "unit", "subject", "verdict", "grade", "mode", "signals", "alternative")
    finding = {name: row[name] for name in kept} | {"formerly": None, "entries": [], "status": "new"}
    finding |= {"first_seen": row["first_day"], "last_seen": row["last_day"], "addressee": row["unit"]}
    finding |= {"reasons": said, "urgency": points["urgency"], "parts": json.loads(points["parts"])}
    return finding | {"answer": answer(r["code"] for r in said), "decision": None}


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, date | Decimal) else value
