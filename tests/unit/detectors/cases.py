"""Reads fixture folders of detectors: settings.yaml (day and catalogue), usages.jsonl, reasons.jsonl."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from catalogue.snapshot import Snapshot
from detectors.context import Context
from schemas.entries import DirectoryEntry, Initiative, LegalBasis, Parameter, Standard
from schemas.names import finding_id
from schemas.unit import Unit
from schemas.usage import NUMBERS, REASON

FIXTURES = Path(__file__).parents[2] / "fixtures" / "detectors"
RECORDS = {
    "directory": DirectoryEntry,
    "standards": Standard,
    "initiatives": Initiative,
    "parameters": Parameter,
    "legal": LegalBasis,
    "units": Unit,
}
LAW = ("standard", "successor", "initiative", "alternative")
USAGES = pl.Schema({**NUMBERS.schema, "evidence": pl.List(pl.String), **{name: pl.String() for name in LAW}})


@dataclass(frozen=True)
class Fixture:
    detector: str
    name: str
    context: Context
    usages: pl.DataFrame
    expected: list[dict[str, Any]]

    def __str__(self) -> str:
        return f"{self.detector}/{self.name}"


def fixtures() -> Iterator[Fixture]:
    for folder in sorted(FIXTURES.glob("*/*")):
        yield fixture(folder)


def fixture(folder: Path) -> Fixture:
    settings = yaml.safe_load((folder / "settings.yaml").read_text(encoding="utf-8"))
    snap = snapshot(settings)
    usages = numbers(lines(folder / "usages.jsonl"), settings["day"])
    context = Context.of(snap, settings["day"], usages["subject"], usages["unit"])
    return Fixture(folder.parent.name, folder.name, context, usages, lines(folder / "reasons.jsonl"))


def snapshot(settings: dict[str, Any]) -> Snapshot:
    return Snapshot.of(kind(**record) for name, kind in RECORDS.items() for record in settings.get(name, ()))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def numbers(rows: list[dict[str, Any]], day: date) -> pl.DataFrame:
    """NUMBERS and the law's columns; what a row leaves out gets the value that says nothing."""
    full = []
    for row in rows:
        plain = {"id": finding_id(row["unit"], row["subject"]), "signals": ["network"], "verdict": "unlisted"}
        plain |= {"grade": "use", "mode": "unknown", "first_day": day, "last_day": day} | row
        full.append({name: typed(plain.get(name), dtype) for name, dtype in USAGES.items()})
    return pl.DataFrame(full, schema=USAGES, orient="row")


def typed(value: Any, dtype: Any) -> Any:
    """JSON value as the column's type has it."""
    if value is None:
        return None
    if isinstance(dtype, pl.List):
        return [typed(item, dtype.inner) for item in value]
    if isinstance(dtype, pl.Struct):
        return {field.name: typed(value.get(field.name), field.dtype) for field in dtype.fields}
    if dtype == pl.Date and isinstance(value, str):
        return date.fromisoformat(value)
    return Decimal(str(value)) if isinstance(dtype, pl.Decimal) else value


def said(reasons: pl.DataFrame) -> list[dict[str, Any]]:
    """Reasons as JSON has them, sorted, parameters without those that are null."""
    assert reasons.schema == REASON
    rows = reasons.sort("unit", "subject", "code").to_dicts()
    for row in rows:
        params = json.loads(row["params"])
        row["params"] = {name: value for name, value in params.items() if value is not None}
        row["score"] = None if row["score"] is None else round(row["score"], 4)
    return rows
