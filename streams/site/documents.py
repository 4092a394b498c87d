"""Reads a document (invoice, release package, inventory): known ones skipped, new ones written in one transaction."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO

import polars as pl

from catalogue.never import Never
from schemas.errors import InputError, LeitplankeError
from streams.site import inventories, ledger, purchases, rejects, seen
from streams.site.feed import UNTIMELY, Feed, described, in_time
from streams.site.file import SiteFile
from streams.site.identity import Identity
from streams.site.keys import SiteKey
from streams.site.ledger import Tally
from streams.site.seen import Seen
from streams.site.twice import CHUNK, Documents, documents
from streams.site.windows import Windows

SEALED = 1 << 20
"""Largest document that is kept whole, sealed, when a record of it cannot be read."""


class DocumentReader:
    """Reads documents of one source into a site's file."""

    def __init__(self, file: SiteFile, key: SiteKey, windows: Windows, feed: Feed, never: Never) -> None:
        """The file is open for writing."""
        self.file, self.key, self.windows, self.feed, self.never = file, key, windows, feed, never
        self.identity = Identity(file, key, feed.name)

    def read(self, path: str, name: str) -> Tally:
        """Read one document; gives what it added to the ledger.

        Raises NotThisFormatError before anything is kept; InputError when the document breaks off or our own code
        fails on it, after it was kept as one rejected record or one dead letter.
        """
        with documents(path) as opened:
            link, head, broken = self._link(opened)
            known = self.file.db.execute("SELECT records FROM blocks WHERE link = ?", (link,)).fetchone()
            if known is not None:
                return self._seen(link, known[0])
            if broken is not None:
                self._untaken(link, name, head, str(broken), "rejected")
                raise broken
            try:
                with opened() as stream:
                    scope = self._scope(stream)
                with opened() as stream, self.file.transaction() as db:
                    return self._kept(db, link, name, head, self._frames(stream), scope)
            except InputError as error:
                self._untaken(link, name, head, str(error), "rejected")
                raise
            except (LeitplankeError, sqlite3.Error, OSError, MemoryError):
                raise
            except Exception as error:  # poison must not stop the stream: it becomes a dead letter
                fault = type(error).__name__
                self._untaken(link, name, head, fault, "dead_letter")
                raise InputError(
                    "{name}: our own code failed on this document ({fault}); please report it", name=name, fault=fault
                ) from error

    def _untaken(self, link: bytes, name: str, head: bytes, reason: str, kind: str) -> None:
        """Keep a document that nothing was taken of as one record."""
        with self.file.transaction() as db:
            tally = Tally(received=1, rejected=kind == "rejected", dead_letter=kind == "dead_letter")
            self._written(db, link, name, head, tally, [rejects.Reject(0, reason, None, kind)])
            gave = Seen(self.feed.receipt)
            gave.unread([0])
            seen.add(db, self.feed.name, gave.counts, link)

    def _frames(self, stream: BinaryIO) -> Iterator[pl.DataFrame]:
        """Frames of the document; an inventory as one, since it replaces the earlier one as a whole."""
        frames = (in_time(frame, self.feed.receipt) for frame in self.feed.connector.read(stream, self.feed.options))
        if self.feed.connector.SIGNAL == "procurement":
            return frames
        return iter([pl.concat(frames, how="diagonal")])

    def _link(self, opened: Documents) -> tuple[bytes, bytes, InputError | None]:
        """Identity of the document, its head, and what it breaks off with.

        The day it is read for (`--at`) is part of what it says.
        """
        at = self.feed.options.at
        digest = sha256(at.isoformat().encode() if at else b"")
        head, broken = b"", None
        try:
            with opened() as stream:
                while chunk := stream.read(CHUNK):
                    digest.update(chunk)
                    head = head or chunk
        except InputError as error:
            broken = error
            digest.update(b"broken off")
        return self.identity.key.link(self.identity.start, self.key.digest(digest.digest())), head, broken

    def _scope(self, stream: BinaryIO) -> str | None:
        scope = getattr(self.feed.connector, "scope", None)
        found: str | None = scope(stream, self.feed.options) if scope else None
        return found

    def _seen(self, link: bytes, records: int) -> Tally:
        unfinished = self.file.db.execute(
            "SELECT 1 FROM inputs WHERE first = ? AND source = ? AND command <> ?",
            (link, self.feed.name, self.feed.command),
        ).fetchone()
        tally = Tally() if unfinished else Tally(received=records, duplicate=records)
        with self.file.transaction() as db:
            ledger.add(db, self.feed.name, tally)
            self._note(link)
        return tally

    def _note(self, link: bytes) -> None:
        self.file.db.execute(
            "INSERT INTO inputs VALUES(?, ?, ?, ?) ON CONFLICT(first) DO UPDATE SET command = excluded.command",
            (link, self.feed.name, link, self.feed.command),
        )

    def _kept(
        self,
        db: sqlite3.Connection,
        link: bytes,
        name: str,
        head: bytes,
        frames: Iterator[pl.DataFrame],
        scope: str | None,
    ) -> Tally:
        tally, gave = Tally(), Seen(self.feed.receipt)
        bad: list[rejects.Reject] = []
        for rows in frames:
            rejected = rows.filter(pl.col("rejected").is_not_null()).unique("place", maintain_order=True)
            good = rows.filter(pl.col("rejected").is_null() & ~pl.col("place").is_in(rejected["place"].implode()))
            gave.document(good)
            if rejected.height:
                gave.unread(rejected["place"].to_list(), int((rejected["rejected"] == UNTIMELY).sum()))
            bad += [
                rejects.Reject(place, reason, None)
                for place, reason in rejected.select("place", "rejected").iter_rows()
            ]
            tally += self._good(db, good, scope) + Tally(received=rejected.height, rejected=rejected.height)
        self._written(db, link, name, head, tally, bad)
        seen.add(db, self.feed.name, gave.counts, link if bad else seen.SHARED)
        return tally

    def _written(
        self, db: sqlite3.Connection, link: bytes, name: str, head: bytes, tally: Tally, bad: list[rejects.Reject]
    ) -> None:
        """Write down what became of the document, and keep it whole, if small, when a record was not taken."""
        ledger.add(db, self.feed.name, tally)
        db.execute(
            "INSERT INTO blocks VALUES(?, ?, ?, ?, 0, 0, ?, 0, NULL, ?, NULL, NULL)",
            (link, self.feed.name, link, b"", tally.received, json.dumps(asdict(tally))),
        )
        self._note(link)
        if bad:
            rejects.keep(db, self.key, self.feed.name, link.hex(), bad)
            kept = head if len(head) < SEALED else b""
            rejects.keep_head(db, self.key, self.feed.name, link.hex(), name, described(self.feed), kept)

    def _good(self, db: sqlite3.Connection, rows: pl.DataFrame, scope: str | None) -> Tally:
        """Keep the rows of one frame; places are never split over frames."""
        if not rows.height:
            return Tally()
        if "document" in rows.columns:
            result = purchases.keep(db, self.key, self.feed, self.never, rows)
        else:
            result = inventories.keep(db, self.key, self.windows, self.feed, self.never, rows, scope)
        places = rows["place"].n_unique()
        return Tally(
            received=places,
            counted=places - result.duplicate,
            duplicate=result.duplicate,
            idle=result.idle,
            unassigned=result.unassigned,
            dropped=result.dropped,
        )

    def again(self, head: bytes, link: bytes, name: str) -> tuple[int, int]:
        """Read a kept document again; gives how many of its rejected records were tried and are taken now.

        What the document gave before leaves the ledger and comes back with the new reading. One that was too large to
        keep, or that our own code still fails on, stays as it is.
        """
        if not head:
            return self._waiting(link), 0
        try:
            return self._taken(head, link, name)
        except (sqlite3.Error, OSError, MemoryError):
            raise
        except Exception:  # noqa: BLE001  # as in `read`; the transaction has left everything as it was
            return self._waiting(link), 0

    def _waiting(self, link: bytes) -> int:
        query = "SELECT count(*) FROM rejects WHERE input = ? AND source = ?"
        count: int = self.file.db.execute(query, (link.hex(), self.feed.name)).fetchone()[0]
        return count

    def _taken(self, head: bytes, link: bytes, name: str) -> tuple[int, int]:
        with self.file.transaction() as db:
            tried = self._waiting(link)
            before = Tally(**json.loads(db.execute("SELECT tally FROM blocks WHERE link = ?", (link,)).fetchone()[0]))
            ledger.add(db, self.feed.name, before.negative())
            seen.take_out(db, self.feed.name, link)
            for table, column, value in (
                ("blocks", "link", link),
                ("rejects", "input", link.hex()),
                ("heads", "input", link.hex()),
            ):
                db.execute(f"DELETE FROM {table} WHERE {column} = ? AND source = ?", (value, self.feed.name))
            scope = self._scope(BytesIO(head))
            after = self._kept(db, link, name, head, self._frames(BytesIO(head)), scope)
            moved = Tally(counted=after.duplicate, duplicate=-after.duplicate)
            ledger.add(db, self.feed.name, moved)
        return tried, tried - self._waiting(link)
