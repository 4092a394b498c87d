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
    from catalogue.load import load
    from leitplanke.output import say
    from leitplanke.texts import t
    from schemas.errors import ConfigurationError
    from streams.embedded import settled

    if not given.data.is_dir():
        raise ConfigurationError(f"{given.data}: there is no such folder; `leitplanke ingest` makes it, --data names it")
    report = settled(given.data, load(given.catalogue), say, everything=everything)
    if report.basis is None:
        say(t("cli.empty", given.lang))
        return 0
    basis = report.basis
    shown = {"number": basis.number, "day": basis.day, "catalogue": basis.catalogue}
    sys.stdout.write(t("cli.settle.basis", given.lang, **shown) + "\n")
    counts = {"drained": report.drained, "judged": report.judged, "changed": report.changed}
    sys.stdout.write(t("cli.settle.changed", given.lang, **counts) + "\n")
    return 0
