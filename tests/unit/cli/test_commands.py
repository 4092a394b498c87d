"""The commands over one made-up site: what they print, and what they exit with."""

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import Run, Written

from schemas.finding import Finding
from schemas.observation import OBSERVATION, json_schema
from streams.site.ledger import COLUMNS


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_findings_for_programs_are_sorted_by_id(run: Run, data: Path) -> None:
    done = run("findings", "--data", data, "--format", "ndjson")
    found = rows(done.out)
    assert done.code == 0
    assert found
    assert [*found[0]] == [*Finding.model_fields, "catalogue"]
    assert [row["id"] for row in found] == sorted(row["id"] for row in found)
    assert json.loads(run("--data", data, "findings", "--format", "json").out) == found
    lines = [*csv.DictReader(io.StringIO(run("--data", data, "findings", "--format", "csv").out))]
    assert [line["id"] for line in lines] == [row["id"] for row in found]


def test_findings_for_people_begin_with_the_most_urgent(run: Run, data: Path) -> None:
    found = rows(run("--data", data, "findings", "--format", "ndjson").out)
    first = max(found, key=lambda row: (row["urgency"], [-ord(c) for c in str(row["id"])]))
    page = run("--data", data, "findings").out.splitlines()
    assert page[2].startswith(str(first["id"])[:8])
    assert page[-1] == f"{len(found)} findings, there are no more."
    assert run("--data", data, "findings", "--lang", "de").out.splitlines()[0].startswith("Befund")


def test_findings_of_a_unit_and_a_status(run: Run, data: Path) -> None:
    assert {
        row["unit"] for row in rows(run("--data", data, "findings", "--unit", "jum", "--format", "ndjson").out)
    } <= {
        "jum",
        "jum/lvj",
        "jum/jva",
    }
    assert run("--data", data, "findings", "--unit", "im", "--format", "ndjson").out == ""
    assert run("--data", data, "findings", "--status", "closed", "--format", "ndjson").out == ""
    assert run("--data", data, "findings", "--status", "bogus").code == 2
    assert run("--data", data, "findings", "--as-of", "2000-01-01", "--format", "ndjson").out == ""
    assert run("--data", data, "findings", "--as-of", "yesterday").code == 2


def test_show(run: Run, data: Path) -> None:
    name = str(rows(run("--data", data, "findings", "--format", "ndjson").out)[0]["id"])
    assert run("--data", data, "show", name[:8], "--lang", "de").out.startswith(f"Befund {name[:4]}")
    assert json.loads(run("--data", data, "show", name, "--format", "json").out)["id"] == name
    missing = run("--data", data, "show", "ZZZZ1111")
    assert (missing.code, missing.out) == (2, "")
    assert run("--data", data, "show", name[:3]).code == 2


def test_observations_fit_the_schema_of_the_border(run: Run, data: Path) -> None:
    found = rows(run("--data", data, "observations", "--format", "ndjson").out)
    allowed = json_schema()["$defs"]["observation"]
    assert found
    for row in found:
        assert set(row) <= set(allowed["properties"])
        assert set(allowed["required"]) <= set(row)
        assert None not in row.values()
    header = run("--data", data, "observations", "--format", "csv").out.splitlines()[0]
    assert header.split(",") == OBSERVATION.names


def test_the_ledger_balances(run: Run, data: Path) -> None:
    found = json.loads(run("--data", data, "ledger", "--format", "json").out)
    assert found
    for row in found:
        assert [*row] == ["site", "source", *COLUMNS]
        taken = ("counted", "duplicate", "rejected", "dead_letter", "in_flight")
        assert row["received"] == sum(row[name] for name in taken)


def test_the_same_again_changes_nothing(run: Run, state: Path, tmp_path: Path) -> None:
    here = tmp_path / "data"
    settings = state / "sites/jum/site.toml"
    assert run("--data", here, "ingest", "--config", settings).code == 0
    before = run("--data", here, "findings", "--format", "ndjson").out
    again = run("--data", here, "ingest", "--config", settings, "--source", "einkauf")
    assert again.code == 0
    assert "0 counted" in again.out
    judged = run("--data", here, "rejudge")
    assert "0 new, 0 changed, 0 gone" in judged.out
    assert run("--data", here, "settle").code == 0
    assert run("--data", here, "findings", "--format", "ndjson").out == before
    reset = run("--data", here, "source", "reset", "--site", "jum", "--source", "eve")
    assert reset.code == 0
    assert " gone." in reset.out
    assert run("--data", here, "findings", "--format", "ndjson").out != before
    assert run("--data", here, "ingest", "--config", settings, "--source", "eve").code == 0
    assert run("--data", here, "findings", "--format", "ndjson").out == before


def test_rejects_are_listed_shown_and_tried_again(run: Run, squid: Written, tmp_path: Path) -> None:
    here = tmp_path / "data"
    path = squid("example.org", "a\x1b[31mline\n")
    done = run("--data", here, "ingest", "--site", "im", "--unit", "im", "--source", "squid", path)
    assert done.code == 1
    assert "1 record was not read" in done.err
    listed = json.loads(run("--data", here, "dead-letters", "list", "--format", "json").out)
    assert [(row["source"], row["kind"], row["place"]) for row in listed] == [("squid", "rejected", 2)]
    assert "line" not in listed[0]["reason"]
    assert run("--data", here, "dead-letters", "show", listed[0]["id"]).out == "a[31mline\n"
    again = run("--data", here, "dead-letters", "redrive")
    assert (again.code, again.out) == (1, "0 of 1 records are read now.\n")
    assert run("--data", here, "dead-letters", "show", "im/99").code == 2
    assert run("--data", here, "dead-letters", "show", "../x/1").code == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ingest", "x.log"], "ingest needs --config"),
        (["ingest", "--site", "im", "x.log"], "ingest needs --source"),
        (["ingest", "--site", "im", "--source", "squid"], "source squid needs files"),
        (["ingest", "--site", "im", "--source", "squit", "x.log"], "squit is no format"),
        (["ingest", "--site", "IM!", "--source", "squid", "x.log"], "--site takes"),
        (["ingest", "--site", "im", "--unit", "I M", "--source", "squid", "x.log"], "--unit takes"),
        (["ingest", "--site", "im", "--source", "squid", "--at", "soon", "x.log"], "--at takes"),
        (["ingest", "--site", "im", "--source", "squid", "-", "-"], "standard input can be read once"),
        (["ingest", "--config", "nowhere.toml"], "nowhere.toml: No such file"),
        (["ingest", "--site", "im", "--source", "squid", "x.log"], "x.log: No such file"),
        (["ingest", "--site", "im", "--source", "squid", "x.log", "--catalogue", "nowhere"], "nowhere"),
        (["ingest", "--site", "im", "--source", "squid", "."], "the folder holds no files"),
        (["ingest", "--site", "im", "--source", "squid", "x.log", "--data", "a.file"], "a.file: is a file"),
        (
            ["ingest", "--site", "im", "--source", "squid", "x.log", "--catalogue", "."],
            ".: this folder holds no catalogue",
        ),
        (["findings", "--data", "a.file"], "a.file: is a file"),
        (["catalogue", "check", "."], ".: this folder holds no catalogue"),
        (["findings", "--data", "nowhere"], "nowhere: there is no such folder"),
        (["ledger", "--data", "nowhere"], "nowhere: there is no such folder"),
        (["settle", "--data", "nowhere"], "nowhere: there is no such folder"),
        (["source", "reset", "--data", "nowhere", "--site", "im", "--source", "x"], "nowhere: there is no such folder"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_2(
    words: list[str], sentence: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    if "a.file" in words:
        Path("a.file").touch()
    done = run(*words)
    assert done.code == 2
    assert sentence in done.err
    assert "Traceback" not in done.err


def test_one_missing_file_among_others_is_1(run: Run, squid: Written, tmp_path: Path) -> None:
    words = ("--data", tmp_path / "data", "ingest", "--site", "im", "--unit", "im", "--source", "squid")
    done = run(*words, squid("example.org"), tmp_path / "nowhere.log")
    assert done.code == 1
    assert "1 counted" in done.out
    assert "nowhere.log: No such file" in done.err


def test_an_empty_folder_has_no_findings_yet(run: Run, tmp_path: Path) -> None:
    done = run("--data", tmp_path, "findings", "--format", "ndjson")
    assert (done.code, done.out) == (0, "")
    assert "Nothing has been read yet" in done.err
    assert [*tmp_path.iterdir()] == []


def test_formats(run: Run) -> None:
    found = {row["name"]: row for row in json.loads(run("formats", "--format", "json").out)}
    assert found["squid"]["signal"] == "network"
    assert "host" in found["squid"]["gives"]
    assert "squid (network, lines)" in run("formats").out


def test_catalogue_check(run: Run, tmp_path: Path) -> None:
    assert run("catalogue", "check").code == 0
    (tmp_path / "directory").mkdir()
    (tmp_path / "directory/x.yaml").write_text("subject: service:x\nkind: nonsense\nname: {de: X, en: X}\n")
    done = run("catalogue", "check", tmp_path)
    assert done.code == 2
    assert "x.yaml:2" in done.out


def test_an_error_nobody_meant_shows_no_values(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("im-011 went to secret.example.org")

    monkeypatch.setattr("streams.embedded.ledgers", broken)
    done = run("--data", data, "ledger")
    assert done.code == 70
    assert "secret" not in done.err
    assert "LEITPLANKE_DEBUG=1" in done.err
    monkeypatch.setenv("LEITPLANKE_DEBUG", "1")
    from leitplanke.cli import main

    with pytest.raises(ValueError, match="secret"):
        main(["--data", str(data), "ledger"])


def test_a_command_that_is_stopped_is_130(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("streams.embedded.ledgers", stopped)
    assert run("--data", data, "ledger").code == 130


def test_a_unit_that_nobody_knows_is_said(run: Run, data: Path, squid: Written, tmp_path: Path) -> None:
    assert "nowhere is not in the catalogue" in run("--data", data, "findings", "--unit", "nowhere").err
    assert run("--data", data, "findings", "--unit", "im").err == ""
    words = ("--data", tmp_path / "data", "ingest", "--site", "im", "--source", "squid", squid("example.org"))
    assert "im/typo is not in the catalogue" in run(*words, "--unit", "im/typo").err
    assert run(*words, "--unit", "im").err == ""


def test_records_without_a_unit_say_how_to_get_one(run: Run, squid: Written, tmp_path: Path) -> None:
    done = run("--data", tmp_path / "data", "ingest", "--site", "im", "--source", "squid", squid("example.org"))
    assert done.code == 0
    assert "leitplanke source reset" in done.err
    judged = run("--data", tmp_path / "data", "settle")
    assert (judged.code, judged.err) == (0, "leitplanke: Nothing has left the sites yet.\n")


def test_a_centre_that_is_gone_is_said_and_comes_back(run: Run, data: Path, tmp_path: Path) -> None:
    here = tmp_path / "data"
    shutil.copytree(data, here)
    before = run("--data", here, "findings", "--format", "ndjson").out
    for file in here.glob("centre.db*"):
        file.unlink()
    assert "leitplanke settle makes it" in run("--data", here, "findings").err
    assert [row for row in json.loads(run("--data", here, "doctor", "--format", "json").out) if row["state"] == "wrong"]
    assert run("--data", here, "settle").code == 0
    assert run("--data", here, "findings", "--format", "ndjson").out == before


def test_closed_streams_are_no_error(data: Path, tmp_path: Path) -> None:
    program = f'"{sys.executable}" -m leitplanke --data "{data}"'
    for command in (f"{program} findings >&-", f"{program} findings 2>&-", f"{program} doctor >&- 2>&-"):
        assert subprocess.run(["bash", "-c", command], capture_output=True, check=False).returncode == 0
    ingest = f'"{sys.executable}" -m leitplanke --data "{tmp_path}" ingest --site im --source squid - <&-'
    for command in (f"{program} parse --source squid - <&-", ingest):
        done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, text=True)
        assert done.returncode == 2
        assert done.stderr.endswith("standard input is closed\n")


def test_what_the_centre_cannot_take_stays_at_the_site(
    run: Run, squid: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from schemas.errors import SourceUnavailableError
    from streams.site import outbox

    def full(*_: object) -> int:
        raise SourceUnavailableError("centre.db: the disk is full")

    words = ("--data", tmp_path / "data", "ingest", "--site", "im", "--unit", "im", "--source", "squid")
    with monkeypatch.context() as change:
        change.setattr(outbox, "send", full)
        done = run(*words, squid("example.org", "dropbox.com"), tmp_path / "nowhere.log")
    assert done.code == 1
    assert done.out.startswith("2 records: 2 counted")
    assert "nowhere.log: No such file" in done.err
    assert "centre.db: the disk is full" in done.err
    assert "stays at the site" in done.err
    again = run(*words, tmp_path / "access.log")
    assert again.code == 0
    assert "Judged as of" in again.out
