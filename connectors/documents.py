"""What all document connectors share: capped reading, values, and frames of rows.

A row is a dict of column names; absent columns become null. Values come from XML text or from JSON, where every
number is a Decimal. Nothing read from a document ever stands in the text of an error.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import polars as pl

from schemas.connector import Options
from schemas.errors import ConfigurationError, InputError
from schemas.sentence import said
from schemas.table import Table

Row = dict[str, Any]

FRAME_ROWS = 10_000
"""Rows of a frame at most."""
FRAME_WEIGHT = 100_000
"""Rows plus purchase lines of a frame, roughly: bounds memory where single rows are large."""
INVENTORY_ROWS = 300_000
"""Rows of one inventory, which is held whole; large ones have 20,000, and these take 600 MB."""
PIECE = 1_000_000
"""Bytes read at a time."""
TEXT_MAX = 4_000
"""Characters kept of one text; names and titles are far below."""
_BEFORE_TEXT = b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"
_CENT = Decimal("0.01")
_DIGITS = 16
"""Digits before the point that money of Decimal(18, 2) has room for."""
_LARGEST = Decimal(10) ** _DIGITS
_BERLIN = ZoneInfo("Europe/Berlin")


class RejectedError(ValueError):
    """A record that cannot be read; its text says field and rule, never the value. Becomes `rejected` of a row."""

    def __init__(self, template: str, /, **fields: object) -> None:
        super().__init__(said(template, **fields))


class Source:
    """A document read once, in pieces; raises InputError as soon as more than `limit` bytes have come."""

    def __init__(self, document: BinaryIO, limit: int) -> None:
        self._document = document
        self._limit = limit
        self._taken = 0
        self._head = b""

    def first(self) -> str:
        """First character that is neither blank nor byte-order mark, without taking it; empty when there is none.

        A document with so many blanks in front that the first piece has nothing else counts as empty.
        """
        while not (found := self._head.lstrip(_BEFORE_TEXT)) and len(self._head) < PIECE:
            data = self._next(PIECE)
            if not data:
                break
            self._head += data
        return found[:1].decode("latin-1")

    def read(self, size: int) -> bytes:
        """At most `size` bytes, but all of what `first` has looked at; empty at the end."""
        if self._head:
            data, self._head = self._head, b""
            return data
        return self._next(size)

    def _next(self, size: int) -> bytes:
        data = self._document.read(size)
        self._taken += len(data)
        if self._taken > self._limit:
            raise InputError(
                "the document is larger than {most} MB, the most that is read", most=self._limit // 1_000_000
            )
        return data


def text(value: Any) -> str | None:
    """Text with single blanks and without control or invisible characters; None for blank and for other types."""
    if isinstance(value, Decimal):
        whole = _decimal(value)
        value = str(int(whole)) if whole is not None and whole == whole.to_integral_value() else None
    if not isinstance(value, str):
        return None
    joined = " ".join(value[: 2 * TEXT_MAX].split())
    if not joined.isprintable():
        joined = " ".join("".join(c for c in joined if c.isprintable() or c == " ").split())
    return joined[:TEXT_MAX] or None


def maker(value: Any) -> str | None:
    """Name of a maker or publisher; None for a maintainer with a mail address, who is a person."""
    name = text(value)
    return None if name and "@" in name else name


def amount(value: Any, field: str) -> Decimal | None:
    """Money in cents, rounded half up; raises RejectedError for what is there but no amount."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    read = _decimal(value)
    cents = _LARGEST if read is None else read.quantize(_CENT, ROUND_HALF_UP)
    if abs(cents) >= _LARGEST:
        raise RejectedError("{field}: an amount of money expected", field=field)
    return cents


def number(value: Any) -> float | None:
    """A finite number of at most 16 digits before the point, else None."""
    read = _decimal(value)
    return None if read is None else float(read)


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, str):
        written = value.strip()
        if not written.isascii() or "_" in written:
            return None
        try:
            value = Decimal(written)
        except InvalidOperation:
            return None
    return value if isinstance(value, Decimal) and value.is_finite() and value.adjusted() < _DIGITS else None


def day(value: Any) -> date | None:
    """Day of a date or time: bare dates and times with an offset as written, times in UTC (`Z`) in Berlin."""
    if not isinstance(value, str):
        return None
    written = value.strip()
    if written[8:9].isdigit() and written[4:5] == written[7:8] == "-":
        at = _instant(written)
        if at is not None and len(written) > len("2024-05-01") and at.tzinfo is not None and not at.utcoffset():
            return _local(at)
        written = written[:10]
    elif not (len(written) == len("20240501") and written.isdecimal()):
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _local(at: datetime) -> date | None:
    try:
        return at.astimezone(_BERLIN).date()
    except OverflowError:
        return None


def _instant(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        return None


def instant(value: Any, field: str, options: Options) -> datetime | None:
    """UTC instant of an ISO 8601 time; without offset in the zone of the options.

    None when the document states no time, or one without offset while no zone was given: then `--at` decides.
    Raises RejectedError for what is there but no time.
    """
    if value is None:
        return None
    at = _instant(value) if isinstance(value, str) else None
    if at is None:
        raise RejectedError("{field}: a time in ISO 8601 expected", field=field)
    if at.tzinfo is None and options.timezone is None:
        return None
    try:
        return (at if at.tzinfo else at.replace(tzinfo=options.timezone)).astimezone(UTC)
    except OverflowError:
        raise RejectedError("{field}: a time between the years 1 and 9999 expected", field=field) from None


def stated(at: datetime | None, options: Options) -> datetime:
    """The instant of an inventory, else the one the user gave; raises ConfigurationError when there is neither."""
    at = at or options.at
    if at is None:
        raise ConfigurationError(
            "the inventory states no time, or one without a zone: give --timezone ZONE or --at DATE"
        )
    return at.astimezone(UTC)


def frames(rows: Iterable[Row], table: Table) -> Iterator[pl.DataFrame]:
    """Rows as frames with exactly the columns of the table, in order."""
    batch: list[Row] = []
    weight = 0
    for row in rows:
        batch.append(row)
        weight += 1 + len(row.get("lines") or ())
        if len(batch) == FRAME_ROWS or weight >= FRAME_WEIGHT:
            yield _frame(batch, table)
            batch, weight = [], 0
    if batch:
        yield _frame(batch, table)


def _frame(rows: list[Row], table: Table) -> pl.DataFrame:
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in table.names}, schema=table.schema)


def guarded(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows; where the document breaks off, a last one with place 0 says so; an idle one where there is none."""
    empty = True
    try:
        for row in rows:
            empty = False
            yield row
    except RejectedError as error:
        yield {"place": 0, "rejected": str(error)}
    else:
        if empty:
            yield {"place": 0}


def bounded(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows of an inventory; raises RejectedError behind INVENTORY_ROWS of them."""
    for count, row in enumerate(rows):
        if count == INVENTORY_ROWS:
            raise RejectedError("an inventory of at most {most} rows expected; split it", most=INVENTORY_ROWS)
        yield row


def complete(rows: Iterator[Row], table: Table) -> list[pl.DataFrame]:
    """All frames of an inventory, or one that rejects it: half an inventory must not replace a whole one."""
    try:
        return list(frames(bounded(rows), table)) or list(frames([{"place": 0}], table))
    except RejectedError as error:
        return list(frames([{"place": 0, "rejected": str(error)}], table))
