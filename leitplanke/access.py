"""Notes a look: who, what, when and why. Call it before anything is shown."""

import getpass
import os
from pathlib import Path

from leitplanke.help import Help, Parser


def argument(parser: Parser, words: Help, *, required: bool = False) -> None:
    """`--reason TEXT` of a command that looks at something."""
    parser.add_argument("--reason", metavar=words("text"), required=required, help=words("reason"))


def noted(data: Path, what: str, about: str, reason: str | None = None) -> None:
    """Note that the account that runs this program looks at something; where nothing was read yet there is nothing to look at.

    Raises ConfigurationError when it cannot be noted: then nothing may be shown.
    """
    from streams import access

    # without anything of ours in it the folder is somebody else's: `parse` goes by ./data too
    if any(data.glob("site-*.db")) or any((data / name).exists() for name in (access.FILE, "centre.db")):
        access.note(data, account(), os.getuid(), what, about, reason)


def account() -> str:
    """Name of the account at the operating system; its number where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
