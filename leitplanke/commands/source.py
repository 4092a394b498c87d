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
    from leitplanke.changes import lines, stand
    from leitplanke.folder import existing
    from leitplanke.output import safe
    from leitplanke.sentences import speaker
    from leitplanke.start import started
    from leitplanke.texts import t
    from streams.embedded import reset

    before = stand(given.data)
    started()
    report = reset(existing(given.data), given.site, given.source, speaker(given.lang))
    shown = {"source": given.source, "site": given.site, "n": report.drained}
    sys.stdout.write(t("cli.source.reset", given.lang, **shown) + "\n")
    for line in lines(before, stand(given.data), given.lang):
        sys.stdout.write(safe(line) + "\n")
    return 0
