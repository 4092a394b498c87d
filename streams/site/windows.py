"""Runs in the site's file, and windows read from them slice by slice, so that memory does not grow with the input."""

import sqlite3
from collections.abc import Iterator

import numpy as np
import polars as pl

from schemas.topics import decode, encode
from streams.site.connections import Connections, joined, together
from streams.site.file import SiteFile
from streams.site.flows import concatenated
from streams.site.glossary import TOGETHER, Glossary
from streams.site.keys import SiteKey
from streams.site.packed import SEALED, WHOLE, WIDTH, Packed, Piece, packed, pieces_of
from streams.site.reduce import Runs
from streams.site.rows import BUCKETS, WINDOW, merged
from streams.site.slices import Slice
from streams.site.table import Table, coded

LOOSE = 1_000_000
"""Rows of small runs that are kept before they are brought together."""
LOOSE_RUNS = 500
"""Small runs that are kept: a log that is followed gives one for each look."""
SLICE = 1_500_000
"""Rows that are looked at at a time."""

_TAIL = -2
"""Bucket of the run of a last line without line end: it stays by itself, since it may have to be taken out again."""


class Windows:
    """What a site counted of the network, until retention deletes it."""

    def __init__(self, file: SiteFile, key: SiteKey) -> None:
        """Runs of an open site file; flows and hosts that wait for each other are sealed with the site's key."""
        self.file, self.key = file, key
        self.most_loose = LOOSE
        """Rows of small runs that are kept before they are brought together."""
        self.refresh()

    def refresh(self) -> None:
        """Look anew at what the file holds: at the start, and after retention has deleted some of it."""
        self.glossary = Glossary(self.file, self.key)
        self._loose = sum(self._rows(kind, WHOLE) for kind in ("window", *SEALED))
        self._loose_runs = 0

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
        self.glossary.add(db, given.names)
        loose = [piece.rows for piece in given.pieces if piece.bucket == WHOLE]
        self._loose, self._loose_runs = self._loose + sum(loose), self._loose_runs + len(loose)
        return [write(db, source, piece, received, _TAIL if tail else piece.bucket) for piece in given.pieces]

    def append_frame(self, db: sqlite3.Connection, source: str, kind: str, frame: pl.DataFrame, received: str) -> None:
        """Add a run of another kind, such as an inventory's, inside a transaction."""
        write(db, source, Piece(kind, WHOLE, frame.height, encode(frame)), received)

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
        where = "source = ? AND received = ? AND kind = ? AND bucket = ? AND bare = 0"
        # never over days of receipt: retention goes by them
        days = self.file.db.execute(
            "SELECT source, received, kind FROM runs WHERE kind IN ('window', 'flow', 'host') AND bucket = ? AND bare = 0"
            " GROUP BY source, received, kind HAVING count(*) > 1",
            (WHOLE,),
        )
        with self.file.transaction() as db:
            for source, received, kind in days.fetchall():
                chosen = (source, received, kind, WHOLE)
                blobs = db.execute(f"SELECT data FROM runs WHERE {where}", chosen)
                pieces = self._brought_together(kind, [row[0] for row in blobs])
                db.execute(f"DELETE FROM runs WHERE {where}", chosen)
                for piece in pieces:
                    write(db, source, piece, received)
        self._loose = self._loose_runs = 0

    def _brought_together(self, kind: str, runs: list[bytes]) -> list[Piece]:
        if kind in SEALED:
            whole = together([Connections.read(self.key.unseal(data)) for data in runs])
            return pieces_of(kind, whole, self.key)
        rows = merged(pl.concat([Table.read(data).frame() for data in runs]))
        return pieces_of(kind, Table.of(*coded(rows)))

    def slices(self, only: frozenset[int] | None = None) -> Iterator[Slice]:
        """Windows and joined flows of all sources together, slice by slice of the names.

        All names of a registrable domain are in one slice. A key may have several rows: whoever counts adds them up, so
        that what is nobody's business need not be brought together first. With `only`, slices that hold some of these
        buckets, and without flows that wait for their host: to join them takes all of them.
        """
        if only is not None:
            yield from self._some(only)
            return
        loose = self._joined()
        known = self.glossary.tidy()
        every = self.glossary.of(range(BUCKETS)) if known <= TOGETHER else None
        rows = self._rows("window") + self._rows("joined") + sum(table.rows for table in loose)
        width = min(width_of(rows), width_of(known, TOGETHER))
        for first in range(0, BUCKETS, width):
            buckets = range(first, first + width)
            tables = [table for kind in ("window", "joined") for table in self._tables(kind, buckets)]
            tables += [part for table in loose if (part := table.part(buckets))]
            if tables:
                cut = Slice.of(tables, self.glossary.of(buckets) if every is None else every, self.key)
                del tables
                if cut.added.height:
                    with self.file.transaction() as db:
                        self.glossary.add(db, cut.added)
                yield cut
                del cut

    def _some(self, only: frozenset[int]) -> Iterator[Slice]:
        """One slice of some buckets, wherever they lie."""
        wanted = np.zeros(BUCKETS, dtype=np.bool_)
        wanted[list(only)] = True
        pieces = sorted({bucket // WIDTH * WIDTH for bucket in only})
        where = f"kind = 'window' AND (bucket < 0 OR bucket IN ({', '.join(map(str, pieces))}))"
        blobs = self.file.db.execute(f"SELECT data FROM runs WHERE {where}")
        tables = [table for (data,) in blobs if (table := Table.read(data).some(wanted))]
        if tables:
            cut = Slice.of(tables, self.glossary.of(only), self.key)
            with self.file.transaction() as db:
                self.glossary.add(db, cut.added)
            yield cut

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
                        write(db, source, piece, "")
        return []

    def _named(self, source: str) -> Iterator[Table]:
        return named(self.file, self.key, source)

    def _tables(self, kind: str, buckets: range) -> Iterator[Table]:
        for (data,) in _data(self.file, kind, buckets=buckets):
            table = Table.read(data)
            if part := table.part(buckets):
                yield part if _worth(part, table) else Table.read(part.written())

    def _rows(self, kind: str, bucket: int | None = None) -> int:
        query = "SELECT coalesce(sum(rows), 0) FROM runs WHERE kind = ? AND bucket = coalesce(?, bucket)"
        return int(self.file.db.execute(query, (kind, bucket)).fetchone()[0])


def named(file: SiteFile, key: SiteKey, source: str, received: str | None = None) -> Iterator[Table]:
    """The flows of a source, or those received on a day, with the hosts of their connections, slice by slice."""
    query = (
        "SELECT total(rows) FROM runs WHERE source = ?"
        " AND (kind = 'host' OR (kind = 'flow' AND received = coalesce(?, received)))"
    )
    width = width_of(file.db.execute(query, (source, received)).fetchone()[0])
    for first in range(0, BUCKETS, width):
        buckets = range(first, first + width)
        flows = list(_connections(file, key, ("flow", source, received), buckets))
        table = joined(flows, list(_connections(file, key, ("host", source, None), buckets))) if flows else None
        if table:
            yield table


def _connections(
    file: SiteFile, key: SiteKey, chosen: tuple[str, str, str | None], buckets: range
) -> Iterator[Connections]:
    """Runs of a kind, source and day of receipt."""
    for (data,) in _data(file, *chosen, buckets=buckets):
        run = Connections.read(key.unseal(data))
        if part := run.part(buckets):
            yield part if _worth(part, run) else Connections.read(part.small().written())


def _data(
    file: SiteFile, kind: str, source: str | None = None, received: str | None = None, *, buckets: range
) -> Iterator[tuple[bytes]]:
    return file.db.execute(
        "SELECT data FROM runs WHERE kind = ? AND source = coalesce(?, source) AND received = coalesce(?, received)"
        " AND (bucket < 0 OR bucket BETWEEN ? AND ?)",
        (kind, source, received, buckets.start // WIDTH * WIDTH, buckets.stop - 1),
    )


def write(db: sqlite3.Connection, source: str, piece: Piece, received: str, bucket: int | None = None) -> int:
    """Add a run inside a transaction; gives its number."""
    row = db.execute(
        "INSERT INTO runs(source, kind, bucket, rows, received, data) VALUES(?, ?, ?, ?, ?, ?)",
        (source, piece.kind, piece.bucket if bucket is None else bucket, piece.rows, received, piece.data),
    )
    return int(row.lastrowid or 0)


def width_of(count: int, most: int | None = None) -> int:
    """Buckets of a slice that has about `most` of `count` rows or names; SLICE where nothing else is said."""
    most = SLICE if most is None else most
    width = BUCKETS
    while width > 1 and count * width > most * BUCKETS:
        width //= 2
    return width


def _worth(part: Table | Connections, whole: Table | Connections) -> bool:
    """A part keeps the whole in memory: is it so much of it that a copy would gain little?"""
    return 3 * part.rows > whole.rows
