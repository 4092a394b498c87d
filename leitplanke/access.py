"""Notes a look: who, what, when and why. Call it before anything is shown."""

import getpass
import os
from pathlib import Path

from leitplanke.help import Help, Parser


def argument(parser: Parser, words: Help, *, required: bool = False) -> None:
    """`--reason TEXT` of a command that looks at something."""
    parser.add_argument("--reason", metavar=words("text"), required=required, help=words("reason"))


def noted(data: Path, what: str, about: str, reason: str | None = None) -> None:
    """Note that the account that runs this program looks at something; without a data folder there is nothing to look at.

    Raises ConfigurationError when it cannot be noted: then nothing may be shown.
    """
    from streams import access

    if data.is_dir():
        access.note(data, account(), os.getuid(), what, about, reason)


def account() -> str:
    """Name of the account at the operating system; its number where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
