"""leitplanke rejudge: judge everything stored again."""

from argparse import Namespace

from leitplanke.commands.settle import judged
from leitplanke.help import Help, Parser


def arguments(_parser: Parser, _words: Help) -> None:
    """It takes nothing of its own."""


def run(given: Namespace) -> int:
    """Do it."""
    return judged(given, everything=True)
