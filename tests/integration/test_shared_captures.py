"""The whole job on real captures that nobody here wrote (../shared/data): everything counted, signal and no noise."""

import os
from itertools import islice
from pathlib import Path

import pytest
import state

from catalogue.load import load
from catalogue.match import Directory
from schemas.errors import LeitplankeError
from streams.embedded import ledgers

SHARED = Path(os.environ.get("LEITPLANKE_SHARED", Path(__file__).parents[2] / ".." / "shared")) / "data" / "network"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the real captures of ../shared are not here"),
]
LAW = load() if SHARED.is_dir() else None


def head(source: Path, target: Path, records: int) -> str:
    """The first records of a log; comment lines are no records."""
    with source.open(encoding="utf-8") as file:
        comments = [line for line in islice(file, 8) if line.startswith("#")]
    with source.open(encoding="utf-8") as file:
        lines = [line for line in islice(file, records + len(comments)) if not line.startswith("#")]
    target.write_text("".join([*comments, *lines[:records]]), encoding="utf-8")
    return str(target)


def test_dns_and_tls_of_the_capture(tmp_path: Path) -> None:
    files = [str(SHARED / "zeek-wrccdc" / "tsv" / name) for name in ("dns.log", "ssl.log")]
    state.run(tmp_path, *files, source="zeek", law=LAW)
    ((_, _, tally),) = ledgers(tmp_path)
    assert (tally.received, tally.counted, tally.rejected) == (29_984, 29_984, 0)
    kinds = {
        LAW.directory[f["subject"].partition("#")[0]].kind
        for f in state.findings(tmp_path)
        if f["subject"].startswith("service:")
    }
    assert kinds <= {"service", "software"}
    assert not [f for f in state.findings(tmp_path) if f["subject"].startswith("domain:")]


@pytest.mark.parametrize("log", ["dns", "ssl"])
def test_json_and_tsv_say_the_same(tmp_path: Path, log: str) -> None:
    for form in ("tsv", "json"):
        ending = "log" if form == "tsv" else "json"
        path = head(SHARED / "zeek-wrccdc" / form / f"{log}.{ending}", tmp_path / f"{log}.{ending}", 8_000)
        state.run(tmp_path / form, path, source="zeek", law=LAW)
    assert state.observations(tmp_path / "tsv") == state.observations(tmp_path / "json")
    assert state.findings(tmp_path / "tsv") == state.findings(tmp_path / "json")
    assert [row[2] for row in ledgers(tmp_path / "tsv")] == [row[2] for row in ledgers(tmp_path / "json")]


@pytest.mark.parametrize("name", sorted(p.name for p in SHARED.glob("zeek-btest/*.log")))
def test_odd_logs_are_read_or_refused(tmp_path: Path, name: str) -> None:
    try:
        report = state.run(tmp_path, str(SHARED / "zeek-btest" / name), source="zeek", law=LAW)
    except LeitplankeError as error:
        pytest.fail(f"raised instead of reported: {error}")
    assert report.tally.dead_letter == 0
    assert report.tally.received == report.tally.counted + report.tally.rejected + report.tally.duplicate
    for sentence in report.problems:
        assert len(sentence.splitlines()) == 1


@pytest.mark.parametrize(
    ("source", "path", "timezone"),
    [
        ("suricata", "suricata/slips-test6-eve.json", None),
        ("squid", "squid/metron_squid_docker.log", None),
        ("paloalto", "paloalto/metron_panos_raw.log", "Europe/Berlin"),
        ("zeek", "zeek-slips/test18-ctu-sme-11-labelled/conn.log.labeled", None),
    ],
)
def test_other_products(tmp_path: Path, source: str, path: str, timezone: str | None) -> None:
    found = [p for p in (SHARED / path, *(SHARED / path).parent.glob("conn*")) if p.is_file()][:1]
    report = state.run(tmp_path, str(found[0]), source=source, law=LAW, timezone=timezone)
    assert report.tally.received > 0
    assert report.tally.dead_letter == 0
    assert report.exit_code(1) in {0, 1}
    known = Directory(LAW)
    assert known is not None
    noise = {s for s, e in LAW.directory.items() if e.kind not in {"service", "software"}}
    assert not [f for f in state.findings(tmp_path) if f["subject"] in noise]
