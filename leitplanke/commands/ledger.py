"""leitplanke ledger: the count of every record, by site and source."""

import sys
from argparse import Namespace

from leitplanke.help import Help, Parser


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("--format", choices=("table", "json", "ndjson", "csv"), default="table", help=words("format"))


def run(given: Namespace) -> int:
    """Do it."""
    from dataclasses import asdict

    from leitplanke.folder import existing
    from leitplanke.output import table, write
    from leitplanke.texts import t
    from streams.embedded import ledgers
    from streams.site.ledger import COLUMNS

    existing(given.data)
    rows = ({"site": site, "source": source, **asdict(tally)} for site, source, tally in ledgers(given.data))
    columns = ("site", "source", *COLUMNS)
    if given.format == "table":
        titles = t("cli.ledger.columns", given.lang).split("|")
        sys.stdout.writelines(f"{line}\n" for line in table([*rows], columns, titles))
    else:
        write(rows, given.format, columns)
    return 0
