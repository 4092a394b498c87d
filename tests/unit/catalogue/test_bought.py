"""What is bought is told from what a text only speaks of, with the names of the bundled catalogue."""

from typing import Any

import polars as pl
import pytest

from catalogue.load import load
from catalogue.match import Directory

DIRECTORY = Directory(load())
PURCHASE = pl.Schema(
    {
        "text": pl.String(),
        "supplier_name": pl.String(),
        "supplier_ids": pl.List(pl.Struct({"scheme": pl.String(), "value": pl.String})),
        "cpv": pl.List(pl.String),
    }
)


def subject(**row: Any) -> str | None:
    found = DIRECTORY.purchases(pl.DataFrame([row], schema=PURCHASE))["subject"].item()
    return None if found is None else str(found)


@pytest.mark.parametrize(
    "text",
    [
        "Bürostuhl Modell Asana schwarz",
        "Joan Miró Kunstdruck gerahmt für den Flur",
        "Joan Miro\u0301 Kunstkalender, Lizenzausgabe, Abo",
        "Joan Miro Kunstkalender",
        "Seminar: Umgang mit ChatGPT und KI in der Verwaltung",
        'Fachbuch "Salesforce und CRM im Mittelstand"',
        "Doodle-Blöcke A5",
        "Prezi Notizheft",
        "Odoo Reis 5 kg",
        "Postman Umhängetasche",
        "Snowflake Dekoration",
        "Hamachi Thunfisch",
        "Workshop Gefahren durch TikTok und WhatsApp",
        "Vortrag: Telegram und Extremismus",
        "Penetrationstest Nextcloud der Behörde",
        "Canva-Schulung für Einsteiger",
        "Inhouse-Schulung Microsoft Teams",
        "Schulung Canva Pro für 10 Teilnehmende",
        "Handbuch Datenschutz WhatsApp, 50 Stück",
        "Rechtsgutachten zu Microsoft 365",
        "Datenschutz-Folgenabschätzung Webex Meetings",
        "Beratung zur Ablösung von Dropbox",
        "Ablösung der bestehenden Plattform Trello",
        "Kündigung Dropbox",
        "Umzug von Slack und Dropbox",
        "Railway Zubehör Modellbahn",
        "Felt Filzmatten, Gather Kissen",
        "Marvel Comics für die Bücherei",
        "Reise nach Azure Beach",
        "Hotel Strato, 2 Nächte",
        "Catering Le Chat Noir",
        "Samba-Kurs im Gesundheitstag",
        "Headset für Microsoft Teams zertifiziert",
        "Webcam Logitech, kompatibel mit Zoom und Webex",
        "Jabra Evolve2 Headset Microsoft Teams Edition",
        "Plakatdruck „Sicher mit Passwort-Managern: 1Password, Bitwarden“",
        "Bericht, Abgleich mit Daten aus Airtable",
        "Zertifizierung Salesforce Administrator",
        "Front-Schürze für Traktor",
        "Hive Bienenstock Material",
        "Kit Erste Hilfe",
        "",
    ],
)
def test_what_a_text_only_speaks_of_is_not_bought(text: str) -> None:
    assert subject(text=text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Canva Pro Jahresabo 10 Nutzer", "canva"),
        ("Microsoft Teams Lizenzen samt Headsets", "microsoft-teams"),
        ("Zoom Workplace Business, 20 Lizenzen und Kamera", "zoom"),
        ("Harvest Zeiterfassung, 10 Nutzer", "harvest"),
        ("Front Lizenz Starter", "front"),
        ("Lizenz Asana Business", "asana"),
        ("Asana, 20 Lizenzen", "asana"),
        ("ASANA-Lizenzen", "asana"),
        ("asana jahreslizenz", "asana"),
        ("ChatGPT Team 25 Seats", "chatgpt"),
        ("Miro Business Lizenzen", "miro"),
        ("Zoom Workplace Pro", "zoom"),
        ("Salesforce Sales Cloud Lizenzen", "salesforce"),
        ("Trello Premium", "trello"),
        ("Doodle Premium", "doodle"),
        ("Doodle Pro", "doodle"),
        ("Postman Enterprise Lizenz", "postman"),
        ("WhatsApp Business API", "whatsapp"),
        ("Snowflake Kapazität (Cloud-Abo)", "snowflake"),
        ("Lizenzen und Schulung Canva", "canva"),
        ("Fortbildung und Jahresabonnement Padlet", "padlet"),
        ("Nextcloud inkl. Schulung und Handbuch", "nextcloud"),
        ("Betrieb der Nextcloud und Schulung", "nextcloud"),
        ("Migration von Trello zu OpenProject", "openproject"),
        ("Digitales Klassenbuch WebUntis", "webuntis"),
        ("Plagiatsprüfung Turnitin", "turnitin"),
        ("Zoom Webinare 500", "zoom"),
        ("GoTo Training", "gotomeeting"),
        ("DeepL \u00dcbersetzer", "deepl"),
        ("Google Pra\u0308sentationen", "google-docs"),
    ],
)
def test_what_is_bought_is_found(text: str, expected: str) -> None:
    found = subject(text=text)
    assert found is not None
    assert found.partition("#")[0] == f"service:{expected}"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"text": "Asana 2026", "cpv": ["48000000"]}, "service:asana"),
        ({"text": "Asana 2026", "cpv": ["72260000"]}, "service:asana"),
        ({"text": "Asana 2026", "cpv": ["39110000"]}, None),
        (
            {"text": "Asana 2026", "cpv": ["39110000"], "supplier_name": "Asana Software Ireland Limited"},
            "service:asana",
        ),
        ({"text": "Doodle Jahr 2026", "supplier_name": "Doodle AG"}, "service:doodle"),
        ({"text": "Doodle Bl\u00f6cke", "supplier_name": "Doodle Papierwaren GmbH"}, None),
        ({"text": "Element New York, 3 St\u00fcck"}, None),
        ({"text": "Canva f\u00fcr alle", "cpv": ["80500000"]}, None),
        ({"text": "Canva f\u00fcr alle", "cpv": ["80500000", "48000000"]}, "service:canva"),
        ({"text": "Canva f\u00fcr alle", "cpv": []}, "service:canva"),
        ({"text": "Schulung und Canva", "cpv": ["48000000"]}, "service:canva"),
        ({"text": "Penetrationstest Nextcloud", "cpv": ["72810000"]}, None),
    ],
)
def test_codes_and_suppliers_decide_too(row: dict[str, Any], expected: str | None) -> None:
    assert subject(**row) == expected
