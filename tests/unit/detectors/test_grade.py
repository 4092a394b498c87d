"""No text says more than the grade carries."""

from types import ModuleType
from typing import Any

import polars as pl
import pytest

from detectors.grade import grade

MB = 1_000_000


def network(**values: Any) -> dict[str, Any]:
    return {"unit": "im", "subject": "service:s", "events": 900, "actors": 8, "actors_kind": "device"} | values


def bought(view: str) -> dict[str, Any]:
    return {"unit": "im", "subject": "service:s", "signals": ["procurement"], "purchases": [{"view": view}]}


def installed(*devices: int | None) -> dict[str, Any]:
    releases = [{"version": f"{i}", "devices": n} for i, n in enumerate(devices)]
    return {"unit": "im", "subject": "software:s", "signals": ["assets"], "releases": releases}


CONTACT = {
    "page read": network(bytes_up=90_000, bytes_down=9 * MB, upload_actors=0),
    "many requests for pages": network(bytes_up=40 * MB, bytes_down=900 * MB),
    "many requests, nobody uploaded": network(bytes_up=40 * MB, bytes_down=MB, upload_actors=0),
    "blocked only": network(events=0, blocked=5000, active_days=25, upload_actors=3),
    "blocked, no sightings": network(events=None, blocked=5000, active_days=25),
    "name looked up": network(evidence=["dns"], active_days=28, actors=300),
    "two days by the group size": network(active_days=2),
    "program on two days": network(program_days=2),
    "small upload of a few": network(actors=None, band="1-4", bytes_up=MB, bytes_down=None),
    "upload of a few": network(actors=None, band="1-4", bytes_up=10 * MB, bytes_down=MB),
    "program of a few": network(actors=None, band="1-4", program_days=9),
    "tender": bought("tender"),
    "nothing known": network(events=None, actors=None),
}
USE = {
    "upload": network(upload_actors=1),
    "upload by bytes": network(bytes_up=8 * MB, bytes_down=32 * MB),
    "program": network(program_days=3),
    "recurring": network(active_days=3),
    "recurring, also seen by name": network(evidence=["dns", "tls"], active_days=3),
    "installed": installed(3, 4),
    "installed, number unknown": installed(None),
    "lasting but few": network(active_days=20, actors=49),
}
RELIANCE = {
    "contract": bought("contract"),
    "invoice": bought("invoice"),
    "rolled out": installed(30, 20),
    "half of the unit": installed(10) | {"headcount": 20},
    "many for a month": network(active_days=20, actors=50),
    "a tenth for a month": network(active_days=20, actors=8, headcount=80),
}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(row, name, id=case)
        for name, rows in (("contact", CONTACT), ("use", USE), ("reliance", RELIANCE))
        for case, row in rows.items()
    ],
)
def test_grade(cases: ModuleType, row: dict[str, Any], expected: str) -> None:
    headcount = pl.Series("headcount", [row.get("headcount")], dtype=pl.Int64)
    numbers = cases.numbers([{k: v for k, v in row.items() if k != "headcount"}], None)
    assert grade(numbers.with_columns(headcount)).to_list() == [expected]


def test_grade_keeps_height_and_order_without_the_extra_columns(cases: ModuleType) -> None:
    rows = [network(active_days=3), network(), bought("order")]
    numbers = cases.numbers(rows, None).drop("evidence")
    assert grade(numbers).to_list() == ["use", "contact", "reliance"]
    assert grade(numbers.clear()).to_list() == []
