"""What goes to standard output: tables for people; JSON, NDJSON and CSV for programs. Data cannot steer a terminal."""

import csv
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]

FORMATS = ("table", "json", "ndjson", "csv")
CELL = 60
"""Most characters of a table's cell."""

_STEERS = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
"""Control, invisible and direction characters, and halves of pairs."""
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take a text for a formula, plain and in full width."""


def safe(text: str) -> str:
    """The text without characters that could steer a terminal or hide in it."""
    return _STEERS.sub("", text)


def say(sentence: str) -> None:
    """Tell the user what goes on: one line on standard error, beside the output."""
    sys.stderr.write(f"leitplanke: {safe(sentence)}\n")


def dumped(value: Any, **settings: Any) -> str:
    r"""JSON on one line; what could steer a terminal is escaped, so that nothing is lost.

    >>> dumped({"at": date(2026, 11, 20), "text": chr(0x9b)})
    '{"at": "2026-11-20", "text": "\\u009b"}'
    """
    text = json.dumps(value, ensure_ascii=False, default=_plain, **settings)
    return _STEERS.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    mark = found[0]
    return mark if mark == "\n" else json.dumps(mark)[1:-1]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def present(value: Any) -> Any:
    """The value without absent parts, at every depth; times as texts."""
    if isinstance(value, Mapping):
        return {key: present(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [present(item) for item in value]
    return value


def write(rows: Iterable[Row], form: str, columns: Sequence[str]) -> None:
    """Rows to standard output in a format; `columns` are the header of CSV and the columns of a table."""
    {"json": _json, "ndjson": _ndjson, "csv": _csv, "table": _table}[form](rows, columns)


def _ndjson(rows: Iterable[Row], _columns: Sequence[str]) -> None:
    for row in rows:
        sys.stdout.write(dumped(row) + "\n")


def _json(rows: Iterable[Row], _columns: Sequence[str]) -> None:
    sys.stdout.write("[")
    for n, row in enumerate(rows):
        sys.stdout.write((",\n " if n else "\n ") + dumped(row))
    sys.stdout.write("\n]\n")


def _csv(rows: Iterable[Row], columns: Sequence[str]) -> None:
    header(columns)
    csv_rows(rows, columns)


def header(columns: Sequence[str]) -> None:
    """The first line of CSV."""
    sys.stdout.write(_line(columns))


def csv_rows(rows: Iterable[Row], columns: Sequence[str]) -> None:
    """Lines of CSV."""
    sys.stdout.writelines(_line([field(row.get(name)) for name in columns]) for row in rows)


def _line(fields: Sequence[Any]) -> str:
    line = io.StringIO()
    # the writer quotes a lone return only when the line's own end has one
    csv.writer(line, lineterminator="\r\n").writerow(fields)
    return line.getvalue().removesuffix("\r\n") + "\n"


def field(value: Any) -> Any:
    """A field of CSV: lists as JSON, texts that a spreadsheet would run with an apostrophe in front, numbers as they are.

    >>> field("=1+1"), field(-1), field(["a"])
    ("'=1+1", -1, '["a"]')
    """
    if value is None or isinstance(value, int | float | Decimal):
        return value
    text = value if isinstance(value, str) else _text(value)
    if sys.stdout.isatty():
        text = safe(text)
    return f"'{text}" if text.startswith(_RUNS) else text


def _text(value: Any) -> str:
    return str(_plain(value)) if isinstance(value, date | Decimal) else dumped(value)


def _table(rows: Iterable[Row], columns: Sequence[str]) -> None:
    for line in table([*rows], columns):
        sys.stdout.write(line + "\n")


def table(rows: Sequence[Row], columns: Sequence[str], titles: Sequence[str] | None = None) -> Iterator[str]:
    """Lines of a table: numbers to the right, long texts cut."""
    cells = [[_cell(row.get(name)) for name in columns] for row in rows]
    names = list(titles or columns)
    right = [any(isinstance(row.get(name), int | float | Decimal) for row in rows) for name in columns]
    widths = [max(len(text) for text in column) for column in zip(names, *cells, strict=True)]
    for line in [names, ["-" * width for width in widths], *cells]:
        parts = (t.rjust(w) if r else t.ljust(w) for t, w, r in zip(line, widths, right, strict=True))
        yield "  ".join(parts).rstrip()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = safe(value if isinstance(value, str) else str(value) if isinstance(value, int | float) else _text(value))
    return text if len(text) <= CELL else text[: CELL - 1] + "…"
