"""leitplanke show: one finding as a page."""

import shutil
import sys
from argparse import Namespace

from leitplanke import access
from leitplanke.help import Help, Parser


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("finding", metavar=words("finding"), help=words("show.finding"))
    parser.add_argument("--format", choices=("text", "json"), default="text", help=words("format"))
    access.argument(parser, words)


def run(given: Namespace) -> int:
    """Do it."""
    from leitplanke.centre import reading
    from leitplanke.output import dumped, safe
    from leitplanke.show import as_json, text
    from schemas.errors import ConfigurationError
    from streams.centre.read import case

    with reading(given) as centre:
        if centre is None:
            raise ConfigurationError("there is no finding {finding}", finding=given.finding)
        found = case(centre, given.finding)
        access.noted(given.data, "show", str(found.finding["id"]), given.reason)
        if given.format == "json":
            sys.stdout.write(dumped(as_json(found, given.lang), indent=1) + "\n")
        else:
            width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
            page = text(found, given.lang, width)
            sys.stdout.write("".join(safe(line) + "\n" for line in page.split("\n")))
    return 0
