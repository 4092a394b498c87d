"""XRechnung and other EN 16931 invoices: UBL invoice and credit note, UN/CEFACT CII, XML of ZUGFeRD 1 and 2.

Format    one XML document an invoice; (BT-n) are the terms of EN 16931
Gives     day document document_id references buyer_name buyer_ids supplier_name supplier_ids cpv title lines paid
          currency quantity unit_price seats period_start period_end amends
Lacks     estimate, commitment, procedure and lot; persons, telephone, mail and postal addresses are never read
Source    EN 16931-1; XRechnung 3.0 of KoSIT; UBL 2.1; UN/CEFACT CII D16B; ZUGFeRD 1.0
Blind to  the PDF around a ZUGFeRD invoice; whom a shared service bought for
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import BinaryIO

import polars as pl

from connectors.documents import RejectedError, Row, Source, amount, day, frames, guarded, number, text
from connectors.procurement._invoices import Invoice, Line, Party, cii, cii_line, ubl, ubl_line
from connectors.procurement._purchases import Identifier, cpv, distinct, identifier, texts, with_seats
from connectors.xml_items import Node, items
from schemas.connector import Options
from schemas.events import PROCUREMENT

SHAPE = "document"
MAX_BYTES = 128_000_000
GIVES = (
    "day",
    "document",
    "document_id",
    "references",
    "buyer_name",
    "buyer_ids",
    "supplier_name",
    "supplier_ids",
    "cpv",
    "title",
    "lines",
    "paid",
    "currency",
    "quantity",
    "unit_price",
    "seats",
    "period_start",
    "period_end",
    "amends",
)
LACKS = "estimate, commitment, procedure and lot; persons, telephone, mail and postal addresses are never read"

_EXPECTED = "an invoice in XML expected: UBL Invoice or CreditNote, CII CrossIndustryInvoice, or ZUGFeRD"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_ROOTS = {
    (f"{_UBL}Invoice-2", "Invoice"),
    (f"{_UBL}CreditNote-2", "CreditNote"),
    ("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100", "CrossIndustryInvoice"),
    ("urn:ferd:CrossIndustryDocument:invoice:1p0", "CrossIndustryDocument"),
}
_UBL_LINES = frozenset({"InvoiceLine", "CreditNoteLine"})
_CII_LINES = frozenset(
    f"{transaction}/IncludedSupplyChainTradeLineItem"
    for transaction in ("SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction")
)
_CREDIT = {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"}
"""Types of UNTDID 1001 that give money back; their amounts are written without sign."""
_CORRECTION = "384"
_CPV_LISTS = {"STI", "CPV"}
_SEPA = "SEPA"
"""Scheme of a creditor's bank reference (BT-90), which UBL puts among the identifiers of the supplier."""
_MAIL = "EM"
_FILLER = {"na", "n/a", "dummywert"}
"""What is written where UBL wants an order number (BT-13) and there is none: Peppol's word, and KoSIT's."""


def read(document: BinaryIO, options: Options) -> Iterator[pl.DataFrame]:
    """One row: the invoice with place 1, or place 0 when the XML itself cannot be read."""
    del options
    for frame in frames(guarded(_rows(Source(document, MAX_BYTES))), PROCUREMENT):
        yield with_seats(frame)


def _rows(source: Source) -> Iterator[Row]:
    lines = []
    for path, node in items(source, _EXPECTED, _known, _UBL_LINES | _CII_LINES):
        if path in _UBL_LINES:
            lines.append(ubl_line(node))
        elif path:
            lines.append(cii_line(node))
        else:
            yield _invoice(node, lines)


def _known(root: Node) -> bool:
    return (root.space, root.name) in _ROOTS


def _invoice(root: Node, lines: list[Line]) -> Row:
    invoice = ubl(root) if root.space.startswith(_UBL) else cii(root)
    credit = root.name == "CreditNote" or invoice.type in _CREDIT
    try:
        return {
            "place": 1,
            **_header(invoice, credit=credit),
            **_bought(lines, sign=-1 if credit else 1),
            **_period(invoice, lines),
        }
    except RejectedError as error:
        return {"place": 1, "rejected": str(error)}


def _header(invoice: Invoice, *, credit: bool) -> Row:
    issued, net = day(invoice.issued), amount(invoice.net, "total without VAT (BT-109)")
    if issued is None:
        raise RejectedError("issue date (BT-2): a date expected")
    if text(invoice.number) is None:
        raise RejectedError("invoice number (BT-1): a text expected")
    if net is None:
        raise RejectedError("total without VAT (BT-109): an amount of money expected")
    preceding = texts(invoice.preceding)
    references = [invoice.contract, invoice.order, invoice.project, invoice.tender, *invoice.preceding]
    return {
        "day": issued,
        "document": "credit_note" if credit else "invoice",
        "document_id": text(invoice.number),
        "references": texts(one for one in references if (one or "").lower() not in _FILLER),
        "amends": preceding[0] if preceding and (credit or invoice.type == _CORRECTION) else None,
        "paid": -net if credit else net,
        "currency": text(invoice.currency),
        "buyer_name": text(invoice.buyer.name),
        "buyer_ids": _buyer_ids(invoice.buyer, invoice.buyer_reference),
        "supplier_name": text(invoice.supplier.name),
        "supplier_ids": _party_ids(invoice.supplier, buyer=False),
    }


def _buyer_ids(party: Party, reference: str | None) -> list[Identifier] | None:
    endpoints = [node for node in party.endpoint if node.attributes.get("schemeID") != _MAIL]
    return distinct(
        [
            identifier("reference", reference, buyer=True),
            *(_party_ids(party, buyer=True) or []),
            *(identifier(node.attributes.get("schemeID"), node.text, buyer=True) for node in endpoints),
        ]
    )


def _party_ids(party: Party, *, buyer: bool) -> list[Identifier] | None:
    own = [node for node in party.own if node.attributes.get("schemeID") != _SEPA]
    own = [node for node in own if node.attributes.get("schemeID")] or own  # local numbers only where nothing better
    return distinct(
        [
            *(identifier(node.attributes.get("schemeID"), node.text, buyer=buyer) for node in own),
            *(identifier("register", node.text) for node in party.legal),
            *(identifier("vat", node.text) for node in party.vat),
            *(identifier("tax", node.text) for node in party.tax if not buyer),
        ]
    )


def _bought(lines: list[Line], sign: int) -> Row:
    items_read = [
        {
            "text": text(line.text),
            "amount": _signed(amount(line.net, "net amount of a line (BT-131)"), sign),
            "cpv": next((code for name, written in line.codes if name in _CPV_LISTS and (code := cpv(written))), None),
        }
        for line in lines
    ]
    codes = [cpv(written) for line in lines for name, written in line.codes if name in _CPV_LISTS]
    first = lines[0] if lines else None
    return {
        "title": items_read[0]["text"] if items_read else None,
        "lines": items_read or None,
        "cpv": texts(codes),
        "quantity": number(first.quantity) if first else None,
        "unit_price": _unit_price(first) if first else None,
    }


def _signed(value: Decimal | None, sign: int) -> Decimal | None:
    return None if value is None else value * sign


def _unit_price(line: Line) -> Decimal | None:
    field = "net price of an item (BT-146)"
    price, per = amount(line.price, field), number(line.price_quantity)
    return price if price is None or not per else amount(str(float(line.price or 0) / per), field)


def _period(invoice: Invoice, lines: list[Line]) -> dict[str, date | None]:
    starts = filter(None, (day(line.start) for line in lines))
    ends = filter(None, (day(line.end) for line in lines))
    return {
        "period_start": day(invoice.start) or min(starts, default=None),
        "period_end": day(invoice.end) or max(ends, default=None),
    }
