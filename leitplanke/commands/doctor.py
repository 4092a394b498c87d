"""leitplanke doctor: what is configured, reachable, wrong, and how to mend it."""

import sys
from argparse import Namespace

from leitplanke.help import Help, Parser


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("--config", metavar=words("file"), help=words("doctor.config"))
    parser.add_argument("--format", choices=("text", "json"), default="text", help=words("format"))


def run(given: Namespace) -> int:
    """Do it: 0 when nothing is wrong (hints do not count), 1 otherwise."""
    from leitplanke.doctor import examined
    from leitplanke.output import dumped, safe
    from leitplanke.texts import t

    found = examined(given)
    if given.format == "json":
        rows = [{"check": item.check, "state": item.state, "text": item.text} for item in found]
        sys.stdout.write(dumped(rows, indent=1) + "\n")
    else:
        for item in found:
            sys.stdout.write(f"{t(f'doctor.state.{item.state}', given.lang):<8}{safe(item.text)}\n")
    return 1 if any(item.state == "wrong" for item in found) else 0
