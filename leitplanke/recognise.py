"""Which format a file is in: every connector looks at its beginning, as `ingest` would read it."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from connectors import registry
from leitplanke.parsing import frames
from schemas.connector import Options
from schemas.errors import LeitplankeError
from schemas.events import EVENTS
from streams.site.inputs import opened

LARGEST_DOCUMENT = 200_000_000
"""Bytes of a file that is tried as a document; most documents are read whole."""
LEAST = 0.5
"""Share of records that have to be events of a format."""


@dataclass(frozen=True, slots=True, order=True)
class Guess:
    """How well a format fits: of the records looked at, the share of events, and the columns that they fill."""

    share: float
    filled: int
    format: str


def recognised(path: str, zone: ZoneInfo) -> list[Guess]:
    """Formats that fit, the best first; empty for a file that none can read. `zone` is for times that carry none."""
    try:
        begins = _begins(path)
    except (LeitplankeError, OSError):
        return []
    found = []
    for name in registry.names():
        about = registry.describe(name)
        if about.shape == "document" and (
            begins not in {"{", "[", "<"} or Path(path).stat().st_size > LARGEST_DOCUMENT
        ):
            continue
        guess = _guess(name, path, zone)
        if guess is not None and guess.share >= LEAST:
            found.append(guess)
    return sorted(found, key=lambda guess: (-guess.share, -guess.filled, guess.format))


def _begins(path: str) -> str:
    """First character that is neither blank nor byte-order mark."""
    with opened(path) as stream:
        return stream.read(4096).decode("utf-8-sig", errors="replace").lstrip()[:1]


def _guess(name: str, path: str, zone: ZoneInfo) -> Guess | None:
    connector = registry.get(name)
    try:
        first = [*islice(frames(connector, Options(zone, None, None), path), 1)]
    except (LeitplankeError, ValueError, pl.exceptions.PolarsError):
        return None
    if not first or not first[0].height:
        return None
    moment = "day" if "day" in first[0].columns else "at"
    events = first[0].filter(pl.col(moment).is_not_null())
    filled = [column for column in EVENTS[connector.SIGNAL].names if events[column].null_count() < events.height]
    return Guess(events["place"].n_unique() / first[0]["place"].n_unique(), len(filled), name)
