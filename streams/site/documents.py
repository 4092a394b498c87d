"""Reads a document (invoice, release package, inventory): known ones skipped, new ones written in one transaction."""

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO

import polars as pl

from catalogue.never import Never
from schemas.errors import InputError
from streams.site import inputs, inventories, ledger, purchases, rejects
from streams.site.feed import Feed, described, in_time
from streams.site.file import SiteFile
from streams.site.identity import Identity
from streams.site.keys import SiteKey
from streams.site.ledger import Tally
from streams.site.windows import Windows

CHUNK = 1 << 20
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

        Raises NotThisFormatError before anything is kept. A document that breaks off is one rejected record.
        """
        with _again(path) as documents:
            with documents() as stream:
                link, head = self._link(stream)
            known = self.file.db.execute("SELECT records FROM blocks WHERE link = ?", (link,)).fetchone()
            if known is not None:
                return self._seen(link, known[0])
            try:
                with documents() as stream:
                    scope = self._scope(stream)
                with documents() as stream, self.file.transaction() as db:
                    return self._kept(db, link, name, head, self._frames(stream), scope)
            except InputError as error:
                frame = pl.DataFrame(
                    [{"place": 0, "rejected": str(error)}], schema={"place": pl.Int64, "rejected": pl.String}
                )
                with self.file.transaction() as db:
                    return self._kept(db, link, name, head, iter([frame]), None)

    def _frames(self, stream: BinaryIO) -> Iterator[pl.DataFrame]:
        """Frames of the document; an inventory as one, since it replaces the earlier one as a whole."""
        frames = (in_time(frame, self.feed.receipt) for frame in self.feed.connector.read(stream, self.feed.options))
        if self.feed.connector.SIGNAL == "procurement":
            return frames
        return iter([pl.concat(frames, how="diagonal")])

    def _link(self, stream: BinaryIO) -> tuple[bytes, bytes]:
        """Identity of the document and its head; the day it is read for (`--at`) is part of what it says."""
        at = self.feed.options.at
        digest = sha256(at.isoformat().encode() if at else b"")
        head = b""
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            head = head or chunk
        return self.identity.key.link(self.identity.start, self.key.digest(digest.digest())), head

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
        tally = Tally()
        bad: list[rejects.Reject] = []
        for rows in frames:
            rejected = rows.filter(pl.col("rejected").is_not_null()).unique("place", maintain_order=True)
            good = rows.filter(pl.col("rejected").is_null() & ~pl.col("place").is_in(rejected["place"].implode()))
            bad += [
                rejects.Reject(place, reason, None)
                for place, reason in rejected.select("place", "rejected").iter_rows()
            ]
            tally += self._good(db, good, scope) + Tally(received=rejected.height, rejected=rejected.height)
        ledger.add(db, self.feed.name, tally)
        db.execute(
            "INSERT INTO blocks VALUES(?, ?, ?, ?, 0, 0, ?, 0, NULL, ?)",
            (link, self.feed.name, link, b"", tally.received, json.dumps(asdict(tally))),
        )
        self._note(link)
        if bad:
            rejects.keep(db, self.key, self.feed.name, link.hex(), bad)
            if len(head) < SEALED:
                rejects.keep_head(db, self.key, self.feed.name, link.hex(), name, described(self.feed), head)
        return tally

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

        What the document gave before leaves the ledger and comes back with the new reading.
        """
        with self.file.transaction() as db:
            tried = db.execute(
                "SELECT count(*) FROM rejects WHERE input = ? AND source = ?", (link.hex(), self.feed.name)
            ).fetchone()[0]
            before = Tally(**json.loads(db.execute("SELECT tally FROM blocks WHERE link = ?", (link,)).fetchone()[0]))
            ledger.add(db, self.feed.name, before.negative())
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
        return tried, before.rejected - after.rejected


@contextmanager
def _again(path: str) -> Iterator[Callable[[], AbstractContextManager[BinaryIO]]]:
    """Gives a function that opens the document anew each time; standard input is set aside first."""
    if path != "-":
        yield lambda: inputs.opened(path)
        return
    with tempfile.TemporaryFile() as aside, inputs.opened("-") as stream:
        while chunk := stream.read(CHUNK):
            aside.write(chunk)

        @contextmanager
        def rewound() -> Iterator[BinaryIO]:
            aside.seek(0)
            yield aside

        yield rewound
