"""leitplanke egress: the contract of the border: each field that leaves, its meaning, an example, the scanner's result."""

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from leitplanke.help import Help, Parser


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("--format", choices=("table", "json", "ndjson", "csv"), default="table", help=words("format"))


def run(given: Namespace) -> int:
    """Do it: 1 when something is outside that the scanner would keep inside."""
    from leitplanke.egress import examples, outside
    from leitplanke.folder import possible
    from leitplanke.output import write

    possible(given.data)
    scans = outside(given.data)
    rows = [*_fields(examples(given.data), given.lang), *_scans(scans, given.lang)]
    if given.format == "table":
        _page(rows, given.lang)
        _say(scans, given.lang)
    else:
        write(rows, given.format, COLUMNS)
    return 1 if any(scan.found for scan in scans) else 0


COLUMNS = ("record", "field", "meaning", "example")


def _fields(found: dict[tuple[str, str], Any], lang: Any) -> Iterator[dict[str, Any]]:
    from leitplanke.contract import fields

    for field in fields():
        meaning = field.meaning(lang)
        yield {
            "record": field.record,
            "field": field.name,
            "meaning": meaning,
            "example": found.get((field.record, field.name)),
        }


def _scans(scans: list[Any], lang: Any) -> Iterator[dict[str, Any]]:
    from dataclasses import asdict

    from leitplanke.texts import t

    for scan in scans:
        counts = {name: count for name, count in asdict(scan).items() if name != "site"}
        yield {"record": "scanner", "field": scan.site, "meaning": t("cli.egress.scanner", lang), "example": counts}


def _page(rows: list[dict[str, Any]], lang: Any) -> None:
    """A field a line with its whole meaning, and its example below it."""
    import sys

    from leitplanke.output import dumped, safe
    from leitplanke.texts import t

    width = max(len(row["field"]) for row in rows) + 2
    record = None
    for row in rows:
        if row["record"] == "scanner":
            continue
        if row["record"] != record:
            record = row["record"]
            sys.stdout.write(("" if row is rows[0] else "\n") + t(f"cli.egress.{record}", lang) + "\n")
        sys.stdout.write(f"{row['field']:<{width}}{row['meaning']}\n")
        if row["example"] is not None:
            shown = row["example"] if isinstance(row["example"], str) else dumped(row["example"])
            sys.stdout.write(" " * width + t("cli.egress.example", lang, value=safe(shown)) + "\n")


def _say(scans: list[Any], lang: Any) -> None:
    """The scanner's result in sentences below the table."""
    import sys
    from dataclasses import asdict

    from leitplanke.texts import t

    if not any(scan.passed for scan in scans):
        sys.stdout.write("\n" + t("cli.egress.nothing", lang) + "\n")
    for scan in scans:
        sys.stdout.write("\n" + t("cli.egress.scanned", lang, **asdict(scan)) + "\n")
        if scan.found:
            sys.stdout.write(t("cli.egress.found", lang, n=scan.found) + "\n")
