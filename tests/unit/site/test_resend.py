"""What had been sent goes out again: to a centre that has it, to an empty one, and from a day on."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import state

from schemas.topics import OBSERVATIONS
from streams.centre.centre import Centre
from streams.resend import Resent, resend

LINES = [line for day in range(4) for line in state.people(7, day, "share.example.com")]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A site with observations of four days, of which another reading withdrew nothing."""
    state.run(tmp_path / "d", state.written(tmp_path / "a.log", LINES))
    return tmp_path / "d"


def again(data: Path, day: int = 0) -> Resent:
    return resend(data, ["im"], state.FIRST + timedelta(days=day), state.snapshot(), lambda _: None)


def sent(data: Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(data / "site-im.db") as db:
        return db.execute("SELECT id, revision, digest, acknowledged FROM sent ORDER BY id").fetchall()


def delivered(data: Path) -> int:
    with Centre.open(data) as centre:
        return sum(frame.height for _, frame in centre.bus.read(OBSERVATIONS, 0) if "withdrawn" in frame.columns)


def test_a_centre_that_has_it_changes_nothing(data: Path) -> None:
    before, lines, seen = state.observations(data), sent(data), state.findings(data)
    report = again(data)
    assert report.sent == {"im": 4}
    assert delivered(data) == 8
    assert report.settled.changed == 0
    assert (state.observations(data), sent(data), state.findings(data)) == (before, lines, seen)


def test_an_empty_centre_is_filled_to_the_same(data: Path) -> None:
    before, seen = state.observations(data), state.findings(data)
    for file in data.glob("centre.db*"):
        file.unlink()
    assert again(data).sent == {"im": 4}
    assert (state.observations(data), state.findings(data)) == (before, seen)


def test_only_days_from_one_on(data: Path) -> None:
    assert again(data, 3).sent == {"im": 1}
    assert delivered(data) == 5


def test_withdrawals_go_again_too(data: Path) -> None:
    from streams.embedded import reset

    reset(data, "im", "squid", lambda _: None)
    assert again(data).sent == {"im": 4}
    assert state.observations(data) == []
