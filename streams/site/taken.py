"""What new lines give: read quickly where that goes, the long way elsewhere; what no way can read is kept and counted."""

from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import polars as pl

from connectors.native.plan import Quick
from schemas.connector import Layout
from schemas.sentence import Sentence, said
from streams.site import blocks
from streams.site import rejects as kept
from streams.site.blocks import Block
from streams.site.columns import LATEST, where
from streams.site.feed import UNTIMELY, Feed, Part, in_time
from streams.site.filled import Filled, joined
from streams.site.ledger import Tally
from streams.site.packed import Packed
from streams.site.reduce import Runs
from streams.site.seen import Seen

TRIED = 1000
"""Records that must all be rejected before an input counts as another format."""
FAULTS = 400
"""Failures of our own code on one block after which its remaining lines are dead letters without being tried singly."""


@dataclass
class Taken:
    """What new lines gave."""

    runs: list[Runs] = field(default_factory=list)
    packed: list[Packed] = field(default_factory=list)
    """The same as bytes, once the block is done."""
    tally: Tally = field(default_factory=Tally)
    rejects: list[kept.Reject] = field(default_factory=list)
    foreign: bool = False
    """The first TRIED records were all rejected."""
    faults: int = 0
    """How often our own code failed on lines of the block."""
    fault: str | None = None
    """Name of the first of these errors."""

    def failure(self, name: str) -> Sentence | None:
        """What to say of an input whose lines our own code failed on."""
        if self.fault is None:
            return None
        return said(
            "{name}: our own code failed on lines of this input ({fault}); please report it",
            name=name,
            fault=self.fault,
        )

    seen: Seen | None = None
    """What it says of its source; None where nothing was read."""
    unread: list[int] = field(default_factory=list)
    """Places of the lines of a part that could not be read."""
    untimely: int = 0
    """How many of them for their time alone."""


def overlong(block: Block, receipt: datetime) -> Taken:
    """A piece of a line that is longer than a block; the first piece counts as its record."""
    if not block.first_piece:
        return Taken()
    reject = kept.Reject(block.place, f"a line of at most {blocks.BLOCK} bytes", None)
    taken = Taken(tally=Tally(received=1, rejected=1), rejects=[reject], seen=Seen(receipt), unread=[block.place])
    _closed(taken, 0)
    return taken


class Taker:
    """Parses and reduces lines of one source; may be called from several threads."""

    def __init__(self, feed: Feed) -> None:
        """For lines of this source."""
        self.feed = feed

    def parts(self, parts: list[Part]) -> Taken:
        """Lines of a block, each part with its layout."""
        taken = Taken(seen=Seen(self.feed.receipt))
        for part in parts:
            rejects = len(taken.rejects)
            quick = self.feed.quick(part.layout)
            if quick is None or not self._read(part, quick, taken):
                frame = blocks.lines(part.data, part.place, self.feed.connector.ENCODINGS)
                self._parsed(where(frame, self.feed.connector.records(frame)), part.layout, taken)
            _closed(taken, rejects)
        return taken

    def _read(self, part: Part, quick: Quick, taken: Taken) -> bool:
        """Read a part quickly and what is left of it the long way; False when our own code failed on the quick one."""
        try:
            read = self.feed.reducer.read(part.data, quick, self.feed.receipt + LATEST, part.seen)
        except Exception as error:  # noqa: BLE001  # the long way finds out which lines it is
            taken.fault = taken.fault or type(error).__name__
            return False
        taken.runs += read.runs
        _counted(taken, joined(run.filled for run in read.runs), read.records, part.place)
        taken.tally += Tally(received=read.records, counted=read.records)
        for run in read.runs:
            taken.tally += Tally(idle=run.idle, unassigned=run.unassigned, dropped=run.dropped)
        if not len(read.odd):
            return True
        odd = b"\n".join(part.data[start:end] for start, end, _ in read.odd.tolist())
        frame = blocks.lines(odd, 0, self.feed.connector.ENCODINGS)
        frame = frame.with_columns(place=pl.Series(read.odd[:, 2].astype(np.int64) + part.place))
        frame = where(frame, self.feed.connector.records(frame))
        foreign, taken.foreign = taken.foreign, False
        self._parsed(frame, part.layout, taken)
        alone = not read.records or (read.first is not None and _begins(frame, read.first + part.place))
        taken.foreign = foreign or (taken.foreign and alone)
        return True

    def again(self, head: bytes, records: list[bytes]) -> Taken:
        """Parse and reduce single records of an input that began with `head`."""
        taken = Taken(seen=Seen(self.feed.receipt))
        layout = self.feed.connector.layout(head, self.feed.options)
        frame = blocks.lines(b"\n".join(records), 1, self.feed.connector.ENCODINGS)
        self._parsed(frame, layout, taken)
        return taken

    def _parsed(self, lines: pl.DataFrame, layout: Layout, taken: Taken) -> None:
        """Add lines to `taken`; lines that our own code fails on are halved until the culprits stand alone."""
        if not lines.height:
            return
        try:
            events = in_time(self.feed.connector.parse(lines, layout), self.feed.receipt)
            good = where(events, pl.col("rejected").is_null())
            runs = self.feed.reducer(good)
        except Exception as error:  # noqa: BLE001  # poison must not stop the stream: it becomes a dead letter
            taken.fault = taken.fault or type(error).__name__
            taken.faults += 1
            if lines.height > 1 and taken.faults < FAULTS:
                half = lines.height // 2
                self._parsed(lines[:half], layout, taken)
                self._parsed(lines[half:], layout, taken)
                return
            taken.tally += Tally(received=lines.height, dead_letter=lines.height)
            taken.unread += lines["place"].to_list()
            taken.rejects += [
                kept.Reject(place, type(error).__name__, raw.encode(), "dead_letter")
                for place, raw in lines.head(kept.KEPT).iter_rows()
            ]
            return
        bad = events["rejected"].is_not_null()
        rejected = int(bad.sum())
        taken.foreign |= lines.height >= TRIED and bool(bad[:TRIED].all())
        if rejected:
            raw = lines.filter(bad).head(kept.KEPT)
            reasons = events.filter(bad)["rejected"]
            taken.unread += events.filter(bad)["place"].to_list()
            taken.untimely += int((reasons == UNTIMELY).sum())
            if taken.seen is not None:
                taken.seen.lines(good["place"], good["at"])
            taken.rejects += [
                kept.Reject(place, reason, line.encode())
                for (place, line), reason in zip(raw.iter_rows(), reasons.head(kept.KEPT), strict=True)
            ]
        taken.runs.append(runs)
        _counted(taken, runs.filled, lines.height - rejected)
        taken.tally += Tally(
            received=lines.height, counted=lines.height - rejected, rejected=rejected,
            idle=runs.idle, unassigned=runs.unassigned, dropped=runs.dropped,
        )  # fmt: skip


def _counted(taken: Taken, filled: Filled, understood: int, place: int = 0) -> None:
    """Count for the source what was understood: events by what they fill, and what is none."""
    if taken.seen is not None:
        taken.seen.rows(filled, place)
        taken.seen.idle(understood - filled.records)


def _closed(taken: Taken, first: int) -> None:
    """A part is done: its lines that could not be read get the days of their neighbours. `first`: its first reject."""
    if taken.seen is None:
        return
    if taken.unread:
        days = taken.seen.days_of([reject.place for reject in taken.rejects[first:]])
        taken.rejects[first:] = [replace(one, day=day) for one, day in zip(taken.rejects[first:], days, strict=True)]
        taken.seen.unread(taken.unread, taken.untimely)
    taken.seen.close()
    taken.unread, taken.untimely = [], 0


def _begins(frame: pl.DataFrame, place: int) -> bool:
    """True when the first TRIED records of a frame come before a place."""
    return frame.height >= TRIED and int(frame["place"][TRIED - 1]) < place
