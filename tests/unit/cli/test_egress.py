"""The contract of the border: every field with its meaning, real examples, and the scanner's word."""

import json
import shutil
import sqlite3
from pathlib import Path

from command import Run

from leitplanke.contract import WHY, fields
from leitplanke.texts import t
from schemas.observation import CROSSING, MANIFEST, OBSERVATION


def test_every_field_has_a_meaning_in_both_languages_and_a_purpose() -> None:
    every = [*fields()]
    assert [f.name for f in every if f.record == "observation" and "." not in f.name] == OBSERVATION.names
    assert [f.name for f in every if f.record == "manifest" and "." not in f.name] == MANIFEST.names
    assert "sources.detectors" in {f.name for f in every}
    for field in every:
        assert field.meaning("de")
        assert field.why("de") != field.why("en")
    sentences = {(table.name, c.name): c.sentence for table in CROSSING.values() for c in table.columns}
    assert [f for f in every if "." not in f.name and f.meaning("en") != sentences[f.record, f.name]] == []
    assert sorted(name for names in WHY.values() for name in names) == sorted(OBSERVATION.names)


def test_examples_are_of_what_has_left(run: Run, data: Path) -> None:
    done = run("--data", data, "egress", "--format", "ndjson")
    assert done.code == 0
    rows = [json.loads(line) for line in done.out.splitlines()]
    found = {(row["record"], row["field"]): row["example"] for row in rows}
    assert found["observation", "site"] == "jum"
    assert found["observation", "revision"] > 10**12
    assert found["observation", "matched.identifier"]
    assert found["manifest", "sources"]["agreement"].startswith("Dienstvereinbarung")
    assert found["manifest", "sources.detectors"]
    scan = found["scanner", "jum"]
    assert scan["passed"] > 0
    assert (scan["kept"], scan["found"]) == (0, 0)
    page = run("--data", data, "egress", "--lang", "de").out
    assert t("field.observation.band", "de") in page
    assert "Standort jum: " in page


def test_without_data_the_contract_is_there_and_says_so(run: Run, tmp_path: Path) -> None:
    done = run("--data", tmp_path / "none", "egress")
    assert done.code == 0
    assert t("field.observation.band", "en") in done.out
    assert "there is no example" in done.out


def test_something_that_should_not_be_outside_is_told(run: Run, data: Path, tmp_path: Path) -> None:
    here = tmp_path / "data"
    shutil.copytree(data, here)
    with sqlite3.connect(here / "site-jum.db") as db:
        query = "SELECT b.id, b.body FROM bodies b JOIN sent s ON s.id = b.id WHERE s.digest IS NOT NULL ORDER BY s.day DESC"
        name, body = db.execute(query).fetchone()
        changed = json.loads(body) | {"title": "call meyer@example.org"}
        db.execute("UPDATE bodies SET body = ? WHERE id = ?", (json.dumps(changed), name))
        db.execute("UPDATE sent SET acknowledged = 2 WHERE id = (SELECT max(id) FROM sent WHERE id <> ?)", (name,))
    done = run("--data", here, "egress")
    assert done.code == 1
    assert "1 observation holds what the sender should keep inside" in done.out
    assert "1 kept inside" in done.out
