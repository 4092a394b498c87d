"""Everything that can go wrong is said in German too: no sentence is raised that the catalogue does not know."""

import ast
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from leitplanke.sentences import sentence, told
from leitplanke.texts import ERRORS, read
from schemas.errors import ConfigurationError, InputError, LeitplankeError
from schemas.sentence import lines, said

ROOT = Path(__file__).parents[3]
FOLDERS = ("schemas", "catalogue", "connectors", "detectors", "streams", "leitplanke")
RAISED = {kind.__name__ for kind in LeitplankeError.__subclasses__()} | {"LeitplankeError", "RejectedError"}
"""What is called with a template and its fields, besides `said`."""
STATIC = re.compile(r"_?(EXPECTED|REJECTED|NO_ZONE)(_|$)")
"""Names of constants that say what a format expects."""
PLAIN = {"refuse_documents": 1, "Reject": 1}
"""Calls that take a sentence as this argument and keep it as a text."""

PAIRS = read(ERRORS)
GERMAN = {pair.get("said", pair["en"]): pair["de"] for pair in PAIRS}


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def neutral(template: str) -> bool:
    """Without words of its own."""
    return not any(re.search(r"\w", words) for words, _, _, _ in string.Formatter().parse(template))


def problems(source: str) -> Iterator[tuple[int, str]]:
    """Line and complaint of every sentence in a module that the catalogue cannot say in German."""
    tree = ast.parse(source)
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for name, value in constants.items():
        if STATIC.match(name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield from ((value.lineno, wrong) for wrong in unsaid(value.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from ((node.lineno, wrong) for wrong in _called(node, constants))
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "rejected" and isinstance(value, ast.Constant):
                    yield from ((value.lineno, wrong) for wrong in unsaid(value.value))


def _called(node: ast.Call, constants: dict[str, ast.expr]) -> Iterator[str]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in PLAIN and len(node.args) > PLAIN[name]:
        text = node.args[PLAIN[name]]
        if isinstance(text, ast.Constant):
            yield from unsaid(text.value)
    if name not in RAISED | {"said"} or not node.args:
        return
    first = node.args[0]
    if isinstance(first, ast.Name):
        first = constants.get(first.id, first)
    if isinstance(first, ast.JoinedStr | ast.BinOp):
        yield "an f-string cannot be said in German: give a template and its fields"
    if isinstance(first, ast.Constant):
        given = {keyword.arg for keyword in node.keywords}
        yield from unsaid(first.value)
        if None not in given and given != fields(first.value) and given | fields(first.value):
            yield f"{first.value!r} has the fields {fields(first.value)}, given are {given}"


def unsaid(template: str) -> Iterator[str]:
    if template not in GERMAN and not neutral(template):
        yield f"{ERRORS}.yaml lacks the German text of {template!r}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_sentence_has_its_german_one(folder: str) -> None:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    found = [
        f"{file.relative_to(ROOT)}:{line}: {wrong}"
        for file in files
        for line, wrong in problems(file.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("file", ["catalogue/load.py", "leitplanke/settings.py"])
def test_every_rule_of_a_schema_is_said_in_german(file: str) -> None:
    """Rules stand in tables there, by the kind of pydantic's error."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    tables = [node.values for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    rules = [rule.value for table in tables for rule in table if isinstance(rule, ast.Constant)]
    assert rules
    assert [rule for rule in rules if rule not in GERMAN] == []


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ('raise InputError("{name}: nobody translated this", name=name)', "lacks the German text"),
        ('raise InputError(f"{name}: standard input")', "f-string"),
        ('raise ConfigurationError("standard input", name=name)', "given are"),
        ('raise ConfigurationError("{path}: {problem}", path=path)', "given are"),
        ('_EXPECTED_MORE = "expected another world"', "lacks the German text"),
        ('_NO_ZONE = "no zone"\nraise ConfigurationError(_NO_ZONE)', "lacks the German text"),
        ('row = {"rejected": "expected another world"}', "lacks the German text"),
        ('problems.append(said("never heard of"))', "lacks the German text"),
        ('refuse_documents(lines, "another world")', "lacks the German text"),
    ],
)
def test_a_sentence_without_its_german_one_is_found(source: str, complaint: str) -> None:
    assert any(complaint in wrong for _, wrong in problems(source))


def test_pairs_say_the_same() -> None:
    kinds = (["de", "en"], ["said", "de", "en"])
    assert [pair for pair in PAIRS if list(pair) not in kinds] == [], "German first, then English"
    assert len(GERMAN) == len(PAIRS), "an English sentence stands in two pairs"
    wrong = [pair for pair in PAIRS if len({frozenset(fields(text)) for text in pair.values()}) > 1]
    assert wrong == []


def test_every_reason_in_the_fixtures_is_said_in_german() -> None:
    files = [*(ROOT / "tests/fixtures/connectors").rglob("rejected.jsonl")]
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    reasons = {row["rejected"] for row in rows if row.get("rejected")}
    assert reasons
    assert {reason for reason in reasons if told(reason, "de") == reason} == set()


def test_a_sentence_keeps_its_fields() -> None:
    inner = ConfigurationError("{path}: {problem}", path="a.toml", problem=said("Permission denied"))
    outer = InputError("{problem}; waiting", problem=inner)
    assert str(outer) == "a.toml: Permission denied; waiting"
    assert told(outer.sentence, "en") == str(outer)
    assert told(outer.sentence, "de") == "a.toml: Dazu fehlt das Recht. Dieser hier wartet."


def test_a_value_with_braces_or_words_of_ours_stays_a_value() -> None:
    strange = said("{path}: {problem}", path="{x} none", problem="none")
    assert told(strange, "de") == "{x} none: none"


def test_lines_are_said_one_by_one() -> None:
    both = lines([said("{key}: {problem}", key="site", problem=said("is missing")), "something else"])
    assert str(both) == "site: is missing\nsomething else"
    assert told(both, "de") == "site: fehlt\nsomething else"


@pytest.mark.parametrize(
    ("text", "german"),
    [
        ("standard input", "Standardeingabe"),
        ("tender.value: an amount of money expected", "tender.value: ein Geldbetrag erwartet"),
        ("well-formed XML expected, see line 20", "fehlerfreies XML erwartet, siehe Zeile 20"),
        ("a.xml: well-formed JSON expected", "a.xml: fehlerfreies JSON erwartet"),
        ("argument --lang: expected one argument", "--lang: dahinter fehlt ein Wert"),
        ("Invalid value (at line 3, column 5)", "Zeile 3, Spalte 5: nach dem Zeichen = fehlt ein gültiger Wert; Texte stehen in Anführungszeichen"),
        ("ComputeError", "ComputeError"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_stored_text_is_recognised(text: str, german: str) -> None:
    assert told(text, "de") == german


def test_of_an_error_that_nobody_raised_only_its_kind_is_said() -> None:
    assert "secret" not in told(sentence(ValueError("secret")), "de")
    assert told(sentence(FileNotFoundError(2, "No such file or directory", "a")), "de").startswith("a: Diese Datei")


def test_what_a_library_says_is_said_in_plain_english_too() -> None:
    problem = said("{path}: not TOML: {problem}", path="a", problem=said("Invalid statement (at line 1, column 1)"))
    assert told(problem, "en") == "a: not TOML: line 1, column 1: this line is no setting"
