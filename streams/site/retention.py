"""Deletes what a site need not keep any longer, byte by byte, and says what is due. What was deleted is kept as a number.

Network: connections are joined after 7 days, pseudonyms go after 35, everything after 90 (or the source's
`retention_days`, if that is less), all counted from receipt. Each step is a transaction of its own; one that was cut off
is done by the next run.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from schemas.errors import BusyError
from streams.site import rotation, seen
from streams.site.closed import FINAL
from streams.site.file import WAIT, SiteFile
from streams.site.forget import Runs
from streams.site.keys import SiteKey
from streams.site.limits import ACTORS, CONNECTIONS, REJECTS, SIGNALS, Limits

KINDS = (
    "windows", "connections", "pseudonyms", "devices", "inventories", "documents", "rejected", "dead_letter", "requests",
    "withdrawn", "names", "keys",
)  # fmt: skip
"""What is let go, in the order of the output. How many names, withdrawn lines and keys are due shows only when they go."""


_PATIENCE = 2000
"""Milliseconds that readers are waited for."""


@dataclass(frozen=True, slots=True)
class Due:
    """One kind of thing whose time is over."""

    kind: str
    number: int
    oldest: str | None
    """Day of receipt of the oldest."""
    before: str
    """What came before this day is due; where sources differ, the latest of their days."""


def due(file: SiteFile, as_of: date) -> list[Due]:
    """What is due on a day."""
    limits = Limits.of(file, as_of)
    found: dict[str, Due] = {}
    for kind, number, oldest, before in _counted(file.db, limits):
        if number:
            old = found.get(kind, Due(kind, 0, None, before))
            first = min(filter(None, (old.oldest, oldest)), default=None)
            found[kind] = Due(kind, old.number + number, first, max(old.before, before))
    return [found[kind] for kind in KINDS if kind in found]


def _counted(db: sqlite3.Connection, limits: Limits) -> Iterator[tuple[str, int, str | None, str]]:
    """Kind, number, oldest and limit of everything that shows before it goes."""
    for source in _sources(db):
        whole, actors, waiting = (limits.before(source, days) for days in (None, ACTORS, CONNECTIONS))
        for kind, where, start, end in (
            ("windows", "kind IN ('window', 'flow')", "", whole),
            ("connections", "kind = 'flow'", whole, waiting),
            ("pseudonyms", "kind = 'window' AND bare = 0", whole, actors),
            ("inventories", "kind = 'asset'", "", whole),
            ("devices", "kind = 'asset' AND bare = 0", whole, actors),
        ):
            query = f"SELECT coalesce(sum(rows), 0), min(received) FROM runs WHERE {where} AND source = ?"
            yield kind, *db.execute(f"{query} AND received >= ? AND received < ?", (source, start, end)).fetchone(), end
        query = "SELECT count(*), min(received) FROM documents AS d WHERE source = ?"
        yield "documents", *db.execute(f"{query} AND {_OVER}", (source, whole)).fetchone(), whole
    before = limits.plain(ACTORS)
    hosts = db.execute(
        "SELECT coalesce(sum(rows), 0), min(received) FROM runs WHERE kind = 'host' AND received < ?", (before,)
    )
    yield "pseudonyms", *hosts.fetchone(), before
    before = limits.plain(REJECTS)
    for kind in ("rejected", "dead_letter"):
        query = "SELECT count(*), min(at) FROM rejects WHERE kind = ? AND at < ?"
        yield kind, *db.execute(query, (kind, before)).fetchone(), before
    before = limits.as_of.isoformat()
    yield (
        "requests",
        *db.execute("SELECT count(*), min(until) FROM requests WHERE until < ?", (before,)).fetchone(),
        before,
    )


_OVER = "(SELECT max(received) FROM documents AS o WHERE o.source = d.source AND o.mark = d.mark) < ?"
"""All versions of a document go together: else an older one would come back."""


def apply(file: SiteFile, key: SiteKey, as_of: date) -> list[Due]:
    """Delete what is due on a day; gives what was deleted.

    Raises BusyError when another process reads the file just then: what is deleted may still lie in its log.
    """
    known = {each.kind: each for each in due(file, as_of)}
    numbers = {kind: known[kind].number if kind in known else 0 for kind in KINDS} | _runs(file, key, as_of)
    limits = Limits.of(file, as_of)
    for source in _sources(file.db):
        _documents(file, source, limits.before(source))
    numbers |= {"withdrawn": _plain(file, limits), "keys": rotation.destroyed(file, key, as_of)}
    found = [
        replace(known.get(kind, Due(kind, 0, None, as_of.isoformat())), number=numbers[kind])
        for kind in KINDS
        if numbers[kind]
    ]
    with file.transaction() as db:
        at = as_of.isoformat()
        db.executemany("INSERT INTO deleted VALUES(?, ?, ?, ?)", ((at, e.kind, e.number, e.before) for e in found))
    _shrunk(file)
    return found


def _runs(file: SiteFile, key: SiteKey, as_of: date) -> dict[str, int]:
    """Let go of runs and names; gives what went."""
    limits, runs = Limits.of(file, as_of), Runs(file, key)
    found = dict.fromkeys(("windows", "inventories", "connections", "pseudonyms", "devices"), 0)
    for source in _sources(file.db):
        whole, actors, waiting = (limits.before(source, days) for days in (None, ACTORS, CONNECTIONS))
        found["windows"] += runs.gone(source, ("window", "flow"), whole)
        found["inventories"] += runs.gone(source, ("asset",), whole)
        found["connections"] += runs.joined(source, waiting)
        found["pseudonyms"] += runs.bared(source, "window", actors)
        found["devices"] += runs.bared(source, "asset", actors)
    found["pseudonyms"] += runs.hosts(limits.plain(ACTORS))
    return found | {"names": runs.names()}


def _sources(db: sqlite3.Connection) -> list[str]:
    return [row[0] for row in db.execute("SELECT source FROM ledger ORDER BY source")]


def _documents(file: SiteFile, source: str, before: str) -> None:
    """Delete documents; what was sent of them is final."""
    query = f"FROM documents AS d WHERE source = ? AND {_OVER}"
    with file.transaction() as db:
        bodies = [json.loads(row[0]) for row in db.execute(f"SELECT body {query}", (source, before))]
        if not bodies:
            return
        wanted = ("document", "process_id", "document_id", "lot", "day")
        gone = {tuple(body[name] for name in wanted) for body in bodies}
        lines = db.execute(
            "SELECT s.id, b.body FROM sent AS s JOIN bodies AS b ON b.id = s.id"
            " WHERE s.final = 0 AND json_extract(b.body, '$.signal') = 'procurement'"
        )
        final = [
            (FINAL, line)
            for line, body in ((line, json.loads(text)) for line, text in lines.fetchall())
            if tuple(body.get(name) for name in ("view", *wanted[1:])) in gone
        ]
        db.executemany("UPDATE sent SET final = ? WHERE id = ?", final)
        db.execute(f"DELETE {query}", (source, before))


def _plain(file: SiteFile, limits: Limits) -> int:
    """Delete what lies in rows of its own; gives the number of lines that were withdrawn, or that the scanner kept inside."""
    with file.transaction() as db:
        for source in _sources(db):
            db.execute("DELETE FROM inventories WHERE source = ? AND received < ?", (source, limits.before(source)))
        seen.let_go(file, limits.plain(SIGNALS["network"]))
        db.execute("DELETE FROM rejects WHERE at < ?", (limits.plain(REJECTS),))
        db.execute("DELETE FROM heads WHERE input NOT IN (SELECT input FROM rejects)")
        db.execute("DELETE FROM requests WHERE until < ?", (limits.as_of.isoformat(),))
        query = f"FROM sent WHERE final = {FINAL} AND (acknowledged = 2 OR (acknowledged = 1 AND digest IS NULL))"
        db.execute(f"DELETE FROM bodies WHERE id IN (SELECT id {query})")
        return db.execute(f"DELETE {query}").rowcount


def _shrunk(file: SiteFile) -> None:
    """Give freed pages back to the disk, and empty the log, which still holds what they were."""
    file.db.executescript("PRAGMA incremental_vacuum")  # `execute` would give one page back
    file.db.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
    busy = file.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    file.db.execute(f"PRAGMA busy_timeout = {WAIT * 1000}")
    if busy:
        raise BusyError(
            "{file}: what was due is deleted, but another process is reading and may still see it; run `leitplanke retention --apply` again",
            file=file.path.name,
        )
