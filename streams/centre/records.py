"""Records on a topic: one row each, those larger than a frame as numbered parts, the last with the hash of the whole."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

import polars as pl

from schemas.topics import FRAME_BYTES, RECORD

PART_CHARS = FRAME_BYTES // 5
"""Characters of a part: four bytes each at most, and room for the frame around them."""


def frames(kind: str, name: str, body: str) -> list[pl.DataFrame]:
    """The record as frames below FRAME_BYTES, to be published together."""
    texts = [body[start : start + PART_CHARS] for start in range(0, len(body), PART_CHARS)] or [""]
    last = len(texts) - 1
    rows = [(kind, name, i, i == last, _digest(body) if i == last else None, text) for i, text in enumerate(texts)]
    return [pl.DataFrame([row], schema=RECORD, orient="row") for row in rows]


@dataclass(frozen=True, slots=True)
class Found:
    """One whole record."""

    position: int
    """Of its last part."""
    kind: str
    name: str
    body: str


@dataclass
class Assembly:
    """Whole records of a topic, read from `start`; `position` is where a later reading has to begin."""

    start: int
    records: list[Found] = field(default_factory=list)
    _open: dict[tuple[str, str], tuple[int, list[str]]] = field(default_factory=dict)
    _end: int | None = None

    @property
    def position(self) -> int:
        """After everything read, but not behind a record that is not whole yet."""
        end = self.start if self._end is None else self._end
        return min([end, *(first for first, _ in self._open.values())])

    def read(self, pairs: Iterable[tuple[int, pl.DataFrame]]) -> "Assembly":
        """Take frames with their positions; what is no record, or whose hash differs, is passed over."""
        for position, frame in pairs:
            self._end = position + 1
            if frame.schema == RECORD:
                for row in frame.iter_rows(named=True):
                    self._add(position, **row)
        return self

    def _add(self, position: int, *, kind: str, id: str, part: int, last: bool, digest: str | None, body: str) -> None:  # noqa: A002 - the column's name
        first, parts = self._open.pop((kind, id), (position, [])) if part else (position, [])
        if part != len(parts):
            return
        parts.append(body)
        if not last:
            self._open[kind, id] = (first, parts)
        elif digest == _digest(whole := "".join(parts)):
            self.records.append(Found(position, kind, id, whole))


def _digest(body: str) -> str:
    return blake2b(body.encode(), digest_size=16).hexdigest()
