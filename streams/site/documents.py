"""Reads a document (invoice, release package, inventory): known ones skipped, new ones written in one transaction."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from hashlib import sha256
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
                    frames = [
                        in_time(frame, self.feed.receipt)
                        for frame in self.feed.connector.read(stream, self.feed.options)
                    ]
                with documents() as stream:
                    scope = self._scope(stream)
            except InputError as error:
                row = {"place": 0, "rejected": str(error)}
                frames, scope = [pl.DataFrame([row], schema={"place": pl.Int64, "rejected": pl.String})], None
        return self._kept(link, name, head, frames, scope)

    def _link(self, stream: BinaryIO) -> tuple[bytes, bytes]:
        digest = sha256()
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

    def _kept(self, link: bytes, name: str, head: bytes, frames: list[pl.DataFrame], scope: str | None) -> Tally:
        rows = (
            pl.concat(frames, how="diagonal")
            if frames
            else pl.DataFrame(schema={"place": pl.Int64, "rejected": pl.String})
        )
        bad = rows.filter(pl.col("rejected").is_not_null()).unique("place", maintain_order=True)
        good = rows.filter(pl.col("rejected").is_null() & ~pl.col("place").is_in(bad["place"].implode()))
        places = good["place"].n_unique()
        with self.file.transaction() as db:
            if "document" in rows.columns:
                result = purchases.keep(db, self.key, self.feed, self.never, good)
            elif good.height:
                result = inventories.keep(db, self.key, self.windows, self.feed, self.never, good, scope)
            else:
                result = purchases.Places()
            tally = Tally(
                received=places + bad.height,
                counted=places - result.duplicate,
                duplicate=result.duplicate,
                rejected=bad.height,
                idle=result.idle,
                unassigned=result.unassigned,
                dropped=result.dropped,
            )
            ledger.add(db, self.feed.name, tally)
            db.execute(
                "INSERT INTO blocks VALUES(?, ?, ?, ?, 0, 0, ?, 0, NULL, ?)",
                (link, self.feed.name, link, b"", tally.received, json.dumps(asdict(tally))),
            )
            self._note(link)
            if bad.height:
                given = link.hex()
                rows_ = (
                    rejects.Reject(place, reason, None) for place, reason in bad.select("place", "rejected").iter_rows()
                )
                rejects.keep(db, self.key, self.feed.name, given, rows_)
                if len(head) < SEALED:
                    rejects.keep_head(db, self.key, self.feed.name, given, name, described(self.feed), head)
        return tally


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
