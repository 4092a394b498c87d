"""leitplanke site: the settings of a new site with its key; what had been sent goes out again."""

import sys
from argparse import Namespace

from leitplanke.help import Help, Parser, add


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    commands = parser.nested()
    init = add(commands, words, "init", "site.init")
    init.add_argument("folder", nargs="?", metavar=words("folder"), help=words("site.init.folder"))
    init.add_argument("--wizard", action="store_true", help=words("site.init.wizard"))
    init.add_argument("--config", metavar=words("file"), help=words("site.init.config"))
    init.add_argument("--site", metavar="NAME", help=words("ingest.site"))
    init.add_argument("--unit", metavar="CODE", help=words("site.init.unit"))
    init.add_argument("--path", metavar=words("file"), help=words("site.init.path"))
    init.add_argument("--source", metavar="FORMAT", help=words("site.init.source"))
    init.add_argument("--timezone", metavar="ZONE", help=words("timezone"))
    init.add_argument("--agreement", metavar="TEXT", help=words("site.init.agreement"))
    init.add_argument("--agreed-on", metavar=words("date"), help=words("site.init.agreed_on"))
    init.set_defaults(run=_init)
    resent = add(commands, words, "resend", "site.resend")
    resent.add_argument("--site", metavar="NAME", help=words("site.site"))
    resent.add_argument("--from", dest="first", metavar=words("date"), help=words("site.from"))
    resent.set_defaults(run=_resend)


def _init(given: Namespace) -> int:
    from leitplanke.law import named, unknown
    from leitplanke.output import safe, say
    from leitplanke.site_init import made
    from leitplanke.texts import t

    new = made(given)
    for unit in unknown([new.answers.unit], named(given.catalogue)):
        say(t("cli.unit.unknown", given.lang, unit=unit))
    shown = {"settings": new.settings, "key": new.key, "data": given.data}
    for line in t("init.done", given.lang, **shown).splitlines():
        sys.stdout.write(safe(line) + "\n")
    if new.answers.format is None:
        sys.stdout.write(t("init.sourceless", given.lang) + "\n")
    return 0


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
