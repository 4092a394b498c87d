"""leitplanke coverage: days with data by unit, signal and month, and what could not be seen."""

import sys
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from leitplanke.help import Help, Parser

if TYPE_CHECKING:
    from streams.covered import Blind, Covered


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("--unit", metavar="CODE", help=words("coverage.unit"))
    parser.add_argument("--format", choices=("table", "json", "ndjson", "csv"), default="table", help=words("format"))


def run(given: Namespace) -> int:
    """Do it."""
    from leitplanke.folder import existing
    from leitplanke.output import write
    from leitplanke.texts import t
    from streams.covered import blind, covered

    rows = [row for row in covered(existing(given.data)) if _asked(row.unit, given.unit)]
    missing = [*blind(rows)]
    if given.format == "table":
        _table(given, rows, missing)
        return 0
    found = [_named(row) | {"blind": None} for row in rows]
    found += [
        {"unit": one.unit, "month": one.month, "signal": one.signal, "view": None, "days": 0, "of": one.of}
        | {"blind": t(f"quality.blind.{one.code}", given.lang)}
        for one in missing
    ]
    write(found, given.format, (*_COLUMNS, "blind"))
    return 0


_COLUMNS = ("unit", "month", "signal", "view", "days", "of")


def _asked(unit: str, wanted: str | None) -> bool:
    return wanted is None or f"{unit}/".startswith(f"{wanted}/")


def _named(row: "Covered") -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS}


def _table(given: Namespace, rows: "list[Covered]", missing: "list[Blind]") -> None:
    """The days, then what was not to be seen: months and units of which the same is true in one line."""
    from leitplanke.output import safe, table
    from leitplanke.texts import listed, t

    lang = given.lang
    titles = [t(f"quality.column.{name}", lang) for name in _COLUMNS]
    none = t("quality.none", lang) if given.unit is None else t("quality.none.unit", lang, unit=given.unit)
    lines = [*table([_named(row) for row in rows], _COLUMNS, titles)] if rows else [none]
    codes: dict[tuple[str, str], tuple[str, ...]] = {}
    for one in missing:
        codes[one.month, one.unit] = (*codes.get((one.month, one.unit), ()), one.code)
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (month, unit), found in codes.items():
        together.setdefault((month, found), []).append(unit)
    for (month, found), units in sorted(together.items()):
        sentences = " ".join(t(f"quality.blind.{code}", lang) for code in found)
        lines.append(t("quality.blind.units", lang, month=month, units=listed(units, lang), blind=sentences))
    sys.stdout.writelines(safe(line) + "\n" for line in lines)
