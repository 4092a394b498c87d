"""What a block gives, as bytes for the site's file: made beside the transaction, so that writing is nothing but writing."""

from dataclasses import dataclass, field

from streams.site.connections import Connections
from streams.site.keys import SiteKey
from streams.site.named import Named
from streams.site.reduce import Runs
from streams.site.rows import BUCKETS
from streams.site.table import Table

PARTS = 8
"""Pieces that a run is cut into by slice of its names, so that emission reads one slice after the other."""
WIDTH = BUCKETS // PARTS
"""Buckets of a piece; it is stored under its first."""
SMALL = 16_384
"""Rows up to which a run stays in one piece."""
WHOLE = -1
"""Bucket of a run in one piece."""
SEALED = ("flow", "host")
"""Kinds of runs that say what happened on one connection: encrypted."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A row of the table `runs`."""

    kind: str
    bucket: int
    rows: int
    data: bytes


@dataclass(frozen=True)
class Packed:
    """The runs of a block as they are stored."""

    names: Named
    """Names of the block."""
    pieces: list[Piece] = field(default_factory=list)


def packed(runs: Runs, key: SiteKey) -> Packed:
    """Runs as bytes. Takes no lock and touches no file: call it in the thread that reduced the block."""
    pieces = [piece for run in runs.windows for piece in pieces_of("window", run)]
    pieces += [piece for run in runs.flows for piece in pieces_of("flow", run, key)]
    pieces += [piece for run in runs.hosts for piece in pieces_of("host", run, key)]
    return Packed(runs.names, pieces)


def pieces_of(kind: str, rows: Table | Connections, key: SiteKey | None = None) -> list[Piece]:
    """Rows in pieces; small ones in one. With a key they are sealed."""
    if rows.rows <= SMALL:
        return [Piece(kind, WHOLE, rows.rows, _sealed(rows.written(), key))]
    parts = ((first, rows.part(range(first, first + WIDTH))) for first in range(0, BUCKETS, WIDTH))
    return [Piece(kind, first, part.rows, _sealed(part.small().written(), key)) for first, part in parts if part]


def _sealed(data: bytes, key: SiteKey | None) -> bytes:
    return data if key is None else key.seal(data)
