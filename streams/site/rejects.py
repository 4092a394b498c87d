"""Records that cannot be read and dead letters: kept sealed for a while, counted for ever, redriven when mended."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from streams.site.keys import SiteKey

KEPT = 10_000
"""Raw records kept of one input; all are counted."""
NEXT = -1
"""Stands for the number of the reject that is kept next: that of a last line whose end may still be written."""
HEAD = 64 * 1024
"""Bytes of an input's head that are kept to read its records again."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One record that was not taken."""

    place: int
    """Line number or ordinal of the item."""
    reason: str
    """What was expected; never the value."""
    raw: bytes | None
    """The record as read; None where only its place is known."""
    kind: str = "rejected"
    """`rejected` by the connector, or `dead_letter`: our own code failed on it."""
    day: date | None = None
    """Day that it counts for in `seen`."""


def keep(db: sqlite3.Connection, key: SiteKey, source: str, given: str, rejects: Iterable[Reject]) -> None:
    """Keep rejects of an input inside its transaction, sealed, up to KEPT an input."""
    have = db.execute("SELECT count(*) FROM rejects WHERE source = ? AND input = ?", (source, given)).fetchone()[0]
    number = None
    for n, reject in enumerate(rejects):
        if have + n >= KEPT:
            break
        sealed = None if reject.raw is None else key.seal(reject.raw)
        db.execute(
            "INSERT INTO rejects(source, input, kind, place, reason, at, sealed, day)"
            " VALUES(?, ?, ?, ?, ?, date('now'), ?, ?)",
            (source, given, reject.kind, reject.place, reject.reason, sealed, reject.day and reject.day.isoformat()),
        )
        number = db.execute("SELECT last_insert_rowid()").fetchone()[0]
    db.execute(f"UPDATE blocks SET reject = ? WHERE source = ? AND reject = {NEXT}", (number, source))


def keep_head(
    db: sqlite3.Connection, key: SiteKey, source: str, given: str, name: str, options: str, head: bytes
) -> None:
    """Keep what is needed to read an input's records again."""
    db.execute("INSERT OR IGNORE INTO heads VALUES(?, ?, ?, ?, ?)", (given, source, name, options, key.seal(head)))
