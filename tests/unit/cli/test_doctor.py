"""`doctor` says what is wrong and how to mend it."""

import json
import shutil
from pathlib import Path

import pytest
from command import Run, Written


def states(run: Run, *words: object) -> dict[str, list[tuple[str, str]]]:
    done = run("doctor", "--format", "json", *words)
    found: dict[str, list[tuple[str, str]]] = {}
    for row in json.loads(done.out):
        found.setdefault(row["check"], []).append((row["state"], row["text"]))
    assert done.code == (1 if any(s == "wrong" for rows in found.values() for s, _ in rows) else 0)
    return found


def test_all_is_well(run: Run, data: Path, state: Path) -> None:
    found = states(run, "--data", data, "--config", state / "sites/jum/site.toml")
    assert [row for rows in found.values() for row in rows if row[0] == "wrong"] == []
    assert set(found) == {"program", "native", "clock", "data", "keys", "settings", "catalogue", "sites", "centre"}
    assert not any("agree" in text for _, text in [*found["sites"], *found["settings"]])


SOURCE = '[[source]]\nname = "{name}"\nconnector = "squid"\npath = "a.log"\n'
AGREED = "agreement = {{ reference = 'DV 7', date = 2026-05-12, signals = [{signals}], detectors = [{detectors}] }}\n"


@pytest.mark.parametrize(
    ("agreements", "code", "told"),
    [
        ([None], 0, ["hint: Site im, source p0: no works agreement on file"]),
        ([("'network'", "")], 0, []),
        ([("'network'", ""), None], 1, ["wrong: source p1: not agreed: other sources have"]),
        ([("'assets'", "")], 2, ["wrong: source p0: not agreed: DV 7 does not name the signal network"]),
        (
            [("'network'", "'program'")],
            0,
            ["hint: Source p0: not agreed, and therefore without effect: edition_unknown"],
        ),
        ([("'network'", "'progam'")], 0, ["Source p0: not agreed", "names what the program does not have: progam"]),
    ],
)
def test_what_is_not_agreed_is_told_and_does_not_run(
    run: Run, squid: Written, tmp_path: Path, agreements: list[tuple[str, str] | None], code: int, told: list[str]
) -> None:
    squid("example.org", name="a.log")
    parts = ['site = "im"\n']
    for n, agreement in enumerate(agreements):
        parts.append(SOURCE.format(name=f"p{n}"))
        parts += [AGREED.format(signals=agreement[0], detectors=agreement[1])] if agreement else []
    settings = tmp_path / "site.toml"
    settings.write_text("".join(parts))
    lines = [
        f"{state}: {text}" for state, text in states(run, "--data", tmp_path / "d", "--config", settings)["settings"]
    ]
    lines = [line for line in lines if "agree" in line and not line.startswith("good")]
    assert len(lines) == len(told)
    assert all(any(one in line for line in lines) for one in told)
    done = run("--data", tmp_path / "d", "ingest", "--config", settings)
    assert done.code == code
    assert ("not agreed" in done.err) == any("wrong" in one for one in told)


def test_what_is_no_longer_agreed_gives_no_finding(run: Run, state: Path, tmp_path: Path) -> None:
    source = state / "sites/im/squid"
    settings = tmp_path / "site.toml"
    words = ("--data", tmp_path / "d", "ingest", "--config", settings)
    base = SOURCE.format(name="p").replace("a.log", str(source)) + 'unit = "im"\n'

    def agreed(signals: str, detectors: str = "") -> int:
        settings.write_text('site = "im"\n' + base + AGREED.format(signals=signals, detectors=detectors))
        done = run(*words)
        assert ("nicht vereinbart" in run(*words, "--lang", "de").err) == (done.code == 2)
        assert done.code == (2 if "network" not in signals else 0)
        return len(run("--data", tmp_path / "d", "findings", "--format", "ndjson").out.splitlines())

    every = agreed("'network'")
    assert every > 0
    assert agreed("'network'", "'program'") == 0
    assert agreed("'network'") == every
    assert agreed("'assets'") == 0
    found = states(run, "--data", tmp_path / "d")["sites"]
    assert any("not agreed" in text for _, text in found)


def test_a_site_without_an_agreement(run: Run, squid: Written, tmp_path: Path) -> None:
    assert run("--data", tmp_path, "ingest", "--site", "im", "--source", "squid", squid("example.org")).code == 0
    assert any("no works agreement on file" in text for _, text in states(run, "--data", tmp_path)["sites"])


def test_open_and_lost_keys(run: Run, data: Path, tmp_path: Path) -> None:
    here = tmp_path / "data"
    shutil.copytree(data, here)
    key = here / "keys/site-jum.json"
    key.chmod(0o644)
    open_ones = states(run, "--data", here)["keys"]
    assert [state for state, _ in open_ones] == ["wrong"]
    assert "chmod 600" in open_ones[0][1]
    key.unlink()
    assert any("the key is missing" in text for _, text in states(run, "--data", here)["keys"])


def test_a_damaged_file_and_a_bad_catalogue(run: Run, data: Path, tmp_path: Path) -> None:
    here = tmp_path / "data"
    shutil.copytree(data, here)
    for part in here.glob("site-jum.db*"):
        part.write_bytes(b"this was a database")
    (tmp_path / "bad/standards").mkdir(parents=True)
    (tmp_path / "bad/standards/x.yaml").write_text("nonsense: 1\n")
    found = states(run, "--data", here, "--catalogue", tmp_path / "bad")
    assert [state for state, _ in found["sites"]] == ["wrong"]
    assert [state for state, _ in found["catalogue"]] == ["wrong"]


def test_settings_with_a_missing_path(run: Run, tmp_path: Path) -> None:
    settings = tmp_path / "site.toml"
    settings.write_text('site = "im"\n[[source]]\nname = "p"\nconnector = "squid"\npath = ["nowhere/*"]\n')
    found = states(run, "--data", tmp_path, "--config", settings)
    assert ("wrong", "im, source p: there is no file nowhere/*") in found["settings"]
    settings.write_text('site = "im"\nnonsense = 1\n')
    assert "nonsense: unknown key" in states(run, "--data", tmp_path, "--config", settings)["settings"][0][1]
    settings.write_text('site = "im"\nnonsense = 1\ngroup_size = 0\n')
    assert len(states(run, "--data", tmp_path, "--config", settings)["settings"]) == 2


@pytest.mark.parametrize(
    ("text", "state", "sentence"),
    [
        ('site = "im"', "hint", "names no source"),
        ('site = "im"\n[[source]]\nname = "p"\nconnector = "squid"', "hint", "Source p has no path"),
        ('site = "im"\n[[source]]\nname = "p"\nconnector = "squid"\npath = "a.log"', "hint", "purpose or legal basis"),
        ('site = "im"\n[[source]]\nname = "p"\nconnector = "paloalto"\npath = "a.log"', "wrong", "times state no zone"),
        ('site = "im"\n[[source]]\nname = "p"\nconnector = "zeek"\npath = "a.log"', "wrong", "expected Zeek's header"),
        (
            'site = "im"\n[[source]]\nname = "p"\nconnector = "squid"\npath = "b.log"',
            "wrong",
            "b.log: expected ten fields",
        ),
        ('site = "im"\n[[unit]]\nunit = "im/typo"', "hint", "im/typo is not in the catalogue"),
    ],
)
def test_settings_that_would_not_do_what_is_meant(
    run: Run, squid: Written, tmp_path: Path, text: str, state: str, sentence: str
) -> None:
    squid("example.org", name="a.log")
    squid("not a line of a log\n", name="b.log")
    settings = tmp_path / "site.toml"
    settings.write_text(text)
    found = states(run, "--data", tmp_path, "--config", settings)["settings"]
    assert [told for kind, told in found if kind == state and sentence in told]


def test_one_broken_site_does_not_hide_the_others(run: Run, data: Path, tmp_path: Path) -> None:
    here = tmp_path / "data"
    shutil.copytree(data, here)
    (here / "site-a.db").write_bytes(b"this was a database, long enough to be taken for one" * 20)
    (here / "site-new.db").touch()
    (here / "keys/site-a.json").write_text("{")
    (here / "keys/site-a.json").chmod(0o600)
    found = states(run, "--data", here)
    assert [state for state, _ in found["sites"] if state != "hint"] == ["wrong", "good", "good"]
    assert [text for state, text in found["keys"] if state == "wrong"] == [
        "site-a.json: not a key file of this version (JSONDecodeError); put it back from the backup"
    ]


def test_a_folder_that_cannot_be(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for data in (tmp_path / "file", tmp_path / "file/data"):
        assert states(run, "--data", data)["data"] == [
            ("wrong", f"{tmp_path / 'file'} cannot be written to. Give the right to, or name another folder (--data).")
        ]


def test_records_without_a_unit_are_told(run: Run, squid: Written, tmp_path: Path) -> None:
    assert run("--data", tmp_path / "d", "ingest", "--site", "im", "--source", "squid", squid("example.org")).code == 0
    told = [text for state, text in states(run, "--data", tmp_path / "d")["sites"] if state == "hint"]
    assert any("1 of 1 records have no unit" in text for text in told)
