"""The ports: what a bus and a store promise. Each has one contract suite that every implementation passes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import polars as pl

Outcome = Literal["stored", "conflict", "refused", "later"]
"""Of one saved document: durable; version differed (load, merge and judge again); will never be taken (dead letter); busy."""


class Bus(Protocol):
    """Append-only topics of frames, read by position. Positions of a topic rise; the first is 0."""

    def publish(self, topic: str, frames: Sequence[pl.DataFrame]) -> list[int]:
        """Append frames; they are durable when this returns. Gives the position of each."""
        ...

    def read(self, topic: str, position: int) -> Iterator[tuple[int, pl.DataFrame]]:
        """Frames from `position` on, with their positions, until the end of the topic as it is now."""
        ...

    def position(self, consumer: str, topic: str) -> int:
        """Position of the next frame that `consumer` has not finished; 0 at first."""
        ...

    def commit(self, consumer: str, topic: str, position: int) -> None:
        """Remember that `consumer` finished everything before `position`."""
        ...


@dataclass(frozen=True, slots=True)
class Query:
    """What a reader asks a store: equality on fields, words, order and page. One object for list, count and chart."""

    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Field of the finding to allowed values: unit (subtree), status, verdict, grade, subject."""
    words: str | None = None
    """Full-text words."""
    findings_only: bool = True
    """Leave out usages without a finding."""
    after: str | None = None
    """Key of the last row of the page before."""
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """Documents of one page, in order of id, and the key to ask for the next; None at the end."""

    documents: pl.DataFrame
    after: str | None


class Store(Protocol):
    """One document a usage, saved by compare-and-set on its version."""

    def load(self, ids: Sequence[str]) -> pl.DataFrame:
        """Documents (columns of USAGE) that exist among `ids`, with their version; order is not promised."""
        ...

    def save(self, documents: pl.DataFrame) -> list[Outcome]:
        """Save each document if the stored version is the one it carries (0: it must not exist); stored version + 1.

        Gives one outcome a row, in order; documents that were stored are durable.
        """
        ...

    def search(self, query: Query) -> Page:
        """One page of documents."""
        ...

    def scan(self, part: int = 0, parts: int = 1) -> Iterator[pl.DataFrame]:
        """Every document of one slice of the ids, page by page; no snapshot is held open between pages."""
        ...
