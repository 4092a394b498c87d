"""Every command explains itself at once, in both languages."""

import subprocess
import sys

import pytest
from command import Run

from leitplanke.cli import COMMANDS
from leitplanke.help import language

PAGES = [
    [],
    *([name] for name in COMMANDS),
    ["dead-letters", "show"],
    ["source", "reset"],
    ["site", "resend"],
    ["catalogue", "check"],
]
HEAVY = ("polars", "sklearn", "kafka", "pydantic", "duckdb", "numpy", "pyarrow", "rich", "babel", "lxml")
SCRIPT = """
import sys
from leitplanke.cli import main
code = main(sys.argv[1:])
print("|" + ",".join(name for name in HEAVY if name in sys.modules))
sys.exit(code)
"""


@pytest.mark.parametrize("page", PAGES, ids=" ".join)
def test_help_imports_nothing_heavy(page: list[str]) -> None:
    script = SCRIPT.replace("HEAVY", repr(HEAVY))
    done = subprocess.run([sys.executable, "-c", script, *page, "--help"], capture_output=True, text=True, check=True)
    text, _, heavy = done.stdout.rpartition("|")
    assert heavy.strip() == ""
    assert "leitplanke" in text


@pytest.mark.parametrize("page", PAGES, ids=" ".join)
def test_help_speaks_both_languages(page: list[str], run: Run) -> None:
    german, english = (run(*page, "--lang", lang, "--help") for lang in ("de", "en"))
    assert (german.code, english.code) == (0, 0)
    assert german.out.startswith("Aufruf: ")
    assert english.out.startswith("usage: ")
    assert "zeigt diese Hilfe" in german.out
    assert "show this help" in english.out


@pytest.mark.parametrize(
    ("words", "environment", "expected"),
    [
        ([], {"LANG": "de_DE.UTF-8"}, "de"),
        ([], {"LANG": "fr_FR.UTF-8"}, "en"),
        ([], {}, "en"),
        ([], {"LC_ALL": "C", "LANG": "de_DE"}, "en"),
        ([], {"LC_ALL": "", "LANG": "de_AT"}, "de"),
        (["findings", "--lang", "en"], {"LANG": "de_DE"}, "en"),
        (["--lang=de", "findings"], {}, "de"),
    ],
)
def test_language(words: list[str], environment: dict[str, str], expected: str) -> None:
    assert language(words, environment) == expected


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["findings", "--bogus"],
        ["findings", "--format", "xml"],
        ["show"],
        ["dead-letters"],
        ["parse", "file"],
        ["--data"],
        ["findings", "--stat", "new"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_one_sentence_and_2(words: list[str], run: Run) -> None:
    done = run(*words)
    assert done.code == 2
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert done.err.startswith("leitplanke")


def test_no_command_shows_the_help(run: Run) -> None:
    done = run()
    assert done.code == 2
    assert "ingest" in done.out
