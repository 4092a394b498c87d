"""The bus in one file: an append-only log of frames in SQLite.

Format    table log: topic, position, the frame as an Arrow IPC stream; table positions: how far a consumer is
Gives     frames in the order of their positions; a blob that is no frame as one row with the column `undecodable`
Lacks     partitions and signatures; several processes share it, one writes at a time
Source    https://sqlite.org/wal.html
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from connectors.database import Database
from schemas.topics import decode, encode

UNDECODABLE = "undecodable"
"""Column of the frame that stands for bytes that are none."""

_PAGE = 16
TABLES = """
CREATE TABLE IF NOT EXISTS log (topic TEXT, position INTEGER, frame BLOB NOT NULL, PRIMARY KEY (topic, position));
CREATE TABLE IF NOT EXISTS positions (
  consumer TEXT, topic TEXT, position INTEGER NOT NULL, PRIMARY KEY (consumer, topic)
) WITHOUT ROWID
"""


class EmbeddedBus:
    """A bus for one machine."""

    def __init__(self, place: Path | Database) -> None:
        """Open or create the file, or share one that is open."""
        self._database = Database.at(place, TABLES)

    def publish(self, topic: str, frames: Sequence[pl.DataFrame]) -> list[int]:
        """All frames or none are durable when this returns."""
        blobs = [encode(frame) for frame in frames]
        with self._database.writing() as connection:
            start = self.end(topic)
            positions = list(range(start, start + len(blobs)))
            rows = [(topic, position, blob) for position, blob in zip(positions, blobs, strict=True)]
            connection.executemany("INSERT INTO log VALUES (?, ?, ?)", rows)
        return positions

    def end(self, topic: str) -> int:
        """Position that the next frame of the topic will get."""
        sql = "SELECT coalesce(max(position), -1) + 1 FROM log WHERE topic = ?"
        return int(self._database.rows(sql, (topic,))[0][0])

    def read(self, topic: str, position: int) -> Iterator[tuple[int, pl.DataFrame]]:
        """Frames from `position` on until the end as it is at the first step; nothing is held open in between."""
        end = self.end(topic)
        sql = "SELECT position, frame FROM log WHERE topic = ? AND position >= ? AND position < ? ORDER BY position LIMIT ?"
        while position < end:
            rows = self._database.rows(sql, (topic, position, end, _PAGE))
            if not rows:
                return
            for found, blob in rows:
                yield found, _frame(blob)
            position = rows[-1][0] + 1

    def position(self, consumer: str, topic: str) -> int:
        sql = "SELECT position FROM positions WHERE consumer = ? AND topic = ?"
        rows = self._database.rows(sql, (consumer, topic))
        return int(rows[0][0]) if rows else 0

    def commit(self, consumer: str, topic: str, position: int) -> None:
        with self._database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO positions VALUES (?, ?, ?)", (consumer, topic, position))

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _frame(blob: bytes) -> pl.DataFrame:
    try:
        return decode(blob)
    except (pl.exceptions.PolarsError, OSError, ValueError):
        return pl.DataFrame({UNDECODABLE: [blob]})
