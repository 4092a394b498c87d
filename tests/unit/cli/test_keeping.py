"""retention, access-log, keys and resolve as people give them."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command import Ran, Run

WORDS = ("correct horse battery", "staple and more of it")


@pytest.fixture
def copy(data: Path, tmp_path: Path) -> Path:
    """A data folder of its own, at which nobody has looked."""
    return Path(shutil.copytree(data, tmp_path / "data", ignore=shutil.ignore_patterns("access.*")))


def piped(*lines: str) -> int:
    """A descriptor from which these lines are read."""
    end, start = os.pipe()
    os.write(start, "".join(line + "\n" for line in lines).encode())
    os.close(start)
    return end


def rows(ran: Ran) -> list[dict[str, object]]:
    return [json.loads(line) for line in ran.out.splitlines()]


def test_retention_shows_then_deletes(run: Run, copy: Path) -> None:
    day = (datetime.now(UTC).date() + timedelta(days=91)).isoformat()
    assert run("--data", copy, "retention", "--format", "ndjson").out == ""
    shown = rows(run("--data", copy, "retention", "--as-of", day, "--format", "ndjson"))
    assert {row["kind"] for row in shown} >= {"windows", "connections"} - {"connections"}
    assert [*shown[0]] == ["site", "kind", "number", "oldest", "before"]
    table = run("--data", copy, "retention", "--as-of", day, "--lang", "de").out
    assert "Zeilen des Netzes" in table
    assert "leitplanke retention --apply" in table
    before = run("--data", copy, "findings", "--format", "ndjson").out
    gone = rows(run("--data", copy, "retention", "--as-of", day, "--apply", "--format", "ndjson"))
    numbers = {str(row["kind"]): row["number"] for row in gone}
    assert {str(row["kind"]): row["number"] for row in shown}.items() <= numbers.items()
    assert rows(run("--data", copy, "retention", "--as-of", day, "--format", "ndjson")) == []
    assert "Deleted as of" in run("--data", copy, "retention", "--as-of", day, "--apply").out
    deleted = rows(run("--data", copy, "retention", "--deleted", "--format", "ndjson"))
    assert {row["kind"]: row["number"] for row in deleted} == numbers
    assert run("--data", copy, "rejudge").code == 0
    assert run("--data", copy, "findings", "--format", "ndjson").out == before
    assert run("--data", copy, "retention", "--as-of", "soon").code == 2


def test_who_looked(run: Run, copy: Path, tmp_path: Path) -> None:
    first = str(rows(run("--data", copy, "findings", "--format", "ndjson"))[0]["id"])
    assert run("--data", copy, "show", first, "--reason", "Nachfrage").code == 0
    log = tmp_path / "access.log"
    log.write_text("1792641801.901 837 10.16.4.20 TCP_TUNNEL/200 59387 CONNECT a.org:443 u HIER_DIRECT/1.2.3.4 -\n")
    run("--data", copy, "parse", "--source", "squid", log)
    (tmp_path / "other").mkdir()
    for folder in ("none", "other"):
        run("parse", "--source", "squid", log, "--data", tmp_path / folder)
    run("--data", copy, "dead-letters", "show", "jum/1")
    found = rows(run("--data", copy, "access-log", "--format", "ndjson"))
    assert [(row["what"], row["about"], row["reason"]) for row in found] == [
        ("show", first, "Nachfrage"), ("parse", "access.log", None), ("dead-letters show", "jum/1", None),
    ]  # fmt: skip
    assert not (tmp_path / "none").exists()
    assert [*(tmp_path / "other").iterdir()] == []
    page = run("--data", copy, "access-log", "--lang", "de")
    assert (page.code, "0 Fälle durch zwei Personen geöffnet" in page.out) == (0, True)
    file = copy / "access.jsonl"
    file.write_bytes(file.read_bytes().replace(b"Nachfrage", b"Neugierde"))
    broken = run("--data", copy, "access-log")
    assert (broken.code, "the log is broken: from line 2" in broken.err) == (1, True)


def test_two_persons_name_one_pseudonym(run: Run, copy: Path, tmp_path: Path) -> None:
    found = rows(run("--data", copy, "findings", "--format", "ndjson"))
    finding = str(next(row["id"] for row in found if "network" in row["signals"]))  # type: ignore[operator]
    case = ("--data", copy, "resolve", "--case", finding[:6], "--reason", "Abfluss")
    assert "leitplanke keys split" in run(*case, "--person", "1").err
    assert run("--data", copy, "keys", "split", "--site", "jum", "--passphrase-fd", piped(*WORDS)).code == 0
    one = run(*case, "--person", "1", "--passphrase-fd", piped(WORDS[0]))
    assert (one.code, finding in one.out) == (0, True)
    again = run(*case, "--person", "1", "--passphrase-fd", piped(WORDS[0]))
    assert "is requested until" in again.out
    wrong = run(*case, "--person", "2", "--passphrase-fd", piped(WORDS[0]))
    assert (wrong.code, "not the passphrase of person 2" in wrong.err) == (2, True)
    other = str(next(row["id"] for row in found if row["id"] != finding and "network" in row["signals"]))  # type: ignore[operator]
    busy = run(
        "--data", copy, "resolve", "--case", other, "--reason", "x", "--person", "2", "--passphrase-fd", piped(WORDS[1])
    )
    assert "one case at a time" in busy.err
    two = run(*case, "--person", "2", "--passphrase-fd", piped(WORDS[1]))
    assert two.code == 0
    code = two.out.splitlines()[2].split()[0]
    names = tmp_path / "accounts"
    names.write_text("".join(f"{unit}-{n:03}\n" for unit in ("im", "jum", "mwk") for n in range(400)))
    lacking = run(*case, code, "--person", "2", "--passphrase-fd", piped(WORDS[1]))
    assert "--candidates" in lacking.err
    alone = run(*case, code, "--person", "1", "--candidates", names, "--passphrase-fd", piped(WORDS[0]))
    assert "the other person has not asked" in alone.err
    for n in range(6):
        given = run(*case, code, "--person", "2", "--candidates", names, "--passphrase-fd", piped(WORDS[1]))
        assert given.code == (2 if n == 5 else given.code)
        assert ("no more than 5" in given.err) == (n == 5)
    log = rows(run("--data", copy, "access-log", "--format", "ndjson"))
    assert {row["reason"] for row in log if str(row["what"]).startswith("resolve")} == {"Abfluss", "x"}
    assert sum(row["what"] == f"resolve {code}" for row in log) == 6
    assert "1 case opened by two persons, 5 pseudonyms asked for" in run("--data", copy, "access-log").out


def test_keys_rotate(run: Run, copy: Path) -> None:
    done = run("--data", copy, "keys", "rotate", "--site", "jum")
    assert (done.code, "a new key of pseudonyms holds" in done.out) == (0, True)
    assert len(json.loads((copy / "keys/site-jum.json").read_text())["periods"]) == 2
    assert run("--data", copy, "keys", "rotate", "--site", "nobody").code == 2


def test_resolve_asks_for_a_reason_and_a_passphrase(run: Run, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = rows(run("--data", copy, "findings", "--format", "ndjson"))
    finding = str(next(row["id"] for row in found if "network" in row["signals"]))  # type: ignore[operator]
    assert run("--data", copy, "keys", "split", "--site", "jum", "--passphrase-fd", piped(*WORDS)).code == 0
    case = ("--data", copy, "resolve", "--case", finding, "--person", "1")
    mute = run(*case, "--reason", " ", "--passphrase-fd", piped(WORDS[0]))
    assert (mute.code, "say why" in mute.err) == (2, True)

    def ended(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", ended)
    nothing = run(*case, "--reason", "Abfluss")
    assert (nothing.code, "no passphrase was given" in nothing.err) == (2, True)
