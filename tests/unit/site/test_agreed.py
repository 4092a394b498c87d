"""With a works agreement only what it names runs: sources, signals, detectors."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import state

from detectors.known import known
from schemas.settings import Agreement, SiteSettings, SourceSettings
from streams.embedded import Input, ingest
from streams.site.agreed import Allowed, allowed, current, current_notes, detectors
from streams.site.file import SiteFile
from streams.site.site import file_of

SIGNED = date(2026, 5, 12)


def agreement(*signals: str, on: date = SIGNED, only: tuple[str, ...] = ()) -> Agreement:
    return Agreement.model_validate({"reference": "DV 7", "date": on, "signals": signals, "detectors": only})


def source(name: str = "proxy", connector: str = "squid", **more: Any) -> SourceSettings:
    return SourceSettings(name=name, connector=connector, unit="im/amt", **more)


def site(*sources: SourceSettings) -> SiteSettings:
    return SiteSettings(site="im", source=sources)


def read(data: Path, settings: SiteSettings, feed: SourceSettings, path: str) -> Any:
    return ingest(data, settings, [Input(feed, path)], state.snapshot(), lambda _: None, lambda _: None)


def test_without_any_agreement_everything_runs() -> None:
    assert allowed(site(source()), source()) == Allowed("network")
    assert allowed(site(), source()).runs("program")


def test_a_source_without_one_is_not_read_where_others_have_one() -> None:
    agreed, new = source(agreement=agreement("network")), source("new", "zeek")
    assert allowed(site(agreed, new), agreed).refusal is None
    told = allowed(site(agreed, new), new)
    assert "not agreed" in str(told.refusal)
    assert told.detectors == ()
    assert "not agreed" in str(allowed(site(agreed), source("squid")).refusal), "one that only the command line names"


def test_a_signal_that_is_not_named_is_not_read(tmp_path: Path) -> None:
    feed = source(agreement=agreement("procurement"))
    log = state.written(tmp_path / "a.log", state.people(6, 0, "share.example.com"))
    report = read(tmp_path / "data", site(feed), feed, log)
    assert report.exit_code(1) == 2
    assert "not agreed: DV 7 does not name the signal network" in report.problems[0]
    assert state.hosts(tmp_path / "data") == set()


def test_empty_detectors_are_those_of_the_day_of_signing(monkeypatch: pytest.MonkeyPatch) -> None:
    every = {name for name, one in known().items() if "network" in one.signals}
    assert set(detectors(agreement("network"))) == every
    assert "split_award" not in detectors(agreement("network"))
    assert detectors(agreement("network", on=date(2020, 1, 1))) == ()
    old = allowed(site(source(agreement=agreement("network", on=date(2020, 1, 1)))), source())
    assert old.refusal is not None
    late = source(agreement=agreement("network", on=date(2020, 1, 1)))
    assert set(allowed(site(late), late).lacking) == every
    named = source(agreement=agreement("network", on=date(2020, 1, 1), only=("unlisted_service",)))
    assert allowed(site(named), named).detectors == ("unlisted_service",)
    assert "generative_ai" in allowed(site(named), named).lacking
    assert "split_award" not in allowed(site(named), named).lacking, "it has no business with the network"


def test_user_agents_are_not_asked_about_where_that_is_not_agreed(tmp_path: Path) -> None:
    def days(feed: SourceSettings, data: Path) -> list[Any]:
        http = {"hostname": "share.example.com", "http_user_agent": "curl/8.5", "url": "/"}
        lines = [state.eve("http", 0, f"10.1.0.{n}", n, http=http) for n in range(6)]
        assert read(data, site(feed), feed, state.written(tmp_path / "eve.json", lines)).exit_code(1) == 0
        return [row["features"] for row in state.observations(data)]

    assert days(source("eve", "suricata"), tmp_path / "a") == [[{"name": "program_days", "value": 1.0}]]
    without = source("eve", "suricata", agreement=agreement("network", only=("unlisted_service",)))
    assert days(without, tmp_path / "b") == [None]
    with_it = source("eve", "suricata", agreement=agreement("network", only=("program",)))
    assert days(with_it, tmp_path / "c") == days(source("eve", "suricata"), tmp_path / "a")


def test_the_manifest_says_what_is_agreed_today(tmp_path: Path) -> None:
    data, feed = tmp_path / "data", source(agreement=agreement("network", only=("unlisted_service",)))
    log = state.written(tmp_path / "a.log", state.people(6, 0, "share.example.com"))
    read(data, site(feed), feed, log)
    with SiteFile(file_of(data, "im"), writing=False) as file:
        noted = current_notes(file)["proxy"]
    assert (noted["agreement"], noted["agreed_on"], noted["views"]) == ("DV 7", "2026-05-12", ["proxy"])
    assert noted["detectors"] == ["unlisted_service"]
    gone = source(agreement=agreement("assets"))
    assert current(site(gone), {"proxy": noted})["proxy"]["detectors"] == []
    assert current(site(), {"proxy": noted}) == {"proxy": noted}, "a source that settings no longer name keeps its own"
    bare = noted | {"agreement": None, "detectors": None}
    assert current(site(feed.model_copy(update={"name": "other"})), {"old": bare})["old"]["detectors"] == []


def test_reasons_fall_with_the_agreement_and_come_back_with_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    http = {"hostname": "share.example.com", "http_user_agent": "curl/8.5", "url": "/"}
    lines = [state.eve("http", day, f"10.1.0.{n}", 10 * day + n, http=http) for n in range(6) for day in range(3)]
    log = state.written(tmp_path / "eve.json", lines)
    codes = []
    for only in ((), ("program",), ("program", "unlisted_service")):
        feed = source("eve", "suricata", agreement=agreement("network", only=only))
        assert read(data, site(feed), feed, log).exit_code(1) == 0
        codes.append([[reason["code"] for reason in found["reasons"]] for found in state.findings(data)])
    assert codes[0] == codes[2] == [["unlisted_service"]]
    assert codes[1] == []
