"""The log of looks: a chain in which a changed, missing or inserted line shows; a year of it is kept."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from schemas.errors import ConfigurationError
from streams import access

ROOT = Path(__file__).parents[2]


def logged(data: Path, count: int) -> Path:
    for n in range(count):
        access.note(data, "ada", 1000, "show", f"finding {n}", None if n % 2 else "audit")
    return data / access.FILE


def test_a_look_is_a_line(tmp_path: Path) -> None:
    file = logged(tmp_path, 3)
    log = access.read(tmp_path)
    assert [line["number"] for line in log.lines] == [1, 2, 3]
    assert [line["reason"] for line in log.lines] == ["audit", None, "audit"]
    assert log.broken is None
    assert file.stat().st_mode & 0o777 == 0o600
    assert access.read(tmp_path / "nowhere").lines == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda lines: lines[:2] + lines[3:], 3),
        (lambda lines: lines[1:], 1),
        (lambda lines: [lines[0], lines[1].replace(b"ada", b"bob"), *lines[2:]], 3),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 2),
        (lambda lines: [lines[0], lines[0], *lines[1:]], 2),
        (lambda lines: [*lines[:2], b"no line\n", *lines[3:]], 3),
        (lambda lines: [*lines[:4], lines[4][:20]], 5),
    ],
)  # fmt: skip
def test_what_was_changed_shows(tmp_path: Path, change: object, found: int) -> None:
    file = logged(tmp_path, 5)
    file.write_bytes(b"".join(change(file.read_bytes().splitlines(keepends=True))))  # type: ignore[operator]
    assert access.read(tmp_path).broken == found


def test_a_log_written_anew_has_another_head(tmp_path: Path) -> None:
    head = access.read(logged(tmp_path, 3).parent).head
    (tmp_path / access.FILE).unlink()
    logged(tmp_path, 2)
    access.note(tmp_path, "eve", 1001, "show", "finding 2", "audit")
    assert access.read(tmp_path).broken is None
    assert access.read(tmp_path).head != head


def test_a_line_that_a_power_cut_has_torn_goes_with_the_next(tmp_path: Path) -> None:
    file = logged(tmp_path, 3)
    file.write_bytes(file.read_bytes()[:-20])
    access.note(tmp_path, "ada", 1000, "show", "again", None)
    log = access.read(tmp_path)
    assert (log.broken, [line["about"] for line in log.lines]) == (None, ["finding 0", "finding 1", "again"])


def test_a_year_is_kept_and_the_chain_goes_on(tmp_path: Path) -> None:
    file = logged(tmp_path, 4)
    today = date.fromisoformat(access.read(tmp_path).lines[0]["at"][:10])
    head = access.read(tmp_path).head
    assert access.expire(tmp_path, today + timedelta(days=access.KEPT)) == 0
    lines = [json.loads(text) for text in file.read_bytes().splitlines()]
    assert access.expire(tmp_path, today + timedelta(days=access.KEPT + 1)) == 4
    assert b"finding" not in file.read_bytes()
    assert access.expire(tmp_path, today + timedelta(days=access.KEPT + 1)) == 0
    assert access.read(tmp_path).head == head
    access.note(tmp_path, "ada", 1000, "show", "next", None)
    log = access.read(tmp_path)
    assert (log.broken, [line["number"] for line in log.lines]) == (None, [len(lines) + 1])
    text = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(text[1:]))
    assert access.read(tmp_path).broken == 1


def test_several_processes_write_one_chain(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from streams import access\n"
    script += "for n in range(25): access.note(Path(sys.argv[1]), 'a', 1, 'show', str(n), None)"
    command = [sys.executable, "-c", script, str(tmp_path)]
    for process in [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]:
        assert process.wait() == 0
    log = access.read(tmp_path)
    assert (len(log.lines), log.broken) == (75, None)


def test_without_a_note_nothing_is_shown(tmp_path: Path) -> None:
    (tmp_path / access.FILE).mkdir()
    with pytest.raises(ConfigurationError, match="nothing is shown"):
        access.note(tmp_path, "ada", 1000, "show", "finding", None)
