"""What a page says where a standard names the subject and still does not cover it, and when a finding is done."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from catalogue.load import load
from leitplanke.case_lines import verdict
from leitplanke.case_why import settled
from leitplanke.commands.findings import _named
from leitplanke.texts import Lang

BUNDLED = load()


def case(subject: str, **more: Any) -> Any:
    """As much of a case as these lines read."""
    finding = {
        "subject": subject,
        "unit": "um",
        "verdict": "unlisted",
        "reasons": [],
        "entries": [],
        "signals": ["network"],
        "answer": "adopt_register_or_stop",
        **more,
    }
    return SimpleNamespace(
        finding=finding, snapshot=BUNDLED, basis=SimpleNamespace(day=date(2026, 11, 20)), views=[], numbers={}
    )


@pytest.mark.parametrize(
    ("subject", "unit", "german", "english"),
    [
        ("service:confluence#cloud", "um", "nur in der Ausgabe eigener Betrieb", "only in the edition self-hosted"),
        (
            "service:bwsyncandshare",
            "um",
            "nur für andere Stellen (Ministerium für Wissenschaft",
            "only for other bodies",
        ),
        ("service:teamviewer", "um", "Der Standard teamviewer-tolerated des Landes endete am 30.09.2026", "ended on"),
        ("service:telegram", "um", "Kein Standard des Landes erfasst den Dienst", "No state standard covers"),
        ("service:miro", "um", "Kein Standard des Landes erfasst den Dienst", "No state standard covers"),
        ("domain:example.org", "um", "Kein Standard des Landes erfasst den Dienst", "No state standard covers"),
    ],
)
def test_a_standard_that_names_it_is_told_from_none(subject: str, unit: str, german: str, english: str) -> None:
    found = case(subject, unit=unit)
    assert german in (verdict(found, "de") or "")
    assert english in (verdict(found, "en") or "")
    assert "Verstoß ist damit nicht festgestellt" in (verdict(found, "de") or "")


def test_the_standard_that_was_read_is_named() -> None:
    ending = next(s for s in BUNDLED.standards if s.id == "windows-10-phase-out")
    found = case("software:microsoft/windows-10", verdict="phase_out", entries=[BUNDLED.entry_hash(ending)])
    assert "Windows 10 wird durch Windows 11 ersetzt." in (verdict(found, "de") or "")
    assert "windows-10" not in (verdict(case("software:microsoft/windows-10", verdict="phase_out"), "de") or "")


@pytest.mark.parametrize(
    ("subject", "signals", "german"),
    [
        ("service:miro", ["network"], "wenn 30 Tage keine Nutzung zu sehen ist, der"),
        ("service:miro", ["assets"], "wenn das Programm nicht mehr im Inventar steht, geregelt ist"),
        ("service:miro", ["procurement"], "wenn der Vertrag endet, der"),
        (
            "service:miro",
            ["network", "procurement"],
            "wenn 30 Tage keine Nutzung zu sehen ist und der Vertrag endet, der",
        ),
        ("software:acme/writer", ["assets"], "wenn das Programm nicht mehr im Inventar steht, geregelt ist"),
    ],
)
def test_a_finding_is_done_when_nothing_shows_it_any_more(subject: str, signals: list[str], german: str) -> None:
    languages: tuple[Lang, ...] = ("de", "en")
    said = [settled(case(subject, signals=signals), lang) for lang in languages]
    assert said[0].startswith(german)
    assert said[1].startswith("when ")


def test_a_purchase_is_listed_by_its_supplier() -> None:
    row = {"subject": "purchases:de811111111/722", "reasons": [{"params": {"supplier": "Beratung Muster GmbH"}}]}
    assert _named(row) == "Beratung Muster GmbH / 722"
    assert _named(row | {"subject": "purchases:de811111111/-"}) == "Beratung Muster GmbH"
    assert _named(row | {"reasons": [{"params": None}]}) == "purchases:de811111111/722"
    assert _named({"subject": "service:miro", "reasons": [{"params": {"alternative": None}}]}) == "service:miro"
