"""Sentences that would say more, or something else, than what was seen."""

import re
from dataclasses import replace
from datetime import date
from types import ModuleType
from typing import Any

import pytest

from catalogue.load import BUNDLED, load
from leitplanke import show
from leitplanke.case_names import cited, edition_name, offered_by, short_name
from leitplanke.texts import LANGS, Lang, has
from schemas.entries import Provider

GERMAN = r"[äöüß]|\b(?:der|die|das|und|vom|bis|am|im|des|Kapitel|Verordnung|Richtlinie|DSGVO|Beschluss|Ende)\b"
PROSE = ("Urteil", "Gesehen", "Nicht gesehen", "Warum wichtig", "Andere")


@pytest.fixture
def page_of(cases: ModuleType, pages: ModuleType) -> Any:
    """The page of one subject of a fixture."""

    def find(folder: str, subject: str) -> Any:
        fixture = cases.fixture(cases.FIXTURES / folder)
        judged = pages.judged(fixture.usages, fixture.context)
        return next(p for p in judged if p.finding["subject"] == subject)

    return find


def lines(case: Any, lang: Lang = "de") -> dict[str, str]:
    return dict(show.render(case, lang))


def with_numbers(case: Any, **numbers: Any) -> Any:
    return replace(case, numbers={**case.numbers, **numbers})


# pages ----------------------------------------------------------------------------------------------------------------


def test_excluded_and_no_longer_maintained_is_one_page(page_of: Any) -> None:
    case = page_of("prohibited_service/no_longer_maintained", "software:acme/player")
    assert {"end_of_life_software", "prohibited_service"} <= {r["code"] for r in case.finding["reasons"]}
    found = lines(case)
    assert "Das Ende war" not in found["Urteil"], "the end of a version is not the end that a standard sets"
    assert "2 seit 31.12.2020" in found["Warum wichtig"]
    assert "Basis: chapter V GDPR (Art. 44 to 50)." in lines(case, "en")["Verdict"]


def test_the_end_that_a_standard_sets_is_said(page_of: Any) -> None:
    case = page_of("prohibited_service/hit", "service:old-mail")
    assert "Das Ende war für den 30.06.2026 gesetzt." in lines(case)["Urteil"]


def test_sentences_begin_with_a_capital(cases: ModuleType, pages: ModuleType) -> None:
    for name, case in pages.pages(cases):
        for label, text in lines(case).items():
            small = re.findall(r"(?:^|[.?!] )([a-zäöü]\w*)", text) if label in PROSE else []
            assert not small, f"{name}: {label}"


def test_english_pages_have_no_german(cases: ModuleType, pages: ModuleType) -> None:
    for name, case in pages.pages(cases):
        found = lines(case, "en")
        for label in ("Verdict", "Seen", "Not seen", "Why it matters", "Points", "History", "Purpose"):
            assert not re.search(GERMAN, found.get(label, "")), f"{name}: {label}"


def test_brackets_are_never_nested(cases: ModuleType, pages: ModuleType) -> None:
    for name, case in pages.pages(cases):
        for lang in LANGS:
            assert not re.search(r"\([^()]*\(", show.text(case, lang)), name


# candidates -----------------------------------------------------------------------------------------------------------

CANDIDATES = "unlisted_service/candidates"


@pytest.mark.parametrize(
    ("subject", "german", "english"),
    [
        ("upload-here.example", "Dorthin wurden Daten hochgeladen.", "Data was uploaded there."),
        ("called-by-a-program.example", "an 9 von 30 Tagen", "on 9 of 30 days"),
        ("labelled-by-the-sensor.example", "Das Netzgerät nennt", "The sensor has a label"),
        ("same-name-bought.example", "Etwas mit gleichem Namen", "Something of the same name"),
    ],
)
def test_a_candidate_says_why_it_is_one(page_of: Any, subject: str, german: str, english: str) -> None:
    case = page_of(CANDIDATES, f"domain:{subject}")
    assert german in lines(case)["Warum wichtig"]
    assert english in lines(case, "en")["Why it matters"]
    assert ("hochgeladen" in show.text(case, "de")) == (subject == "upload-here.example")


def test_every_sign_is_told(page_of: Any) -> None:
    why = lines(page_of(CANDIDATES, "domain:every-sign.example"))["Warum wichtig"]
    assert why.count(". ") == 6, why


@pytest.mark.parametrize("sent", [None, 0])
def test_data_goes_there_only_where_it_was_measured(page_of: Any, sent: int | None) -> None:
    case = with_numbers(page_of("unlisted_service/hit", "domain:upload-here.example"), shown_by=None)
    assert "Dorthin gehen Daten." in lines(case)["Warum wichtig"]
    nothing = with_numbers(case, bytes_up=sent, upload_actors=None)
    assert "Dorthin gehen Daten" not in show.text(nothing, "de")
    assert "Data goes there" not in show.text(nothing, "en")


def test_a_same_name_is_not_nothing_found(page_of: Any) -> None:
    case = replace(page_of(CANDIDATES, "domain:same-name-bought.example"), coverage={"procurement": 30, "assets": 30})
    found = lines(case)
    assert "Netz: gesehen, Einkauf oder Inventar: gleicher Name" in found["Dringlichkeit"]
    assert "nichts gefunden" not in found["Dringlichkeit"]
    assert "Ob es einen Vertrag gibt" not in found["Nicht gesehen"]
    assert "Ob das Gekaufte oder Installierte dieser Dienst ist" in found["Nicht gesehen"]
    other = replace(page_of(CANDIDATES, "domain:upload-here.example"), coverage={"procurement": 30})
    assert "Einkauf: nichts gefunden" in lines(other)["Dringlichkeit"]
    assert "Ob es einen Vertrag gibt" in lines(other)["Nicht gesehen"]


def test_an_unknown_confidence_is_left_out(page_of: Any) -> None:
    case = page_of(CANDIDATES, "domain:upload-here.example")
    assert lines(case)["Erkannt an"] == "upload-here.example, noch ohne Eintrag, Kandidat"
    zero = with_numbers(case, matched={**case.numbers["matched"], "confidence": 0.0})
    assert lines(zero)["Erkannt an"].endswith("Sicherheit 0,0"), "0 is an answer"


# history --------------------------------------------------------------------------------------------------------------


def test_the_first_sighting_is_not_the_finding(page_of: Any) -> None:
    case = page_of("unlisted_service/hit", "service:miro")
    assert lines(case)["Verlauf"].startswith("20.11. zuerst gesehen · Katalog")
    assert lines(case, "en")["History"].startswith("20 Nov first seen · catalogue")
    written = replace(case, finding={**case.finding, "first_seen": "2026-11-20"})
    assert lines(written)["Verlauf"].startswith("20.11. zuerst gesehen"), "the store has days in ISO form"


def test_a_later_finding_stays_one(page_of: Any) -> None:
    case = page_of("unlisted_service/hit", "service:miro")
    later = replace(case, finding={**case.finding, "first_seen": date(2026, 10, 5)})
    assert lines(later)["Verlauf"].startswith("20.11. Befund · Katalog")


def test_split_awards_are_found_on_the_day_the_sum_was_reached(page_of: Any) -> None:
    case = page_of("split_award/disputed_end", "purchases:after-it/-")
    assert lines(case)["Verlauf"].startswith("04.05.2026 zuerst gesehen · 04.10.2026 Befund · Katalog")
    assert lines(case, "en")["History"].startswith("4 May 2026 first seen · 4 Oct 2026 finding")


def test_a_day_of_another_year_carries_it(page_of: Any) -> None:
    case = page_of("unlisted_service/hit", "service:miro")
    old = [{"day": date(2025, 12, 1), "event": "asked"}, {"day": date(2026, 2, 1), "event": "answered"}]
    assert lines(replace(case, history=old))["Verlauf"].startswith("01.12.2025 gefragt · 01.02. beantwortet")


# what was seen --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("uploads", "word"), [(None, "gesendet"), (0, "gesendet"), (1, "hochgeladen")])
def test_many_small_requests_are_no_upload(page_of: Any, uploads: int | None, word: str) -> None:
    case = with_numbers(page_of("unlisted_service/hit", "service:miro"), upload_actors=uploads, bytes_up=11_000_000)
    assert f"11 MB wurden {word}." in lines(case)["Gesehen"]


@pytest.mark.parametrize(
    ("views", "seen", "concerned"),
    [
        (["glpi"], "Auf 40 Geräten installiert: ", "15 von 40 Geräten"),
        (["cyclonedx"], "Gefunden als Bestandteil einer Anwendung: 3.8.10, 3.1, 3.9.1, 10.2.", None),
        (["nmap"], "Als Dienst auf 40 Servern gefunden: 3.8.10 (12)", "15 von 40 Servern"),
        (["nmap", "cyclonedx"], "Gefunden als Bestandteil einer Anwendung und als Dienst auf einem Server: 3", None),
        (["glpi", "cyclonedx"], "Gefunden auf Geräten und als Bestandteil einer Anwendung: 3.8.10", None),
    ],
)
def test_an_inventory_says_what_it_counts(
    page_of: Any, pages: ModuleType, views: list[str], seen: str, concerned: str | None
) -> None:
    case = replace(page_of("end_of_life_software/hit", "software:acme/writer"), views=pages.inventory(*views))
    found = lines(case)
    assert found["Gesehen"].startswith(seen)
    assert (concerned or "Das betrifft") in found["Warum wichtig"] or concerned is None
    if concerned is None:
        assert not re.search(r"Gerät\w* installiert|Das betrifft", found["Gesehen"] + found["Warum wichtig"])


def test_a_service_whose_servers_nobody_counted(page_of: Any, pages: ModuleType) -> None:
    case = replace(page_of("end_of_life_software/hit", "software:acme/writer"), views=pages.inventory("nmap"))
    few = with_numbers(case, releases=[{"version": "3.1", "devices": None}])
    assert lines(few)["Gesehen"] == "Gefunden als Dienst auf einem Server: 3.1."


def test_a_build_has_the_name_of_its_cycle(page_of: Any) -> None:
    why = lines(page_of("end_of_life_software/builds", "software:acme/desktop"))["Warum wichtig"]
    assert "1809 (10.0.17763) seit 11.05.2021" in why
    assert "22H2 (10.0.19045) seit 14.10.2025" in why
    assert "10.0.20000 seit 01.01.2022" in why, "no name ends on this day"


# purchases ------------------------------------------------------------------------------------------------------------


def test_a_group_that_nobody_stated_is_left_out(page_of: Any) -> None:
    found = lines(page_of("split_award/disputed_end", "purchases:after-it/-"))
    assert found[""].split(" · ")[1] == "Einkauf bei Rechner GmbH"
    assert found["Erkannt an"] == "Lieferant Rechner GmbH"


def test_a_threshold_is_disputed_only_in_the_span(page_of: Any) -> None:
    before = page_of("split_award/disputed_end", "purchases:before-the-end/-")
    after = page_of("split_award/disputed_end", "purchases:after-it/-")
    question = "Zur Wertgrenze sagen die Quellen nicht dasselbe: Ende am 01.10.2027 oder am 31.12.2026."
    assert question not in lines(before)["Warum wichtig"]
    assert lines(after)["Warum wichtig"].endswith(question)
    assert lines(after, "en")["Why it matters"].endswith("Sources disagree on the threshold.")


# names ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "provider", "expected"),
    [
        ("F13 (KI-Plattform des Landes)", "IT Baden-Württemberg (BITBW)", "F13 (KI-Plattform des Landes)"),
        ("Dateiaustausch der BITBW", "IT Baden-Württemberg (BITBW)", "Dateiaustausch der BITBW"),
        ("Ablage", "IT Baden-Württemberg (BITBW)", "Ablage (BITBW)"),
        ("openDesk", "Zentrum für Digitale Souveränität der Verwaltung (ZenDiS) GmbH", "openDesk (ZenDiS)"),
        ("Box", "Box.com (UK) Ltd", "Box von Box.com (UK) Ltd"),
        ("ChatGPT", "OpenAI", "ChatGPT (OpenAI)"),
        ("Miro", "Miro", "Miro"),
    ],
)
def test_a_provider_is_said_once_and_short(name: str, provider: str, expected: str) -> None:
    assert offered_by(name, Provider(name=provider), "de") == expected


def test_short_names_of_the_catalogue() -> None:
    providers = {e.provider.name for e in load(BUNDLED).directory.values() if e.provider}
    short = {name: short_name(name) for name in providers if "(" in name}
    assert short["IT Baden-Württemberg (BITBW)"] == "BITBW"
    assert {n for n, s in short.items() if s in {"UK", "EMEA", "Germany", "Singapore"}} == set()


def test_every_edition_of_the_catalogue_has_a_name() -> None:
    codes = {e.edition for entry in load(BUNDLED).directory.values() for e in entry.editions}
    assert sorted(code for code in codes if not has(f"edition.{code}")) == []
    assert edition_name("made-up", "de") == "made-up"
    assert edition_name("tenant-land", "de") == "Mandant des Landes"


def test_sources_of_law_are_said_in_english() -> None:
    for basis in load(BUNDLED).legal.values():
        assert cited(basis.citation, "de") == basis.citation
        assert not re.search(GERMAN, cited(basis.citation, "en")), basis.citation
    assert cited("Dienstvereinbarung vom 12.05.2026", "en") == "works agreement of 12 May 2026"
    assert cited("DSGVOS. 99.99.2026", "en") == "DSGVOS. 99.99.2026", "parts of words and impossible days stay"


def test_a_name_below_says_below_what(page_of: Any) -> None:
    case = page_of("edition_unknown/hit", "service:conference")
    expected = "Name unterhalb von conference.example, Eintrag service:conference, Sicherheit 0,95"
    assert lines(case)["Erkannt an"] == expected


def test_an_edition_is_asked_for_with_its_verdicts(page_of: Any) -> None:
    case = page_of("edition_unknown/hit", "service:conference")
    found = lines(case)
    assert "(kostenlos: ausgeschlossen, Cloud: nicht geregelt, Mandant des Landes: freigegeben)" in found["Urteil"]
    assert found["Ihre Antwort"].startswith("Ausgabe nennen · ")
    assert found["Erledigt"].startswith("wenn die Ausgabe feststeht")
    assert "Ausgabe unbekannt +4" in found["Punkte"]
    assert "free: excluded, cloud: not covered, tenant of the state: approved" in lines(case, "en")["Verdict"]
