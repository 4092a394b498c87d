"""leitplanke keys: rotate the keys of pseudonyms, and split them between two persons."""

import sys
from argparse import Namespace

from leitplanke import passphrase
from leitplanke.help import Help, Parser, add


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    commands = parser.nested()
    rotate = add(commands, words, "rotate", "keys.rotate")
    rotate.set_defaults(run=_rotate)
    split = add(commands, words, "split", "keys.split")
    passphrase.argument(split, words)
    split.set_defaults(run=_split)
    for command in (rotate, split):
        command.add_argument("--site", metavar="NAME", required=True, help=words("keys.site"))


def _rotate(given: Namespace) -> int:
    from leitplanke.folder import existing
    from leitplanke.sentences import speaker
    from leitplanke.texts import t
    from streams.keeping import rotated

    first = rotated(existing(given.data), given.site, speaker(given.lang))
    sys.stdout.write(t("keys.rotated", given.lang, site=given.site, day=first) + "\n")
    return 0


def _split(given: Namespace) -> int:
    from leitplanke.access import noted
    from leitplanke.folder import existing
    from leitplanke.texts import t
    from schemas.errors import LeitplankeError
    from streams.site.keys import SiteKey
    from streams.site.shares import Split
    from streams.site.site import of_a_folder

    of_a_folder(existing(given.data), given.site)
    folder = given.data / "keys"
    both = passphrase.asked((1, 2), given.passphrase_fd, given.lang, twice=True)
    noted(given.data, "keys split", given.site)
    try:
        Split.made(Split.of(folder, given.site), SiteKey.open(folder, given.site), both)
    except LeitplankeError:
        noted(given.data, "keys split: refused", given.site)
        raise
    sys.stdout.write(t("resolve.split", given.lang, site=given.site) + "\n")
    return 0
