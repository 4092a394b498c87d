"""`doctor` says what is wrong and how to mend it."""

import json
import shutil
from pathlib import Path

from command import Run


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
    assert set(found) == {"program", "clock", "data", "keys", "settings", "catalogue", "sites", "centre"}
    assert any("no works agreement on file" in text for _, text in found["sites"])


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
