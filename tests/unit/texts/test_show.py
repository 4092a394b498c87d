"""The agreed example is reproduced, and every rendered text keeps the rules of finding.md."""

import json
import re
from datetime import date
from types import ModuleType
from typing import Any

import pytest
import textstat

from detectors.context import Context
from detectors.registry import rules
from leitplanke import show
from leitplanke.texts import LANGS, Lang

LABELS_DE = [
    "Urteil",
    "Dringlichkeit",
    "Gesehen",
    "Nicht gesehen",
    "Erkannt an",
    "Warum wichtig",
    "Punkte",
    "Statt dessen",
    "Andere",
    "Ihre Antwort",
    "Frist",
    "Erledigt",
    "Verlauf",
    "Zweck",
]
FORBIDDEN = (
    r"unzulässig|illegal|umgangen|gestückelt|schatten-?it|shadow.it|unlawful|split up|circumvent"
    r"|verstöße|verstoßen|verstieß|violat"
    r"|mitarbeit|beschäftigt|angestellt|beamt|kolleg|bedienstet|sachbearbeit|vorgesetzt|täter|nutzer|\bherr\b|\bfrau\b"
    r"|employee|staff\b|\buser|colleague|culprit|offender|\bmr\b|\bmrs\b"
)
PROSE = ("Urteil", "Gesehen", "Nicht gesehen", "Warum wichtig", "Statt dessen", "Andere", "Frist", "Erledigt", "Zweck")
WIENER_MAX = 9.0


EXAMPLE_DE = """
Befund {id} · ChatGPT (OpenAI), Ausgabe unbekannt · Landesamt für Gewässerkunde (um/lfg) · Stand 20.11.2026
Urteil         Nicht geregelt. Kein Standard des Landes erfasst den Dienst. Ein Verstoß ist damit nicht festgestellt.
Dringlichkeit  mittel (58 von 100) · Belege: Nutzung (Stufe 2 von 3) · Netz: gesehen, Einkauf: nichts gefunden, Inventar: keine Daten
Gesehen        23 von etwa 410 Geräten nutzten den Dienst in 30 Tagen, zuerst am 05.10.2026, zuletzt am 19.11.2026. 1,8 GB wurden hochgeladen. Gesperrte Zugriffe zählen nicht mit.
Nicht gesehen  Inhalte, Personen und Zweck. Heimarbeit ohne VPN fehlt. Ob es einen Vertrag gibt oder freie Konten genutzt werden, wissen wir nicht.
Erkannt an     chatgpt.com, Eintrag service:chatgpt, genauer Name, Sicherheit 1,0
Warum wichtig  Hochgeladene Texte können Daten von Bürgern enthalten. Der Anbieter sitzt in Irland, seine Mutter in den USA. Ob Daten dorthin fließen dürfen, ist zu prüfen (Kapitel V DSGVO). Der Beschluss der EU zu Daten in den USA ist umstritten.
Punkte         6 % der Geräte +12 · Upload über 1 GB +22 · KI-Dienst ohne Regelung +20 · wächst seit 4 Wochen +4 = 58
Statt dessen   F13 (Land) kann Texte entwerfen, kürzen und übersetzen. Den Zugang gibt Ihre IT-Leitung.
Andere         3 weitere Behörden nutzen den Dienst. Eine Initiative erprobt das bis 30.06.2027 (MWK). Sie können beitreten.
Ihre Antwort   F13 nutzen · Initiative anmelden · beenden · schon gedeckt (mit Nachweis) · nur Gast bei anderen · stimmt nicht · mehr Zeit
Frist          04.12.2026. Bis dahin sehen nur Sie und Ihr Ministerium die Einzelheiten. Schweigen gilt nicht als Zugeständnis.
Erledigt       wenn 30 Tage keine Nutzung zu sehen ist, der Dienst geregelt ist oder eine Initiative gilt.
Verlauf        02.11. Befund · 20.11. gefragt · Katalog 3f9a17 vom 18.11.2026 · generative_ai 1.0, outside_jurisdiction 1.0, unlisted_service 1.0
Zweck          Der Befund dient dazu, die IT zu steuern. Verhalten und Leistung werden nicht geprüft (Dienstvereinbarung vom 12.05.2026, § 3).
"""
EXAMPLE_EN = """
Finding {id} · ChatGPT (OpenAI), edition unknown · State Office for Waters (um/lfg) · as of 20 Nov 2026
Verdict        Not covered. No state standard covers this service. This does not establish a breach.
Urgency        medium (58 of 100) · evidence: use (level 2 of 3) · network: seen, purchases: nothing found, inventory: no data
Seen           23 of about 410 devices used the service in 30 days, first on 5 Oct 2026, last on 19 Nov 2026. 1.8 GB were uploaded. Blocked attempts are not counted.
Not seen       Contents, people and purpose. Home office without VPN is missing. Whether there is a contract or free accounts are used, we do not know.
Recognised by  chatgpt.com, entry service:chatgpt, exact name, confidence 1.0
Why it matters Uploaded texts can contain citizens' data. The provider is in Ireland, its parent company in the USA. Whether data may go there has to be checked (chapter V GDPR). The EU's decision on data in the USA is disputed.
Points         6 % of devices +12 · upload above 1 GB +22 · AI service not covered +20 · growing for 4 weeks +4 = 58
Instead        F13 (state) can draft, shorten and translate texts. Your head of IT gives access.
Others         3 more authorities use the service. An initiative tries it until 30 Jun 2027 (MWK). You can join.
Your answer    use F13 · register an initiative · stop · already covered (with proof) · only guest of others · not true · more time
Deadline       4 Dec 2026. Until then only you and your ministry see the details. Silence is not an admission.
Settled        when no use is seen for 30 days, the service is covered by a standard, or an initiative applies.
History        2 Nov finding · 20 Nov asked · catalogue 3f9a17 of 18 Nov 2026 · generative_ai 1.0, outside_jurisdiction 1.0, unlisted_service 1.0
Purpose        The finding serves to steer IT. Behaviour and performance are not checked (works agreement of 12 May 2026, § 3).
"""


@pytest.fixture
def example(cases: ModuleType, pages: ModuleType) -> Any:
    """The agreed example, every number from data: the fixture generative_ai/hit with an initiative and its history."""
    folder = cases.FIXTURES / "generative_ai" / "hit"
    settings = cases.yaml.safe_load((folder / "settings.yaml").read_text(encoding="utf-8"))
    disputed = cases.FIXTURES / "outside_jurisdiction" / "disputed" / "settings.yaml"
    settings["parameters"] = cases.yaml.safe_load(disputed.read_text(encoding="utf-8"))["parameters"]
    mwk = {"code": "mwk", "path": "mwk", "name": {"de": "MWK", "en": "MWK"}, "kind": "ministry", "bound": True}
    settings["units"].append(mwk)
    purpose = {"de": "Texte entwerfen", "en": "Drafting texts"}
    trial = {"id": "mwk-chatgpt", "units": ["mwk"], "subject": "service:chatgpt", "owner_role": "IT-Leitung"}
    settings["initiatives"] = [trial | {"purpose": purpose, "valid_from": "2026-07-01", "valid_to": "2027-06-30"}]
    usages = cases.numbers([row | {"blocked": None} for row in cases.lines(folder / "usages.jsonl")], settings["day"])
    context = Context.of(cases.snapshot(settings), settings["day"], usages["subject"], usages["unit"])
    events = [{"day": date(2026, 11, 2), "event": "finding"}, {"day": date(2026, 11, 20), "event": "asked"}]
    [page] = pages.judged(
        usages,
        context,
        history=events,
        others=3,
        coverage={"network": 30, "procurement": 4},
        agreement={"reference": "§ 3", "date": date(2026, 5, 12)},
        catalogue_day=date(2026, 11, 18),
        deadline=date(2026, 12, 4),
    )
    return page


@pytest.mark.parametrize(("lang", "expected"), [("de", EXAMPLE_DE), ("en", EXAMPLE_EN)])
def test_the_agreed_example(example: Any, lang: Lang, expected: str) -> None:
    expected = expected.format(id=example.finding["id"][:4])
    if lang == "en":
        expected = expected.replace("F13 (state)", "F13 (Land)")  # the provider's name is one text in the directory
    assert show.text(example, lang) == expected.strip()


def test_json_has_the_same_lines(example: Any) -> None:
    page = show.as_json(example, "de")
    assert [line["label"] for line in page["lines"]] == LABELS_DE
    assert page["finding"]["urgency"] == 58
    assert json.loads(json.dumps(page))["title"] == page["title"]


def test_a_narrow_page_keeps_every_word(example: Any) -> None:
    wide, narrow = show.text(example, "de"), show.text(example, "de", width=100)
    assert narrow.split() == wide.split()
    assert max(map(len, narrow.splitlines()[1:])) <= 100


@pytest.mark.parametrize("lang", LANGS)
def test_page_has_its_lines_in_order_and_no_forbidden_word(page: Any, lang: Lang) -> None:
    _, case = page
    header, *lines = show.render(case, lang)
    assert header[0] == ""
    text = show.text(case, lang)
    assert not re.search(FORBIDDEN, text, re.IGNORECASE | re.MULTILINE)
    for sentence in re.findall(r"[^.]*Verstoß[^.]*\.", text):
        assert "nicht festgestellt" in sentence
    assert text.count("breach") == text.count("This does not establish a breach.")
    assert not re.search(r"[{}]|None|\bnull\b|\bnan\b", text)
    if lang == "de":
        labels = [label for label, _ in lines]
        assert labels == [label for label in LABELS_DE if label in labels]
        assert {"Urteil", "Gesehen", "Nicht gesehen", "Warum wichtig", "Ihre Antwort", "Erledigt"} <= set(labels)


def test_german_is_easy_to_read(page: Any) -> None:
    _, case = page
    prose = " ".join(text for label, text in show.render(case, "de") if label in PROSE)
    textstat.set_lang("de")
    assert textstat.wiener_sachtextformel(prose, 1) <= WIENER_MAX, prose


def test_the_sum_is_on_the_page(page: Any) -> None:
    _, case = page
    points = dict(show.render(case, "de")).get("Punkte")
    found = [int(n) for n in re.findall(r"\+(\d+)", points or "")]
    assert sum(found) == case.finding["urgency"]
    assert points is None or points.endswith(f"= {sum(found)}")


def test_every_detector_is_rendered(cases: ModuleType, pages: ModuleType) -> None:
    seen = {r["code"] for _, page in pages.pages(cases) for r in page.finding["reasons"]}
    assert seen == {rule.name for rule in rules()}


def only(
    cases: ModuleType, pages: ModuleType, name: str, subject: str, lang: Lang = "de", **extra: Any
) -> dict[str, str]:
    """Lines of one page by label, of the fixture `name`."""
    fixture = cases.fixture(cases.FIXTURES / name)
    found = [p for p in pages.judged(fixture.usages, fixture.context, **extra) if p.finding["subject"] == subject]
    return dict(show.render(found[0], lang))


def test_several_domains_say_at_least(cases: ModuleType, pages: ModuleType) -> None:
    assert only(cases, pages, "unlisted_service/hit", "service:miro")["Gesehen"].startswith(
        "Mindestens 41 von etwa 410"
    )


def test_a_band_and_a_shared_actor_give_no_number(cases: ModuleType, pages: ModuleType) -> None:
    few = only(cases, pages, "unlisted_service/gap", "service:few")["Gesehen"]
    assert few.startswith("Weniger als 5 Geräte nutzten den Dienst")
    assert "Gesendet wurden weniger als 100 MB." in few, "nobody counted who uploaded"
    proxy = only(cases, pages, "unlisted_service/gap", "service:behind-a-proxy")["Gesehen"]
    assert proxy.startswith("Zahl nicht bestimmbar")


def test_blocked_attempts_are_counted_apart(cases: ModuleType, pages: ModuleType) -> None:
    assert (
        "17 gesperrte Zugriffe zählen nicht mit."
        in only(cases, pages, "generative_ai/hit", "service:chatgpt")["Gesehen"]
    )


def test_an_unknown_edition_asks(cases: ModuleType, pages: ModuleType) -> None:
    lines = only(cases, pages, "generative_ai/gap", "service:chatgpt")
    assert "Welche nutzen Sie?" in lines["Urteil"]
    assert "Enterprise: nicht geregelt, kostenlos: nicht geregelt" in lines["Urteil"]


def test_purchases_ask_and_each_amount_names_its_documents(cases: ModuleType, pages: ModuleType) -> None:
    lines = only(cases, pages, "split_award/just_below", "purchases:rechner-gmbh/480")
    assert lines["Urteil"].startswith("Zusammenrechnung prüfen.")
    assert lines[""].split(" · ")[1] == "Einkauf bei Rechner GmbH, CPV-Gruppe 480"
    for amount, sentence in re.findall(r"([\d.,]+ €)([^.€]*(?:\.\d[^.€]*)*)", lines["Gesehen"]):
        assert "same-supplier" in sentence or "town" in sentence, amount
    assert "Geschätzt: 125.000 €" in lines["Gesehen"]


def test_without_an_agreement_the_page_says_so(cases: ModuleType, pages: ModuleType) -> None:
    lines = only(cases, pages, "unlisted_service/hit", "service:miro")
    assert "keine Vereinbarung hinterlegt" in lines["Zweck"]
    assert "Frist" not in lines
    assert lines["Statt dessen"] == "Das Land bietet dafür noch nichts an."


def test_a_candidate_says_what_is_unknown(cases: ModuleType, pages: ModuleType) -> None:
    lines = only(cases, pages, "unlisted_service/hit", "domain:upload-here.example")
    assert "nicht im Verzeichnis" in lines[""]
    assert "noch ohne Eintrag" in lines["Erkannt an"]
    assert lines["Warum wichtig"].startswith("Dorthin gehen Daten.")
    assert "Was es ist, wissen wir noch nicht." in lines["Warum wichtig"]


def test_a_standard_is_named(cases: ModuleType, pages: ModuleType) -> None:
    lines = only(cases, pages, "prohibited_service/hit", "service:old-share")
    assert "no-old-share" in lines["Urteil"]
    assert "Ob eine Ausnahme gilt, wissen wir nicht." in lines["Urteil"]


def test_ended_versions_are_named_with_their_day(cases: ModuleType, pages: ModuleType) -> None:
    lines = only(cases, pages, "end_of_life_software/hit", "software:acme/writer")
    assert "3.8 seit 07.10.2026" in lines["Warum wichtig"]
    assert "15 von 40 Geräten" in lines["Warum wichtig"]
    assert lines["Urteil"] == "Freigegeben. Die Frage gilt nur der Fassung."
