"""A source being read: what its input needs on its way into the file."""

import json
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise

import polars as pl

from connectors.native.distinct import Survey, lines_from
from connectors.native.plan import Quick
from connectors.registry import Connector
from schemas.connector import Layout, Options
from schemas.errors import NotThisFormatError
from streams.site import chain
from streams.site.blocks import Block, Data, lines
from streams.site.columns import EARLIEST, LATEST
from streams.site.keys import SiteKey
from streams.site.reduce import Reducer
from streams.site.rejects import HEAD

LONGEST_COMMENT = 4096
"""Bytes of a comment line that are looked at."""
COMMENTS = 10_000
"""Comment lines of a block that are looked at; what follows so many is no log."""
UNTIMELY = f"a time between {EARLIEST.year} and one day after receipt"
"""What is expected of a record that is rejected for its time alone."""
BEGUN = "begun"
"""What a layout keeps of a header that the end of a block has cut."""


@dataclass
class Feed:
    """A source being read: what its lines need on their way into the file."""

    name: str
    connector: Connector
    """Its connector (contracts.md)."""
    options: Options
    reducer: Reducer
    receipt: datetime
    """When this command reads; bounds what a record may claim."""
    command: str
    """Id of this run of the program, to tell an input that another run left unfinished."""
    _quick: list[tuple[Layout, Quick | None]] = field(default_factory=list)

    def quick(self, layout: Layout) -> Quick | None:
        """How compiled code reads a layout; the same object for the same layout."""
        for known, found in self._quick:
            if known == layout:
                return found
        made = self.connector.quick(layout) if self.connector.quick else None
        self._quick.append((layout, made))
        return made


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of one layout."""

    data: Data
    place: int
    layout: Layout
    seen: Survey | None = None
    """What was seen of its bytes, where somebody has looked."""


def in_time(events: pl.DataFrame, receipt: datetime) -> pl.DataFrame:
    """The events; those before EARLIEST or more than LATEST after the receipt become rejected."""
    moment = "day" if "day" in events.columns else "at"
    low, high = (EARLIEST, receipt + LATEST) if moment == "at" else (EARLIEST.date(), (receipt + LATEST).date())
    late = ~events.select(pl.col(moment).is_between(low, high).fill_null(value=True)).to_series()
    if not late.any():
        return events
    gone = [name for name in events.columns if name not in {"place", "rejected"}]
    return events.with_columns(
        pl.when(late).then(pl.lit(UNTIMELY)).otherwise("rejected").alias("rejected"),
        *(pl.when(~late).then(name).alias(name) for name in gone),
    )


def records(data: Data, feed: Feed) -> int:
    """How many records there are in lines."""
    frame = lines(data, 1, feed.connector.ENCODINGS)
    return int(frame.select(feed.connector.records(frame).sum()).item() or 0)


def described(feed: Feed) -> str:
    """The options of a feed as JSON, to read its kept records again."""
    options = feed.options
    return json.dumps(
        {
            "connector": feed.connector.NAME,
            "timezone": options.timezone.key if options.timezone else None,
            "at": options.at.isoformat() if options.at else None,
            "view": options.view,
            "unit": feed.reducer.units.default,
        },
    )


def segments(block: Block, skipped: int, layout: Layout, feed: Feed) -> list[Part]:
    """What is new of a block, cut where a format that allows it starts a new header in mid-file.

    A header among what is known holds for what is new. One that cannot be read changes nothing: the layout before it
    goes on to hold, and lines that do not fit it are rejected one by one. Where nothing is new, one empty part has the
    layout of what follows.
    """
    data, place, parts = block.data, block.place, []
    starts = [start for start in _headers(data, feed) if start or place > 1]
    for start, end in pairwise([0, *(s for s in starts if s), len(data)]):
        if start in starts:
            layout = _changed(layout, bytes(data[start:end][:HEAD]), feed)
        elif BEGUN in layout.extra:
            layout = _changed(layout, layout.extra[BEGUN].encode() + bytes(data[: min(end, HEAD)]), feed)
        new = max(start, skipped)
        if new < end:
            before = Survey.of(data[start:new]).lines if new > start else 0
            whole = new == 0 and end == len(data)
            parts.append(
                Part(data, place, layout, block.seen) if whole else Part(data[new:end], place + before, layout)
            )
        place += Survey.of(data[start:end]).lines if end < len(data) else 0
    return parts or [Part(b"", place, layout)]


def _changed(layout: Layout, text: bytes, feed: Feed) -> Layout:
    """The layout from a header on. A header that ends with the block may go on in the next one, and is kept for it."""
    try:
        return feed.connector.layout(text[:HEAD], feed.options)
    except NotThisFormatError:
        extra = {name: value for name, value in layout.extra.items() if name != BEGUN}
        if len(text) < HEAD and all(line.startswith(b"#") for line in text.splitlines()):
            extra[BEGUN] = text.decode(errors="replace")
        return replace(layout, extra=extra)


def _headers(data: Data, feed: Feed) -> list[int]:
    """Where a header starts. Headers are comment lines, so that only those are asked about."""
    if feed.connector.split is None:
        return []
    found = lines_from(data, "#", COMMENTS)
    if not found:
        return []
    texts = [bytes(data[at : at + LONGEST_COMMENT]).partition(b"\n")[0].decode(errors="replace") for at in found]
    frame = pl.DataFrame({"place": range(len(texts)), "line": texts}, schema={"place": pl.Int64, "line": pl.String})
    marks = frame.select(feed.connector.split(frame).alias("starts"))["starts"]
    return [at for at, starts in zip(found, marks, strict=True) if starts]


def prefetched(source: Iterator[Block], key: SiteKey) -> Generator[tuple[Block, bytes], None, None]:
    """Blocks with their digests; the next one is read and hashed while this one is worked on."""

    def step() -> tuple[Block, bytes] | None:
        block = next(source, None)
        return None if block is None else (block, chain.digest(key, block.data))

    with ThreadPoolExecutor(1, thread_name_prefix="read") as pool:
        ahead = pool.submit(step)
        while (item := ahead.result()) is not None:
            ahead = pool.submit(step)
            yield item
