"""Every detector has a card, fixtures and a shape; every fixture folder is run."""

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from detectors.registry import Detector, answer, rules
from schemas.usage import REASON

LINES = ["Reads", "Says", "Score", "Answer", "Source", "Blind to"]
DIMENSIONS = ("sovereignty", "transformation", "governance", "workplace", "green")
BY_NAME = {rule.name: rule for rule in rules()}


def test_every_file_is_a_detector() -> None:
    files = Path(__file__).parents[3].joinpath("detectors", "rules").glob("*.py")
    assert {rule.name for rule in rules()} == {file.stem for file in files} - {"__init__"}
    assert len(rules()) >= 6


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_card_has_its_lines_in_order(rule: Detector) -> None:
    question, blank, *body = rule.card.splitlines()
    assert question.endswith("?")
    assert not blank
    labels = [line[:10].strip() for line in body if line[:1].strip()]
    assert labels == LINES
    assert all(line[10:].strip() and line[9] == " " for line in body), "text starts in column 10"
    assert rule.name in next(line for line in body if line.startswith("Says"))


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_detector_names_dimension_version_and_answer(rule: Detector) -> None:
    assert rule.dimension in DIMENSIONS
    assert re.fullmatch(r"\d+\.\d+", rule.version)
    assert re.fullmatch(r"[a-z_]+", rule.answer)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_detector_has_hit_near_miss_and_gap(name: str, cases: ModuleType) -> None:
    folders = {f.name: f for f in cases.fixtures() if f.detector == name}
    assert "near_miss" in folders
    assert "gap" in folders
    assert not folders["near_miss"].expected
    assert any(f.expected for f in folders.values())


def test_fixture_gives_its_reasons(fixture: Any, cases: ModuleType) -> None:
    found = BY_NAME[fixture.detector].reasons(fixture.usages, fixture.context)
    assert cases.said(found) == fixture.expected


def test_other_detectors_stand_on_any_fixture(fixture: Any) -> None:
    for rule in rules():
        found = rule.reasons(fixture.usages, fixture.context)
        assert found.schema == REASON
        assert found["score"].drop_nulls().is_between(0, 1).all()
        assert set(found["code"]) <= {rule.name}
        assert not found.select("unit", "subject").is_duplicated().any()


def test_no_usages_give_no_reasons(fixture: Any) -> None:
    for rule in rules():
        assert rule.reasons(fixture.usages.clear(), fixture.context).is_empty()


def test_order_of_usages_changes_nothing(fixture: Any, cases: ModuleType) -> None:
    rule = BY_NAME[fixture.detector]
    turned = rule.reasons(fixture.usages.reverse(), fixture.context)
    assert cases.said(turned) == fixture.expected


def test_order_of_documents_changes_nothing(fixture: Any, cases: ModuleType) -> None:
    rule = BY_NAME[fixture.detector]
    turned = fixture.usages.with_columns(pl.col("purchases").list.reverse())
    assert cases.said(rule.reasons(turned, fixture.context)) == fixture.expected


def test_a_headcount_in_the_usages_is_no_obstacle(fixture: Any, cases: ModuleType) -> None:
    usages = fixture.usages.with_columns(pl.lit(99_999, dtype=pl.Int64).alias("headcount"))
    assert cases.said(BY_NAME[fixture.detector].reasons(usages, fixture.context)) == fixture.expected


def test_proposed_answer_is_the_leading_reasons() -> None:
    assert answer(["unlisted_service", "generative_ai"]) == "use_alternative"
    assert answer(["outside_jurisdiction"]) == "check_transfer"
    assert answer([]) is None
