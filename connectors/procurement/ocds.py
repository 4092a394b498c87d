"""Open Contracting Data Standard 1.0 and 1.1: release packages, record packages, single releases, JSON lines.

Format    JSON; an item is a release, or a record with its compiled release; packages of any size are streamed
Gives     day document document_id process_id references buyer_name buyer_ids contracting_unit beneficiaries
          supplier_name supplier_ids cpv title lines estimated committed currency procedure legal_basis framework_of
          lot in_house quantity unit_price seats period_start period_end amends cancelled
Lacks     payments, whether an amount has VAT in it, releases behind links; persons and contact points are not read
Source    standard.open-contracting.org 1.1; releases of oeffentlichevergabe.de
Blind to  direct awards that nobody publishes; a new amount that only the text of an amendment states
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import polars as pl

from connectors.documents import RejectedError, Row, Source, frames, guarded
from connectors.json_items import items
from connectors.procurement._parties import Json, objects, one
from connectors.procurement._purchases import with_seats
from connectors.procurement._releases import MARKS, rows
from schemas.connector import Options
from schemas.errors import NotThisFormatError
from schemas.events import PROCUREMENT

SHAPE = "document"
MAX_BYTES = 16_000_000_000
GIVES = (
    "day",
    "document",
    "document_id",
    "process_id",
    "references",
    "buyer_name",
    "buyer_ids",
    "contracting_unit",
    "beneficiaries",
    "supplier_name",
    "supplier_ids",
    "cpv",
    "title",
    "lines",
    "estimated",
    "committed",
    "currency",
    "procedure",
    "legal_basis",
    "framework_of",
    "lot",
    "in_house",
    "quantity",
    "unit_price",
    "seats",
    "period_start",
    "period_end",
    "amends",
    "cancelled",
)
LACKS = "payments, whether an amount has VAT in it, releases behind links; persons and contact points are not read"

_EXPECTED = "OCDS in JSON expected: a release package, a record package or releases"
_STREAMED = frozenset({"releases", "records"})


def read(document: BinaryIO, options: Options) -> Iterator[pl.DataFrame]:
    """Rows of each item in order; an item without tender, award or contract is one idle row."""
    del options
    for frame in frames(guarded(_rows(Source(document, MAX_BYTES))), PROCUREMENT):
        yield with_seats(frame)


def _rows(source: Source) -> Iterator[Row]:
    place = 0
    streamed = False
    for member, value in items(source, _EXPECTED, _STREAMED):
        streamed = streamed or member in _STREAMED
        for item in _items(member, value, streamed=streamed):
            place += 1
            yield from _item(item, place)


def _items(member: str, value: Any, *, streamed: bool) -> Iterator[Any]:
    """Items in what came: one of an array, or an object that is a release, a record or a package."""
    if member or not isinstance(value, dict):
        if not member and streamed:
            raise RejectedError("well-formed members of the package expected")
        yield value
    elif any(name in value for name in _STREAMED) and "ocid" not in value:  # a package on one line
        for name in _STREAMED:
            found = value.get(name)
            yield from found if isinstance(found, list) else []
    elif any(mark in value for mark in MARKS):
        yield value
    elif not streamed:
        raise NotThisFormatError(_EXPECTED)


def _item(item: Any, place: int) -> list[Row]:
    try:
        found = _documents(item)
    except RejectedError as error:
        return [{"place": place, "rejected": str(error)}]
    return [{"place": place, **row} for row in found] or [{"place": place}]


def _documents(item: Any) -> list[Row]:
    if isinstance(item, RejectedError):
        raise item
    if not isinstance(item, dict):
        raise RejectedError("an OCDS release or record expected")
    return _record(item) if "compiledRelease" in item or "releases" in item else rows(item)


def _record(record: Json) -> list[Row]:
    """Rows of the compiled release, else of the embedded releases: of each document its newest."""
    compiled = one(record.get("compiledRelease"))
    embedded = [release for release in objects(record.get("releases")) if any(mark in release for mark in MARKS)]
    if not compiled and not embedded:
        raise RejectedError("a record with a compiled or an embedded release expected; links are not followed")
    newest: dict[tuple[Any, Any], Row] = {}
    for release in [compiled] if compiled else sorted(embedded, key=lambda one: str(one.get("date"))):
        for row in rows(release):
            newest[row["document"], row["document_id"]] = row
    return list(newest.values())
