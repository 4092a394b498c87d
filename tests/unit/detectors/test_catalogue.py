"""The detectors read the bundled catalogue: its parameters, standards and release cycles mean what they expect."""

import json
from datetime import date, timedelta
from functools import cache
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from catalogue.known import CONFIDENCE
from catalogue.load import load
from catalogue.snapshot import Snapshot
from catalogue.verdict import verdicts
from detectors.context import Context
from detectors.registry import rules
from leitplanke.texts import has

DAY = date(2026, 11, 20)
USED = {"unit": "um/lfg", "actors": 23, "actors_kind": "device", "events": 900, "active_days": 12}


@cache
def bundled() -> Snapshot:
    return load()


def said(cases: ModuleType, *rows: dict[str, Any], day: date = DAY) -> dict[tuple[str, str], dict[str, Any]]:
    """Parameters of every reason by subject and code, with verdicts of the bundled catalogue."""
    plain = cases.numbers(list(rows), day)
    law = verdicts(plain.select("unit", "subject", "mode"), bundled(), day)
    usages = plain.drop(law.columns, strict=False).hstack(law)
    context = Context.of(bundled(), day, usages["subject"], usages["unit"])
    found = pl.concat([rule.reasons(usages, context) for rule in rules()])
    return {(r["subject"], r["code"]): json.loads(r["params"]) for r in found.to_dicts()}


def test_an_ai_service_is_led_to_f13(cases: ModuleType) -> None:
    found = said(cases, USED | {"subject": "service:chatgpt"})
    assert found["service:chatgpt", "generative_ai"]["alternative"] == "service:f13"


def test_f13_itself_is_no_finding(cases: ModuleType) -> None:
    assert said(cases, USED | {"subject": "service:f13"}) == {}


def test_the_decision_for_the_usa_is_named_as_disputed(cases: ModuleType) -> None:
    subjects = [
        s for s, e in bundled().directory.items() if e.provider and e.provider.seat == "US" and s[:7] == "service"
    ]
    found = said(cases, *(USED | {"subject": subject} for subject in subjects))
    outside = [params for (_, code), params in found.items() if code == "outside_jurisdiction"]
    assert outside
    assert all("US" in params["disputed"] and "US" not in params["outside"] for params in outside)


@pytest.mark.parametrize(("day", "expected"), [("2026-03-01", "100000"), ("2024-09-30", "5000"), ("2028-01-01", None)])
def test_thresholds_of_the_day(cases: ModuleType, day: str, expected: str | None) -> None:
    amount = int(expected or 100_000) * 6 // 10
    first = date.fromisoformat(day)
    days = (first - timedelta(days=10), first)
    documents = [{"view": "order", "document_id": f"{d}", "day": f"{d}", "committed": amount} for d in days]
    subject = "purchases:s/480"
    found = said(cases, {"unit": "um/lfg", "subject": subject, "signals": ["procurement"], "purchases": documents})
    threshold = found.get((subject, "split_award"), {}).get("threshold")
    assert threshold == (f"{expected}.00" if expected else None)


def test_ended_cycles_of_the_directory_are_found(cases: ModuleType) -> None:
    entries = {s: r for s, e in bundled().directory.items() for r in e.releases if r.eol and r.eol < DAY}
    assert entries
    rows = [
        {"unit": "um/lfg", "subject": s, "signals": ["assets"], "releases": [{"version": r.cycle, "devices": 3}]}
        for s, r in entries.items()
    ]
    found = said(cases, *rows)
    assert {s for s, code in found if code == "end_of_life_software"} == set(entries)


def test_a_phase_out_is_a_finding_after_its_last_day(cases: ModuleType) -> None:
    standard = next(s for s in bundled().standards if s.verdict == "phase_out" and s.valid_to)
    assert standard.valid_to
    subject = standard.subjects[0]
    row = USED | {"subject": subject, "signals": ["assets"]}
    key = (subject, "prohibited_service")
    assert key not in said(cases, row, day=standard.valid_to)
    after = said(cases, row, day=standard.valid_to + timedelta(days=1))
    assert after[key]["ended"] == str(standard.valid_to)


def test_every_way_of_matching_has_its_words() -> None:
    assert [how for how in CONFIDENCE if not has(f"how.{how}")] == []
