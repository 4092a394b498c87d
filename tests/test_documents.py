"""The README's tour runs as it is written, after what `make demo` does; links lead somewhere."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from leitplanke.cli import COMMANDS
from schemas.observation import OBSERVATION

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PLACE_ENV = {"LC_ALL": "C.UTF-8", "CI": "true"}


def steps(text: str) -> Iterator[tuple[str, list[str]]]:
    """Commands of the console blocks with the output lines that are written below them."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        command, shown = None, []
        for line in block.splitlines():
            if line.startswith("$ "):
                if command is not None:
                    yield command, shown
                command, shown = line[2:], []
            else:
                shown.append(line)
        if command is not None:
            yield command, shown


def pattern(line: str) -> re.Pattern[str]:
    """A written line stands at the start of a printed one; `...` and runs of blanks stand for anything of their kind."""
    parts = (re.escape(part) for part in re.split(r"\.\.\.|\s+", line))
    gaps = (".*?" if gap == "..." else r"\s+" for gap in re.findall(r"\.\.\.|\s+", line))
    text = next(parts)
    for gap, part in zip(gaps, parts, strict=True):
        text += gap + part
    return re.compile(text)


def missing(shown: list[str], printed: str) -> list[str]:
    """Written lines that are not printed in this order."""
    rest = iter(printed.splitlines())
    wanted = [line for line in shown if line.strip() != "..."]
    return [line for line in wanted if not any(pattern(line).match(found) for found in rest)]


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `make demo` leaves it."""
    folder = tmp_path_factory.mktemp("tour")
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    recipe = "python -m simulation --out .cache/demo --size small > /dev/null\n"
    recipe += "for s in .cache/demo/sites/*/site.toml; do leitplanke --data .cache/demo/data ingest --config $s; done"
    done = ran(folder, recipe)
    assert done.returncode == 0, done.stderr
    return folder


def ran(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    here = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=here | PLACE_ENV, capture_output=True, text=True, check=False
    )


def test_the_tour_of_the_readme(tour: Path) -> None:
    found = [*steps(README)]
    assert len(found) >= 8
    settings = ""
    for command, shown in found:
        done = ran(tour, f"{settings}{command}")
        if command.startswith(("source ", "export ")):
            settings += f"{command}\n"
        assert done.returncode == 0, f"{command}: {done.stderr}"
        assert missing(shown, done.stdout) == [], f"{command} printed\n{done.stdout[:3000]}"


def test_a_wrong_line_is_seen() -> None:
    assert missing(["a ... c", "d"], "a b c\nd\n") == []
    assert missing(["d", "a ... c"], "a b c\nd\n") == ["a ... c"]
    assert missing(["a  b  x"], "a b c\n") == ["a  b  x"]


def test_the_demo_recipe_is_that_of_the_makefile() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "-m simulation --out $(DEMO) --size small" in recipe
    assert "leitplanke --data $(DEMO)/data ingest --config $$site" in recipe
    assert "DEMO := .cache/demo" in recipe


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/decisions.md"])
def test_links_and_paths_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    linked = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert [link for link in linked if not ((ROOT / name).parent / link).exists()] == []
    named = re.findall(r"`((?:schemas|tests|leitplanke|detectors|catalogue|connectors)/[\w/.]+\.\w+)`", text)
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_changelog_names_every_command() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"`{name}" not in text and f"`leitplanke {name}" not in text] == []


def test_the_readme_names_what_leaves() -> None:
    table = README[README.index("## What leaves a site") : README.index("## Formats")]
    for word in ("unit", "subject", "signal", "view", "day", "events", "blocked", "actors"):
        assert word in OBSERVATION.names
        assert word in table


def test_no_document_names_a_machine_or_a_registry() -> None:
    wrong = []
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("requirements/*"), ROOT / "pyproject.toml"]:
        text = path.read_text(encoding="utf-8")
        wrong += [(path.name, found) for found in re.findall(r"/(?:root|work|home)/\S*|index-url|find-links", text)]
    assert wrong == []
