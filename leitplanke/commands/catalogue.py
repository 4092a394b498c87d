"""leitplanke catalogue check: all problems of a catalogue, by file, line and key."""

import sys
from argparse import Namespace
from pathlib import Path

from leitplanke.help import Help, Parser, add


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    command = add(parser.nested(), words, "check", "catalogue.check")
    command.add_argument("path", nargs="?", type=Path, metavar=words("folder"), help=words("catalogue.path"))


def run(given: Namespace) -> int:
    """Do it."""
    from catalogue.load import check, load
    from leitplanke.law import empty
    from leitplanke.output import safe, say
    from leitplanke.sentences import told
    from leitplanke.texts import t

    path = given.path or given.catalogue
    problems = check(path)
    for problem in problems:
        sys.stdout.write(safe(told(problem, given.lang)) + "\n")
    if problems:
        say(t("cli.catalogue.problems", given.lang, n=len(problems)))
        return 2
    found = load(path)
    if not found.directory:
        say(told(empty(path), given.lang))
        return 2
    counts = {"hash": found.hash, "entries": len(found.directory), "standards": len(found.standards)}
    sys.stdout.write(t("cli.catalogue.good", given.lang, **counts) + "\n")
    return 0
