"""`parse` prints what a connector sees, in canonical columns, and stores nothing."""

import gzip
import io
import json
import sys
from pathlib import Path

import pytest
from command import Run, Written

from schemas.events import NETWORK


def test_one_object_an_event(run: Run, squid: Written) -> None:
    done = run("parse", "--source", "squid", "--format", "ndjson", squid("example.org", "not a line of squid\n"))
    event, rejected = map(json.loads, done.out.splitlines())
    assert done.code == 1
    assert event == {
        "place": 1,
        "at": "2026-10-22T04:03:21.901000Z",
        "account_raw": "im-011",
        "client_raw": "10.16.4.20",
        "host": "example.org",
        "address": "185.14.118.178",
        "port": 443,
        "action": "allowed",
        "bytes_down": 59387,
        "duration": 0.837,
        "method": "CONNECT",
        "evidence": "proxy",
    }
    assert set(rejected) == {"place", "rejected"}
    assert rejected["place"] == 2
    assert "records 2: events 1, without an event 0, rejected 1" in done.err


def test_csv_has_all_columns(run: Run, squid: Written) -> None:
    done = run("parse", "--source", "squid", "--format", "csv", squid("example.org"))
    assert done.code == 0
    header, line = done.out.splitlines()
    assert header.split(",") == NETWORK.names
    assert line.startswith("1,,2026-10-22T04:03:21.901000Z,im-011,")


def test_the_table_says_what_is_behind(run: Run, squid: Written) -> None:
    done = run("parse", "--source", "squid", squid(*["example.org"] * 50))
    assert "... and 10 more rows" in done.out


def test_money_is_a_number(run: Run, state: Path) -> None:
    path = next((state / "sites/im/xrechnung").iterdir())
    done = run("parse", "--source", "xrechnung", "--format", "ndjson", path)
    event = json.loads(done.out)
    assert isinstance(event["paid"], float)
    assert isinstance(event["lines"][0]["amount"], float)
    assert event["day"].count("-") == 2


def test_standard_input(run: Run, squid: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(squid("example.org").read_bytes()))
    monkeypatch.setattr(sys, "stdin", stream)
    assert json.loads(run("parse", "--source", "squid", "--format", "ndjson", "-").out)["host"] == "example.org"


def test_another_format_is_2_and_nothing_is_printed(run: Run, squid: Written) -> None:
    done = run("parse", "--source", "squid", "--format", "ndjson", squid(*["no\n"] * 1000))
    assert (done.code, done.out) == (2, "")
    assert "access.log: none of the first 1000 records is squid" in done.err


def test_a_short_input_of_another_format_keeps_its_rejects(run: Run, squid: Written) -> None:
    assert run("parse", "--source", "squid", "--format", "ndjson", squid(*["no\n"] * 999)).code == 1


def test_a_cut_archive_gives_its_whole_lines(run: Run, squid: Written, tmp_path: Path) -> None:
    packed = tmp_path / "cut.log.gz"
    hosts = [f"h{n}.example.org" for n in range(5000)]
    packed.write_bytes(gzip.compress(squid(*hosts).read_bytes())[:-2000])
    done = run("parse", "--source", "squid", "--format", "ndjson", packed)
    assert done.code == 1
    assert 1000 < done.out.count("\n") < 5000
    assert "cut.log.gz: the archive is damaged or cut off" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ["--source", "squid", "nowhere.log"],
        ["--source", "squit", "nowhere.log"],
        ["--source", "squid", "--timezone", "Nowhere", "nowhere.log"],
        ["--source", "ocds", "--at", "soon", "nowhere.log"],
        ["--source", "squid", "."],
    ],
    ids=" ".join,
)
def test_nothing_read_is_2(words: list[str], run: Run) -> None:
    done = run("parse", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("leitplanke: ")


def test_nothing_is_stored(run: Run, squid: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = squid("example.org")
    empty = tmp_path / "elsewhere"
    empty.mkdir()
    monkeypatch.chdir(empty)
    run("parse", "--source", "squid", path)
    assert [*empty.iterdir()] == []
