"""What an OCDS tender, award or contract says of its goods: money, items, CPV codes, term."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.documents import Row, amount, day, number, text
from connectors.procurement._parties import Json, objects, one
from connectors.procurement._purchases import cpv, texts


def money(value: Any, field: str) -> tuple[Decimal | None, str | None]:
    read = amount(one(value).get("amount"), field)
    return read, text(one(value).get("currency")) if read is not None else None


def total(values: list[tuple[Decimal | None, str | None]]) -> tuple[Decimal | None, str | None]:
    """Sum of the lots when every lot has a value, all in one currency."""
    known = [value for value, _ in values if value is not None]
    currencies = {currency for _, currency in values}
    if not known or len(known) < len(values) or len(currencies) > 1:
        return None, None
    return amount(sum(known), "tender.lots.value"), currencies.pop()


def bought(document: Json) -> Row:
    """CPV codes and lines of a document's items; classification of the document itself counts too."""
    items = objects(document.get("items"))
    lines = [line(item) for item in items]
    first = items[0] if items else {}
    return {
        "cpv": texts(code for owner in (document, *items) for code in codes(owner)),
        "lines": [line for line in lines if any(line.values())] or None,
        "quantity": number(first.get("quantity")),
        "unit_price": money(one(first.get("unit")).get("value"), "items.unit.value")[0],
    }


def line(item: Json) -> Row:
    price = money(one(item.get("unit")).get("value"), "items.unit.value")[0]
    quantity = number(item.get("quantity"))
    return {
        "text": text(item.get("description")),
        "amount": amount(price * Decimal(str(quantity)), "items.unit.value")
        if price is not None and quantity
        else None,
        "cpv": next(codes(item), None),
    }


def codes(owner: Json) -> Iterator[str]:
    for classified in objects(owner.get("classification")) + objects(owner.get("additionalClassifications")):
        code = cpv(classified.get("id")) if (text(classified.get("scheme")) or "").upper() == "CPV" else None
        if code:
            yield code


def single(lots: Iterable[Any]) -> str | None:
    named = texts(lots) or []
    return named[0] if len(named) == 1 else None


def period(*periods: Any) -> dict[str, date | None]:
    for period in map(one, periods):
        start, end = day(period.get("startDate")), day(period.get("endDate"))
        if start or end:
            return {"period_start": start, "period_end": end}
    return {"period_start": None, "period_end": None}
