"""leitplanke findings: what needs an answer."""

import sys
from argparse import Namespace
from collections.abc import Iterable, Mapping
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from leitplanke.help import Help, Parser

if TYPE_CHECKING:
    from catalogue.snapshot import Snapshot

FIRST = 10
"""Findings that a list opens with."""


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("--unit", metavar="CODE", help=words("findings.unit"))
    parser.add_argument("--status", metavar="STATUS", help=words("findings.status"))
    parser.add_argument("--as-of", metavar=words("date"), help=words("findings.as_of"))
    parser.add_argument("--all", action="store_true", help=words("findings.all"))
    parser.add_argument("--format", choices=("table", "json", "ndjson", "csv"), default="table", help=words("format"))


def run(given: Namespace) -> int:
    """Do it."""
    from leitplanke.centre import reading
    from leitplanke.output import write
    from leitplanke.sites import day
    from schemas.errors import ConfigurationError
    from schemas.finding import STATUSES, Finding
    from schemas.ports import Query
    from streams.centre.read import findings

    if given.status is not None and given.status not in STATUSES:
        raise ConfigurationError("--status takes one of {known}", known=", ".join(STATUSES))
    asked = {name: (value,) for name in ("unit", "status") if (value := getattr(given, name)) is not None}
    as_of = day(given.as_of, "--as-of") if given.as_of else None
    columns = [*Finding.model_fields, "catalogue"]
    with reading(given) as centre:
        rows = iter(()) if centre is None else findings(centre, Query(where=asked), as_of)
        first = [*islice(rows, 1)]
        if centre is not None and not first and given.unit:
            _strange(given, centre.catalogue())
        rows = chain(first, rows)
        if given.format == "table":
            _table(rows, given)
        else:
            write(rows, given.format, columns)
    return 0


def _strange(given: Namespace, law: "Snapshot | None") -> None:
    """Say when nothing can be found of a unit because nobody knows it."""
    from leitplanke.output import say
    from leitplanke.texts import t

    units = law.units.values() if law is not None else ()
    if not any(f"{unit.path}/".startswith(f"{given.unit}/") for unit in units):
        say(t("cli.findings.strange", given.lang, unit=given.unit))


def _table(rows: Iterable[Mapping[str, Any]], given: Namespace) -> None:
    """The most urgent first, by id where equal; as many as fit the reader's hour."""
    from leitplanke.output import table
    from leitplanke.texts import t

    found = sorted(rows, key=lambda row: (-row["urgency"], row["id"]))
    shown = found if given.all else [*islice(found, FIRST)]
    titles = [t(f"cli.column.{name}", given.lang) for name in _COLUMNS]
    lines = [dict(zip(_COLUMNS, (*_cells(row), *_said(row, given.lang)), strict=True)) for row in shown]
    for line in table(lines, _COLUMNS, titles) if lines else ():
        sys.stdout.write(line + "\n")
    behind = len(found) - len(shown)
    key = "cli.findings.more" if behind else "cli.findings.all" if found else "cli.findings.none"
    sys.stdout.write(t(key, given.lang, n=len(found), behind=behind) + "\n")


_COLUMNS = ("finding", "urgency", "unit", "subject", "verdict", "grade", "reasons", "last_seen", "status")


def _cells(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["id"][:8], row["urgency"], row["unit"], _named(row)


def _named(row: Mapping[str, Any]) -> str:
    """The subject; a purchase by the supplier's name where a reason has it, for its id is a number."""
    params = (reason["params"] for reason in row["reasons"])
    supplier = next((found["supplier"] for found in params if found and found.get("supplier")), None)
    group = row["subject"].rsplit("/", 1)[-1]
    named = supplier if group == "-" else f"{supplier} / {group}"
    return str(named if supplier else row["subject"])


def _said(row: Mapping[str, Any], lang: Any) -> tuple[Any, ...]:
    from leitplanke.texts import has, t

    grade = t(f"cli.grade.{row['grade']}", lang)
    verdict = "unclear" if row["subject"].startswith("purchases:") else row["verdict"]
    codes = [(f"cli.reason.{reason['code']}", reason["code"]) for reason in row["reasons"]]
    reasons = ", ".join(t(key, lang) if has(key) else code for key, code in codes)
    return (
        t(f"cli.verdict.{verdict}", lang),
        grade,
        reasons,
        row["last_seen"],
        t(f"status.{row['status']}", lang),
    )
