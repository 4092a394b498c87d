"""Identifiers of the three signals find their entry, and nothing else."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from catalogue.identifiers import IDENTIFIER_KINDS
from catalogue.known import CONFIDENCE, MATCH
from catalogue.load import load
from catalogue.match import Directory
from catalogue.snapshot import Snapshot
from schemas.entries import DirectoryEntry

GOOD = load(Path(__file__).parents[2] / "fixtures" / "catalogue" / "good")
DIRECTORY = Directory(GOOD)
NETWORK = ("host", "address", "application")
ASSETS = ("vendor", "product", "version", "purl", "cpe", "publisher")
PURCHASE = pl.Schema(
    {
        "text": pl.String(),
        "supplier_name": pl.String(),
        "supplier_ids": pl.List(pl.Struct({"scheme": pl.String(), "value": pl.String})),
        "cpv": pl.List(pl.String),
    }
)


def network(**row: str | None) -> dict[str, Any]:
    return DIRECTORY.network(pl.DataFrame([row], schema=dict.fromkeys(NETWORK, pl.String))).row(0, named=True)


def asset(**row: str | None) -> dict[str, Any]:
    return DIRECTORY.assets(pl.DataFrame([row], schema=dict.fromkeys(ASSETS, pl.String))).row(0, named=True)


def purchase(**row: Any) -> dict[str, Any]:
    return DIRECTORY.purchases(pl.DataFrame([row], schema=PURCHASE)).row(0, named=True)


def test_a_match_says_what_was_recognised_and_how() -> None:
    zoom = GOOD.directory["service:zoom"]
    assert network(host="us02web.zoom.us") == {
        "subject": "service:zoom",
        "kind": "service",
        "identifier": "zoom.us",
        "identifier_kind": "domain",
        "how": "suffix",
        "confidence": 0.95,
        "entry_hash": GOOD.entry_hash(zoom),
    }
    assert network(host="www.dropbox.com")["identifier"] == ".dropbox.com"
    assert network(host="unknown.example.org") == dict.fromkeys(MATCH.names())


@pytest.mark.parametrize(
    ("host", "subject", "how"),
    [
        ("zoom.us", "service:zoom", "exact"),
        ("ZOOM.US.", "service:zoom", "exact"),
        ("meeting.land.zoom.us", "service:zoom#tenant-land", "suffix"),
        ("xland.zoom.us", "service:zoom", "suffix"),
        ("forms.google.com", "service:google-forms", "exact"),
        ("drive.google.com", "service:norwegian-news", "suffix"),
        ("d111.cloudfront.net", "service:cloudfront", "suffix"),
        ("\uff5a\uff4f\uff4f\uff4d\uff0e\uff55\uff53", "service:zoom", "exact"),
        ("z\u043e\u043em.us", None, None),  # Cyrillic letters
        ("notzoom.us", None, None),
        ("zoom.us.example.org", None, None),
        ("a..zoom.us", None, None),
        (".zoom.us", None, None),
        ("zoom.us..", None, None),
        ("us", None, None),
        ("192.0.2.200", None, None),
    ],
)
def test_hosts(host: str, subject: str | None, how: str | None) -> None:
    found = network(host=host)
    assert (found["subject"], found["how"]) == (subject, how)


@pytest.mark.parametrize(
    ("row", "subject"),
    [
        ({"host": "d1.cloudfront.net", "application": "dropbox"}, "service:dropbox"),
        ({"host": "zoom.us", "application": "dropbox"}, "service:zoom"),
        ({"host": "verdi.de", "application": "dropbox"}, "service:never-unions"),
        ({"host": "unknown.example", "application": "Dropbox"}, "service:dropbox"),
        ({"host": "unknown.example", "address": "192.0.2.200"}, None),
        ({"address": "192.0.2.200"}, "service:google-forms"),
        ({"host": "", "address": "192.0.2.200"}, "service:google-forms"),
        ({"address": "192.0.2.5"}, "service:cloudfront"),
        ({"address": "::ffff:192.0.2.5"}, "service:cloudfront"),
        ({"address": "2001:db8::1"}, "service:cloudfront"),
        ({"address": "2001:DB8:0::1"}, "service:cloudfront"),
        ({"address": "2001:db9::1"}, None),
        ({"address": "192.0.3.0"}, None),
        ({"address": "192.0.2.05"}, None),
        ({"address": "192.0.2"}, None),
        ({"address": "192.0.2.5.1"}, None),
        ({"address": "192.0.2.256"}, None),
        ({"address": "192.0.2.200", "application": "zoom-meeting"}, "service:zoom"),
    ],
)
def test_precedence_of_host_label_and_range(row: dict[str, str], subject: str | None) -> None:
    assert network(**row)["subject"] == subject


@pytest.mark.parametrize(
    ("row", "subject", "how"),
    [
        ({"product": "7-Zip 23.01 (x64)", "publisher": "Igor Pavlov"}, "software:7-zip/7-zip", "exact"),
        ({"product": "7-zip", "vendor": "igor pavlov"}, "software:7-zip/7-zip", "exact"),
        ({"product": "7-Zip 23.01 (x64 edition)"}, "software:7-zip/7-zip", "unconfirmed"),
        ({"product": "7-Zipper", "publisher": "Igor Pavlov"}, None, None),
        ({"product": "7-Zip File Manager", "publisher": "Somebody else"}, None, None),
        (
            {"product": "Zoom Workplace (64-bit)", "publisher": "Zoom Video Communications, Inc."},
            "service:zoom",
            "prefix",
        ),
        ({"product": "Zoom Player MAX", "publisher": "Inmatrix LTD"}, None, None),
        ({"product": "Zoom Player MAX"}, None, None),
        ({"product": "Teams", "vendor": "Microsoft"}, "service:teams", "exact"),
        ({"product": "Microsoft Teams classic"}, "service:teams", "unconfirmed"),
        ({"purl": "pkg:npm/%40angular/core@17.0.1?arch=x"}, "software:google/angular", "exact"),
        ({"purl": "pkg:npm/@angular/core#dist"}, "software:google/angular", "exact"),
        ({"purl": "pkg:npm/@angular/core-js@1"}, None, None),
        ({"cpe": "cpe:2.3:a:zoom:zoom:5.1:*:*:*:*:*:*:*"}, "service:zoom", "prefix"),
        ({"cpe": "cpe:/a:zoom:zoom:5.1"}, "service:zoom", "prefix"),
        ({"cpe": "cpe:/a:Zoom:Zoom"}, "service:zoom", "prefix"),
        ({"cpe": "cpe:2.3:a:zoom:zoom\\:rooms:5.1"}, None, None),
        ({"cpe": "cpe:/a:zoom:zoom%3arooms"}, None, None),
        ({"cpe": "cpe:2.3:o:zoom:zoom"}, None, None),
        ({"cpe": "zoom:zoom"}, None, None),
        ({"purl": "pkg:npm/@angular/core", "cpe": "cpe:/a:zoom:zoom"}, "software:google/angular", "exact"),
    ],
)
def test_assets(row: dict[str, str], subject: str | None, how: str | None) -> None:
    found = asset(**row)
    assert (found["subject"], found["how"]) == (subject, how)


@pytest.mark.parametrize(
    ("text", "subject", "how"),
    [
        ("Dropbox Business, 25 Nutzer", "service:dropbox", "words"),
        ("DROPBOX-LIZENZEN", "service:dropbox", "words"),
        ("Dropboxen aus Karton", None, None),
        ("Dropbox und Microsoft Teams", "service:dropbox", "words"),
        ("Microsoft Teams und Dropbox", "service:teams", "words"),
        ("Ersatz für Dropbox", None, None),
        ("Integration in Microsoft Teams", None, None),
        ("Zoom Lizenzen 2026", "service:zoom", "ordinary_word"),
        ("ZOOM PRO JAHRESLIZENZ", "service:zoom", "ordinary_word"),
        ("Zoom-Objektiv 70-200 mm", None, None),
        ("zoom lizenzen", None, None),
        ("Coaching für Teams", None, None),
        ("Coaching für Führungskräfte und Teams, Software-Architektur", None, None),
        ("Microsoft Teams Telefonie", "service:teams", "words"),
        ("Zoom On-Premises Server", "service:zoom#on-premises", "words"),
        ("Zoom Lizenzen und Zoom Landesmandant", "service:zoom#tenant-land", "words"),
        ("Gewerkschaften und Banken: Umfrage", None, None),
        ("Aktuelle Nachrichten", None, None),
        ("bw\u00advideo, BW-Video Räume", "service:bw-video", "words"),
        ("", None, None),
    ],
)
def test_purchase_texts(text: str, subject: str | None, how: str | None) -> None:
    found = purchase(text=text)
    assert (found["subject"], found["how"]) == (subject, how)


@pytest.mark.parametrize(
    ("row", "subject", "kind"),
    [
        ({"supplier_ids": [{"scheme": "VAT", "value": "ie-9852817 j"}]}, "service:dropbox", "supplier_id"),
        ({"supplier_name": "DROPBOX International Unlimited Company"}, "service:dropbox", "supplier_name"),
        ({"supplier_name": "Bechtle GmbH", "text": "Drehstuhl"}, None, None),
        ({"text": "Zoom", "supplier_name": "Zoom Communications Inc."}, "service:zoom", "name"),
        ({"text": "Zoom", "cpv": ["48500000"]}, "service:zoom", "name"),
        ({"text": "Zoom", "cpv": ["38651000"]}, None, None),
        ({"text": "Konferenzraum", "cpv": ["30000000", "32232000-8"]}, "service:bw-video", "cpv"),
        (
            {"text": "Microsoft Teams", "supplier_ids": [{"scheme": None, "value": "IE9852817J"}]},
            "service:dropbox",
            "supplier_id",
        ),
        ({"text": "Microsoft Teams", "cpv": ["32232000"]}, "service:teams", "name"),
        (
            {"text": "Dropbox Advanced", "supplier_ids": [{"scheme": None, "value": "IE9852817J"}]},
            "service:dropbox#advanced",
            "name",
        ),
    ],
)
def test_purchases(row: dict[str, Any], subject: str | None, kind: str | None) -> None:
    found = purchase(**row)
    assert (found["subject"], found["identifier_kind"]) == (subject, kind)


def test_of_two_entries_with_one_name_the_one_that_must_not_be_stored_is_meant() -> None:
    plain = {"name": {"de": "Lotsendienst", "en": "Lotsendienst"}, "function": "chat"}
    service = DirectoryEntry.model_validate({"subject": "service:a", "kind": "service"} | plain)
    helper = DirectoryEntry.model_validate({"subject": "service:b", "kind": "assistive"} | plain)
    frame = pl.DataFrame([{"text": "Lotsendienst"}], schema=PURCHASE)
    assert Directory(Snapshot.of([service, helper])).purchases(frame)["subject"].to_list() == ["service:b"]


@pytest.mark.parametrize("snapshot", [GOOD, Snapshot()], ids=["good", "empty"])
def test_height_order_and_columns(snapshot: Snapshot) -> None:
    directory = Directory(snapshot)
    hosts = ["zoom.us", None, "x.example", "zoom.us"]
    frames = [
        directory.network(
            pl.DataFrame(
                {"host": hosts, "address": None, "application": None},
                schema_overrides=dict.fromkeys(NETWORK, pl.String),
            )
        ),
        directory.assets(
            pl.DataFrame({"product": hosts}, schema=dict.fromkeys(["product"], pl.String)).with_columns(
                pl.lit(None, dtype=pl.String).alias(name) for name in ASSETS if name != "product"
            )
        ),
        directory.purchases(pl.DataFrame([{"text": text} for text in hosts], schema=PURCHASE)),
        directory.network(pl.DataFrame(schema=dict.fromkeys(NETWORK, pl.String))),
        directory.assets(pl.DataFrame(schema=dict.fromkeys(ASSETS, pl.String))),
        directory.purchases(pl.DataFrame(schema=PURCHASE)),
    ]
    assert [frame.height for frame in frames] == [4, 4, 4, 0, 0, 0]
    assert all(frame.schema == MATCH for frame in frames)
    if snapshot is GOOD:
        assert frames[0]["subject"].to_list() == ["service:zoom", None, None, "service:zoom"]


def test_every_way_of_recognising_is_in_the_closed_lists() -> None:
    table = Directory(GOOD)._known.table
    assert set(table["identifier_kind"].unique()) <= set(IDENTIFIER_KINDS)
    assert all(0 < confidence <= 1 for confidence in CONFIDENCE.values())
