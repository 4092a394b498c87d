"""leitplanke retention: what a site need not keep any longer, and letting it go."""

import sys
from argparse import Namespace
from typing import Any

from leitplanke.help import Help, Parser

COLUMNS = ("site", "kind", "number", "oldest", "before")


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("--as-of", metavar=words("date"), help=words("retention.as_of"))
    parser.add_argument("--apply", action="store_true", help=words("retention.apply"))
    parser.add_argument("--deleted", action="store_true", help=words("retention.deleted"))
    parser.add_argument("--format", choices=("table", "json", "ndjson", "csv"), default="table", help=words("format"))


def run(given: Namespace) -> int:
    """Do it."""
    from dataclasses import asdict
    from datetime import UTC, datetime

    from leitplanke.folder import existing
    from leitplanke.output import table, write
    from leitplanke.sentences import speaker
    from leitplanke.sites import day
    from leitplanke.texts import t
    from streams import keeping

    as_of = day(given.as_of, "--as-of") if given.as_of else datetime.now(UTC).date()
    existing(given.data)
    if given.deleted:
        return _told(keeping.deleted(given.data), given)
    found = keeping.apply(given.data, as_of, speaker(given.lang)) if given.apply else keeping.due(given.data, as_of)
    rows = [{"site": site, **asdict(each)} for site, each in found]
    if given.format != "table":
        write(rows, given.format, COLUMNS)
        return 0
    for row in rows:
        row["kind"] = t(f"retention.kind.{row['kind']}", given.lang)
    for line in table(rows, COLUMNS, [t(f"retention.{name}", given.lang) for name in COLUMNS]) if rows else ():
        sys.stdout.write(line + "\n")
    key = "retention.deleted" if given.apply else "retention.due"
    sys.stdout.write(t(key, given.lang, n=sum(int(row["number"]) for row in rows), day=as_of) + "\n")
    return 0


def _told(rows: list[dict[str, Any]], given: Namespace) -> int:
    """What was deleted since the site began: kinds, numbers and days, never what."""
    from leitplanke.output import write
    from leitplanke.texts import t

    if given.format == "table":
        for row in rows:
            row["kind"] = t(f"retention.kind.{row['kind']}", given.lang)
    write(rows, given.format, ("site", "at", "kind", "number", "before"))
    return 0
