"""Lets go of runs: connections that are joined, pseudonyms, whole runs, and names that nothing left speaks of."""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np
import polars as pl

from schemas.topics import decode, encode
from streams.site import closed
from streams.site.arrays import Array
from streams.site.closed import CLOSED, GONE
from streams.site.connections import Connections
from streams.site.file import SiteFile, signed
from streams.site.keys import SiteKey
from streams.site.packed import SEALED, pieces_of
from streams.site.rows import merged
from streams.site.table import Table, coded
from streams.site.windows import named, write

LOOSE = "names.loose"
"""Remembered while names may be written down that nothing speaks of any more."""
_NAMED = "SELECT id FROM runs WHERE kind = 'name' ORDER BY id"
_EPOCH = date(1970, 1, 1).toordinal()


class Runs:
    """The runs of a site, for who lets go of some. Each method is one transaction: killed in between, it is done again."""

    def __init__(self, file: SiteFile, key: SiteKey) -> None:
        """The file is open for writing."""
        self.file, self.key = file, key

    def gone(self, source: str, kinds: tuple[str, ...], before: str) -> int:
        """Delete runs received before a day; gives the number of rows. What was sent of their days is final."""
        signal = "assets" if kinds == ("asset",) else "network"
        query = f"FROM runs WHERE source = ? AND kind IN ({', '.join('?' * len(kinds))}) AND received < ?"
        chosen = (source, *kinds, before)
        with self.file.transaction() as db:
            count = int(db.execute(f"SELECT coalesce(sum(rows), 0) {query}", chosen).fetchone()[0])
            if not db.execute(f"SELECT 1 {query}", chosen).fetchone():
                return 0
            last = _latest(self._last(kind, data) for kind, data in db.execute(f"SELECT kind, data {query}", chosen))
            closed.until(self.file, CLOSED, signal, last)
            closed.until(self.file, GONE, signal, last)
            db.execute(f"DELETE {query}", chosen)
            self._loosened(db)
        return count

    def joined(self, source: str, before: str) -> int:
        """Give flows received before a day the hosts of their connections for good; gives the number of flows."""
        count = 0
        query = "SELECT DISTINCT received FROM runs WHERE source = ? AND kind = 'flow' AND received < ?"
        for (received,) in self.file.db.execute(query, (source, before)).fetchall():
            with self.file.transaction() as db:
                for table in named(self.file, self.key, source, received):
                    for piece in pieces_of("window", table):
                        write(db, source, piece, received)
                where = "FROM runs WHERE source = ? AND kind = 'flow' AND received = ?"
                count += db.execute(f"SELECT sum(rows) {where}", (source, received)).fetchone()[0]
                db.execute(f"DELETE {where}", (source, received))
                self._loosened(db)
        return count

    def bared(self, source: str, kind: str, before: str) -> int:
        """Take the pseudonyms out of runs received before a day; gives the number of rows that had some."""
        count = 0
        where = "WHERE source = ? AND kind = ? AND received < ? AND bare = 0"
        query = f"SELECT DISTINCT received FROM runs {where}"
        for (received,) in self.file.db.execute(query, (source, kind, before)).fetchall():
            query = "SELECT id, rows FROM runs WHERE source = ? AND kind = ? AND received = ? AND bare = 0"
            with self.file.transaction() as db:
                last: date | None = None
                for number, rows in db.execute(query, (source, kind, received)).fetchall():
                    data = db.execute("SELECT data FROM runs WHERE id = ?", (number,)).fetchone()[0]
                    last = _latest([last, self._last(kind, data)])
                    height, bare = _bare_install(data) if kind == "asset" else _bare_window(data)
                    db.execute("UPDATE runs SET data = ?, rows = ?, bare = 1 WHERE id = ?", (bare, height, number))
                    count += rows
                closed.until(self.file, CLOSED, "assets" if kind == "asset" else "network", last)
        return count

    def hosts(self, before: str) -> int:
        """Delete what connections said that were received before a day."""
        with self.file.transaction() as db:
            where = "FROM runs WHERE kind = 'host' AND received < ?"
            count = int(db.execute(f"SELECT coalesce(sum(rows), 0) {where}", (before,)).fetchone()[0])
            if count:
                db.execute(f"DELETE {where}", (before,))
                self._loosened(db)
        return count

    def names(self) -> int:
        """Delete the names, and the products, that no run speaks of; gives their number."""
        if not self.file.meta(LOOSE):
            return 0
        with self.file.transaction() as db:
            needed = _united(self._named(db))
            gone = _united(self._cut(db, row[0], needed) for row in db.execute(_NAMED).fetchall())
            count = len(gone)
            count += self._products(db)
            db.execute("DELETE FROM meta WHERE key = ?", (LOOSE,))
        return count

    def _cut(self, db: sqlite3.Connection, run: int, needed: Array) -> Array:
        """Take the names that are not needed out of a run of names; gives them."""
        known = decode(db.execute("SELECT data FROM runs WHERE id = ?", (run,)).fetchone()[0])
        words = known["name"].to_numpy()
        stays = np.isin(words, needed)
        if not stays.any():
            db.execute("DELETE FROM runs WHERE id = ?", (run,))
        elif not stays.all():
            kept = known.filter(pl.Series(stays))
            db.execute("UPDATE runs SET rows = ?, data = ? WHERE id = ?", (kept.height, encode(kept), run))
        gone: Array = words[~stays]
        return gone

    def _named(self, db: sqlite3.Connection) -> Iterator[Array]:
        """The names of each run of the network."""
        for kind, data in db.execute("SELECT kind, data FROM runs WHERE kind IN ('window', 'joined', 'flow', 'host')"):
            if kind in SEALED:
                yield Connections.read(self.key.unseal(data)).columns["name"]
            else:
                yield Table.read(data).columns["name"]

    def _products(self, db: sqlite3.Connection) -> int:
        runs = db.execute("SELECT data FROM runs WHERE kind = 'asset'")
        needed = {signed(word) for (data,) in runs for word in decode(data)["name"].unique()}
        gone = [row for row in db.execute("SELECT name FROM products").fetchall() if row[0] not in needed]
        db.executemany("DELETE FROM products WHERE name = ?", gone)
        return len(gone)

    def _last(self, kind: str, data: bytes) -> date | None:
        """The newest day of a run."""
        if kind == "asset":
            found = decode(data)["day"].max()
            return found if isinstance(found, date) else None
        table = Connections.read(self.key.unseal(data)) if kind in SEALED else Table.read(data)
        days = table.columns["day"]
        return date.fromordinal(_EPOCH + int(days.max())) if len(days) else None

    def _loosened(self, db: sqlite3.Connection) -> None:
        """After a deletion: joined runs are made anew, names may be loose, and blocks speak of no run that is gone."""
        db.execute("DELETE FROM runs WHERE kind = 'joined'")
        db.execute(
            "UPDATE blocks SET runs = (SELECT json_group_array(value) FROM json_each(blocks.runs)"
            " WHERE value IN (SELECT id FROM runs)) WHERE runs IS NOT NULL"
        )
        self.file.remember(LOOSE, "1")


def _latest(days: Iterable[date | None]) -> date | None:
    return max((day for day in days if day is not None), default=None)


def _bare_window(data: bytes) -> tuple[int, bytes]:
    rows = merged(Table.read(data).frame().with_columns(actor=pl.lit(None, pl.UInt64)))
    table = Table.of(*coded(rows))
    return table.rows, table.written()


def _bare_install(data: bytes) -> tuple[int, bytes]:
    none = pl.lit(None, pl.UInt64)
    rows = decode(data).with_columns(device=none, scope=none)
    return rows.height, encode(rows)


def _united(parts: Iterable[Array]) -> Array:
    """The distinct words of many arrays."""
    found: Array = np.zeros(0, dtype=np.uint64)
    waiting: list[Array] = []
    for part in parts:
        waiting.append(np.unique(part))
        if sum(map(len, waiting)) > max(len(found), 1 << 20):
            found, waiting = np.unique(np.concatenate([found, *waiting])), []
    return np.unique(np.concatenate([found, *waiting]))
