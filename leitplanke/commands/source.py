"""leitplanke source reset: forget what a source gave, to read it again."""

import sys
from argparse import Namespace

from leitplanke.help import Help, Parser, add


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    command = add(parser.nested(), words, "reset", "source.reset")
    command.add_argument("--site", metavar="NAME", required=True, help=words("ingest.site"))
    command.add_argument("--source", metavar="NAME", required=True, help=words("source.source"))


def run(given: Namespace) -> int:
    """Do it."""
    from leitplanke.output import say
    from leitplanke.texts import t
    from schemas.errors import ConfigurationError
    from streams.embedded import reset

    if not given.data.is_dir():
        raise ConfigurationError(f"{given.data}: there is no such folder; --data names it")
    report = reset(given.data, given.site, given.source, say)
    shown = {"source": given.source, "site": given.site, "withdrawn": report.drained, "changed": report.changed}
    sys.stdout.write(t("cli.source.reset", given.lang, **shown) + "\n")
    return 0
