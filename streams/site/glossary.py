"""What names stand for, in the site's file: written as blocks bring them, read slice by slice when there are many."""

import sqlite3
from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl

from connectors.native.distinct import Distinct
from schemas.topics import decode, encode
from streams.site.books import MEMORY
from streams.site.file import SiteFile
from streams.site.keys import SiteKey
from streams.site.named import Named
from streams.site.packed import WHOLE
from streams.site.rows import BUCKETS, NAMES

TOGETHER = 250_000
"""Names that are read at a time; beyond it they are laid out by slice."""
MANY = 256
"""Runs of names as blocks brought them, beyond which they are brought together."""

_NO_SOURCE = ""


class Glossary:
    """Runs of kind `name`; they belong to no source, since sources share them. A name may be written several times."""

    def __init__(self, file: SiteFile, key: SiteKey) -> None:
        """Of an open site file; slices of names are found with the site's key."""
        self._file, self._key = file, key
        self._written = self._newest()
        self.added = 0
        """Names that were new since the start."""

    def add(self, db: sqlite3.Connection, names: Named | pl.DataFrame) -> None:
        """Write down NAMES that are not known to be written; call inside a transaction."""
        named = names if isinstance(names, Named) else Named.of(names)
        known = len(self._written)
        new = np.flatnonzero(self._written.numbers(named.words) > known)
        if not len(new):
            return
        frame = named.frame(new)
        if known > MEMORY:
            self._written = _remembered([frame])
        self.added += frame.height
        _write(db, WHOLE, frame)

    def of(self, buckets: Iterable[int]) -> pl.DataFrame:
        """NAMES of some slices, ordered by name; perhaps also of others."""
        chosen = ", ".join(map(str, sorted({WHOLE, *buckets})))
        return _distinct(self._frames(f"bucket IN ({chosen})"))

    def frames(self) -> Iterator[pl.DataFrame]:
        """All NAMES, run by run."""
        return self._frames("1")

    def tidy(self) -> int:
        """Bring what blocks brought together, and lay it out by slice when it is much; gives the number of names written.

        Call it between transactions.
        """
        loose, runs = self._size("bucket = ?", WHOLE)
        every, _ = self._size("1")
        if loose > TOGETHER or (runs > MANY and every > TOGETHER):
            with self._file.transaction() as db:
                last = db.execute("SELECT max(id) FROM runs WHERE kind = 'name'").fetchone()[0]
                for names in _gathered(self._frames("bucket = ? AND id <= ?", WHOLE, last)):
                    self._lay_out(db, names)
                db.execute("DELETE FROM runs WHERE kind = 'name' AND bucket = ? AND id <= ?", (WHOLE, last))
        elif runs > MANY:
            names = self.of(range(BUCKETS))
            with self._file.transaction() as db:
                db.execute("DELETE FROM runs WHERE kind = 'name'")
                _write(db, WHOLE, names)
        return every

    def _lay_out(self, db: sqlite3.Connection, names: pl.DataFrame) -> None:
        parts = names.with_columns(buckets_of(names, self._key)).partition_by("bucket", as_dict=True, include_key=False)
        for (slice_of_names,), part in sorted(parts.items()):
            _write(db, slice_of_names, part)

    def _newest(self) -> Distinct:
        """Names that were written last, as many as are remembered."""
        return _remembered(self._frames("1", order="ORDER BY id DESC"))

    def _size(self, where: str, *values: int) -> tuple[int, int]:
        """Names and runs."""
        query = f"SELECT coalesce(sum(rows), 0), count(*) FROM runs WHERE kind = 'name' AND ({where})"
        return self._file.db.execute(query, values).fetchone()  # type: ignore[no-any-return]  # two numbers

    def _frames(self, where: str, *values: int, order: str = "") -> Iterator[pl.DataFrame]:
        query = f"SELECT data FROM runs WHERE kind = 'name' AND ({where}) {order}"
        for (data,) in self._file.db.execute(query, values):
            yield decode(data)


def buckets_of(names: pl.DataFrame, key: SiteKey) -> pl.Series:
    """The slice that each of NAMES lies in, by its domain, else its address or label."""
    place = names.select(pl.coalesce("domain", "address", "application").fill_null("")).to_series()
    return pl.Series("bucket", key.words("domain", place) % BUCKETS, dtype=pl.UInt8)


def _remembered(frames: Iterable[pl.DataFrame]) -> Distinct:
    """The names of some frames, as many as are remembered."""
    words = Distinct()
    for frame in frames:
        words.numbers(frame["name"].to_numpy())
        if len(words) >= MEMORY:
            break
    return words


def _write(db: sqlite3.Connection, bucket: int, names: pl.DataFrame) -> None:
    db.execute(
        "INSERT INTO runs(source, kind, bucket, rows, received, data) VALUES(?, 'name', ?, ?, '', ?)",
        (_NO_SOURCE, bucket, names.height, encode(names)),
    )


def _gathered(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The frames in few larger ones, in which each name stands once."""
    parts: list[pl.DataFrame] = []
    for frame in frames:
        parts.append(frame)
        if sum(part.height for part in parts) > TOGETHER:
            yield _distinct(iter(parts))
            parts = []
    if parts:
        yield _distinct(iter(parts))


def _distinct(frames: Iterator[pl.DataFrame]) -> pl.DataFrame:
    """The frames as one, ordered by name, each name once."""
    known, parts = pl.DataFrame(schema=NAMES), []
    for frame in frames:
        parts.append(frame)
        if sum(part.height for part in parts) > max(TOGETHER, known.height):
            known, parts = _once([known, *parts]), []
    return _once([known, *parts]) if parts else known


def _once(parts: list[pl.DataFrame]) -> pl.DataFrame:
    every = pl.concat(parts)
    _, first = np.unique(every["name"].to_numpy(), return_index=True)
    return every[first]
