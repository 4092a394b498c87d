"""OCDS 1.1 release packages, one a month: tenders, awards and contracts as the purchasing systems export them."""

import json
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from simulation.acts import Award, Supplier
from simulation.world import Unit

PREFIX = "ocds-7q2wn9"
"""Prefix of the made-up publisher."""
_DETAILS = {"direct": "Direktauftrag", "open": "Offenes Verfahren", "limited": "Verhandlungsvergabe"}
_KIND = {"direct": "direct", "open": "open", "limited": "limited"}


def write(folder: Path, awards: list[tuple[Unit, Award]]) -> None:
    """Write the packages of a site."""
    months: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for unit, award in sorted(awards, key=lambda pair: (pair[1].day, pair[1].number)):
        months[f"{award.day:%Y-%m}"].append(_release(unit, award))
    for month, releases in sorted(months.items()):
        package = {
            "uri": f"https://vergabe.landesverwaltung.example/ocds/{month}.json",
            "version": "1.1",
            "publishedDate": f"{month}-28T06:00:00Z",
            "publisher": {"name": "Zentrale Vergabestelle"},
            "releases": releases,
        }
        path = folder / "ocds" / f"releases-{month}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _release(unit: Unit, award: Award) -> dict[str, Any]:
    supplier = _supplier(award.supplier)
    release: dict[str, Any] = {
        "ocid": f"{PREFIX}-{award.number}",
        "id": f"{award.number}-{award.tag}",
        "date": f"{award.day}T10:00:00+01:00",
        "tag": [award.tag],
        "initiationType": "tender",
        "language": "de",
        "parties": [_buyer(unit), supplier | {"roles": ["supplier"]}],
        "buyer": {"id": unit.buyer_id, "name": unit.name},
        "tender": _tender(unit, award),
    }
    named = {"id": supplier["id"], "name": supplier["name"]}
    if award.tag in {"award", "contract"}:
        release["awards"] = [
            _decided(award, number, amount) | {"suppliers": [named], "status": "active"}
            for number, amount in enumerate(award.amounts, 1)
        ]
    if award.tag == "contract":
        release["contracts"] = [
            {"id": award.number, "awardID": f"{award.number}-1", "status": "active", "dateSigned": release["date"]}
            | {"title": award.title, "value": _money(sum(award.amounts))}
            | ({"period": _period(award)} if award.months else {})
        ]
    if award.framework:
        release["relatedProcesses"] = [
            {"id": "1", "relationship": ["framework"], "scheme": "ocid", "identifier": f"{PREFIX}-{award.framework}"},
        ]
    return release


def _tender(unit: Unit, award: Award) -> dict[str, Any]:
    details = "Inhouse-Vergabe" if award.in_house else _DETAILS[award.method]
    tender: dict[str, Any] = {
        "id": award.number,
        "title": award.title,
        "status": "complete" if award.tag != "tender" else "active",
        "procuringEntity": {"id": unit.buyer_id, "name": unit.name},
        "procurementMethod": _KIND[award.method],
        "procurementMethodDetails": details,
        "mainProcurementCategory": "services",
        "value": _money(sum(award.amounts)),
    }
    if award.in_house:
        tender["procurementMethodRationale"] = "Inhouse-Vergabe nach § 108 GWB an den zentralen IT-Dienstleister"
    if award.is_framework:
        tender["techniques"] = {"hasFrameworkAgreement": True}
    if len(award.amounts) > 1:
        tender["lots"] = [
            {"id": f"LOT-{n:04d}", "title": f"{award.title}, Los {n}", "value": _money(amount)}
            for n, amount in enumerate(award.amounts, 1)
        ]
    tender["items"] = [_item(award, n) for n in range(1, len(award.amounts) + 1)]
    return tender


def _decided(award: Award, number: int, amount: int) -> dict[str, Any]:
    decided: dict[str, Any] = {
        "id": f"{award.number}-{number}",
        "title": award.title,
        "date": f"{award.day}T10:00:00+01:00",
        "value": _money(amount),
        "items": [_item(award, number)],
    }
    if len(award.amounts) > 1:
        decided["relatedLots"] = [f"LOT-{number:04d}"]
    if award.months:
        decided["contractPeriod"] = _period(award)
    return decided


def _item(award: Award, number: int) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": str(number),
        "description": award.title,
        "classification": {"scheme": "CPV", "id": award.cpv},
        "quantity": 1,
    }
    if len(award.amounts) > 1:
        item["relatedLot"] = f"LOT-{number:04d}"
    return item


def _period(award: Award) -> dict[str, str]:
    end = award.day + timedelta(days=round(award.months * 30.4))
    return {"startDate": f"{award.day}T00:00:00+01:00", "endDate": f"{end}T00:00:00+01:00"}


def _money(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def _buyer(unit: Unit) -> dict[str, Any]:
    return {
        "id": unit.buyer_id,
        "name": unit.name,
        "identifier": {"scheme": "DE-LAND", "id": unit.buyer_id, "legalName": unit.name},
        "address": {"locality": unit.town, "countryName": "DEU"},
        "roles": ["buyer", "procuringEntity"],
    }


def _supplier(supplier: Supplier) -> dict[str, Any]:
    return {
        "id": f"ORG-{supplier.vat}",
        "name": supplier.name,
        "identifier": {"scheme": "VAT", "id": supplier.vat, "legalName": supplier.name},
        "additionalIdentifiers": [{"scheme": "DE-CR", "id": supplier.register}],
        "address": {"locality": supplier.town, "countryName": supplier.country},
    }
