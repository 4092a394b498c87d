"""One message catalogue, two languages, no key missing."""

import re
import string
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from babel.numbers import format_decimal

from detectors.registry import rules
from detectors.weights import RULE_POINTS
from leitplanke.case_why import OPTIONS
from leitplanke.texts import ALONE, LANGS, MESSAGES, Lang, has, joined, listed, messages, read, t
from schemas.finding import GRADES, MODES, STATUSES, URGENCIES
from schemas.observation import QUALITY

PARTS = (
    "share.device",
    "share.account",
    "share.person",
    "upload",
    *RULE_POINTS,
    "growth",
    "unanswered",
    "outside_jurisdiction",
    "sensitive",
    "money",
    "deadline",
)


UNUSED = {"thing", "this"}
"""Either language may name the thing in its own way."""


def fields(message: Any, form: str) -> list[set[str]]:
    """Parameters of the form, `one` or `other`; a text without forms is the `other`."""
    texts = message if isinstance(message, dict) else {"other": message}
    return [{name for _, name, _, _ in string.Formatter().parse(texts[form]) if name}] if form in texts else []


@pytest.mark.parametrize("key", sorted(messages()))
def test_both_languages_say_the_same(key: str) -> None:
    message = messages()[key]
    assert [*message] == [*LANGS], "German first, then English, nothing else"
    names = {frozenset(found) - UNUSED for lang in LANGS for found in fields(message[lang], "other")}
    assert len(names) == 1
    one = {frozenset(found) - UNUSED for lang in LANGS for found in fields(message[lang], "one")}
    assert all(found | {"n"} == next(iter(names)) | {"n"} for found in one), "a form for one may leave out its number"


def test_every_code_has_its_sentences() -> None:
    for rule in rules():
        assert has(f"reason.{rule.name}")
        assert has(f"answer.{rule.answer}")
        assert rule.answer in OPTIONS
        assert has(f"dimension.{rule.dimension}")
    keys = [f"part.{name}" for name in PARTS]
    keys += [f"option.{option}" for options in OPTIONS.values() for option in options]
    keys += [f"grade.{g}" for g in GRADES] + [f"mode.{m}" for m in MODES]
    keys += [f"status.{s}" for s in STATUSES] + [f"urgency.{u}" for u in URGENCIES]
    keys += [f"{family}.{code}" for code in QUALITY for family in ("partial", "quality.alarm", "quality.code")]
    keys += ["quality.alarm.late", "quality.code.late"]
    assert [key for key in keys if not has(key)] == []


def test_every_key_in_the_code_exists() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in MESSAGES.parent.glob("*.py") if file.stem != "cli")
    named = set(re.findall(r'\bt\(\s*"([a-z_.]+)"', code))
    assert named
    assert [key for key in sorted(named) if not has(key)] == []


@pytest.mark.parametrize(
    ("form", "value", "german", "english"),
    [
        ("number", 12345, "12.345", "12,345"),
        ("percent", 6, "6 %", "6 %"),
        ("bytes", 1_800_000_000, "1,8 GB", "1.8 GB"),
        ("bytes", 10**9, "1 GB", "1 GB"),
        ("bytes", 950, "950 B", "950 B"),
        ("money", "132000.00", "132.000 €", "132,000 €"),
        ("money", Decimal("46500.50"), "46.500,50 €", "46,500.50 €"),
        ("date", date(2026, 9, 5), "05.09.2026", "5 Sep 2026"),
        ("date", "2026-09-05", "05.09.2026", "5 Sep 2026"),
        ("day", date(2026, 9, 5), "05.09.", "5 Sep"),
        ("decimal", 1.0, "1,0", "1.0"),
        ("country", "IE", "Irland", "Ireland"),
        ("country", "US", "den USA", "the USA"),
        ("country", "XZ", "XZ", "XZ"),
    ],
)
def test_forms(monkeypatch: pytest.MonkeyPatch, form: str, value: Any, german: str, english: str) -> None:
    extra = {"form": {"de": "{x:" + form + "}", "en": "{x:" + form + "}"}}
    monkeypatch.setattr("leitplanke.texts.messages", lambda: {**messages(), **extra})
    monkeypatch.setattr("leitplanke.texts.has", lambda key: key in messages())
    assert t("form", "de", x=value) == german
    assert t("form", "en", x=value) == english


def test_a_missing_message_or_parameter_is_an_error() -> None:
    with pytest.raises(KeyError):
        t("no.such.message", "de")
    with pytest.raises(KeyError):
        t("seen.upload", "de")


def test_one_and_many() -> None:
    assert t("others.units", "de", n=1, thing="den Dienst") == "1 weitere Behörde nutzt den Dienst."
    assert t("others.units", "de", n=2, thing="den Dienst") == "2 weitere Behörden nutzen den Dienst."


def test_lists() -> None:
    assert listed(["a", "b", "c", "d"], "de", most=2) == "a, b und 2 weitere"
    assert joined(["a", "b", "c"], "de") == "a, b und c"


@pytest.mark.parametrize("number", [0, 7, 999, 1000, 12_345, 1_234_567_890, -1, -1000])
@pytest.mark.parametrize("lang", LANGS)
def test_whole_numbers_are_grouped_as_babel_does(number: int, lang: Lang) -> None:
    assert t("cli.ingest.sent", lang, n=number).startswith(format_decimal(number, locale=lang))


@pytest.mark.parametrize("name", ALONE)
def test_a_file_that_is_read_alone_has_all_keys_of_its_name(name: str) -> None:
    assert set(read(name)) == {key for key in messages() if key.startswith(f"{name}.")}
