"""Urgency is a sum of named reasons, and each point is in the sum."""

import json
import sys
from collections.abc import Sequence
from datetime import date
from types import ModuleType
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import weights as w
from detectors.context import Context
from detectors.registry import rules
from detectors.urgency import urgency

DAY = date(2026, 11, 20)
UNIT = {
    "code": "um-lfg",
    "path": "um/lfg",
    "name": {"de": "Landesamt für Gewässerkunde", "en": "State Office for Waters"},
    "kind": "authority",
    "bound": True,
    "headcount": 410,
}
EXAMPLE = {
    "unit": "um-lfg",
    "subject": "service:chatgpt",
    "actors": 23,
    "actors_kind": "device",
    "bytes_up": 1_800_000_000,
    "growth_weeks": 4,
}
REASONS = pl.Schema(
    {"unit": pl.String, "subject": pl.String, "code": pl.String, "score": pl.Float64, "params": pl.String}
)


def judged(
    cases: ModuleType,
    row: dict[str, Any],
    codes: Sequence[str] = (),
    scores: dict[str, float] | None = None,
    unit: dict[str, Any] = UNIT,
    **columns: Any,
) -> tuple[int, dict[str, int]]:
    numbers = cases.numbers([row], DAY).with_columns(**{k: pl.lit(v) for k, v in columns.items()})
    said = [(row["unit"], row["subject"], c, (scores or {}).get(c), '{"sum":"125000.00"}') for c in codes]
    reasons = pl.DataFrame(said, schema=REASONS, orient="row")
    context = Context.of(cases.snapshot({"units": [unit]}), DAY, numbers["subject"], numbers["unit"])
    result = urgency(numbers, reasons, context)
    return result["urgency"][0], {p["name"]: p["points"] for p in json.loads(result["parts"][0])}


def test_the_agreed_example(cases: ModuleType) -> None:
    points, parts = judged(cases, EXAMPLE, ["unlisted_service", "generative_ai"])
    assert parts == {"share": 12, "upload": 22, "generative_ai": 20, "growth": 4}
    assert points == 58
    assert w.word(points) == "medium"


def test_parts_keep_the_order_of_the_example(cases: ModuleType) -> None:
    _, parts = judged(cases, EXAMPLE, ["unlisted_service", "generative_ai"])
    assert [*parts] == ["share", "upload", "generative_ai", "growth"]


def test_a_disputed_decision_adds_nothing_and_a_place_outside_does(cases: ModuleType) -> None:
    disputed = judged(cases, EXAMPLE, ["generative_ai", "outside_jurisdiction"], {"outside_jurisdiction": 0.0})
    outside = judged(cases, EXAMPLE, ["generative_ai", "outside_jurisdiction"], {"outside_jurisdiction": 0.5})
    assert disputed[0] == 58
    assert outside == (66, disputed[1] | {"outside_jurisdiction": 8})


def test_unknown_adds_nothing(cases: ModuleType) -> None:
    row = {"unit": "um-lfg", "subject": "service:s", "band": "1-4", "actors_kind": "device"}
    assert judged(cases, row, unit=UNIT | {"headcount": None}) == (0, {})
    assert judged(cases, EXAMPLE | {"actors_kind": "shared"}, unit=UNIT)[1] == {"upload": 22, "growth": 4}


def test_a_power_of_ten_counts_as_its_tenth(cases: ModuleType) -> None:
    row = EXAMPLE | {"actors": None, "band": "1-4", "bytes_up": 1_000_000_000}
    assert judged(cases, row)[1]["upload"] == 14


def test_the_heaviest_rule_counts(cases: ModuleType) -> None:
    _, parts = judged(cases, EXAMPLE, ["unlisted_service", "generative_ai", "prohibited_service"])
    assert parts["prohibited_service"] == 25
    assert "generative_ai" not in parts
    assert "unlisted_service" not in parts


def test_an_unanswered_question_ages(cases: ModuleType) -> None:
    assert judged(cases, EXAMPLE, asked_on=date(2026, 11, 5))[1]["unanswered"] == 4
    assert "unanswered" not in judged(cases, EXAMPLE, asked_on=date(2026, 11, 18))[1]


def test_purchases_are_a_track_of_their_own(cases: ModuleType) -> None:
    row = {
        "unit": "um-lfg",
        "subject": "purchases:rechner-gmbh/480",
        "signals": ["procurement"],
        "committed": "90000",
        "paid": "30000",
        "actors": 400,
        "actors_kind": "device",
        "purchases": [
            {"view": "contract", "period_end": "2026-12-31"},
            {"view": "contract", "period_end": "2026-01-01"},
        ],
    }
    assert judged(cases, row) == (50, {"money": 25, "deadline": 25})
    assert judged(cases, row, ["split_award"]) == (65, {"money": 40, "deadline": 25})


def test_height_and_order_are_kept(cases: ModuleType) -> None:
    rows = [EXAMPLE | {"subject": f"service:s{i}", "growth_weeks": 3 + i} for i in range(4)]
    numbers = cases.numbers(rows, DAY)
    context = Context.of(cases.snapshot({"units": [UNIT]}), DAY, numbers["subject"], numbers["unit"])
    result = urgency(numbers, pl.DataFrame(schema=REASONS), context)
    assert result["urgency"].to_list() == [37, 38, 39, 40]
    assert urgency(numbers.clear(), pl.DataFrame(schema=REASONS), context).is_empty()


def test_no_track_can_exceed_the_maximum() -> None:
    steps = (w.UPLOAD_POINTS, w.MONEY_POINTS, w.DEADLINE_POINTS)
    upload, money, deadline = (max(points for _, points in step) for step in steps)
    rest = w.GROWTH_POINTS_MAX + w.AGE_POINTS_MAX + w.JURISDICTION_POINTS + w.SENSITIVE_POINTS
    assert w.SHARE_POINTS_MAX + upload + max(w.RULE_POINTS.values()) + rest <= w.URGENCY_MAX
    assert money + deadline <= w.URGENCY_MAX


@pytest.mark.parametrize(
    ("points", "expected"), [(0, "low"), (39, "low"), (40, "medium"), (69, "medium"), (70, "high")]
)
def test_words_of_urgency(points: int, expected: str) -> None:
    assert w.word(points) == expected


@settings(max_examples=60, deadline=None)
@given(
    actors=st.one_of(st.none(), st.integers(0, 1000)),
    up=st.one_of(st.none(), st.integers(0, 10**12)),
    weeks=st.one_of(st.none(), st.integers(0, 40)),
    codes=st.sets(st.sampled_from([rule.name for rule in rules()])),
    sensitive=st.booleans(),
    money=st.one_of(st.none(), st.integers(-1000, 10**9)),
)
def test_every_part_is_in_the_sum(
    actors: int | None, up: int | None, weeks: int | None, codes: Any, sensitive: Any, money: int | None
) -> None:
    row = EXAMPLE | {"actors": actors, "bytes_up": up, "growth_weeks": weeks, "committed": money}
    unit = UNIT | {"sensitive": sensitive}
    scores = {"outside_jurisdiction": 1.0}
    points, parts = judged(sys.modules["detector_cases"], row, sorted(codes), scores, unit, asked_on=date(2026, 1, 1))
    assert points == sum(parts.values())
    assert 0 <= points <= w.URGENCY_MAX
    assert all(parts.values())
