"""An OCDS release as rows of purchase documents: its tender, awards, contracts and their amendments."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from connectors.documents import RejectedError, Row, day, text
from connectors.procurement._goods import bought, money, period, single, total
from connectors.procurement._parties import Json, Parties, objects, one, words
from connectors.procurement._purchases import texts

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
        self._tags = set(words(release.get("tag")))
        self._tender = one(release.get("tender"))
        self._awards = objects(release.get("awards"))
        self._contracts = objects(release.get("contracts"))
        self._award_ids = {text(award.get("id")): award for award in reversed(self._awards)}
        self._lots = {text(lot.get("id")): lot for lot in objects(self._tender.get("lots"))}
        self._lot_items: dict[str | None, list[Json]] = {}
        for item in objects(self._tender.get("items")):
            self._lot_items.setdefault(text(item.get("relatedLot")), []).append(item)
        self._all_goods = bought(self._tender)
        self._parties = Parties(release)
        won = [award for award in self._awards if not _cancelled(award, told=False)]
        self._unnamed = sum(not objects(award.get("suppliers")) for award in won)
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
        awards = [self._award_row(*named) for named in zip(self._awards, self._names(self._awards), strict=True)]
        if self._tender:
            tender = self._tender_row() | _winner(awards)
            if tender["estimated"] is not None or not _LATER.intersection(self._tags) or _FULL.intersection(self._tags):
                yield tender
        yield from awards
        for contract, name in zip(self._contracts, self._names(self._contracts), strict=True):
            yield self._contract_row(contract, name)
            for amendment in objects(contract.get("amendments")) + objects(contract.get("amendment")):
                yield self._amendment_row(contract, name, amendment)

    def _names(self, documents: list[Json]) -> list[str | None]:
        """Ids of the documents, unlike any other's: numbered anew in each procedure, they get the ocid in front."""
        names: list[str | None] = []
        taken: set[str | None] = set()
        for position, document in enumerate(documents, 1):
            written = text(document.get("id")) or (str(position) if len(documents) > 1 else None)
            name = f"{self._ocid}/{written}" if written and self._ocid and _local(written) else written
            while name in taken:
                name = f"{name}/{position}"
            names.append(name)
            taken.add(name)
        return names

    def _day(self, *written: Any) -> date:
        found = next((known for known in map(day, (*written, self._date)) if known), None)
        if found is None:
            raise RejectedError("date: a date of the release, award or contract expected")
        return found

    def _tender_row(self) -> Row:
        tender = self._tender
        lots = list(self._lots.values())
        value, currency = money(tender.get("value"), "tender.value")
        if value is None:
            value, currency = total([money(lot.get("value"), "tender.lots.value") for lot in lots])
        return {
            **self._shared,
            **self._all_goods,
            "day": self._day(tender.get("datePublished"), one(tender.get("tenderPeriod")).get("startDate")),
            "document": "tender",
            "document_id": next(iter(self._names([tender]))),
            "title": _title(tender),
            "estimated": value,
            "currency": currency,
            "framework_of": self._framework,
            "lot": single(lot.get("id") for lot in lots),
            **period(tender.get("contractPeriod"), *(lot.get("contractPeriod") for lot in lots)),
            "cancelled": _cancelled(tender, told="tenderCancellation" in self._tags),
        }

    def _award_row(self, award: Json, name: str | None) -> Row:
        lots = _related(award)
        value, currency = money(award.get("value"), "awards.value")
        cancelled = _cancelled(award, told="awardCancellation" in self._tags)
        return {
            **self._shared,
            **self._parties.supplier(award.get("suppliers"), alone=self._unnamed == 1, won=not cancelled),
            **self._goods(lots, award),
            "day": self._day(award.get("date")),
            "document": "award",
            "document_id": name,
            "committed": value,
            "currency": currency,
            "framework_of": self._framework,
            "lot": single(lots),
            **period(award.get("contractPeriod"), *self._periods(lots)),
            "cancelled": cancelled,
        }

    def _contract_row(self, contract: Json, name: str | None) -> Row:
        award = self._award_of(contract)
        lots = _related(contract) or _related(award)
        value, currency = money(contract.get("value"), "contracts.value")
        named = contract.get("suppliers") or award.get("suppliers")
        framework = _framework(contract) or self._framework
        return {
            **self._shared,
            **self._parties.supplier(named, alone=self._unnamed <= 1, won=True),
            **self._goods(lots, contract, award),
            "day": self._day(contract.get("dateSigned"), award.get("date")),
            "document": "call_off" if framework else "contract",
            "document_id": name,
            "committed": value,
            "currency": currency,
            "framework_of": framework,
            "lot": single(lots),
            **period(contract.get("period"), award.get("contractPeriod"), *self._periods(lots)),
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
            "currency": None,
            "lines": None,
            "quantity": None,
            "unit_price": None,
        }

    def _award_of(self, contract: Json) -> Json:
        """The award that a contract names; the only one where the name points nowhere."""
        only = self._awards[0] if len(self._awards) == 1 else {}
        return self._award_ids.get(text(contract.get("awardID")), only)

    def _goods(self, lots: list[str], *documents: Json) -> Row:
        """Title and goods: of the document itself, else of its lots, else of the tender.

        Where a tender without lots has several awards, none of them has the tender's lines: it is not known whose.
        """
        own_lots = [self._lots[lot] for lot in lots if lot in self._lots]
        of_lots = [item for lot in lots for item in self._lot_items.get(lot, [])]
        found = map(bought, [*documents, *([{"items": of_lots}] if of_lots else [])])
        goods = next((its for its in found if its["cpv"] or its["lines"]), None)
        if goods is None:
            alone = len(self._awards) <= 1 and len(self._contracts) <= 1
            goods = self._all_goods if alone else {"cpv": self._all_goods["cpv"]}
        titles = map(_title, (*documents, *own_lots, self._tender))
        return {"title": next(filter(None, titles), None), **goods}

    def _periods(self, lots: list[str]) -> list[Any]:
        own_lots = [self._lots[lot] for lot in lots if lot in self._lots]
        return [*(lot.get("contractPeriod") for lot in own_lots), self._tender.get("contractPeriod")]


def _winner(awards: list[Row]) -> Row:
    """The supplier of a tender: the one who won all its awards."""
    winners = [award for award in awards if award["supplier_name"] and not award["cancelled"]]
    if len({award["supplier_name"] for award in winners}) != 1:
        return {}
    return {name: winners[0][name] for name in ("supplier_name", "supplier_ids")}


def _local(number: str | None) -> bool:
    return number is None or _LOCAL.fullmatch(number) is not None


def _title(document: Json) -> str | None:
    return text(document.get("title")) or text(document.get("description"))


def _related(document: Json) -> list[str]:
    """Lots of an award or contract, from itself or its items."""
    lots = document.get("relatedLots")
    named = lots if isinstance(lots, list) else [document.get("relatedLot")]
    return texts([*named, *(item.get("relatedLot") for item in objects(document.get("items")))]) or []


def _cancelled(document: Json, *, told: bool) -> bool | None:
    status = document.get("status")
    if told:
        return True
    return status.lower() in _CANCELLED if isinstance(status, str) else None


def _framework(document: Json) -> str | None:
    related = objects(document.get("relatedProcesses"))
    frameworks = (process for process in related if "framework" in words(process.get("relationship")))
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
