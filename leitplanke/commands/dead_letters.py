"""leitplanke dead-letters: records that were not taken: at the sites (rejected or dead) and at the centre."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from leitplanke import access
from leitplanke.help import Help, Parser, add

if TYPE_CHECKING:
    from streams.centre.intake import DeadLetter

CENTRE = "centre"
COLUMNS = ("id", "source", "kind", "input", "place", "reason", "at")


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    commands = parser.nested()
    listed = add(commands, words, "list", "dead_letters.list")
    listed.add_argument("--format", choices=("table", "json", "ndjson", "csv"), default="table", help=words("format"))
    listed.set_defaults(run=_list)
    shown = add(commands, words, "show", "dead_letters.show")
    shown.add_argument("id", metavar="ID", help=words("dead_letters.id"))
    access.argument(shown, words)
    shown.set_defaults(run=_show)
    add(commands, words, "redrive", "dead_letters.redrive").set_defaults(run=_redrive)


def _list(given: Namespace) -> int:
    from leitplanke.folder import existing
    from leitplanke.output import table, write
    from leitplanke.sentences import told
    from leitplanke.texts import t

    existing(given.data)
    rows = [*_rows(given)]
    if given.format != "table":
        write(rows, given.format, COLUMNS)  # programs compare reasons: theirs stay as they are stored
        return 0
    for row in rows:
        said = {"kind": t(f"cli.rejected.kind.{row['kind']}", given.lang), "reason": told(row["reason"], given.lang)}
        row.update(said)
    for line in table(rows, COLUMNS, [t(f"cli.rejected.{name}", given.lang) for name in COLUMNS]):
        sys.stdout.write(line + "\n")
    return 0


def _rows(given: Namespace) -> Iterator[dict[str, Any]]:
    """Ids are `im/17` for a record at a site, `centre/3` for observations that the centre could not take."""
    from streams.site.mend import listed

    for record in listed(given.data):
        name = f"{record.site}/{record.id}"
        yield {"id": name} | {column: getattr(record, column) for column in COLUMNS[1:]}
    for n, letter in enumerate(_letters(given), 1):
        row = (f"{CENTRE}/{n}", letter.topic, "dead_letter", letter.key, letter.position, letter.reason, None)
        yield dict(zip(COLUMNS, row, strict=True))


def _letters(given: Namespace) -> "list[DeadLetter]":
    from streams.centre.centre import FILE, Centre

    if not (given.data / FILE).exists():
        return []
    with Centre.open(given.data) as centre:
        return centre.dead_letters()


def _show(given: Namespace) -> int:
    """Print one record as it was read, and why it was not taken; it is raw data and stays in the ministry."""
    from leitplanke.folder import existing
    from leitplanke.output import dumped, safe, say
    from leitplanke.sentences import told
    from schemas.errors import ConfigurationError
    from streams.site.mend import raw
    from streams.site.site import sites

    existing(given.data)
    place, _, number = given.id.rpartition("/")
    if not number.isdecimal() or place not in {CENTRE, *sites(given.data)}:
        raise ConfigurationError("dead-letters show takes an id of `leitplanke dead-letters list`, such as im/17")
    access.noted(given.data, "dead-letters show", given.id, given.reason)
    if place != CENTRE:
        record, reason = raw(given.data, place, int(number))
        sys.stdout.write("".join(safe(line) + "\n" for line in record.splitlines()))
        say(told(reason, given.lang))
        return 0
    letters = _letters(given)
    if not 1 <= int(number) <= len(letters):
        raise ConfigurationError("there is no dead letter {id}", id=given.id)
    for row in letters[int(number) - 1].frame.iter_rows(named=True):
        sys.stdout.write(dumped(row) + "\n")
    say(told(letters[int(number) - 1].reason, given.lang))
    return 0


def _redrive(given: Namespace) -> int:
    from leitplanke.folder import existing
    from leitplanke.sentences import speaker
    from leitplanke.start import started
    from leitplanke.texts import t
    from streams.embedded import redrive

    existing(given.data)
    started()
    tried, mended = redrive(given.data, speaker(given.lang))
    sys.stdout.write(t("cli.redriven", given.lang, tried=tried, mended=mended) + "\n")
    return 0 if tried == mended else 1
