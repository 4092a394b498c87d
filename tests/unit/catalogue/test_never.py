"""What must not be stored is found generously, whatever else the directory says."""

from pathlib import Path

import polars as pl
import pytest

from catalogue.load import load
from catalogue.never import Never
from catalogue.snapshot import Snapshot
from schemas.entries import DirectoryEntry
from schemas.record import Bilingual

GOOD = load(Path(__file__).parents[2] / "fixtures" / "catalogue" / "good")
NEVER = Never(GOOD)
BUNDLED = load()
BUNDLED_NEVER = Never(BUNDLED)

UNLISTED = """
    vr-networld.de s-fints-pt-bw.de www.berliner-sparkasse.de banking.kreissparkasse-nirgends.example SPARKASSE-X.EXAMPLE
    volksbank-nirgends.example raiffeisenbank-dorf.example hbci-pintan.gad.example fints2.bank.example
    onlinebanking.example.org meine-krankenkasse.example klinikum-dorf.example stadt-apotheke.example
    arztpraxis-muster.example psychotherapie-x.example suchtberatung-y.example gewerkschaft-z.example
    personalrat.example.org betriebsrat.example.org frauenhaus-stadt.example schwangerschaftskonflikt.example
    seelsorge.example aidshilfe-stadt.example diakonie-ort.example caritas-ort.example landeskirche.example
    melden.hinweisgeberportal.example whistleblower.example antidiskriminierung.example stellenangebote.example
    jobboerse.example partnersuche-x.example
    """
OTHERS = """
    datenbank.example cloud.bank.example jobs.example health.example gelsenkirchen.de neunkirchen.de kirchheim-teck.de
    updating-app.example spar-kasse.example spark.asse.example nextcloud.uni.example 192.0.2.1
    """


def hosts(*names: str | None) -> pl.DataFrame:
    return pl.DataFrame({"host": names, "address": None, "application": None}).cast(pl.String)


def purchase(text: str | None, supplier: str | None = None) -> bool:
    frame = pl.DataFrame(
        {"text": [text], "supplier_name": [supplier]}, schema=dict.fromkeys(("text", "supplier_name"), pl.String)
    )
    frame = frame.with_columns(
        supplier_ids=pl.lit(None, dtype=pl.List(pl.Struct({"scheme": pl.String, "value": pl.String}))),
        cpv=pl.lit(None, dtype=pl.List(pl.String)),
    )
    return bool(BUNDLED_NEVER.purchases(frame).item())


def test_hosts_and_labels() -> None:
    frame = pl.DataFrame(
        {
            "host": ["verdi.de", "mitglied.verdi.de.", "VERDI.DE", "verdi.de.example.org", "zoom.us", None, None],
            "address": [None, None, None, None, None, "192.0.2.1", None],
            "application": [None, None, None, None, "verdi-app", None, "VERDI-app"],
        }
    )
    assert NEVER.network(frame).to_list() == [True, True, True, False, True, False, True]


@pytest.mark.parametrize(
    ("product", "publisher", "never"),
    [
        ("JAWS 2024", None, True),
        ("JAWS 2024 (64-bit)", "Freedom Scientific BLV Group, LLC", True),
        ("JAWS", "Vispero", True),
        ("FSReader 3.0", "Freedom Scientific Inc.", True),
        ("JAWSBONE", "Somebody", False),
        ("7-Zip", "Igor Pavlov", False),
    ],
)
def test_assistive_software(product: str, publisher: str | None, never: bool) -> None:  # noqa: FBT001 - a table
    row = {"vendor": None, "product": product, "version": None, "purl": None, "cpe": None, "publisher": publisher}
    frame = pl.DataFrame([row], schema=dict.fromkeys(row, pl.String))
    assert NEVER.assets(frame).to_list() == [never]


def test_purchases_by_product_and_supplier() -> None:
    frame = pl.DataFrame(
        {
            "text": ["JAWS Bildschirmleser, Update", "Ersatz für JAWS Bildschirmleser", "Beitrag", "Banken", "Dropbox"],
            "supplier_name": [None, None, "ver.di Landesbezirk Baden-Württemberg", "Freedom Scientific GmbH", None],
        }
    ).with_columns(
        supplier_ids=pl.lit(None, dtype=pl.List(pl.Struct({"scheme": pl.String, "value": pl.String}))),
        cpv=pl.lit(None, dtype=pl.List(pl.String)),
    )
    assert NEVER.purchases(frame).to_list() == [True, True, True, True, False]


def test_other_entries_change_nothing() -> None:
    longer = DirectoryEntry(
        subject="service:union-chat",
        kind="service",
        name=Bilingual(de="Chat", en="Chat"),
        function="chat",
        domains=("chat.verdi.de",),
    )
    changed = Never(Snapshot.of([*GOOD.directory.values(), longer]))
    frame = pl.DataFrame({"host": ["chat.verdi.de", "zoom.us"], "address": None, "application": None}).cast(pl.String)
    assert changed.network(frame).to_list() == NEVER.network(frame).to_list() == [True, False]


@pytest.mark.parametrize(
    "host",
    UNLISTED.split(),
)
def test_hosts_that_nobody_listed_are_found_by_their_words(host: str) -> None:
    assert BUNDLED_NEVER.network(hosts(host)).to_list() == [True]


@pytest.mark.parametrize(
    "host",
    OTHERS.split(),
)
def test_words_do_not_hide_other_hosts(host: str) -> None:
    assert BUNDLED_NEVER.network(hosts(host)).to_list() == [False]


def test_no_word_hides_a_host_of_another_entry() -> None:
    known = [
        domain.removeprefix(".")
        for entry in BUNDLED.directory.values()
        if entry.kind not in {"never", "assistive"}
        for domain in (*entry.domains, *(name for edition in entry.editions for name in edition.domains))
    ]
    assert [host for host, never in zip(known, BUNDLED_NEVER.network(hosts(*known)), strict=True) if never] == []


def test_words_keep_height_and_order_and_leave_missing_hosts() -> None:
    asked = hosts("x.sparkasse-y.example", None, "example.org", "x.sparkasse-y.example")
    assert BUNDLED_NEVER.network(asked).to_list() == [True, False, False, True]
    assert NEVER.network(asked).to_list() == [False] * 4
    assert BUNDLED_NEVER.network(asked.clear()).to_list() == []


@pytest.mark.parametrize(
    "text",
    [
        "JAWS Professional Lizenz 1 Platz",
        "jaws professional",
        "ZoomText Magnifier Update",
        "NVDA Schulung",
        "Wartung Screenreader",
        "Screen Reader, 1 Platz",
        "Braillezeile 40",
        "Ersatz für FSReader",
        "ClaroRead",
        "Tobii Eye Tracker",
        "Supernova Magnifier",
        "Dragon Professional 16",
        "Mitgliedsbeitrag ver.di",
        "Personalratsschulung Grundlagen",
        "Suchtberatung für Beschäftigte",
    ],
)
def test_products_and_short_names_in_texts(text: str) -> None:
    assert purchase(text)


@pytest.mark.parametrize(
    "supplier",
    [
        "ver.di Bildungswerk e. V.",
        "ver.di Forum Nord gGmbH",
        "IG Metall Bildungszentrum",
        "DGB Bildungswerk BW",
        "Gewerkschaft der Polizei, Landesbezirk",
        "SPD Landesverband",
        "CDU-Kreisverband",
        "Evangelische Kirchengemeinde Nirgends",
        "Caritasverband für die Stadt",
        "Diakonisches Werk Württemberg",
        "Telefonseelsorge Stuttgart e. V.",
        "AOK Baden-Württemberg",
        "Screen Reader Shop",
        "Papenmeier RehaTechnik GmbH",
    ],
)
def test_suppliers_that_begin_with_a_name(supplier: str) -> None:
    assert purchase("Rechnung", supplier)


@pytest.mark.parametrize(
    ("text", "supplier"),
    [
        ("Zoom Workplace Pro", "Zoom Communications Inc."),
        ("Fusion 360 Lizenz", "Autodesk GmbH"),
        ("Microsoft 365 E3", "Bechtle GmbH"),
        ("Datenbank Lizenzen", "Datenbank Systeme GmbH"),
        ("Zoom-Objektiv", "Linsen AG"),
        ("Kirchheim: Umbau", "Gemeinde Neunkirchen"),
        (None, None),
    ],
)
def test_other_purchases_are_kept(text: str | None, supplier: str | None) -> None:
    assert not purchase(text, supplier)
