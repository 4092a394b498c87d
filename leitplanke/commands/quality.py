"""leitplanke quality: how good each source is, and what to look at."""

import sys
from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from leitplanke.help import Help, Language, Parser

if TYPE_CHECKING:
    from leitplanke.quality import Examined


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("--as-of", metavar=words("date"), help=words("quality.as_of"))
    parser.add_argument("--format", choices=("table", "json", "ndjson", "csv"), default="table", help=words("format"))


def run(given: Namespace) -> int:
    """Do it: 0 without an alarm, 1 with one."""
    from datetime import UTC, datetime, time, timedelta

    from leitplanke.folder import existing
    from leitplanke.output import write
    from leitplanke.quality import COLUMNS, examined
    from leitplanke.sites import STATE, day

    existing(given.data)
    now, last = datetime.now(UTC), None
    if given.as_of:
        last = day(given.as_of, "--as-of")
        now = datetime.combine(last + timedelta(1), time(), STATE).astimezone(UTC)
    found = [*examined(given.data, now, last)]
    if given.format == "table":
        _table(given, found)
    else:
        write((one.row | {"told": [*one.sentences(given.lang)]} for one in found), given.format, (*COLUMNS, "told"))
    return 1 if any(one.alarms for one in found) else 0


def _table(given: Namespace, found: "list[Examined]") -> None:
    from leitplanke.output import safe, table
    from leitplanke.texts import t

    lang = given.lang
    rows = [one.row for one in found]
    for row in rows:
        row["parse_rate"], row["wrong_times"] = (_percent(row[name]) for name in ("parse_rate", "wrong_times"))
        row["last"] = None if row["last"] is None else f"{row['last']:%Y-%m-%d %H:%M}Z"
        row["alarms"] = ", ".join(t(f"quality.code.{code}", lang) for code in dict.fromkeys(row["alarms"]))
    lines = [*table(rows, _SHOWN, [t(f"quality.column.{name}", lang) for name in _SHOWN])] if rows else []
    lines += [_filled(row, lang) for row in rows]
    told = [sentence for one in found for sentence in one.sentences(lang)]
    lines += told or [t("quality.good" if rows else "quality.none", lang)]
    sys.stdout.writelines(safe(line) + "\n" for line in lines)


def _filled(row: Mapping[str, Any], lang: Language) -> str:
    """Columns with their share, those that are never filled by name only."""
    from leitplanke.texts import listed, t

    shares = {name: share for name, share in row["filled"].items() if share}
    parts = [t("quality.share", lang, column=name, share=100 * share) for name, share in shares.items()]
    empty = [name for name in row["filled"] if name not in shares]
    key = "quality.filled.empty" if empty else "quality.filled"
    shown = {"columns": ", ".join(parts), "empty": listed(empty, lang, most=len(empty))}
    return t(key, lang, site=row["site"], source=row["source"], **shown)


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{100 * share:.1f} %"


_SHOWN = (
    "site", "source", "day", "records", "parse_rate", "delay_hours", "last", "silent_hours", "wrong_times", "alarms",
)  # fmt: skip
