"""Which blocks of an input are known: whole ones by their chain, an open last one by what it was when it was shorter."""

import json
import sqlite3
from dataclasses import asdict, dataclass

from streams.site import ledger, rejects, seen
from streams.site.blocks import Data
from streams.site.file import SiteFile
from streams.site.keys import SiteKey
from streams.site.ledger import Tally

HEAD = 1024
"""Bytes at a block's start that find the shorter block it may have grown from."""


@dataclass(frozen=True, slots=True)
class Known:
    """What of a block was read before."""

    link: bytes
    """The block's link in the chain of its input."""
    skipped: int = 0
    """Leading bytes that were read before."""
    records: int = 0
    """Records among them."""
    whole: bool = False
    """The whole block is known."""
    cut_line: bytes | None = None
    """Link of a last line that was read before its end was written; it is taken out and read again."""


class Identity:
    """Recognises the blocks of one source. Identity is (site, source, content); names of files do not matter."""

    def __init__(self, file: SiteFile, key: SiteKey, source: str) -> None:
        """For one source of an open site file."""
        self.file, self.key, self.source = file, key, source
        self.start = key.link(b"", key.digest(source.encode()))

    def known(self, parent: bytes, data: Data, digest: bytes) -> Known:
        """What of a block after `parent` was read before."""
        link = self.key.link(parent, digest)
        row = self._one("SELECT records FROM blocks WHERE link = ?", link)
        if row is not None:
            return Known(link, len(data), row[0], whole=True)
        shorter = self._shorter(parent, data)
        if shorter is None:
            return Known(link)
        length, records, tail, old = shorter
        if tail:
            return self._ended(link, data, 0, 0, length, old)
        last = self._shorter(old, data[length:], tail=True)
        if last is None:
            return Known(link, length, records)
        return self._ended(link, data, length, records, last[0], last[3])

    def _ended(self, link: bytes, data: Data, start: int, records: int, length: int, old: bytes) -> Known:
        """A last line without line end was read: either it was whole, or it has grown and is read again."""
        if data[start + length : start + length + 1] == b"\n":
            count = self._one("SELECT records FROM blocks WHERE link = ?", old)
            return Known(link, start + length + 1, records + (count[0] if count else 0))
        return Known(link, start, records, cut_line=old)

    def _shorter(self, parent: bytes, data: Data, *, tail: bool = False) -> tuple[int, int, bool, bytes] | None:
        """The longest earlier block after `parent` that `data` begins with: bytes, records, tail, link."""
        rows: list[tuple[int, int, bool, bytes]] = []
        sizes = self.file.db.execute("SELECT DISTINCT head_bytes FROM blocks WHERE parent = ?", (parent,)).fetchall()
        for (size,) in sizes:
            if size <= len(data):
                rows += self.file.db.execute(
                    "SELECT bytes, records, tail, link FROM blocks"
                    " WHERE parent = ? AND head_bytes = ? AND head = ? AND bytes < ? AND tail >= ?",
                    (parent, size, self.key.digest(data[:size])[:8], len(data), tail),
                ).fetchall()
        for row in sorted(rows, reverse=True):
            if self.key.link(parent, self.key.digest(data[: row[0]])) == row[3]:
                return row
        return None

    def remember(
        self,
        db: sqlite3.Connection,
        known: Known,
        parent: bytes,
        data: Data,
        tally: Tally,
        runs: list[int],
        *,
        tail: bool,
    ) -> None:
        """Remember a block with the records it has in all; `tally` and `runs` are what its new part gave."""
        records = known.records + tally.received
        head = data[:HEAD]
        row = (
            known.link, self.source, parent, self.key.digest(head)[:8], len(head), len(data), records, tail,
            json.dumps(runs) if tail else None, json.dumps(asdict(tally)),
            rejects.NEXT if tail and tally.rejected + tally.dead_letter else None,
        )  # fmt: skip
        db.execute("INSERT OR REPLACE INTO blocks VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def take_out(self, db: sqlite3.Connection, link: bytes) -> None:
        """Take a line out again that was read before its end was written."""
        runs, tally, kept = db.execute("SELECT runs, tally, reject FROM blocks WHERE link = ?", (link,)).fetchone()
        db.execute("DELETE FROM rejects WHERE id = ?", (kept,))
        for run in json.loads(runs or "[]"):
            db.execute("DELETE FROM runs WHERE id = ?", (run,))
        ledger.add(db, self.source, Tally(**json.loads(tally)).negative())
        seen.take_out(db, self.source, link)
        db.execute("DELETE FROM blocks WHERE link = ?", (link,))

    def _one(self, query: str, *values: object) -> tuple[int] | None:
        found: tuple[int] | None = self.file.db.execute(query, values).fetchone()
        return found
