"""leitplanke report staff-council: what a site reads, what is agreed, what leaves, what was deleted, who looked."""

import sys
from argparse import Namespace

from leitplanke.help import Help, Parser, add


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    commands = parser.nested()
    council = add(commands, words, "staff-council", "report.staff_council")
    council.add_argument("--config", metavar=words("file"), help=words("ingest.config"))
    council.add_argument("--site", metavar="NAME", help=words("ingest.site"))
    council.add_argument("--out", metavar=words("file"), help=words("report.out"))
    council.set_defaults(run=_council)


def _council(given: Namespace) -> int:
    from datetime import UTC, datetime
    from pathlib import Path

    from leitplanke.folder import possible
    from leitplanke.sites import STATE, known
    from leitplanke.staff_council import facts, report
    from schemas.errors import ConfigurationError
    from streams.site.site import of_a_folder, sites

    possible(given.data)
    if given.config is None and given.site is None:
        there = sites(given.data)
        if len(there) != 1:
            raise ConfigurationError(
                "name a site by --config or --site; there are {known}", known=", ".join(there) or "-"
            )
        given.site = there[0]
    if given.config is None:
        of_a_folder(given.data, given.site)
    today = datetime.now(UTC).astimezone(STATE).date()
    text = report(facts(given.data, known(given), today), given.lang)
    if given.out is None:
        sys.stdout.write(text)
    else:
        Path(given.out).write_text(text, encoding="utf-8")
    return 0
