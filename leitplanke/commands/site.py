"""leitplanke site resend: what had been sent goes out again."""

import sys
from argparse import Namespace

from leitplanke.help import Help, Parser, add


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    commands = parser.nested()
    resent = add(commands, words, "resend", "site.resend")
    resent.add_argument("--site", metavar="NAME", help=words("site.site"))
    resent.add_argument("--from", dest="first", metavar=words("date"), help=words("site.from"))
    resent.set_defaults(run=_resend)


def _resend(given: Namespace) -> int:
    from datetime import date

    from leitplanke.changes import lines, stand
    from leitplanke.law import named
    from leitplanke.output import safe
    from leitplanke.sentences import speaker
    from leitplanke.sites import day, wanted
    from leitplanke.start import started
    from leitplanke.texts import t
    from streams.resend import resend

    names = wanted(given)
    first = day(given.first, "--from") if given.first else date.min
    before = stand(given.data)
    started()
    report = resend(given.data, names, first, named(given.catalogue), speaker(given.lang))
    for name, count in report.sent.items():
        sys.stdout.write(t("cli.site.resent", given.lang, site=name, n=count) + "\n")
    for line in lines(before, stand(given.data), given.lang):
        sys.stdout.write(safe(line) + "\n")
    return 0
