"""leitplanke ledger: the count of every record, by site and source."""

from argparse import Namespace

from leitplanke.help import Help, Parser


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("--format", choices=("table", "json", "ndjson", "csv"), default="table", help=words("format"))


def run(given: Namespace) -> int:
    """Do it."""
    from dataclasses import asdict

    from leitplanke.folder import existing
    from leitplanke.output import write
    from streams.embedded import ledgers
    from streams.site.ledger import COLUMNS

    existing(given.data)
    rows = ({"site": site, "source": source, **asdict(tally)} for site, source, tally in ledgers(given.data))
    write(rows, given.format, ("site", "source", *COLUMNS))
    return 0
