"""Runs in the site's file, and windows read from them slice by slice, so that memory does not grow with the input."""

import sqlite3
from collections.abc import Iterator

import numpy as np
import polars as pl

from schemas.topics import decode, encode
from streams.site.books import MEMORY
from streams.site.connections import Connections, joined
from streams.site.file import SiteFile
from streams.site.flows import concatenated
from streams.site.keys import SiteKey
from streams.site.packed import SEALED, WHOLE, WIDTH, Packed, Piece, packed, pieces_of
from streams.site.reduce import Runs
from streams.site.rows import BUCKETS, NAMES, WINDOW, merged
from streams.site.slices import Slice
from streams.site.table import Table, coded

LOOSE = 1_000_000
"""Rows of small runs that are kept before they are brought together."""
LOOSE_RUNS = 2_000
"""Small runs that are kept: a log that is followed gives one for each look."""
SLICE = 1_500_000
"""Rows that are looked at at a time."""
MANY = 256
"""Runs of names that are brought to one."""

_NO_SOURCE = ""
_TAIL = -2
"""Bucket of the run of a last line without line end: it stays by itself, since it may have to be taken out again."""


class Windows:
    """What a site counted of the network, until retention deletes it."""

    def __init__(self, file: SiteFile, key: SiteKey) -> None:
        """Runs of an open site file; flows and hosts that wait for each other are sealed with the site's key."""
        self.file, self.key = file, key
        self._written = self.names().select("name")
        self._loose = self._rows("window", WHOLE)
        self._loose_runs = 0
        self.most_loose = LOOSE
        """Rows of small runs that are kept before they are brought together."""
        self.named = 0
        """Names that were new since the start."""

    def append(
        self,
        db: sqlite3.Connection,
        source: str,
        runs: Runs | Packed,
        received: str,
        *,
        tail: bool = False,
    ) -> list[int]:
        """Add the runs of a block (or of a last line without end) inside its transaction; gives their numbers.

        Runs are packed here; who has another thread packs them there.
        """
        given = runs if isinstance(runs, Packed) else packed(runs, self.key)
        self.add_names(db, given.names)
        loose = [piece.rows for piece in given.pieces if piece.kind == "window" and piece.bucket == WHOLE]
        self._loose, self._loose_runs = self._loose + sum(loose), self._loose_runs + len(loose)
        return [self._write(db, source, piece, received, _TAIL if tail else piece.bucket) for piece in given.pieces]

    def append_frame(self, db: sqlite3.Connection, source: str, kind: str, frame: pl.DataFrame, received: str) -> None:
        """Add a run of another kind, such as an inventory's, inside a transaction."""
        self._write(db, source, Piece(kind, WHOLE, frame.height, encode(frame)), received)

    def frames(self, kind: str, schema: pl.Schema) -> pl.DataFrame:
        """All rows of the runs of a kind that was added as frames."""
        blobs = self.file.db.execute("SELECT data FROM runs WHERE kind = ? ORDER BY id", (kind,))
        return concatenated((decode(row[0]) for row in blobs), schema)

    def rows(self) -> pl.DataFrame:
        """All windows (WINDOW columns), without flows: for who looks into a small site."""
        return concatenated((table.frame() for table in self._tables("window", range(BUCKETS))), WINDOW)

    def cut(self) -> None:
        """Bring small runs together when there are too many of them; call between transactions."""
        if self._loose <= self.most_loose and self._loose_runs <= LOOSE_RUNS:
            return
        where = "source = ? AND kind = 'window' AND bucket = ?"
        sources = self.file.db.execute(
            "SELECT DISTINCT source FROM runs WHERE kind = 'window' AND bucket = ?", (WHOLE,)
        )
        with self.file.transaction() as db:
            for (source,) in sources.fetchall():
                received = db.execute(f"SELECT max(received) FROM runs WHERE {where}", (source, WHOLE)).fetchone()[0]
                blobs = db.execute(f"SELECT data FROM runs WHERE {where}", (source, WHOLE))
                rows = merged(pl.concat([Table.read(row[0]).frame() for row in blobs]))
                db.execute(f"DELETE FROM runs WHERE {where}", (source, WHOLE))
                for piece in pieces_of("window", Table.of(*coded(rows))):
                    self._write(db, source, piece, received)
        self._loose = self._loose_runs = 0

    def slices(self) -> Iterator[Slice]:
        """Windows and joined flows of all sources together, slice by slice of the names.

        All names of a registrable domain are in one slice. A key may have several rows: whoever counts adds them up, so
        that what is nobody's business need not be brought together first.
        """
        loose = self._joined()
        names = self.names()
        width = _width(self._rows("window") + self._rows("joined") + sum(table.rows for table in loose))
        for first in range(0, BUCKETS, width):
            buckets = range(first, first + width)
            tables = [table for kind in ("window", "joined") for table in self._tables(kind, buckets)]
            tables += [part for table in loose if (part := table.part(buckets))]
            if tables:
                cut = Slice.of(tables, names, self.key)
                if cut.added.height:
                    with self.file.transaction() as db:
                        self.add_names(db, cut.added)
                yield cut

    def names(self) -> pl.DataFrame:
        """What names stand for (NAMES columns), ordered by name; they belong to no source, since sources share them."""
        frames = [
            decode(row[0]) for row in self.file.db.execute("SELECT data FROM runs WHERE kind = 'name' ORDER BY id")
        ]
        known = concatenated(frames, NAMES)
        _, first = np.unique(known["name"].to_numpy(), return_index=True)
        known = known[first]
        if len(frames) > MANY:
            with self.file.transaction() as db:
                db.execute("DELETE FROM runs WHERE kind = 'name'")
                self._write(db, _NO_SOURCE, Piece("name", WHOLE, known.height, encode(known)), "")
        return known

    def add_names(self, db: sqlite3.Connection, names: pl.DataFrame) -> None:
        """Write down what names stand for that were not known."""
        new = names.join(self._written, on="name", how="anti")
        if not new.height:
            return
        self._write(db, _NO_SOURCE, Piece("name", WHOLE, new.height, encode(new)), "")
        self.named += new.height
        self._written = (
            pl.concat([self._written, new.select("name")]) if self._written.height < MEMORY else new.select("name")
        )

    def _joined(self) -> list[Table]:
        """Join waiting flows, slice by slice of the connections; made anew each time.

        What is too much for one slice is written down as runs of kind `joined`, laid out by name, and not given.
        """
        query = "SELECT DISTINCT source FROM runs WHERE kind = 'flow' ORDER BY source"
        sources = [row[0] for row in self.file.db.execute(query)]
        if self._rows("flow") <= SLICE:
            if self._rows("joined"):
                with self.file.transaction() as db:
                    db.execute("DELETE FROM runs WHERE kind = 'joined'")
            return [table for source in sources for table in self._named(source)]
        with self.file.transaction() as db:
            db.execute("DELETE FROM runs WHERE kind = 'joined'")
            for source in sources:
                for table in self._named(source):
                    for piece in pieces_of("joined", table):
                        self._write(db, source, piece, "")
        return []

    def _named(self, source: str) -> Iterator[Table]:
        """The flows of a source with the hosts of their connections."""
        width = _width(self._rows("flow", source=source) + self._rows("host", source=source))
        for first in range(0, BUCKETS, width):
            buckets = range(first, first + width)
            table = joined(*(list(self._connections(source, kind, buckets)) for kind in SEALED))
            if table:
                yield table

    def _tables(self, kind: str, buckets: range) -> Iterator[Table]:
        for (data,) in self._data(kind, buckets):
            part = Table.read(data).part(buckets)
            if part:
                yield part

    def _connections(self, source: str, kind: str, buckets: range) -> Iterator[Connections]:
        for (data,) in self._data(kind, buckets, source):
            part = Connections.read(self.key.unseal(data)).part(buckets)
            if part:
                yield part

    def _data(self, kind: str, buckets: range, source: str | None = None) -> Iterator[tuple[bytes]]:
        return self.file.db.execute(
            "SELECT data FROM runs WHERE kind = ? AND (bucket < 0 OR bucket BETWEEN ? AND ?) AND source = coalesce(?, source)",
            (kind, buckets.start // WIDTH * WIDTH, buckets.stop - 1, source),
        )

    def _write(
        self, db: sqlite3.Connection, source: str, piece: Piece, received: str, bucket: int | None = None
    ) -> int:
        row = db.execute(
            "INSERT INTO runs(source, kind, bucket, rows, received, data) VALUES(?, ?, ?, ?, ?, ?)",
            (source, piece.kind, piece.bucket if bucket is None else bucket, piece.rows, received, piece.data),
        )
        return int(row.lastrowid or 0)

    def _rows(self, kind: str, bucket: int | None = None, source: str | None = None) -> int:
        query = "SELECT coalesce(sum(rows), 0) FROM runs WHERE kind = ? AND bucket = coalesce(?, bucket) AND source = coalesce(?, source)"
        return int(self.file.db.execute(query, (kind, bucket, source)).fetchone()[0])


def _width(rows: int) -> int:
    """Buckets of a slice of about SLICE rows."""
    width = BUCKETS
    while width > 1 and rows * width > SLICE * BUCKETS:
        width //= 2
    return width
