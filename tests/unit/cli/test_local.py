"""What stays in the ministry: shown in bands, judged in memory, written down nowhere."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import state
from command import Run

from leitplanke.local import rows
from schemas.settings import SiteSettings, UnitSettings
from streams.embedded import opened
from streams.site.site import Law

Picture = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def picture(tmp_path: Path) -> Picture:
    """Reads lines into a site and gives what stays there, of one kind."""

    def made(kind: str, lines: list[str], **more: Any) -> list[dict[str, Any]]:
        state.run(tmp_path / "d", state.written(tmp_path / "a", lines), **more)
        return [row for row in rows(tmp_path / "d", "im", state.snapshot()) if row["kind"] == kind]

    return made


def test_below_the_group_size_only_a_band(picture: Picture) -> None:
    found = picture("below", [*state.people(4, 0, "share.example.com"), *state.people(5, 0, "board.org")])
    assert [(row["unit"], row["subject"], row["actors"], row["band"]) for row in found] == [
        ("im/amt", "service:share", None, "1-4")
    ]


def test_what_had_left_in_the_last_days_is_not_below(picture: Picture) -> None:
    lines = [*state.people(5, 0, "share.example.com"), *state.people(1, 29, "share.example.com")]
    assert picture("below", lines) == []
    assert len(picture("below", state.people(1, 60, "share.example.com"))) == 1


def upload(day: int, person: int, host: str = "stranger.com") -> list[str]:
    at = day, f"10.1.0.{person}", person
    flow = {"bytes_toserver": 9_000_000, "bytes_toclient": 1}
    return [state.eve("tls", *at, tls={"sni": host}), state.eve("flow", *at, flow=flow)]


def program(day: int, person: int) -> str:
    http = {"hostname": "api.stranger.com", "http_user_agent": "StrangerSync/2.1", "http_method": "GET"}
    return state.eve("http", day, f"10.1.0.{person}", http=http)


def test_an_upload_by_few_waits_for_the_group(picture: Picture) -> None:
    (row,) = picture("waiting", [line for n in range(4) for line in upload(0, n)], source="suricata")
    shown = ("subject", "actors", "band", "signs", "missing")
    assert [row[name] for name in shown] == ["domain:stranger.com", None, "1-4", ["by_upload"], ["group_size"]]


def test_a_program_on_two_days_waits_for_the_third(picture: Picture) -> None:
    (row,) = picture("waiting", [program(day, n) for day in range(2) for n in range(6)], source="suricata")
    assert (row["actors"], row["signs"], row["missing"]) == (6, ["by_program"], ["program_days"])


def test_a_program_of_few_waits_for_both(picture: Picture) -> None:
    (row,) = picture("waiting", [program(0, n) for n in range(2)], source="suricata")
    assert (row["actors"], row["missing"]) == (None, ["group_size", "program_days"])


def test_a_candidate_that_leaves_does_not_wait(picture: Picture) -> None:
    assert picture("waiting", [line for n in range(5) for line in upload(0, n)], source="suricata") == []


def test_browsing_is_not_shown_in_the_ministry_either(picture: Picture) -> None:
    lines = [*state.people(9, 0, "stranger.com"), *state.people(2, 0, "unknown.net"), *state.people(3, 0, "news.de")]
    assert picture("waiting", lines) == []
    (other,) = picture("other", lines)
    assert (other["unit"], other["view"], other["events"], other["subject"]) == ("im/amt", "proxy", 100, None)


USED = [line for day in range(5) for line in state.people(9, day, "share.example.com")]


def test_a_local_only_unit_is_judged_in_memory(picture: Picture, tmp_path: Path) -> None:
    (row,) = picture("stays", USED, unit="gericht")
    shown = ("unit", "subject", "why", "actors", "verdict", "grade", "finding")
    assert [row[name] for name in shown] == ["gericht", "service:share", "local_only", 9, "unlisted", "use", None]
    assert state.findings(tmp_path / "d") == []


def test_the_first_days_are_seen_inside(picture: Picture, tmp_path: Path) -> None:
    settings = SiteSettings(site="im", baseline_days=30)
    (row,) = picture("stays", USED, settings=settings)
    assert (row["unit"], row["subject"], row["why"], row["actors"]) == ("im/amt", "service:share", "baseline", 9)
    assert state.observations(tmp_path / "d") == []


def test_inside_it_says_what_it_will_say_outside(picture: Picture, tmp_path: Path) -> None:
    (inside,) = picture("stays", USED, settings=SiteSettings(site="im", baseline_days=30))
    state.run(tmp_path / "e", state.written(tmp_path / "b", USED))
    (outside,) = state.findings(tmp_path / "e")
    shown = ("verdict", "grade", "urgency", "first_seen", "last_seen")
    assert inside["finding"] == outside["id"]
    assert [str(inside[name]) for name in shown] == [str(outside[name]) for name in shown]


def test_segments_are_those_of_the_unit_map(picture: Picture) -> None:
    unit = UnitSettings(unit="im/amt", ranges=("10.1.0.0/24",))
    (row,) = picture("below", state.people(2, 0, "share.example.com"), settings=SiteSettings(site="im", unit=(unit,)))
    assert row["segments"] == ["10.1.0.0/24"]


def content(data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in data.glob("*.db")}


def test_looking_changes_nothing_and_waits_for_nobody(tmp_path: Path) -> None:
    state.run(tmp_path, state.written(tmp_path / "a", USED), unit="gericht")
    before = content(tmp_path)
    with opened(tmp_path, "im", Law.of(state.snapshot()), lambda _: None):
        assert [*rows(tmp_path, "im", state.snapshot())]
    assert [*rows(tmp_path, "im", state.snapshot())]
    assert content(tmp_path) == before


def test_many_names_and_many_flows_are_seen_without_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from streams.site import glossary, windows

    lines = [line for n in range(300) for line in upload(0, n % 200, f"track-{n}.stranger.com")]
    state.run(tmp_path, state.written(tmp_path / "a", lines), source="suricata")
    whole = [*rows(tmp_path, "im", state.snapshot())]
    monkeypatch.setattr(windows, "SLICE", 100)
    monkeypatch.setattr(glossary, "MANY", 0)
    before = content(tmp_path)
    assert [*rows(tmp_path, "im", state.snapshot())] == whole
    assert content(tmp_path) == before


def test_the_command(run: Run, data: Path) -> None:
    done = run("--data", data, "local", "--reason", "Quartalsbericht", "--format", "ndjson")
    found = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0
    assert {"stays", "other"} <= {row["kind"] for row in found}
    assert all(row["band"] is None or row["actors"] is None for row in found)
    assert all(row["actors"] is None or row["actors"] >= 5 for row in found)
    page = run("--data", data, "local", "--lang", "de").out
    assert "nur im Ressort" in page
    assert "Übriges Surfen" in page
    looks = [json.loads(line) for line in (data / "access.jsonl").read_text().splitlines()]
    assert ("local", "jum", "Quartalsbericht") in [(look["what"], look["about"], look["reason"]) for look in looks]
    assert run("--data", data, "local", "--site", "nowhere").code == 2


def test_resend(run: Run, data: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(data, tmp_path / "d")
    before = run("--data", tmp_path / "d", "observations", "--format", "ndjson").out
    done = run("--data", tmp_path / "d", "site", "resend", "--from", "2026-11-18")
    assert (done.code, done.err) == (0, "")
    assert "went out again" in done.out
    assert run("--data", tmp_path / "d", "observations", "--format", "ndjson").out == before
    assert run("--data", tmp_path / "d", "site", "resend", "--from", "gestern").code == 2
