"""Markdown of tables, with cells that no content can break out of."""

from collections.abc import Iterable, Sequence
from typing import Any

from leitplanke.output import dumped, safe


def table(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Lines of a table; absent values are a dash."""
    lines = [_row(titles), _row(["---"] * len(titles))]
    return lines + [_row([cell(value) for value in row]) for row in rows]


def cell(value: Any) -> str:
    r"""A value on one line.

    >>> cell("a|b\nc"), cell(None), cell({"a": 1})
    ('a\\|b c', '-', '{"a": 1}')
    """
    if value is None or value == "":
        return "-"
    text = value if isinstance(value, str) else dumped(value) if isinstance(value, dict | list) else str(value)
    text = " ".join(safe(text.replace("\n", " ")).split())
    for mark in ("\\", "|", "<", "[", "`"):
        text = text.replace(mark, f"\\{mark}")
    return text


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
