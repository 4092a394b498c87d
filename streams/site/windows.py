"""Runs in the site's file, and windows merged from them slice by slice, so that memory does not grow with the input."""

import sqlite3
from collections.abc import Iterable, Iterator

import polars as pl

from schemas.topics import decode, encode
from streams.site.books import MEMORY
from streams.site.cap import capped
from streams.site.file import SiteFile
from streams.site.flows import concatenated, joined
from streams.site.keys import SiteKey
from streams.site.reduce import Runs
from streams.site.rows import BUCKETS, FLOW, HOST, NAMES, WINDOW, merged

LOOSE = 4_000_000
"""Rows of unsorted runs that are kept before they are cut into slices."""

SLICE = 1_000_000
"""Rows that are merged at a time."""
MANY = 16
"""Runs of one slice that are brought to one."""

_WHOLE = -1
"""Bucket of a run that is not cut yet."""
_NO_SOURCE = ""
_TAIL = -2
"""Bucket of the run of a last line without line end: it stays by itself, since it may have to be taken out again."""
_SCHEMAS = {"window": WINDOW, "flow": FLOW, "host": HOST}
_SLICED_BY = {"window": pl.col("bucket"), "flow": pl.col("flow") % BUCKETS, "host": pl.col("flow") % BUCKETS}


class Windows:
    """What a site counted of the network, until retention deletes it."""

    def __init__(self, file: SiteFile, key: SiteKey) -> None:
        """Runs of an open site file; flows and hosts that wait for each other are sealed with the site's key."""
        self.file, self.key = file, key
        self._written = self._names().select("name")
        self._loose = self._rows(_WHOLE)

    def append(
        self,
        db: sqlite3.Connection,
        source: str,
        runs: Runs,
        received: str,
        *,
        tail: bool = False,
    ) -> list[int]:
        """Add the runs of a block (or of a last line without end) inside its transaction; gives their numbers."""
        self._write_names(db, runs.names)
        numbers = [
            self._write(db, source, kind, _TAIL if tail else _WHOLE, frame, received)
            for kind, frame in (("window", runs.windows), ("flow", runs.flows.flows), ("host", runs.flows.hosts))
            if frame.height
        ]
        self._loose += runs.windows.height + runs.flows.flows.height + runs.flows.hosts.height
        return numbers

    def append_frame(self, db: sqlite3.Connection, source: str, kind: str, frame: pl.DataFrame, received: str) -> None:
        """Add a run of another kind, such as an inventory's, inside a transaction."""
        self._write(db, source, kind, _WHOLE, frame, received)

    def frames(self, kind: str, schema: pl.Schema) -> pl.DataFrame:
        """All rows of the runs of a kind."""
        blobs = self.file.db.execute("SELECT data FROM runs WHERE kind = ? ORDER BY id", (kind,))
        return concatenated((decode(row[0]) for row in blobs), schema)

    def cut(self) -> None:
        """Cut loose runs into slices when there are too many of them; call between transactions."""
        if self._loose > LOOSE:
            with self.file.transaction() as db:
                for source, kind in db.execute(
                    "SELECT DISTINCT source, kind FROM runs WHERE bucket = ? AND kind IN ('window', 'flow', 'host')",
                    (_WHOLE,),
                ).fetchall():
                    self._cut(db, source, kind)
            self._loose = 0

    def slices(self) -> Iterator[pl.DataFrame]:
        """Windows (WINDOW columns, all sources together), one frame a slice of the names.

        All names of a registrable domain are in one slice. A key may have several rows: whoever counts adds them up, so
        that what is nobody's business need not be brought together first.
        """
        if self._rows(None) <= LOOSE:
            flows = [joined(self._read(source, "flow"), self._read(source, "host")) for source in self._sources("flow")]
            yield self._whole([*(self._read(source, "window") for source in self._sources("window")), *flows])
            return
        self._loose = LOOSE + 1
        self.cut()
        self._join()
        width = max(1, BUCKETS * SLICE // self._rows(None))
        for first in range(0, BUCKETS, width):
            buckets = range(first, min(first + width, BUCKETS))
            for source in self._sources("window"):
                self._compact(source, buckets)
            kinds = [(kind, source) for kind in ("window", "joined") for source in self._sources(kind)]
            yield self._whole(self._slice(source, kind, buckets) for kind, source in kinds)

    def _whole(self, parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
        rows = concatenated(parts, WINDOW)
        fewer, names = capped(rows, self.names(rows["name"].unique()), self.key)
        if fewer is rows:
            return rows
        with self.file.transaction() as db:
            self._write_names(db, names)
        return fewer

    def names(self, words: pl.Series) -> pl.DataFrame:
        """What distinct names stand for (NAMES columns)."""
        return self._names().join(words.to_frame("name"), on="name", how="semi")

    def _names(self) -> pl.DataFrame:
        """All names; they belong to no source, since sources share them."""
        frames = [
            decode(row[0]) for row in self.file.db.execute("SELECT data FROM runs WHERE kind = 'name' ORDER BY id")
        ]
        known = concatenated(frames, NAMES).unique("name", keep="first", maintain_order=True)
        if len(frames) > MANY * MANY:
            with self.file.transaction() as db:
                db.execute("DELETE FROM runs WHERE kind = 'name'")
                self._write(db, _NO_SOURCE, "name", _WHOLE, known, "")
        return known

    def _join(self) -> None:
        """Join waiting flows slice by slice and lay the result out by name; derived, made anew each time."""
        with self.file.transaction() as db:
            db.execute("DELETE FROM runs WHERE kind = 'joined'")
            for source in self._sources("flow"):
                for part in range(BUCKETS):
                    buckets = range(part, part + 1)
                    rows = merged(joined(self._slice(source, "flow", buckets), self._slice(source, "host", buckets)))
                    for (bucket,), frame in rows.partition_by("bucket", as_dict=True).items():
                        self._write(db, source, "joined", int(str(bucket)), frame, "")

    def _compact(self, source: str, buckets: range) -> None:
        """Bring the runs of slices that have many to one run each."""
        where = "source = ? AND kind = 'window' AND bucket = ?"
        for bucket in buckets:
            count, received = self.file.db.execute(
                f"SELECT count(*), max(received) FROM runs WHERE {where}", (source, bucket)
            ).fetchone()
            if count > MANY:
                rows = merged(self._read(source, "window", range(bucket, bucket + 1)))
                with self.file.transaction() as db:
                    db.execute(f"DELETE FROM runs WHERE {where}", (source, bucket))
                    self._write(db, source, "window", bucket, rows, received)

    def _cut(self, db: sqlite3.Connection, source: str, kind: str) -> None:
        """Lay loose runs out by slice, about SLICE rows at a time."""
        where = "source = ? AND kind = ? AND bucket = ?"
        loose = db.execute(
            f"SELECT id, rows, received FROM runs WHERE {where} ORDER BY id", (source, kind, _WHOLE)
        ).fetchall()
        while loose:
            portion = [loose.pop(0)]
            while loose and sum(run[1] for run in portion) + loose[0][1] <= SLICE:
                portion.append(loose.pop(0))
            first, last = portion[0][0], portion[-1][0]
            rows = self._read(source, kind, range(_WHOLE, _WHOLE + 1), range(first, last + 1))
            db.execute(f"DELETE FROM runs WHERE {where} AND id BETWEEN ? AND ?", (source, kind, _WHOLE, first, last))
            sliced = rows.with_columns(_SLICED_BY[kind].alias("slice"))
            for (part,), frame in sliced.partition_by("slice", as_dict=True, include_key=False).items():
                self._write(db, source, kind, int(str(part)), frame, max(run[2] for run in portion))

    def _write(
        self, db: sqlite3.Connection, source: str, kind: str, bucket: int, frame: pl.DataFrame, received: str
    ) -> int:
        data = encode(frame)
        if kind in {"flow", "host"}:
            data = self.key.seal(data)
        row = db.execute(
            "INSERT INTO runs(source, kind, bucket, rows, received, data) VALUES(?, ?, ?, ?, ?, ?)",
            (source, kind, bucket, frame.height, received, data),
        )
        return int(row.lastrowid or 0)

    def _read(
        self, source: str, kind: str, buckets: range = range(_TAIL, BUCKETS), ids: range | None = None
    ) -> pl.DataFrame:
        query = "SELECT data FROM runs WHERE source = ? AND kind = ? AND bucket BETWEEN ? AND ?"
        asked: list[str | int] = [source, kind, buckets.start, buckets.stop - 1]
        if ids is not None:
            query += " AND id BETWEEN ? AND ?"
            asked += [ids.start, ids.stop - 1]
        blobs = (row[0] for row in self.file.db.execute(query + " ORDER BY id", asked))
        opened = (decode(self.key.unseal(blob) if kind in {"flow", "host"} else blob) for blob in blobs)
        return concatenated(opened, _SCHEMAS.get(kind, WINDOW))

    def _slice(self, source: str, kind: str, buckets: range) -> pl.DataFrame:
        """What lies in some slices, tails among them."""
        tails = self._read(source, kind, range(_TAIL, _TAIL + 1))
        if kind in _SLICED_BY:
            tails = tails.filter(_SLICED_BY[kind].is_between(buckets.start, buckets.stop - 1))
        return pl.concat([self._read(source, kind, buckets), tails])

    def _sources(self, kind: str) -> list[str]:
        query = "SELECT DISTINCT source FROM runs WHERE kind = ? ORDER BY source"
        return [row[0] for row in self.file.db.execute(query, (kind,))]

    def _rows(self, bucket: int | None) -> int:
        query = "SELECT coalesce(sum(rows), 0) FROM runs WHERE bucket = coalesce(?, bucket) AND kind IN ('window', 'flow', 'host')"
        return int(self.file.db.execute(query, (bucket,)).fetchone()[0])

    def _write_names(self, db: sqlite3.Connection, names: pl.DataFrame) -> None:
        new = names.join(self._written, on="name", how="anti")
        if not new.height:
            return
        self._write(db, _NO_SOURCE, "name", _WHOLE, new, "")
        self._written = (
            pl.concat([self._written, new.select("name")]) if self._written.height < MEMORY else new.select("name")
        )
