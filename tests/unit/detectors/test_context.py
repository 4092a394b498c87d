"""The context says what the catalogue knows of units and subjects, and nothing more."""

from datetime import date
from types import ModuleType

import polars as pl

from detectors.context import SUBJECTS, UNITS, Context
from detectors.say import ratio

ENTRY = {
    "subject": "service:board",
    "kind": "service",
    "name": {"de": "Tafel", "en": "Board"},
    "function": "whiteboard",
    "provider": {"name": "Tafel GmbH", "seat": "DE"},
    "processed_in": ["DE"],
    "editions": [
        {"edition": "cloud", "provider": {"name": "Board Inc.", "seat": "US"}, "processed_in": ["US", "IE"]},
        {"edition": "on-premises", "processed_in": []},
    ],
}


def context(cases: ModuleType, *subjects: str) -> Context:
    units = [
        {"code": "lka", "path": "im/lka", "name": {"de": "Amt", "en": "Office"}, "kind": "authority", "bound": True}
    ]
    snapshot = cases.snapshot({"directory": [ENTRY], "units": units})
    codes = pl.Series(["lka", "im/neu", "lka"])
    return Context.of(snapshot, date(2026, 11, 20), pl.Series(subjects, dtype=pl.String), codes)


def test_an_edition_has_its_own_provider_and_places(cases: ModuleType) -> None:
    subjects = context(cases, "service:board#cloud", "service:board#on-premises", "service:board").subjects
    assert subjects.schema == SUBJECTS
    by = {row["subject"]: row for row in subjects.to_dicts()}
    assert (by["service:board"]["provider_seat"], by["service:board"]["processed_in"]) == ("DE", ["DE"])
    assert by["service:board#cloud"]["provider_seat"] == "US"
    assert by["service:board#cloud"]["processed_in"] == ["US", "IE"]
    assert by["service:board#on-premises"]["provider_seat"] == "DE"
    assert by["service:board#on-premises"]["processed_in"] is None
    assert {row["base"] for row in by.values()} == {"service:board"}


def test_what_has_no_entry_is_unknown(cases: ModuleType) -> None:
    row = context(cases, "domain:example.org").subjects.to_dicts()[0]
    assert {name for name, value in row.items() if value is not None} == {"subject", "base"}


def test_units_are_taken_once_and_know_their_ministry(cases: ModuleType) -> None:
    units = context(cases).units
    assert units.schema == UNITS
    assert units.select("unit", "ministry", "bound", "headcount").rows() == [
        ("im/neu", "im", True, None),
        ("lka", "im", True, None),
    ]


def test_a_quotient_does_not_depend_on_what_polars_knows_of_its_columns() -> None:
    constant = pl.DataFrame({"actors": [70, 70]}).with_columns(pl.lit(200).alias("headcount"))
    plain = pl.DataFrame({"actors": [70, 1], "headcount": [200, 3]})
    of = ratio(pl.col("actors"), pl.col("headcount"))
    assert {frame.select(of).to_series()[0] for frame in (constant, plain, plain.head(1))} == {0.35}
