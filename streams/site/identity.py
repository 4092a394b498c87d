"""Which blocks of an input are known: whole ones by their chain, an open last one by what it was when it was shorter."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass

from streams.site import chain, ends, ledger, rejects, seen
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


@dataclass(frozen=True, slots=True)
class Beginning:
    """A known block that an input begins or goes on with."""

    length: int
    link: bytes
    records: int
    pieces: chain.Chain
    """Its whole pieces, to hash on from."""


class Identity:
    """Recognises the blocks of one source. Identity is (site, source, content); names of files do not matter."""

    def __init__(self, file: SiteFile, key: SiteKey, source: str) -> None:
        """For one source of an open site file."""
        self.file, self.key, self.source = file, key, source
        self.start = key.link(b"", key.digest(source.encode()))
        self.count: Callable[[Data], int] = lambda _: 0
        """Counts the records in lines: what a duplicate has of a known block is not written down."""

    def known(self, parent: bytes, data: Data, digest: bytes) -> Known:
        """What of a block after `parent` was read before."""
        link = self.key.link(parent, digest)
        row = self._one("SELECT records FROM blocks WHERE link = ?", link)
        if row is not None:
            return Known(link, len(data), row[0], whole=True)
        shorter = self._shorter(parent, data)
        if self.within(parent, lambda start, end: data[start:end], len(data)):
            return Known(link, len(data), self.count(data), whole=True)
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
        found = None
        links = {row[3]: row for row in rows}
        for _, digest, _ in chain.digests(
            self.key, lambda start, end: data[start:end], sorted({row[0] for row in rows})
        ):
            found = links.get(self.key.link(parent, digest), found)
        return found

    def longer(
        self, parent: bytes, read: chain.Read, known: int, size: int, pieces: chain.Chain
    ) -> "tuple[Beginning | None, bool]":
        """The longest known block after `parent` that goes on where `known` bytes end, within `size`.

        And whether one is known that begins alike and is longer than `size`. `pieces` are those of the known bytes. Reads
        piece by piece, so that a block need not be in memory. Last lines without end are left out.
        """
        lengths: dict[int, list[tuple[bytes, int]]] = {}
        beyond = False
        for head in self._heads(parent, size):
            rows = self.file.db.execute(
                "SELECT bytes, link, records FROM blocks"
                " WHERE parent = ? AND head_bytes = ? AND head = ? AND bytes > ? AND tail = 0",
                (parent, head, self.key.digest(read(0, head))[:8], known),
            ).fetchall()
            beyond = beyond or any(row[0] > size for row in rows)
            for length, link, records in rows:
                if length <= size:
                    lengths.setdefault(length, []).append((link, records))
        found = None
        for length, digest, passed in chain.digests(self.key, read, sorted(lengths), pieces):
            link = self.key.link(parent, digest)
            for other, records in lengths[length]:
                if other == link:
                    found = Beginning(length, link, records, passed)
        return found, beyond

    def within(self, parent: bytes, read: chain.Read, size: int) -> bool:
        """True when `size` bytes are the beginning of a longer known block, which ended a moment later when it was read."""
        for head in self._heads(parent, size):
            rows = self.file.db.execute(
                "SELECT ends FROM blocks"
                " WHERE parent = ? AND head_bytes = ? AND head = ? AND bytes > ? AND ends IS NOT NULL",
                (parent, head, self.key.digest(read(0, head))[:8], size),
            ).fetchall()
            if any(ends.within(self.key, row[0], read, size) for row in rows):
                return True
        return False

    def _heads(self, parent: bytes, size: int) -> list[int]:
        """Lengths of the heads of blocks after `parent`, up to a size."""
        query = "SELECT DISTINCT head_bytes FROM blocks WHERE parent = ? AND head_bytes <= ?"
        return [row[0] for row in self.file.db.execute(query, (parent, size))]

    def tail(self, parent: bytes, read: chain.Read, size: int) -> "Beginning | None":
        """The last line without end that was counted behind a block, where it is still what comes next."""
        rows = self.file.db.execute(
            "SELECT bytes, link, records FROM blocks WHERE parent = ? AND tail = 1 AND bytes <= ?", (parent, size)
        ).fetchall()
        for length, link, records in rows:
            if self.key.link(parent, chain.digest(self.key, read(0, length))) == link:
                return Beginning(length, link, records, chain.Chain())
        return None

    def remember(
        self,
        db: sqlite3.Connection,
        known: Known,
        parent: bytes,
        head: bytes,
        size: int,
        tally: Tally,
        runs: list[int],
        *,
        tail: bool,
    ) -> None:
        """Remember a block of a size with the records it has in all; `tally` and `runs` are what its new part gave."""
        self.note(db, known.link, parent, head[:HEAD], size, known.records + tally.received, tally, runs, tail=tail)

    def note(
        self,
        db: sqlite3.Connection,
        link: bytes,
        parent: bytes,
        head: Data,
        size: int,
        records: int,
        tally: Tally,
        runs: list[int],
        *,
        tail: bool,
        last: bytes | None = None,
    ) -> None:
        """Write down the link of a block of so many bytes and records that begins with `head`.

        `last`: the ends of its last lines, where it may be longer than a copy of it.
        """
        row = (
            link, self.source, parent, self.key.digest(head)[:8], len(head), size, records, tail,
            json.dumps(runs) if tail else None, json.dumps(asdict(tally)),
            rejects.NEXT if tail and tally.rejected + tally.dead_letter else None, last,
        )  # fmt: skip
        db.execute("INSERT OR REPLACE INTO blocks VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def take_out(self, db: sqlite3.Connection, link: bytes) -> Tally:
        """Take a line out again that was read before its end was written; gives what the ledger loses by it."""
        row = db.execute("SELECT runs, tally, reject FROM blocks WHERE link = ?", (link,)).fetchone()
        if row is None:  # another file of the same content has grown before
            return Tally()
        runs, tally, kept = row
        db.execute("DELETE FROM rejects WHERE id = ?", (kept,))
        for run in json.loads(runs or "[]"):
            db.execute("DELETE FROM runs WHERE id = ?", (run,))
        gone = Tally(**json.loads(tally)).negative()
        ledger.add(db, self.source, gone)
        seen.take_out(db, self.source, link)
        db.execute("DELETE FROM blocks WHERE link = ?", (link,))
        return gone

    def _one(self, query: str, *values: object) -> tuple[int] | None:
        found: tuple[int] | None = self.file.db.execute(query, values).fetchone()
        return found
