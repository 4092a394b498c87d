"""leitplanke formats: which format gives which attribute."""

import sys
from argparse import Namespace

from leitplanke.help import Help, Parser


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("--format", choices=("table", "json", "ndjson", "csv"), default="table", help=words("format"))


def run(given: Namespace) -> int:
    """Do it."""
    from dataclasses import asdict

    from connectors import registry
    from leitplanke.output import write

    rows = [asdict(registry.describe(name)) for name in registry.names()]
    if given.format == "table":
        for row in rows:
            sys.stdout.write(f"{row['name']} ({row['signal']}, {row['shape']})\n  + {' '.join(row['gives'])}\n")
            sys.stdout.write(f"  - {row['lacks']}\n")
        return 0
    write(rows, given.format, ("name", "signal", "shape", "gives", "lacks", "card"))
    return 0
