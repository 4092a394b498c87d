"""leitplanke access-log: who looked at what, when, and why; and whether the log is whole."""

import sys
from argparse import Namespace

from leitplanke.help import Help, Parser


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("--format", choices=("table", "json", "ndjson", "csv"), default="table", help=words("format"))


def run(given: Namespace) -> int:
    """Do it; exit code 1 when a line was changed or is missing."""
    from leitplanke.folder import existing
    from leitplanke.output import safe, say, table, write
    from leitplanke.texts import t
    from streams.access import FIELDS, read
    from streams.keeping import resolutions

    log = read(existing(given.data))
    if given.format == "table":
        for line in table(log.lines, FIELDS, [t(f"access.{name}", given.lang) for name in FIELDS]) if log.lines else ():
            sys.stdout.write(safe(line) + "\n")
        for site, cases, asked, answered in resolutions(given.data):
            shown = {"site": site, "n": cases, "asked": asked, "answered": answered}
            sys.stdout.write(t("access.resolutions", given.lang, **shown) + "\n")
    else:
        write(log.lines, given.format, FIELDS)
    if log.broken is not None:
        say(t("access.broken", given.lang, number=log.broken))
        return 1
    say(t("access.whole", given.lang, n=len(log.lines), head=log.head))
    return 0
