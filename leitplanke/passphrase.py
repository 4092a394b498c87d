"""Asks for a passphrase on the terminal, or reads it from a descriptor that a program has opened; never from the line."""

import getpass
import os
from collections.abc import Sequence

from leitplanke.help import Help, Language, Parser
from leitplanke.texts import t
from schemas.errors import ConfigurationError


def argument(parser: Parser, words: Help) -> None:
    """`--passphrase-fd N` of a command."""
    parser.add_argument("--passphrase-fd", type=int, metavar="N", help=words("resolve.passphrase_fd"))


def asked(persons: Sequence[int], descriptor: int | None, lang: Language, *, twice: bool = False) -> list[str]:
    """The passphrases of some persons: from the terminal, or one a line of the descriptor."""
    if descriptor is None:
        return [_typed(person, lang, twice=twice) for person in persons]
    try:
        with os.fdopen(descriptor, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, ValueError):
        raise ConfigurationError("--passphrase-fd: {number} is no open descriptor", number=descriptor) from None
    return (lines + [""] * len(persons))[: len(persons)]


def _typed(person: int, lang: Language, *, twice: bool) -> str:
    try:
        given = getpass.getpass(t("resolve.passphrase", lang, person=person))
        again = getpass.getpass(t("resolve.again", lang)) if twice else given
    except EOFError:
        raise ConfigurationError("no passphrase was given; nothing was changed") from None
    if again != given:
        raise ConfigurationError("the two inputs differ; nothing was changed")
    return given
