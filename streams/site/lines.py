"""Reads an input of lines: blocks, known ones skipped, new ones parsed and reduced side by side, kept in order."""

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from io import BufferedReader

from schemas.errors import InputError, NotThisFormatError
from streams.site import blocks, ledger, seen
from streams.site import rejects as kept
from streams.site.feed import Feed, Part, described, prefetched, records, segments
from streams.site.file import SiteFile
from streams.site.identity import Identity, Known
from streams.site.keys import SiteKey
from streams.site.ledger import Tally
from streams.site.packed import packed
from streams.site.taken import TRIED, Taken, Taker, overlong
from streams.site.windows import Windows

AHEAD = 3
"""Blocks being parsed and reduced while the oldest is written down."""


Progress = Callable[[int], None]
"""Told the number of bytes read since the last call."""


class LineReader:
    """Reads inputs of one source into a site's file, one transaction a block."""

    def __init__(self, file: SiteFile, key: SiteKey, windows: Windows, feed: Feed) -> None:
        """The file is open for writing; `windows` is its only writer of runs."""
        self.file, self.key, self.windows, self.feed = file, key, windows, feed
        self.taker = Taker(feed)
        self.identity = Identity(file, key, feed.name)
        self.identity.count = partial(records, feed=feed)
        self.ahead = AHEAD
        """Blocks being parsed while the oldest is written down; 1 takes the least memory."""
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
                if len(waiting) >= self.ahead:
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
                layout = layout or self.feed.connector.layout(bytes(block.data[: kept.HEAD]), self.feed.options)
                parts = segments(block, known.skipped, layout, self.feed)
                layout = parts[-1].layout if parts else layout
                new = None if resumed or known.whole else (block, parts)
                head = bytes(block.data[: kept.HEAD])
                yield _Step(known, parent, first, resumed, block.tail, head, len(block.data), new)
                parent = known.link
                del block, parts, new  # what holds them now is the step, until they are read

    def _taken(self, step: "_Step") -> Taken:
        """What is new of a block; runs beside other blocks."""
        if step.new is None:
            return Taken()
        (block, parts), step.new = step.new, None
        if block.overlong:
            return overlong(block, self.feed.receipt)
        taken = self.taker.parts(parts)
        taken.packed = [packed(run, self.key) for run in taken.runs]
        taken.runs = []
        return taken

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
        failure = taken.failure(name)
        if failure is not None:
            self.faults.append(failure)
        known = step.known
        again = Tally(received=known.records, duplicate=known.records)
        given = step.first.hex()
        with self.file.transaction() as db:
            if known.cut_line is not None:
                self.identity.take_out(db, known.cut_line)
            runs = [
                number
                for part in taken.packed
                for number in self.windows.append(db, self.feed.name, part, self._today, tail=step.tail)
            ]
            if not known.whole:
                self.identity.remember(db, known, step.parent, step.head, step.size, taken.tally, runs, tail=step.tail)
            ledger.add(db, self.feed.name, taken.tally + again)
            if taken.seen is not None:
                seen.add(db, self.feed.name, taken.seen.counts, known.link if step.tail else seen.SHARED)
            if taken.rejects:
                kept.keep(db, self.key, self.feed.name, given, taken.rejects)
                kept.keep_head(db, self.key, self.feed.name, given, name, described(self.feed), step.head)
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


@dataclass(slots=True)
class _Step:
    """One block on its way."""

    known: Known
    parent: bytes
    first: bytes
    resumed: bool
    tail: bool
    head: bytes
    """Its first bytes."""
    size: int
    new: tuple[blocks.Block, list[Part]] | None
    """What has to be read; gone once it is, so that another block can take its memory."""
