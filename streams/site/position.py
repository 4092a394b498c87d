"""How far a followed file was read: known by device and inode, believed only when the bytes before the place are the same."""

import json
import sqlite3
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from schemas.connector import Layout, Options
from streams.site.chain import Chain, Read
from streams.site.keys import SiteKey

CHECKED = 1024
"""Bytes before the place that must still be the same."""
UNSEEN_DAYS = 35
"""Days after which the place in a file that is gone is forgotten; its content is still known."""

FileId = tuple[int, int]
"""Device and inode."""


@dataclass(frozen=True, slots=True)
class Position:
    """The place in one file. Offsets are bytes of the file; a block begins at `start` and is read up to `offset`."""

    base: int = 0
    """Bytes of a byte-order mark, which is no content."""
    start: int = 0
    offset: int = 0
    line: int = 1
    """Number of the line at `offset`."""
    parent: bytes = b""
    """Link of the block before this one."""
    link: bytes | None = None
    """Link of the open block as far as it was read."""
    own: bool = False
    """The open block was written down while following: it is replaced when it grows."""
    records: int = 0
    """Records of the open block."""
    chain: Chain = field(default_factory=Chain)
    check: bytes = b""
    """Keyed hash of the last bytes that were counted."""
    inside: bool = False
    """The open block goes on with a line that is longer than a block."""
    tail: bytes | None = None
    """Link of a last line without end that was counted as it stood."""
    tail_bytes: int = 0
    first: bytes = b""
    """Names the input among rejects."""
    layout: Layout | None = None
    whole: bool = False
    """A document or an archive, which is read once it is complete."""
    size: int = -1
    """Bytes of the file when it was looked at last."""
    modified: int = 0
    """Nanoseconds of its last change then."""

    @property
    def end(self) -> int:
        """Behind everything that was counted."""
        return self.offset + self.tail_bytes

    def checked(self, key: SiteKey, read: Read) -> bytes:
        """Keyed hash of the last bytes that were counted."""
        return key.digest(read(max(self.base, self.end - CHECKED), self.end))[:8]

    def holds(self, key: SiteKey, read: Read, size: int) -> bool:
        """True when the file still has what was read of it."""
        return size >= self.end and self.check == self.checked(key, read)


def load(db: sqlite3.Connection, source: str, options: Options) -> dict[FileId, Position]:
    """The places in all files of a source."""
    rows = db.execute("SELECT device, inode, position FROM followed WHERE source = ?", (source,))
    return {(device, inode): _read(json.loads(text), options) for device, inode, text in rows}


def save(db: sqlite3.Connection, source: str, file: FileId, position: Position, today: date) -> None:
    """Write a place down, in the transaction of what was read up to it."""
    row = (source, *file, today.isoformat(), json.dumps(_written(position)))
    db.execute("INSERT OR REPLACE INTO followed VALUES(?, ?, ?, ?, ?)", row)


def forget(db: sqlite3.Connection, source: str, file: FileId) -> None:
    """The file is gone for good."""
    db.execute("DELETE FROM followed WHERE source = ? AND device = ? AND inode = ?", (source, *file))


def seen(db: sqlite3.Connection, source: str, files: set[FileId], today: date) -> None:
    """Note which files are there, and forget those that have not been for UNSEEN_DAYS; once a day."""
    day = today.isoformat()
    db.executemany(
        "UPDATE followed SET seen = ? WHERE source = ? AND device = ? AND inode = ?",
        ((day, source, *file) for file in files),
    )
    db.execute("DELETE FROM followed WHERE source = ? AND seen < date(?, ?)", (source, day, f"-{UNSEEN_DAYS} days"))


def _written(position: Position) -> dict[str, Any]:
    """What differs from a new place, as plain JSON."""
    fresh = Position()
    out = {f.name: getattr(position, f.name) for f in fields(Position)}
    out = {name: value for name, value in out.items() if value != getattr(fresh, name)}
    if position.layout is not None:
        known = position.layout
        out["layout"] = [known.kind, known.columns, known.separator, known.extra]
    if "chain" in out:
        out["chain"] = [position.chain.value.hex(), position.chain.size]
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in out.items()}


def _read(body: dict[str, Any], options: Options) -> Position:
    for name in ("parent", "link", "check", "tail", "first"):
        if body.get(name) is not None:
            body[name] = bytes.fromhex(body[name])
    if "layout" in body:
        kind, columns, separator, extra = body["layout"]
        body["layout"] = Layout(kind, tuple(columns), separator, options, extra)
    if "chain" in body:
        body["chain"] = Chain(bytes.fromhex(body["chain"][0]), body["chain"][1])
    return replace(Position(), **body)
