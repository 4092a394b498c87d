"""docs/datenschutz.md says what the program does: its tables are made from schemas and settings, and are up to date."""

import re

from connectors import registry
from detectors.known import known
from leitplanke.contract import fields
from leitplanke.privacy import FILE, LEGAL, PARTS, written
from schemas.observation import OBSERVATION

TEXT = FILE.read_text(encoding="utf-8")


def test_the_tables_are_up_to_date() -> None:
    """After a change: `python -m leitplanke.privacy`."""
    assert written(TEXT) == TEXT


def test_every_part_has_its_place() -> None:
    assert sorted(re.findall(r"^<!-- (\w+) -->$", TEXT, re.MULTILINE)) == sorted(PARTS)
    assert sorted(re.findall(r"^<!-- /(\w+) -->$", TEXT, re.MULTILINE)) == sorted(PARTS)


def test_a_stale_table_is_seen() -> None:
    assert written(TEXT.replace("| `actors_30d` |", "| `heads` |")) == TEXT
    assert "`heads`" in TEXT.replace("| `actors_30d` |", "| `heads` |")


def test_nothing_that_leaves_is_missing() -> None:
    for name in [*OBSERVATION.names, *(field.name for field in fields()), *known(), *registry.names()]:
        assert f"{name}" in TEXT
    assert len(LEGAL) == len(set(LEGAL))


def test_the_drafts_are_marked_and_have_gaps() -> None:
    assert "**Nichts hiervon ist Rechtsberatung**" in TEXT
    drafts = re.split(r"^## \d+\. Entwurf: ", TEXT, flags=re.MULTILINE)[1:]
    assert [draft.partition(" (")[0] for draft in drafts] == [
        "Eintrag im Verzeichnis von Verarbeitungstätigkeiten", "Datenschutz-Folgenabschätzung", "Dienstvereinbarung",
    ]  # fmt: skip
    assert all(draft.count("[") >= 5 for draft in drafts)
    for letter in "abcdefg":
        assert f"Buchst. {letter}" in drafts[0]
