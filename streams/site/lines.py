"""Reads an input of lines: blocks, known ones skipped, new ones parsed and reduced side by side, kept in order."""

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from io import BufferedReader

import polars as pl

from schemas.connector import Layout
from schemas.errors import InputError, NotThisFormatError
from schemas.sentence import said
from streams.site import blocks, ledger
from streams.site import rejects as kept
from streams.site.columns import where
from streams.site.feed import Feed, Part, described, in_time, prefetched, segments
from streams.site.file import SiteFile
from streams.site.identity import Identity, Known
from streams.site.keys import SiteKey
from streams.site.ledger import Tally
from streams.site.reduce import Runs
from streams.site.windows import Windows

TRIED = 1000
"""Records that must all be rejected before an input counts as another format."""
FAULTS = 400
"""Failures of our own code on one block after which its remaining lines are dead letters without being tried singly."""
AHEAD = 3
"""Blocks being parsed and reduced while the oldest is written down."""


@dataclass
class Taken:
    """What new lines gave."""

    runs: list[Runs] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    rejects: list[kept.Reject] = field(default_factory=list)
    foreign: bool = False
    """The first TRIED records were all rejected."""
    faults: int = 0
    """How often our own code failed on lines of the block."""
    fault: str | None = None
    """Name of the first of these errors."""


Progress = Callable[[int], None]
"""Told the number of bytes read since the last call."""


class LineReader:
    """Reads inputs of one source into a site's file, one transaction a block."""

    def __init__(self, file: SiteFile, key: SiteKey, windows: Windows, feed: Feed) -> None:
        """The file is open for writing; `windows` is its only writer of runs."""
        self.file, self.key, self.windows, self.feed = file, key, windows, feed
        self.identity = Identity(file, key, feed.name)
        self.faults: list[str] = []
        """A sentence for each block that our own code failed on."""

    def read(self, stream: BufferedReader, name: str, progress: Progress) -> Tally:
        """Read one input to its end; gives what it added to the ledger.

        Raises NotThisFormatError before anything is kept; InputError after its whole lines are kept.
        """
        total = Tally()
        waiting: deque[tuple[_Step, Future[Taken]]] = deque()
        broken: InputError | None = None
        steps = self._steps(stream, progress)
        with ThreadPoolExecutor(2, thread_name_prefix="reduce") as pool, closing(steps):
            while broken is None:
                try:
                    step = next(steps, None)
                except InputError as error:
                    broken = error
                    break
                if step is None:
                    break
                waiting.append((step, pool.submit(self._taken, step)))
                if len(waiting) >= AHEAD:
                    total += self._kept(*waiting.popleft(), name)
            while waiting:
                total += self._kept(*waiting.popleft(), name)
        if broken is not None:
            raise broken
        return total

    def _steps(self, stream: BufferedReader, progress: Progress) -> Generator["_Step", None, None]:
        """The blocks of an input in order, each with what of it is known and the layout of its new lines."""
        parent, first, layout = self.identity.start, None, None
        unfinished: bytes | None = None
        with closing(prefetched(blocks.blocks(stream), self.key)) as ahead:
            for block, digest in ahead:
                progress(len(block.data))
                known = self.identity.known(parent, block.data, digest)
                if first is None:
                    first = known.link
                    unfinished = self._unfinished(first)
                resumed = unfinished is not None
                if unfinished == known.link:
                    unfinished = None
                layout = layout or self.feed.connector.layout(block.data[: kept.HEAD], self.feed.options)
                parts = segments(block, known.skipped, layout, self.feed)
                layout = parts[-1].layout if parts else layout
                yield _Step(block, known, parent, first, resumed, parts)
                parent = known.link

    def _taken(self, step: "_Step") -> Taken:
        """Parse and reduce what is new of a block; runs beside other blocks."""
        taken = Taken()
        if step.resumed or step.known.whole:
            return taken
        if step.block.overlong:
            if step.block.first_piece:
                taken.tally = Tally(received=1, rejected=1)
                taken.rejects.append(kept.Reject(step.block.place, f"a line of at most {blocks.BLOCK} bytes", None))
            return taken
        for part in step.parts:
            frame = blocks.lines(part.data, part.place, self.feed.connector.ENCODINGS)
            self._parsed(where(frame, self.feed.connector.records(frame)), part.layout, taken)
        return taken

    def again(self, head: bytes, records: list[bytes]) -> Taken:
        """Parse and reduce single records of an input that began with `head`."""
        taken = Taken()
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
            reasons = events.filter(bad)["rejected"].head(kept.KEPT)
            taken.rejects += [
                kept.Reject(place, reason, line.encode())
                for (place, line), reason in zip(raw.iter_rows(), reasons, strict=True)
            ]
        taken.runs.append(runs)
        taken.tally += Tally(
            received=lines.height, counted=lines.height - rejected, rejected=rejected,
            idle=runs.idle, unassigned=runs.unassigned, dropped=runs.dropped,
        )  # fmt: skip

    def _kept(self, step: "_Step", future: "Future[Taken]", name: str) -> Tally:
        """Write a block down: runs, identity, ledger and rejects in one transaction."""
        taken = future.result()
        if taken.foreign and step.first == step.known.link:
            raise NotThisFormatError(
                "{name}: none of the first {tried} records is {format}; `leitplanke formats` lists other formats",
                name=name,
                tried=TRIED,
                format=self.feed.connector.NAME,
            )
        if step.resumed:
            return Tally()
        if taken.fault is not None:
            self.faults.append(
                said(
                    "{name}: our own code failed on lines of this input ({fault}); please report it",
                    name=name,
                    fault=taken.fault,
                )
            )
        known = step.known
        again = Tally(received=known.records, duplicate=known.records)
        given = step.first.hex()
        with self.file.transaction() as db:
            if known.cut_line is not None:
                self.identity.take_out(db, known.cut_line)
            runs = [
                number
                for part in taken.runs
                for number in self.windows.append(db, self.feed.name, part, self._today, tail=step.block.tail)
            ]
            if not known.whole:
                self.identity.remember(db, known, step.parent, step.block.data, taken.tally, runs, tail=step.block.tail)
            ledger.add(db, self.feed.name, taken.tally + again)
            if taken.rejects:
                kept.keep(db, self.key, self.feed.name, given, taken.rejects)
                kept.keep_head(
                    db, self.key, self.feed.name, given, name, described(self.feed), step.block.data[: kept.HEAD]
                )
            db.execute(
                "INSERT INTO inputs VALUES(?, ?, ?, ?) ON CONFLICT(first) DO UPDATE SET last = excluded.last, command = excluded.command",
                (step.first, self.feed.name, known.link, self.feed.command),
            )
        self.windows.cut()
        return taken.tally + again

    @property
    def _today(self) -> str:
        return self.feed.receipt.date().isoformat()

    def _unfinished(self, first: bytes) -> bytes | None:
        """Last link that an earlier, unfinished command wrote of the input that begins with `first`."""
        row = self.file.db.execute(
            "SELECT last FROM inputs WHERE first = ? AND source = ? AND command <> ?",
            (first, self.feed.name, self.feed.command),
        ).fetchone()
        return None if row is None else bytes(row[0])


@dataclass(frozen=True, slots=True)
class _Step:
    """One block on its way."""

    block: blocks.Block
    known: Known
    parent: bytes
    first: bytes
    resumed: bool
    parts: list[Part]
