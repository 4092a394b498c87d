"""Opens the centre for readers: says so when there is nothing yet, takes a catalogue first when one is named."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from leitplanke.folder import existing
from leitplanke.law import named
from leitplanke.output import say
from leitplanke.sentences import speaker
from leitplanke.texts import t
from streams.centre.centre import FILE, Centre
from streams.embedded import has_sent, settled
from streams.site.site import sites


@contextmanager
def reading(given: Namespace) -> Iterator[Centre | None]:
    """The centre of `--data`; None while nothing was read into it, which is said on standard error.

    Raises ConfigurationError when the folder does not exist: it is a slip of the pen.
    """
    existing(given.data)
    if given.catalogue is not None:
        settled(given.data, named(given.catalogue), speaker(given.lang))
    if not (given.data / FILE).exists():
        say(
            t(
                "cli.lost" if has_sent(given.data) else "cli.unobserved" if sites(given.data) else "cli.empty",
                given.lang,
            )
        )
        yield None
        return
    with Centre.open(given.data) as centre:
        yield centre
