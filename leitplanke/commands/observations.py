"""leitplanke observations: exactly what left the sites and still holds."""

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from leitplanke.help import Help, Parser


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("--format", choices=("table", "json", "ndjson", "csv"), default="table", help=words("format"))


def run(given: Namespace) -> int:
    """Do it."""
    from leitplanke.centre import reading
    from leitplanke.output import write
    from schemas.observation import OBSERVATION

    with reading(given) as centre:
        rows = iter(()) if centre is None else _rows(given.data)
        write(rows, given.format, _COLUMNS if given.format == "table" else OBSERVATION.names)
    return 0


_COLUMNS = ("site", "unit", "subject", "signal", "view", "day", "events", "bytes_up", "actors_30d", "band", "paid")
"""Columns that fit a screen; the other formats have all."""


def _rows(data: Path) -> Iterator[dict[str, Any]]:
    """Observations as the border's JSON Schema has them: absent fields left out, money as text with two decimals."""
    from streams.embedded import outside

    for frame in outside(data):
        for row in frame.iter_rows(named=True):
            yield _bordered(row)


def _bordered(value: Any) -> Any:
    from decimal import Decimal

    if isinstance(value, dict):
        return {key: _bordered(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_bordered(item) for item in value]
    return f"{value:.2f}" if isinstance(value, Decimal) else value
