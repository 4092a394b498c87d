"""`quality` and `coverage` on the command line, and what doctor says of it."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from command import Run

from leitplanke.quality import COLUMNS
from streams.site.quality import Alarm


def test_quality_of_a_silent_site(run: Run, data: Path) -> None:
    done = run("--data", data, "quality", "--as-of", "2026-12-31", "--format", "json")
    rows = json.loads(done.out)
    assert done.code == 1
    assert [*rows[0]] == [*COLUMNS, "told"]
    eve = next(row for row in rows if row["source"] == "eve")
    assert eve["alarms"][0] == "silent"
    assert "no readable record since" in eve["told"][0]
    assert eve["filled"]["client_raw"] == 1
    lines = [*csv.DictReader(io.StringIO(run("--data", data, "quality", "--format", "csv").out))]
    assert [line["source"] for line in lines] == [row["source"] for row in rows]
    page = run("--data", data, "quality", "--as-of", "2026-12-31", "--lang", "de").out
    assert page.startswith("Standort  Quelle")
    assert "kein lesbarer Satz seit" in page


def test_quality_without_an_alarm(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("--data", tmp_path / "empty", "quality")
    assert (done.code, done.out) == (0, "No site has read anything yet.\n")
    assert run("--data", tmp_path / "nowhere", "quality").code == 2
    assert run("--data", tmp_path / "empty", "quality", "--as-of", "soon").code == 2


def test_coverage_by_unit_and_month(run: Run, data: Path) -> None:
    done = run("--data", data, "coverage", "--format", "ndjson")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0
    assert {row["signal"] for row in rows} >= {"network", "procurement"}
    assert all(0 <= row["days"] <= row["of"] <= 31 for row in rows)
    assert any(row["blind"] and row["days"] == 0 for row in rows)
    of = [
        json.loads(line)
        for line in run("--data", data, "coverage", "--unit", "jum/lvj", "--format", "ndjson").out.splitlines()
    ]
    assert {row["unit"] for row in of} == {"jum/lvj"}
    page = run("--data", data, "coverage", "--lang", "de").out
    assert page.startswith("Einheit")
    assert "Ohne" in page


def test_doctor_tells_the_alarms_as_hints(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alarm = Alarm("late", date(2026, 11, 20), {"hours": 50, "most": 48})
    monkeypatch.setattr("streams.site.quality.alarms", lambda *_: [alarm])
    rows = json.loads(run("doctor", "--data", data, "--format", "json").out)
    told = [row["state"] for row in rows if "50 hours after their time" in row["text"]]
    assert told
    assert set(told) == {"hint"}


def test_quality_as_of_a_day_knows_nothing_of_later_ones(run: Run, data: Path) -> None:
    now = {row["source"]: row for row in json.loads(run("--data", data, "quality", "--format", "json").out)}
    last = date.fromisoformat(now["eve"]["day"])
    for as_of in (last, last - timedelta(3)):
        shown = json.loads(run("--data", data, "quality", "--as-of", as_of, "--format", "json").out)
        assert shown
        assert all(date.fromisoformat(row["day"]) <= as_of for row in shown)
    assert json.loads(run("--data", data, "quality", "--as-of", "2001-01-01", "--format", "json").out) == []


@pytest.mark.parametrize("command", ["quality", "retention"])
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_beyond_reckoning_is_refused(run: Run, data: Path, command: str, day: str) -> None:
    assert run("--data", data, command, "--as-of", day).code == 2


def test_coverage_of_a_unit_without_data_says_so(run: Run, data: Path) -> None:
    done = run("--data", data, "coverage", "--unit", "nowhere")
    assert (done.code, done.out) == (0, "No site has read anything of nowhere or what is below it.\n")
