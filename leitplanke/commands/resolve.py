"""leitplanke resolve: two persons name one pseudonym of one finding. Noted before it happens; there is no way for many."""

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from leitplanke import access, passphrase
from leitplanke.help import Help, Parser

if TYPE_CHECKING:
    from catalogue.snapshot import Snapshot
    from streams.site.cases import Request
    from streams.site.file import SiteFile
    from streams.site.shares import Opened, Split


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("pseudonym", nargs="?", metavar="PSEUDONYM", help=words("resolve.pseudonym"))
    parser.add_argument("--case", metavar=words("finding"), required=True, help=words("resolve.case"))
    access.argument(parser, words, required=True)
    parser.add_argument("--person", type=int, choices=(1, 2), required=True, help=words("resolve.person"))
    parser.add_argument("--candidates", metavar=words("file"), help=words("resolve.candidates"))
    parser.add_argument("--site", metavar="NAME", help=words("resolve.site"))
    passphrase.argument(parser, words)


def run(given: Namespace) -> int:
    """Do it; what is refused stands in the access log too."""
    from schemas.errors import LeitplankeError

    try:
        return _run(given)
    except LeitplankeError:
        access.noted(given.data, f"resolve: refused to person {given.person}", given.case, given.reason)
        raise


def _run(given: Namespace) -> int:
    from leitplanke.folder import existing
    from schemas.errors import ConfigurationError
    from streams.site.cases import current, now
    from streams.site.file import SiteFile
    from streams.site.resolved import subject_of
    from streams.site.shares import Split
    from streams.site.site import file_of

    existing(given.data)
    if not given.reason.strip():
        raise ConfigurationError("--reason: say why; the access log keeps it")
    site = _site(given)
    split = Split(Split.of(given.data / "keys", site))
    snapshot = _law(given)
    # without the site's lock: a process that follows its logs holds it for months, and this writes a row at a time
    with SiteFile(file_of(given.data, site), writing=False) as file:
        finding, unit, subject = subject_of(file, snapshot, given.case)
        (word,) = passphrase.asked((given.person,), given.passphrase_fd, given.lang)
        opened = split.share(given.person - 1, word)
        case = current(file, now())
        if case is None or case.finding != finding or case.person == given.person - 1:
            return _requested(given, file, split, opened, finding)
        return _open(given, file, snapshot, case, opened, (unit, subject))


def _requested(given: Namespace, file: "SiteFile", split: "Split", opened: "Opened", finding: str) -> int:
    """The first person asks for the case."""
    from leitplanke.texts import t
    from schemas.errors import ConfigurationError
    from streams.site.cases import now, request, told

    if given.pseudonym is not None:
        raise ConfigurationError(
            "case {finding}: the other person has not asked for it, or its time is over", finding=finding
        )
    access.noted(given.data, f"resolve: request of person {given.person}", finding, given.reason)
    other = 2 - given.person
    until = request(file, finding, given.person - 1, split.handed(other, opened.shares), now())
    sys.stdout.write(t("resolve.requested", given.lang, finding=finding, until=told(until)) + "\n")
    return 0


def _open(
    given: Namespace, file: "SiteFile", snapshot: "Snapshot", case: "Request", opened: "Opened", what: tuple[str, str]
) -> int:
    """The second person sees the pseudonyms of the case, or has one of them named."""
    from leitplanke.output import safe, table
    from leitplanke.texts import t
    from schemas.errors import ConfigurationError
    from streams.site import cases
    from streams.site.resolved import named, pseudonyms

    now = cases.now()
    names = _candidates(given) if given.pseudonym is not None else []
    what_is_done = f"resolve {given.pseudonym}" if given.pseudonym else f"resolve: list of person {given.person}"
    access.noted(given.data, what_is_done, case.finding, given.reason)
    key = opened.together(case.share)
    cases.opened(file, case, now)
    found = pseudonyms(file, snapshot, *what)
    if given.pseudonym is None:
        columns = ("code", "domain", "days", "last")
        rows = [{name: getattr(each, name) for name in columns} for each in found]
        for line in table(rows, columns, [t(f"resolve.{name}", given.lang) for name in columns]) if rows else ():
            sys.stdout.write(line + "\n")
        sys.stdout.write(t("resolve.listed", given.lang, n=len(rows), left=cases.left(file, now)) + "\n")
        return 0
    wanted = [each for each in found if each.code == given.pseudonym.upper()]
    if len(wanted) != 1:
        raise ConfigurationError(
            "case {finding} has no pseudonym {pseudonym}", finding=case.finding, pseudonym=given.pseudonym
        )
    cases.asked(file, now)
    name = named(key, wanted[0], names)
    if name is None:
        sys.stdout.write(t("resolve.unknown", given.lang, code=wanted[0].code, n=len(names)) + "\n")
        return 1
    cases.answered(file, now)
    sys.stdout.write(safe(t("resolve.found", given.lang, code=wanted[0].code, name=name)) + "\n")
    return 0


def _candidates(given: Namespace) -> list[str]:
    from pathlib import Path

    from leitplanke.sentences import sentence
    from schemas.errors import ConfigurationError

    if given.candidates is None:
        raise ConfigurationError(
            "resolve needs --candidates FILE: the site stores no names; the ministry's list has them"
        )
    try:
        text = Path(given.candidates).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(sentence(error)) from None
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _site(given: Namespace) -> str:
    from schemas.errors import ConfigurationError
    from streams.site.site import of_a_folder, sites

    if given.site is not None:
        of_a_folder(given.data, given.site)
        return str(given.site)
    there = sites(given.data)
    if len(there) != 1:
        raise ConfigurationError("resolve needs --site; there are {known}", known=", ".join(there) or "none")
    return there[0]


def _law(given: Namespace) -> "Snapshot":
    """The catalogue that findings are judged by, else the bundled one."""
    from leitplanke.law import named
    from streams.centre.centre import FILE, Centre

    if given.catalogue is None and (given.data / FILE).exists():
        with Centre.open(given.data) as centre:
            found = centre.catalogue()
        if found is not None:
            return found
    return named(given.catalogue)
