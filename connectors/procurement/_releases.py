"""An OCDS release as rows of purchase documents: its tender, awards, contracts and their amendments."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.documents import RejectedError, Row, amount, day, number, text
from connectors.procurement._parties import Json, Parties, objects, one
from connectors.procurement._purchases import cpv, texts

MARKS = ("ocid", "tender", "awards", "contracts", "buyer", "planning", "parties")
"""Members of which a release has at least one."""
_CANCELLED = {"cancelled", "unsuccessful", "withdrawn"}
_LOCAL = re.compile(r"(?:LOT|PAR|GLO|CON|RES|TEN|ORG)-\d{4}|\d{1,3}")
"""Ids that are numbered anew in each procedure: those of eForms, and short ordinals."""
_LATER = {"award", "awardUpdate", "contract", "contractUpdate", "contractAmendment", "implementation"}
_FULL = {"planning", "tender", "tenderUpdate", "tenderAmendment", "tenderCancellation", "compiled"}
"""Tags: a release that is only about what came later repeats of its tender no more than number and title."""
_DETAILS_MAX = 80
"""Characters of a procedure's details that name it; longer ones explain it."""
_IN_HOUSE = re.compile(r"in-?house|§ ?108 gwb", re.IGNORECASE)


def rows(release: Json) -> list[Row]:
    """Rows of one release, without places; empty when it has no purchase document. Raises RejectedError."""
    if not any(mark in release for mark in MARKS):
        raise RejectedError("an OCDS release expected")
    return list(_Release(release).documents())


class _Release:
    def __init__(self, release: Json) -> None:
        self._date = release.get("date")
        self._ocid = text(release.get("ocid"))
        self._tags = {tag for tag in release.get("tag") or () if isinstance(tag, str)}
        self._tender = one(release.get("tender"))
        self._awards = objects(release.get("awards"))
        self._contracts = objects(release.get("contracts"))
        self._parties = Parties(release)
        self._unnamed = sum(not objects(award.get("suppliers")) for award in self._awards)
        self._framework = _framework(release)
        self._shared = {
            "process_id": self._ocid,
            "references": texts([number for number in [text(self._tender.get("id"))] if not _local(number)]),
            **self._parties.buyer(),
            "procedure": _procedure(self._tender),
            "legal_basis": _legal_basis(self._tender.get("legalBasis") or release.get("legalBasis")),
            "in_house": _in_house(self._tender),
        }

    def documents(self) -> Iterator[Row]:
        if self._tender:
            tender = self._tender_row()
            if tender["estimated"] is not None or not _LATER.intersection(self._tags) or _FULL.intersection(self._tags):
                yield tender
        for award, name in zip(self._awards, self._names(self._awards), strict=True):
            yield self._award_row(award, name)
        for contract, name in zip(self._contracts, self._names(self._contracts), strict=True):
            yield self._contract_row(contract, name)
            for amendment in objects(contract.get("amendments")) + objects(contract.get("amendment")):
                yield self._amendment_row(contract, name, amendment)

    def _names(self, documents: list[Json]) -> list[str | None]:
        """Ids of the documents, unlike any other's: numbered anew in each procedure, they get the ocid in front."""
        names: list[str | None] = []
        for position, document in enumerate(documents, 1):
            written = text(document.get("id")) or (str(position) if len(documents) > 1 else None)
            name = f"{self._ocid}/{written}" if written and self._ocid and _local(written) else written
            names.append(f"{name}/{position}" if name in names else name)
        return names

    def _day(self, *written: Any) -> date:
        found = next((known for known in map(day, (*written, self._date)) if known), None)
        if found is None:
            raise RejectedError("date: a date of the release, award or contract expected")
        return found

    def _tender_row(self) -> Row:
        tender = self._tender
        lots = objects(tender.get("lots"))
        value, currency = _money(tender.get("value"), "tender.value")
        if value is None:
            value, currency = _sum([_money(lot.get("value"), "tender.lots.value") for lot in lots])
        return {
            **self._shared,
            **_bought(tender),
            "day": self._day(tender.get("datePublished"), one(tender.get("tenderPeriod")).get("startDate")),
            "document": "tender",
            "document_id": next(iter(self._names([tender]))),
            "title": _title(tender),
            "estimated": value,
            "currency": currency,
            "framework_of": self._framework,
            "lot": _single(lot.get("id") for lot in lots),
            **_period(tender.get("contractPeriod"), *(lot.get("contractPeriod") for lot in lots)),
            "cancelled": _cancelled(tender, told="tenderCancellation" in self._tags),
        }

    def _award_row(self, award: Json, name: str | None) -> Row:
        lots = _related(award)
        value, currency = _money(award.get("value"), "awards.value")
        return {
            **self._shared,
            **self._parties.supplier(award.get("suppliers"), alone=self._unnamed == 1),
            **self._goods(lots, award),
            "day": self._day(award.get("date")),
            "document": "award",
            "document_id": name,
            "committed": value,
            "currency": currency,
            "framework_of": self._framework,
            "lot": _single(lots),
            **_period(award.get("contractPeriod"), *self._periods(lots)),
            "cancelled": _cancelled(award, told="awardCancellation" in self._tags),
        }

    def _contract_row(self, contract: Json, name: str | None) -> Row:
        award = self._award_of(contract)
        lots = _related(contract) or _related(award)
        value, currency = _money(contract.get("value"), "contracts.value")
        named = contract.get("suppliers") or award.get("suppliers")
        framework = _framework(contract) or self._framework
        return {
            **self._shared,
            **self._parties.supplier(named, alone=self._unnamed <= 1),
            **self._goods(lots, contract, award),
            "day": self._day(contract.get("dateSigned"), award.get("date")),
            "document": "call_off" if framework else "contract",
            "document_id": name,
            "committed": value,
            "currency": currency,
            "framework_of": framework,
            "lot": _single(lots),
            **_period(contract.get("period"), award.get("contractPeriod"), *self._periods(lots)),
            "cancelled": _cancelled(contract, told=False),
        }

    def _amendment_row(self, contract: Json, name: str | None, amendment: Json) -> Row:
        row = self._contract_row(contract, name)
        written = text(amendment.get("id"))
        return {
            **row,
            "day": self._day(amendment.get("date")),
            "document": "amendment",
            "document_id": f"{name}/{written}" if name and written else written,
            "amends": name,
            "title": text(amendment.get("description")) or text(amendment.get("rationale")) or row["title"],
            "committed": None,
            "lines": None,
            "quantity": None,
            "unit_price": None,
        }

    def _award_of(self, contract: Json) -> Json:
        """The award that a contract names; the only one where the name points nowhere."""
        named = [award for award in self._awards if award.get("id") == contract.get("awardID")]
        return (named or (self._awards if len(self._awards) == 1 else [{}]))[0]

    def _goods(self, lots: list[str], *documents: Json) -> Row:
        """Title and goods: of the document itself, else of its lot, else of the tender."""
        own_lots = [lot for lot in objects(self._tender.get("lots")) if text(lot.get("id")) in lots]
        titled = (*documents, *own_lots, self._tender)
        of_lots = [item for item in objects(self._tender.get("items")) if text(item.get("relatedLot")) in lots]
        sources = [*documents, *([{"items": of_lots}] if of_lots else []), self._tender]
        bought = next((goods for goods in map(_bought, sources) if goods["cpv"] or goods["lines"]), _bought({}))
        return {"title": next(filter(None, map(_title, titled)), None), **bought}

    def _periods(self, lots: list[str]) -> list[Any]:
        of_lots = [lot for lot in objects(self._tender.get("lots")) if text(lot.get("id")) in lots]
        return [*(lot.get("contractPeriod") for lot in of_lots), self._tender.get("contractPeriod")]


def _local(number: str | None) -> bool:
    return number is None or _LOCAL.fullmatch(number) is not None


def _title(document: Json) -> str | None:
    return text(document.get("title")) or text(document.get("description"))


def _money(value: Any, field: str) -> tuple[Decimal | None, str | None]:
    read = amount(one(value).get("amount"), field)
    return read, text(one(value).get("currency")) if read is not None else None


def _sum(values: list[tuple[Decimal | None, str | None]]) -> tuple[Decimal | None, str | None]:
    """Sum of the lots when every lot has a value, all in one currency."""
    known = [value for value, _ in values if value is not None]
    currencies = {currency for _, currency in values}
    if not known or len(known) < len(values) or len(currencies) > 1:
        return None, None
    return amount(sum(known), "tender.lots.value"), currencies.pop()


def _bought(document: Json) -> Row:
    """CPV codes and lines of a document's items; classification of the document itself counts too."""
    items = objects(document.get("items"))
    lines = [_line(item) for item in items]
    first = items[0] if items else {}
    return {
        "cpv": texts(code for owner in (document, *items) for code in _codes(owner)),
        "lines": [line for line in lines if any(line.values())] or None,
        "quantity": number(first.get("quantity")),
        "unit_price": _money(one(first.get("unit")).get("value"), "items.unit.value")[0],
    }


def _line(item: Json) -> Row:
    price = _money(one(item.get("unit")).get("value"), "items.unit.value")[0]
    quantity = number(item.get("quantity"))
    return {
        "text": text(item.get("description")),
        "amount": amount(price * Decimal(str(quantity)), "items.unit.value")
        if price is not None and quantity
        else None,
        "cpv": next(_codes(item), None),
    }


def _codes(owner: Json) -> Iterator[str]:
    for classified in objects(owner.get("classification")) + objects(owner.get("additionalClassifications")):
        code = cpv(classified.get("id")) if (text(classified.get("scheme")) or "").upper() == "CPV" else None
        if code:
            yield code


def _related(document: Json) -> list[str]:
    """Lots of an award or contract, from itself or its items."""
    lots = document.get("relatedLots")
    named = lots if isinstance(lots, list) else [document.get("relatedLot")]
    return texts([*named, *(item.get("relatedLot") for item in objects(document.get("items")))]) or []


def _single(lots: Iterable[Any]) -> str | None:
    named = texts(lots) or []
    return named[0] if len(named) == 1 else None


def _period(*periods: Any) -> dict[str, date | None]:
    for period in map(one, periods):
        start, end = day(period.get("startDate")), day(period.get("endDate"))
        if start or end:
            return {"period_start": start, "period_end": end}
    return {"period_start": None, "period_end": None}


def _cancelled(document: Json, *, told: bool) -> bool | None:
    status = document.get("status")
    if told:
        return True
    return status in _CANCELLED if isinstance(status, str) else None


def _framework(document: Json) -> str | None:
    related = objects(document.get("relatedProcesses"))
    frameworks = (process for process in related if "framework" in (process.get("relationship") or ()))
    return next((text(process.get("identifier")) for process in frameworks), None)


def _procedure(tender: Json) -> str | None:
    method = (text(tender.get("procurementMethod")) or "").lower()
    details = (text(tender.get("procurementMethodDetails")) or "").lower()
    if method and (method == details or len(details) > _DETAILS_MAX):
        details = ""
    return ": ".join(filter(None, (method, details))) or None


def _legal_basis(basis: Any) -> str | None:
    return text(basis) or text(one(basis).get("id")) or text(one(basis).get("description"))


def _in_house(tender: Json) -> bool | None:
    told = (text(tender.get(field)) for field in ("procurementMethodDetails", "procurementMethodRationale"))
    return True if any(_IN_HOUSE.search(sentence) for sentence in told if sentence) else None
