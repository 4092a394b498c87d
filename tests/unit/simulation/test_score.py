"""The score says what was found, missed and wrong."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from simulation.score import score, text


def case(name: str, kind: str, unit: str, subject: str, **more: Any) -> dict[str, Any]:
    codes = ["unlisted_service"] if kind == "planted" else []
    return {"case": name, "kind": kind, "unit": unit, "subject": subject, "codes": codes} | more


def finding(unit: str, subject: str, code: str = "unlisted_service") -> dict[str, Any]:
    return {"id": f"{unit} {subject}", "unit": unit, "subject": subject, "reasons": [{"code": code}], "status": "new"}


TRUTH = [
    case("shared", "planted", "um/lfg", "service:dropbox"),
    case("paid", "planted", "um", "purchases:de1/722", subjects=["purchases:de1/722", "purchases:acme-gmbh/722"]),
    case("cloud", "planted", "jum", "service:zoom#cloud"),
    case("guest", "lure", "um/lfg", "service:zoom"),
    case("news", "lure", "um", "domain:heise.de", units=["um", "jum"], subjects=["domain:heise.de", "domain:zeit.de"]),
]


def test_all_found() -> None:
    found = score(
        TRUTH,
        [
            finding("um/lfg", "service:dropbox#free"),
            finding("um", "purchases:acme-gmbh/722"),
            finding("jum", "service:zoom"),
        ],
    )
    assert found.found == ("shared", "paid", "cloud")
    assert found.found_percent == 100
    assert found.missed == found.lures_hit == found.unexplained == found.other_reason == ()


def test_another_unit_or_edition_is_no_answer() -> None:
    found = score(TRUTH, [finding("um", "service:dropbox"), finding("jum", "service:zoom#tenant-land")])
    assert found.missed == ("shared", "paid", "cloud")
    assert found.unexplained == ("jum service:zoom#tenant-land", "um service:dropbox")
    assert found.false_percent == 100


def test_a_lure_is_hit_anywhere_it_holds() -> None:
    found = score(TRUTH, [finding("jum", "domain:zeit.de"), finding("um/lfg", "service:zoom#cloud")])
    assert found.lures_hit == ("guest", "news")
    assert found.lures_percent == 100
    assert found.unexplained == ()


def test_what_answers_a_planted_case_hits_no_lure() -> None:
    both = [*TRUTH, case("gateway", "lure", "um/lfg", "service:dropbox")]
    assert score(both, [finding("um/lfg", "service:dropbox")]).lures_hit == ()


def test_a_lure_with_forbidden_reasons_is_hit_by_those_only() -> None:
    later = [case("later", "lure", "mwk", "service:telegram", codes=["prohibited_service"])]
    assert score(later, [finding("mwk", "service:telegram")]).lures_hit == ()
    assert score(later, [finding("mwk", "service:telegram", "prohibited_service")]).lures_hit == ("later",)


def test_a_finding_with_other_reasons_is_named() -> None:
    found = score(TRUTH, [finding("um/lfg", "service:dropbox", "end_of_life_software")])
    assert found.found == found.other_reason == ("shared",)
    assert "shared" in text(found)


def test_command_prints_json_and_refuses_what_it_cannot_read(tmp_path: Path) -> None:
    truth, findings = tmp_path / "truth.jsonl", tmp_path / "findings.ndjson"
    truth.write_text("\n".join(json.dumps(row) for row in TRUTH))
    findings.write_text(json.dumps(finding("um/lfg", "service:dropbox")) + "\n")
    command = [sys.executable, "-m", "simulation.score", "--truth", str(truth), "--findings", str(findings)]
    done = subprocess.run([*command, "--format", "json"], capture_output=True, check=False, text=True)
    assert done.returncode == 0
    assert json.loads(done.stdout)["found_percent"] == 33.3
    findings.write_text("no json")
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
