"""Catalogue folders are read, and every problem is one sentence with file, line and key."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from catalogue.load import BUNDLED, check, load
from schemas.errors import ConfigurationError

FIXTURES = Path(__file__).parents[2] / "fixtures" / "catalogue"
WRONG = sorted((FIXTURES / "wrong").iterdir())


@pytest.mark.parametrize("folder", WRONG, ids=lambda folder: folder.name)
def test_a_problem_names_file_line_and_key(folder: Path) -> None:
    found = [problem.replace(f"{folder}/", "", 1) for problem in check(folder)]
    expected = (folder / "problems.txt").read_text(encoding="utf-8").splitlines()
    assert len(found) == len(expected), found
    assert all(problem.startswith(start) for problem, start in zip(found, expected, strict=True)), found
    with pytest.raises(ConfigurationError, match=r"directory|standard|units"):
        load(folder)


def test_the_good_folder_has_no_problems_and_every_kind_of_record() -> None:
    assert check(FIXTURES / "good") == []
    snapshot = load(FIXTURES / "good")
    assert {"service:zoom", "service:dropbox", "service:google-forms", "software:7-zip/7-zip"} <= set(
        snapshot.directory
    )
    assert [len(part) for part in (snapshot.standards, snapshot.initiatives, snapshot.legal)] == [1, 1, 1]
    assert set(snapshot.units) == {"um", "lfg"}


def test_text_is_what_is_written() -> None:
    snapshot = load(FIXTURES / "good")
    provider = snapshot.directory["service:norwegian-news"].provider
    assert provider is not None
    assert provider.seat == "NO"
    assert snapshot.directory["software:7-zip/7-zip"].releases[0].cycle == "3.10"
    values = {(p.name, p.scope, p.valid_from.year): p.value for p in snapshot.parameters}
    assert values["direct_award_threshold", None, 2024] == Decimal("100000.00")
    assert isinstance(values["direct_award_threshold", "vehicles", 2024], Decimal)
    assert values["adequacy_decision", None, 2023] == "US"
    assert values["wibe_required", None, 2023] is True


def test_a_folder_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="missing: the catalogue folder does not exist"):
        load(tmp_path / "missing")


def test_missing_folders_are_empty(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "good" / "directory", tmp_path / "directory")
    snapshot = load(tmp_path)
    assert snapshot.directory
    assert not snapshot.standards
    assert not snapshot.initiatives


def test_load_names_the_first_problems_and_counts_the_rest(tmp_path: Path) -> None:
    (tmp_path / "units").mkdir()
    for number in range(9):
        (tmp_path / "units" / f"{number}.yaml").write_text(f"code: u{number}\n", encoding="utf-8")
    problems = check(tmp_path)
    assert len(problems) == 9 * 4
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert str(caught.value).splitlines() == [
        *problems[:5],
        "... and 31 more; `leitplanke catalogue check` lists them",
    ]


def test_the_bundled_catalogue_has_no_problems() -> None:
    assert check(BUNDLED) == []
