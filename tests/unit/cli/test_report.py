"""The staff council's report: real settings, real numbers, and what is not agreed."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from command import Run, Written

from leitplanke.markdown import cell, table

SITE = """site = "im"
[[source]]
name = "proxy"
connector = "squid"
path = "access.log"
unit = "im"
purpose = "Steuerung | der IT"
agreement = { reference = "DV 7", date = 2026-05-12, signals = ["network"], detectors = ["unlisted_service"] }
[[source]]
name = "neu"
connector = "zeek"
[[excluded]]
ranges = ["10.1.0.0/24", "10.2.0.0/24"]
reason = "Personalrat"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE, encoding="utf-8")
    return path


def test_settings_alone_give_a_report(run: Run, settings: Path, tmp_path: Path) -> None:
    done = run("--data", tmp_path / "none", "report", "staff-council", "--config", settings, "--lang", "de")
    assert done.code == 0
    for line in (
        "| proxy | Netz: squid | Steuerung \\| der IT | - | DV 7, geschlossen am 12.05.2026 |",
        "| neu | Netz: zeek | - | - | - |",
        "nicht vereinbart; wird nicht gelesen |",
        "- Quelle proxy: vereinbart sind die Detektoren `unlisted_service`.",
        "- Quelle neu: nicht vereinbart: Andere Quellen haben eine Vereinbarung, diese hat keine.",
        "- Personalrat: 2 Netze werden vor dem Speichern weggelassen.",
        "Noch hat nichts einen Standort verlassen",
    ):
        assert line in done.out
    assert "`generative_ai`" in done.out
    assert "10.1.0.0" not in done.out


def test_stored_numbers_and_examples(run: Run, data: Path, state: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    config = state / "sites/jum/site.toml"
    done = run("--data", data, "report", "staff-council", "--config", config, "--out", out)
    assert (done.code, done.out) == (0, "")
    text = out.read_text(encoding="utf-8")
    assert text.startswith("# Report to the staff council: Leitplanke at the site jum\n")
    assert "Dienstvereinbarung vom 12.05.2026, signed on 12 May 2026" in text
    assert "Site jum: " in text
    assert "| jum |" in text
    assert "Nothing has been deleted so far" in text
    assert run("--data", data, "report", "staff-council").out == text, "the only site need not be named"


def test_deletions_looks_and_resolutions_where_they_are_on_record(run: Run, data: Path, tmp_path: Path) -> None:
    here = tmp_path / "data"
    shutil.copytree(data, here)
    with sqlite3.connect(here / "site-jum.db") as db:
        db.executemany(
            "INSERT INTO deleted VALUES(?, ?, ?, '')", [("2026-11-01", "windows", 3), ("2026-11-02", "rejected", 4)]
        )
        db.executemany("INSERT INTO resolutions VALUES(?, 1, ?, ?)", [("2026-11-01", 2, 1), ("2026-11-02", 3, 1)])
    (here / "access.jsonl").write_text('{"what": "show"}\n{"what": "parse"}\n{"what": "show"}\n{torn', encoding="utf-8")
    text = run("--data", here, "report", "staff-council").out
    assert "| 2026-11-02 | rejected records | 4 |\n| 2026-11-01 | rows of the network | 3 |" in text
    assert "- 4 looks at the site's data are on record." in text
    assert "- `show`: 2" in text
    assert "2 pseudonyms were resolved; it was asked for 5 times" in text
    assert "the log is broken: from line 1 on" in text


def test_a_report_needs_a_site(run: Run, tmp_path: Path) -> None:
    done = run("--data", tmp_path, "report", "staff-council")
    assert done.code == 2
    assert "name a site by --config or --site" in done.err


def test_a_site_named_by_itself_goes_by_its_last_start(
    run: Run, squid: Written, settings: Path, tmp_path: Path
) -> None:
    squid("example.org")
    assert run("--data", tmp_path / "d", "ingest", "--config", settings).code == 1
    assert "DV 7" in run("--data", tmp_path / "d", "report", "staff-council", "--site", "im").out


def test_no_content_breaks_a_table() -> None:
    lines = table(["a"], [["x|y\n# z \x1b[31m`[link](u)<b>"]])
    assert len(lines) == 3
    assert cell(lines[2][2:-2]) != ""
    assert "\n" not in lines[2]
    assert lines[2].count("|") - lines[2].count("\\|") == 2


def test_a_site_that_does_not_exist_gets_no_report(run: Run, data: Path) -> None:
    done = run("--data", data, "report", "staff-council", "--site", "nowhere")
    assert (done.code, done.out) == (2, "")
    assert "there is no site nowhere" in done.err
