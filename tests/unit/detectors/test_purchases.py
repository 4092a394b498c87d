"""Documents that share a number, directly or over others, are one purchase."""

from decimal import Decimal
from types import ModuleType
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import purchases


def usage(cases: ModuleType, *documents: dict[str, Any], subject: str = "purchases:s/480") -> pl.DataFrame:
    filled = [{"day": "2026-01-01", "view": "order"} | document for document in documents]
    row = {"unit": "im", "subject": subject, "signals": ["procurement"], "purchases": filled}
    frame: pl.DataFrame = cases.numbers([row], None)
    return frame


def groups(usages: pl.DataFrame) -> list[list[str]]:
    rows = purchases.documents(usages)
    found = rows.group_by("subject", "purchase").agg(pl.col("document_id").sort()).to_dicts()
    return sorted(row["document_id"] for row in found)


def test_documents_are_joined_by_any_number_they_share(cases: ModuleType) -> None:
    documents = [
        {"document_id": "tender", "view": "tender", "process_id": "ocds-1"},
        {"document_id": "award", "view": "award", "process_id": "ocds-1"},
        {"document_id": "contract", "view": "contract", "references": ["award"]},
        {"document_id": "change", "view": "amendment", "amends": "contract"},
        {"document_id": "invoice", "view": "invoice", "references": ["order", "contract"]},
        {"document_id": "other", "references": ["something-else"]},
    ]
    assert groups(usage(cases, *documents)) == [["award", "change", "contract", "invoice", "tender"], ["other"]]


def test_the_same_number_at_another_supplier_is_another_purchase(cases: ModuleType) -> None:
    one = usage(cases, {"document_id": "4711"}, subject="purchases:a/480")
    two = usage(cases, {"document_id": "4711"}, subject="purchases:b/480")
    assert groups(pl.concat([one, two])) == [["4711"], ["4711"]]


@settings(max_examples=30, deadline=None)
@given(order=st.permutations(range(40)))
def test_a_long_chain_is_one_purchase_in_any_order(order: list[int]) -> None:
    import sys

    chain = [{"document_id": f"{i:02d}", "references": [f"{i + 1:02d}"]} for i in order]
    assert len(groups(usage(sys.modules["detector_cases"], *chain))) == 1


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param(
            [{"document_id": "a", "committed": 10}, {"document_id": "b", "references": ["a"], "committed": 5}],
            15,
            id="orders of one contract add up",
        ),
        pytest.param(
            [
                {"document_id": "a", "view": "contract", "committed": 10},
                {"document_id": "b", "references": ["a"], "committed": 10},
            ],
            10,
            id="contract and order describe the same money",
        ),
        pytest.param(
            [{"document_id": "a", "committed": 10, "site": "x"}, {"document_id": "a", "committed": 10, "site": "y"}],
            10,
            id="two sites saw one document",
        ),
        pytest.param(
            [
                {"document_id": "a", "committed": 10},
                {"view": "amendment", "document_id": "c", "amends": "a", "committed": 12},
            ],
            10,
            id="an amendment adds nothing",
        ),
        pytest.param(
            [{"document_id": "a", "lot": "1", "committed": 10}, {"document_id": "a", "lot": "2", "committed": 7}],
            17,
            id="lots add up",
        ),
    ],
)
def test_money_of_a_purchase_counts_once(cases: ModuleType, documents: list[dict[str, Any]], expected: int) -> None:
    assert purchases.summed(usage(cases, *documents))["committed"].to_list() == [Decimal(expected)]


def test_a_credit_note_takes_away_whatever_its_sign(cases: ModuleType) -> None:
    for sign in (1, -1):
        credit = {"view": "credit_note", "document_id": "g", "references": ["o"], "paid": 3 * sign}
        found = purchases.summed(
            usage(cases, {"view": "invoice", "document_id": "r", "references": ["o"], "paid": 10}, credit)
        )
        assert found["paid"].to_list() == [Decimal(7)]
