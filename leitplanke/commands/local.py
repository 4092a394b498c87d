"""leitplanke local: what stays in the ministry."""

import sys
from argparse import Namespace
from typing import Any

from leitplanke.help import Help, Parser


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("--site", metavar="NAME", help=words("site.site"))
    parser.add_argument("--reason", metavar=words("text"), help=words("local.reason"))
    parser.add_argument("--format", choices=("table", "json", "ndjson", "csv"), default="table", help=words("format"))


def run(given: Namespace) -> int:
    """Do it."""
    from leitplanke.law import named
    from leitplanke.local import COLUMNS, rows
    from leitplanke.output import write
    from leitplanke.sites import wanted

    names = wanted(given)
    snapshot = named(given.catalogue)
    for name in names:
        _noted(given, name)
    found = (row for name in names for row in rows(given.data, name, snapshot))
    if given.format == "table":
        _told([*found], given)
    else:
        write(found, given.format, COLUMNS)
    return 0


def _noted(given: Namespace, site: str) -> None:
    from leitplanke.access import noted

    noted(given.data, "local", site, given.reason)


def _told(found: "list[dict[str, Any]]", given: Namespace) -> None:
    """A sentence and a table for each section that has rows."""
    from leitplanke.local import SECTIONS
    from leitplanke.output import table
    from leitplanke.texts import t

    for section in SECTIONS:
        rows = [row for row in found if row["kind"] == section]
        sys.stdout.write(t(f"cli.local.{section}", given.lang, n=len(rows)) + "\n")
        columns = _COLUMNS[section]
        titles = [t(f"cli.local.column.{name}", given.lang) for name in columns]
        for line in table([_cells(row, given.lang) for row in rows], columns, titles) if rows else ():
            sys.stdout.write(f"{line}\n")
        sys.stdout.write("\n")


_COLUMNS = {
    "stays": ("finding", "urgency", "unit", "subject", "verdict", "grade", "actors", "reasons", "last_seen", "why"),
    "below": ("unit", "segments", "subject", "signals", "actors", "actors_kind", "first_seen", "last_seen"),
    "waiting": ("unit", "segments", "subject", "actors", "actors_kind", "signs", "missing", "last_seen"),
    "other": ("unit", "segments", "view", "events", "bytes_up", "bytes_down", "last_seen"),
}


def _cells(row: "dict[str, Any]", lang: Any) -> "dict[str, Any]":
    """The row in words."""
    from leitplanke.texts import has, t

    def word(family: str, code: str | None) -> str | None:
        key = f"{family}.{code}"
        return t(key, lang) if code is not None and has(key) else code

    words = {
        "finding": row["finding"] and row["finding"][:8],
        "actors": row["actors"] if row["band"] is None else row["band"],
        "verdict": word("cli.verdict", row["verdict"]),
        "grade": word("cli.grade", row["grade"]),
        "why": word("cli.local.why", row["why"]),
        "actors_kind": word("cli.local.actors", row["actors_kind"]),
    }
    families = {
        "reasons": "cli.reason", "signals": "cli.local.signal", "signs": "cli.local.sign",
        "missing": "cli.local.missing", "segments": "cli.local.segment",
    }  # fmt: skip
    joined = {name: ", ".join(word(f, code) or "" for code in row[name] or ()) for name, f in families.items()}
    sums = {name: row[name] and t("cli.local.most", lang, n=row[name]) for name in ("events", "bytes_up", "bytes_down")}
    return row | words | joined | sums
