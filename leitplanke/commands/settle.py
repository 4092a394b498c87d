"""leitplanke settle: publish the catalogue if it is new, take a new basis, judge what it changes."""

import sys
from argparse import Namespace

from leitplanke.help import Help, Parser


def arguments(_parser: Parser, _words: Help) -> None:
    """It takes nothing of its own."""


def run(given: Namespace) -> int:
    """Do it."""
    return judged(given, everything=False)


def judged(given: Namespace, *, everything: bool) -> int:
    """Settle and print what changed."""
    from leitplanke.changes import lines, stand
    from leitplanke.folder import existing
    from leitplanke.law import named
    from leitplanke.output import safe, say
    from leitplanke.sentences import speaker
    from leitplanke.start import started
    from leitplanke.texts import t
    from streams.embedded import settled
    from streams.site.site import sites

    existing(given.data)
    started()
    before = stand(given.data)
    report = settled(given.data, named(given.catalogue), speaker(given.lang), everything=everything)
    if report.basis is None:
        say(t("cli.unobserved" if sites(given.data) else "cli.empty", given.lang))
        return 0
    basis = report.basis
    shown = {"number": basis.number, "day": basis.day, "catalogue": basis.catalogue}
    sys.stdout.write(t("cli.settle.basis", given.lang, **shown) + "\n")
    sys.stdout.write(t("cli.settle.judged", given.lang, drained=report.drained, judged=report.judged) + "\n")
    for line in lines(before, stand(given.data), given.lang):
        sys.stdout.write(safe(line) + "\n")
    return 0
