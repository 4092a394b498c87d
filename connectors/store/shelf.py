"""Small things beside the usages, by kind and key: records of the topics, manifests, dead letters.

Format    one table: kind, key, rank, body; of one key the highest rank stays
Gives     bodies in order of their keys, or the one with the highest rank
Lacks     search; few and small things only
Source    https://sqlite.org/lang_upsert.html
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from connectors.database import Database

TABLES = """
CREATE TABLE IF NOT EXISTS shelf (
  kind TEXT NOT NULL, key TEXT NOT NULL, rank INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, key)
);
CREATE INDEX IF NOT EXISTS shelf_rank ON shelf (kind, rank)
"""


class Item(NamedTuple):
    """One thing on the shelf."""

    key: str
    rank: int
    body: bytes


class Shelf:
    """Bodies by kind and key."""

    def __init__(self, place: Path | Database) -> None:
        """Open or create the file, or share one that is open."""
        self._database = Database.at(place, TABLES)

    def put(self, kind: str, items: Iterable[Item]) -> None:
        """Keep the items; durable when this returns. One with a lower rank than what is there changes nothing."""
        sql = """INSERT INTO shelf VALUES (?, ?, ?, ?) ON CONFLICT (kind, key) DO UPDATE
                 SET rank = excluded.rank, body = excluded.body WHERE excluded.rank >= shelf.rank"""
        with self._database.writing() as connection:
            connection.executemany(sql, [(kind, *item) for item in items])

    def items(self, kind: str, first: str = "", last: str = "\x7f") -> list[Item]:
        """Items whose keys lie between the two, both included, in order of the keys."""
        sql = "SELECT key, rank, body FROM shelf WHERE kind = ? AND key >= ? AND key <= ? ORDER BY key"
        return [Item(*row) for row in self._database.rows(sql, (kind, first, last))]

    def newest(self, kind: str) -> Item | None:
        """The item with the highest rank; None when there is none."""
        sql = "SELECT key, rank, body FROM shelf WHERE kind = ? ORDER BY rank DESC LIMIT 1"
        rows = self._database.rows(sql, (kind,))
        return Item(*rows[0]) if rows else None

    def newest_key(self, kind: str) -> str | None:
        """The key of `newest`, without reading its body."""
        rows = self._database.rows("SELECT key FROM shelf WHERE kind = ? ORDER BY rank DESC LIMIT 1", (kind,))
        return str(rows[0][0]) if rows else None

    def drop(self, kind: str, keys: Iterable[str]) -> None:
        """Forget these."""
        with self._database.writing() as connection:
            connection.executemany("DELETE FROM shelf WHERE kind = ? AND key = ?", [(kind, key) for key in keys])

    def close(self) -> None:
        """Close the file."""
        self._database.close()
