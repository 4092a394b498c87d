"""Purchases and inventories at the site: versions, cancellations, scopes, names that make candidates, suppliers that are people."""

import gzip
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import state

from streams.embedded import ledgers, redrive
from streams.site import documents, purchases
from streams.site.mend import listed
from streams.site.purchases import supplier_key

VAT = {"scheme": "VAT", "id": "DE136695976"}


def release(number: int, title: str, amount: float, day: str = "2026-09-01", **award: Any) -> dict[str, Any]:
    """An OCDS release with one award of the buyer im/amt."""
    supplier = award.pop("supplier", {"id": "s1", "name": "Handel GmbH", "identifier": VAT})
    return {
        "ocid": f"ocds-x-{number}", "id": f"{number}-{day}", "date": f"{day}T10:00:00+02:00", "tag": ["award"],
        "buyer": {"id": "b1", "name": "Amt"},
        "parties": [{"id": "b1", "name": "Amt", "roles": ["buyer"]}, {**supplier, "roles": ["supplier"]}],
        "tender": {"id": f"t{number}", "title": title, "procurementMethod": "direct", "items": [{"id": "1", "classification": {"scheme": "CPV", "id": "48000000"}}]},
        "awards": [{"id": f"a{number}", "title": title, "date": f"{day}T10:00:00+02:00", "status": "active", "value": {"amount": amount, "currency": "EUR"}, "suppliers": [{"id": supplier["id"], "name": supplier["name"]}], **award}],
    }  # fmt: skip


def package(path: Path, *releases: dict[str, Any]) -> str:
    path.write_text(
        json.dumps({"uri": "x", "version": "1.1", "publishedDate": "2026-09-02T00:00:00Z", "releases": releases})
    )
    return str(path)


def bought(data: Path) -> list[tuple[str, str, Decimal | None]]:
    return [(o["subject"], o["view"], o["committed"]) for o in state.observations(data) if o["signal"] == "procurement"]


def test_a_newer_version_replaces_and_an_unchanged_one_is_duplicate(tmp_path: Path) -> None:
    first = release(1, "Server", 100)
    state.run(tmp_path / "d", package(tmp_path / "a.json", first), source="ocds")
    state.run(tmp_path / "d", package(tmp_path / "b.json", first, release(2, "Server", 50)), source="ocds")
    ((_, _, tally),) = ledgers(tmp_path / "d")
    assert (tally.received, tally.counted, tally.duplicate) == (3, 2, 1)
    state.run(tmp_path / "d", package(tmp_path / "c.json", release(1, "Server", 300, day="2026-09-05")), source="ocds")
    awards = sorted(amount for subject, view, amount in bought(tmp_path / "d") if view == "award")
    assert awards == [50, 300]
    state.run(tmp_path / "fresh", str(tmp_path / "c.json"), str(tmp_path / "b.json"), source="ocds")
    assert state.observations(tmp_path / "d") == state.observations(tmp_path / "fresh")


def test_a_cancelled_award_is_withdrawn(tmp_path: Path) -> None:
    state.run(tmp_path / "d", package(tmp_path / "a.json", release(1, "Server", 100)), source="ocds")
    assert ("purchases:de136695976/480", "award", Decimal("100.00")) in bought(tmp_path / "d")
    state.run(
        tmp_path / "d",
        package(tmp_path / "b.json", release(1, "Server", 100, day="2026-09-03", status="cancelled")),
        source="ocds",
    )
    assert not [row for row in bought(tmp_path / "d") if row[1] == "award"]


def test_a_purchase_names_the_good_and_keeps_the_supplier(tmp_path: Path) -> None:
    law = state.snapshot((*state.DIRECTORY, state.entry("service:teamsuite", names=("Teamsuite Pro",))))
    state.run(
        tmp_path / "d", package(tmp_path / "a.json", release(1, "Lizenzen Teamsuite Pro", 900)), source="ocds", law=law
    )
    subjects = {row[0] for row in bought(tmp_path / "d")}
    assert subjects == {"service:teamsuite", "purchases:de136695976/480"}
    (row,) = [
        o for o in state.observations(tmp_path / "d") if o["subject"] == "service:teamsuite" and o["view"] == "award"
    ]
    assert {"name": "supplier_name", "value": "Handel GmbH"} in row["facts"]


def test_assistive_purchases_are_dropped(tmp_path: Path) -> None:
    law = state.snapshot(
        (*state.DIRECTORY, state.entry("service:jaws", kind="assistive", names=("JAWS Bildschirmleser",)))
    )
    state.run(
        tmp_path / "d",
        package(tmp_path / "a.json", release(1, "Lizenz JAWS Bildschirmleser", 900)),
        source="ocds",
        law=law,
    )
    assert bought(tmp_path / "d") == []
    assert b"Bildschirmleser" not in (tmp_path / "d" / "site-im.db").read_bytes()


def test_a_supplier_without_register_or_legal_form_is_a_person(tmp_path: Path) -> None:
    assert supplier_key("Erika Beispiel", []) == ("erika-beispiel", True)
    assert supplier_key("Erika Beispiel e. K.", []) == ("erika-beispiel-e-k", False)
    assert supplier_key("Erika Beispiel", [{"scheme": "vat", "value": "DE136695976"}]) == ("de136695976", False)
    supplier = {"id": "p", "name": "Erika Beispiel"}
    state.run(
        tmp_path / "d", package(tmp_path / "a.json", release(1, "Schulung", 900, supplier=supplier)), source="ocds"
    )
    text = repr(state.observations(tmp_path / "d"))
    assert "purchases:person-" in text
    assert "rika" not in text


def test_contact_data_in_a_title_stays(tmp_path: Path) -> None:
    title = "Software, Ansprechpartnerin Erika Muster, Tel. 0711 1234567, erika@example.org"
    state.run(tmp_path / "d", package(tmp_path / "a.json", release(1, title, 900)), source="ocds")
    assert {o["title"] for o in state.observations(tmp_path / "d")} == {"Software,"}


def test_a_purchase_of_the_same_name_makes_a_candidate(tmp_path: Path) -> None:
    state.run(tmp_path / "d", state.written(tmp_path / "s", state.people(6, 0, "app.teamhafen.de")))
    assert state.observations(tmp_path / "d") == []
    state.run(tmp_path / "d", package(tmp_path / "a.json", release(1, "Jahresabo Teamhafen", 900)), source="ocds")
    assert "domain:teamhafen.de" in {o["subject"] for o in state.observations(tmp_path / "d")}


def device(path: Path, *programs: tuple[str, str], name: str = "pc-1") -> str:
    softwares = [{"name": program, "publisher": "Acme", "version": version} for program, version in programs]
    body = {
        "action": "inventory",
        "deviceid": name,
        "itemtype": "Computer",
        "content": {"hardware": {"name": name}, "versionclient": "GLPI-Agent_v1.7", "softwares": softwares},
    }
    path.write_text(json.dumps(body))
    return str(path)


def at(day: int) -> datetime:
    return datetime(2026, 9, day, 12, tzinfo=state.BERLIN)


def writer(data: Path) -> dict[int, tuple[int | None, str | None, Any]]:
    return {
        o["day"].day: (o["actors_30d"], o["band"], o["releases"])
        for o in state.observations(data)
        if o["subject"] == "software:acme/writer"
    }


def test_the_newest_inventory_ends_what_it_no_longer_names(tmp_path: Path) -> None:
    d = tmp_path / "d"
    for n in range(6):
        state.run(d, device(tmp_path / f"{n}.json", ("Writer", "2.1"), name=f"pc-{n}"), source="glpi", at=at(1))
    assert writer(d) == {1: (6, None, [{"version": "2.1", "devices": 6}])}
    state.run(d, device(tmp_path / "later.json", ("Other", "1")), source="glpi", at=at(3))
    assert writer(d)[3] == (5, None, [{"version": "2.1", "devices": 5}])
    for n in range(6):
        state.run(d, device(tmp_path / f"gone-{n}.json", ("Other", "1"), name=f"pc-{n}"), source="glpi", at=at(5))
    assert writer(d)[5][:2] == (0, None)


def test_an_older_inventory_that_comes_late_changes_only_its_days(tmp_path: Path) -> None:
    early, late = device(tmp_path / "e.json", ("Writer", "1")), device(tmp_path / "l.json", ("Writer", "2"))
    for n, order in enumerate(((early, 1, late, 4), (late, 4, early, 1))):
        state.run(tmp_path / str(n), order[0], source="glpi", at=at(order[1]))
        state.run(tmp_path / str(n), order[2], source="glpi", at=at(order[3]))
    assert writer(tmp_path / "0") == writer(tmp_path / "1")
    assert writer(tmp_path / "0")[4] == (None, "1-4", [{"version": "2", "devices": None}])


def test_the_same_inventory_of_another_day_renews_the_day(tmp_path: Path) -> None:
    path = device(tmp_path / "a.json", ("Writer", "2.1"))
    state.run(tmp_path / "d", path, source="glpi", at=at(1))
    state.run(tmp_path / "d", path, source="glpi", at=at(1))
    state.run(tmp_path / "d", path, source="glpi", at=at(9))
    assert set(writer(tmp_path / "d")) == {1, 9}
    ((_, _, tally),) = ledgers(tmp_path / "d")
    assert (tally.received, tally.counted, tally.duplicate) == (6, 4, 2)


def test_rejected_items_are_redriven(tmp_path: Path) -> None:
    broken = release(2, "Server", 5)
    broken["awards"][0]["value"]["amount"] = "viel"
    report = state.run(tmp_path / "d", package(tmp_path / "a.json", release(1, "Server", 100), broken), source="ocds")
    assert (report.tally.counted, report.tally.rejected, report.exit_code(1)) == (1, 1, 1)
    before = ledgers(tmp_path / "d")
    assert redrive(tmp_path / "d", lambda _: None) == (1, 0)
    assert ledgers(tmp_path / "d") == before


def silent(_: str) -> None:
    """Takes what is told."""


def test_an_archive_that_breaks_off_is_one_rejected_record_and_is_read_when_whole(tmp_path: Path) -> None:
    text = Path(package(tmp_path / "a.json", release(1, "Server", 100))).read_bytes()
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(text)[:-4])
    for _ in range(2):
        report = state.run(tmp_path / "d", str(tmp_path / "a.json.gz"), source="ocds")
    assert (report.tally.duplicate, report.exit_code(1)) == (1, 0)
    ((_, _, tally),) = ledgers(tmp_path / "d")
    assert (tally.received, tally.rejected, tally.duplicate) == (2, 1, 1)
    assert [(row.input, row.place) for row in listed(tmp_path / "d")] == [("a.json.gz", 0)]
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(text))
    state.run(tmp_path / "d", str(tmp_path / "a.json.gz"), source="ocds")
    assert bought(tmp_path / "d") == [("purchases:de136695976/480", "award", Decimal("100.00"))]


def test_a_broken_archive_is_told_and_counted(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and more")
    report = state.run(tmp_path / "d", str(tmp_path / "a.zip"), source="ocds")
    assert (report.tally.rejected, report.exit_code(1)) == (1, 1)
    assert report.problems == ["a.zip: a zip archive is not read; unpack it and give the files"]


def test_a_document_that_our_code_fails_on_is_a_dead_letter_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [package(tmp_path / f"{n}.json", release(n, "poison" if n == 1 else "Server", 100)) for n in range(3)]
    keep = purchases.keep

    def poisoned(db: Any, key: Any, feed: Any, never: Any, rows: pl.DataFrame) -> Any:
        if "poison" in rows["title"]:
            raise ZeroDivisionError
        return keep(db, key, feed, never, rows)

    with monkeypatch.context() as change:
        change.setattr(purchases, "keep", poisoned)
        report = state.run(tmp_path / "d", *paths, source="ocds")
        assert redrive(tmp_path / "d", silent) == (1, 0)
    assert (report.tally.counted, report.tally.dead_letter, report.exit_code(3)) == (2, 1, 1)
    assert report.problems == ["1.json: our own code failed on this document (ZeroDivisionError); please report it"]
    assert [(row.kind, row.reason) for row in listed(tmp_path / "d")] == [("dead_letter", "ZeroDivisionError")]
    assert redrive(tmp_path / "d", silent) == (1, 1)
    ((_, _, tally),) = ledgers(tmp_path / "d")
    assert (tally.received, tally.counted, tally.dead_letter) == (3, 3, 0)
    state.run(tmp_path / "fresh", *paths, source="ocds")
    assert state.observations(tmp_path / "d") == state.observations(tmp_path / "fresh")


def test_a_record_of_a_document_too_large_to_keep_names_its_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "SEALED", 100)
    broken = release(1, "Server", 100) | {"date": "no day", "awards": [{"id": "a", "value": {"amount": "much"}}]}
    state.run(tmp_path / "d", package(tmp_path / "large.json", broken), source="ocds")
    assert [(row.input, row.place) for row in listed(tmp_path / "d")] == [("large.json", 1)]
    assert redrive(tmp_path / "d", silent) == (1, 0)


def test_an_endless_inventory_is_refused_before_it_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.documents.INVENTORY_ROWS", 20)
    parts = [{"type": "library", "name": f"part{n}", "version": "1"} for n in range(30)]
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"timestamp": "2026-09-01T00:00:00Z"}}
    for name, count in (("many", 30), ("few", 20)):
        (tmp_path / name).write_text(json.dumps(bill | {"components": parts[:count]}))
        report = state.run(tmp_path / "d", str(tmp_path / name), source="cyclonedx")
        assert (report.tally.counted, report.tally.rejected) == ((0, 1) if name == "many" else (20, 0))
    assert [row.reason for row in listed(tmp_path / "d")] == ["an inventory of at most 20 rows expected; split it"]
