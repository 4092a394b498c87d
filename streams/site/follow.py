"""Reads growing files of lines of one source: each time what has come, as part of the block that `ingest` would make of it.

A followed file is cut into the same blocks as a file that is read at once; an open block is written down as far as it was
read and replaced when it grows, in the transaction of what its new lines gave. So both ways of reading know each other's.
"""

import sqlite3
from dataclasses import dataclass, field, replace
from datetime import date
from os import fstat, pread

from connectors.native.distinct import Survey
from schemas.connector import Layout
from schemas.errors import NotThisFormatError
from streams.site import blocks, chain, ends, inputs, ledger, position, seen
from streams.site import rejects as kept
from streams.site.blocks import Block, Data
from streams.site.feed import Feed, Part, described, records, segments
from streams.site.identity import HEAD, Beginning, Identity
from streams.site.ledger import Tally
from streams.site.packed import packed
from streams.site.position import FileId, Position
from streams.site.site import Site
from streams.site.taken import TRIED, Taken, Taker, overlong

CHUNK = 4 * 1024 * 1024
"""Most bytes that are read at a time; a line may be longer."""


@dataclass(frozen=True)
class Row:
    """A block to be written down."""

    link: bytes
    parent: bytes
    head: Data
    size: int
    records: int
    """Records of it that were counted before."""
    gone: bytes | None = None
    """Link of the shorter block that it replaces."""
    tail: bool = False
    last: bytes | None = None
    """Ends of its last lines."""


@dataclass(frozen=True)
class Step:
    """What a look at a file gave, to be written down in one transaction."""

    after: Position
    taken: Taken = field(default_factory=Taken)
    row: Row | None = None
    again: int = 0
    """Records that were counted before, in another file."""
    cut: bytes | None = None
    """Link of a counted last line that has grown: it is taken out and read again."""
    head: bytes = b""
    """The input's head, where records were not taken."""
    closes: bool = False
    """The block is done, and the next one begins at `after`."""

    def alike(self, other: "Step") -> bool:
        """True when both could be of the same block, in two files: the second is looked at when the first is known."""
        if self.row is None or other.row is None or self.row.parent != other.row.parent:
            return False
        size = min(len(self.row.head), len(other.row.head))
        return self.row.head[:size] == other.row.head[:size]


class Follower:
    """Follows files of one source of an open site."""

    def __init__(self, site: Site, feed: Feed) -> None:
        """For the lines of this source."""
        self.site, self.feed, self.key = site, feed, site.key
        self.taker = Taker(feed)
        self.identity = Identity(site.file, site.key, feed.name)

    def step(self, handle: int, at: Position, name: str, *, finished: bool, patient: bool) -> Step | None:
        """What has come in a file, at most about CHUNK; None where there is nothing to write down.

        `finished`: nothing more is expected, so that a last line without end counts. `patient`: a file that begins like a
        longer known one may be a copy that is still being written; it is left alone.
        Raises NotThisFormatError before anything of the file is kept.
        """
        look = _Look(self, handle, at, name, finished=finished, patient=patient)
        return look.step()

    def write(self, steps: list[tuple[FileId, str, Step]], today: date) -> Tally:
        """Write steps of several files down, all in one transaction; gives what they added to the ledger."""
        total = Tally()
        source, identity = self.feed.name, self.identity
        with self.site.file.transaction() as db:
            for file, name, step in steps:
                if step.cut is not None:
                    total += identity.take_out(db, step.cut)
                tally = step.taken.tally + Tally(received=step.again, duplicate=step.again)
                tail = step.row is not None and step.row.tail
                runs = [
                    number
                    for part in step.taken.packed
                    for number in self.site.windows.append(db, source, part, today.isoformat(), tail=tail)
                ]
                if step.row is not None:
                    self._noted(db, step, step.row, runs)
                ledger.add(db, source, tally)
                if step.taken.seen is not None:
                    link = step.row.link if step.row is not None and step.row.tail else seen.SHARED
                    seen.add(db, source, step.taken.seen.counts, link)
                if step.taken.rejects:
                    given = step.after.first.hex()
                    kept.keep(db, self.key, source, given, step.taken.rejects)
                    kept.keep_head(db, self.key, source, given, name, described(self.feed), step.head)
                position.save(db, source, file, step.after, today)
                total += tally
        if self.site.fresh is not None:
            for part in (part for _, _, step in steps for part in step.taken.packed):
                self.site.fresh.saw(part)
        self.site.windows.cut()
        return total

    def _noted(self, db: sqlite3.Connection, step: Step, row: Row, runs: list[int]) -> None:
        if row.gone is not None and row.gone != row.link:
            db.execute("DELETE FROM blocks WHERE link = ?", (row.gone,))
        tally = step.taken.tally
        self.identity.note(
            db,
            row.link,
            row.parent,
            row.head,
            row.size,
            row.records + tally.received,
            tally,
            runs,
            tail=row.tail,
            last=row.last,
        )


class _Look:
    """One look at one file."""

    def __init__(
        self, follower: Follower, handle: int, at: Position, name: str, *, finished: bool, patient: bool
    ) -> None:
        self.to, self.handle, self.name = follower, handle, name
        self.key, self.feed, self.identity = follower.key, follower.feed, follower.identity
        self.finished, self.patient = finished, patient
        self.at = at
        self.cut: bytes | None = None
        found = fstat(handle)
        self.size, self.modified = found.st_size, found.st_mtime_ns

    def read(self, start: int, end: int) -> bytes:
        """Bytes of the file; fewer where it has become shorter meanwhile."""
        parts = []
        while start < end and (got := pread(self.handle, end - start, start)):
            parts.append(got)
            start += len(got)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def of_block(self, start: int, end: int) -> bytes:
        """Bytes of the open block."""
        return self.read(self.at.start + start, self.at.start + end)

    def step(self) -> Step | None:
        if not self.at.parent and not self._opened():
            return None
        if self.at.tail is not None:
            if self.size <= self.at.end:
                return None
            self.cut = self.at.tail
            self.at = replace(self.at, tail=None, tail_bytes=0)
        known, wait = self._known()
        if known is not None or wait:
            return known
        return self._inside() if self.at.inside else self._grown()

    def _opened(self) -> bool:
        """A file that was never looked at: what is before its content, and its name among rejects."""
        head = self.read(0, HEAD)
        if head.startswith(inputs.WIDE):
            raise NotThisFormatError(
                "{name}: is written in UTF-16; convert it and read it again: iconv -f UTF-16 -t UTF-8 OLD > NEW",
                name=self.name,
            )
        base = len(inputs.MARK) if head.startswith(inputs.MARK) else 0
        first = self.key.link(self.identity.start, self.key.digest(head))
        self.at = Position(base, base, base, parent=self.identity.start, first=first)
        return self.size > base

    def _known(self) -> tuple[Step | None, bool]:
        """What was read beyond the place in another file of the same content; or that this one should be left alone."""
        size = min(self.size - self.at.start, blocks.BLOCK)
        have = self.at.offset - self.at.start
        if size <= have:
            return None, False
        found, beyond = self.identity.longer(self.at.parent, self.of_block, have, size, self.at.chain)
        if beyond and self.patient and not self.finished:
            return None, True
        at, again = self.at, 0
        if beyond and found is None:
            found = self._within(size)
        if found is not None:
            line, layout = self._passed(have, found.length)
            at = replace(
                at, offset=at.start + found.length, link=found.link, own=False, records=found.records,
                chain=found.pieces, line=line, layout=layout,
            )  # fmt: skip
            again = found.records - self.at.records
        tail = None
        if not at.inside:
            tail = self.identity.tail(
                at.link or at.parent,
                lambda start, end: self.read(at.offset + start, at.offset + end),
                self.size - at.offset,
            )
        if tail is not None and tail.link != self.cut and self.size == at.offset + tail.length:
            at = replace(at, tail=tail.link, tail_bytes=tail.length)
            again += tail.records
        elif tail is not None and self.cut is None:
            self.cut = tail.link
        if found is None and at.tail is None:
            return None, False
        return self._to(Step(at, again=again, closes=at.inside)), False

    def _within(self, size: int) -> Beginning | None:
        """All whole lines of the open block, where a longer one is known that has them."""
        data = self.of_block(0, size)
        size = data.rfind(b"\n") + 1
        have = self.at.offset - self.at.start
        if size <= have or not self.identity.within(self.at.parent, lambda start, end: data[start:end], size):
            return None
        pieces = chain.Chain().grown(self.key, data[:size])
        link = self.key.link(self.at.parent, pieces.digest(self.key, data[pieces.size : size]))
        return Beginning(size, link, self.at.records + records(data[have:size], self.feed), pieces)

    def _passed(self, start: int, length: int) -> tuple[int, Layout | None]:
        """Number of the line behind known bytes of the open block, and the layout that holds there."""
        line, layout = self.at.line, self.at.layout
        at, end = self.at.start + start, self.at.start + length
        while at < end:
            data = self.read(at, min(end, at + CHUNK))
            if at + len(data) < end:
                data = data[: data.rfind(b"\n") + 1] or self.read(at, end)
            if not data:
                break
            if self.feed.connector.split is not None and not self.at.inside:
                layout = segments(Block(data, line), len(data), layout or self._layout(end), self.feed)[-1].layout
            line += Survey.of(data).lines
            at += len(data)
        return line, layout

    def _layout(self, end: int) -> Layout:
        """What the head of the file says, of what was read up to a place."""
        head = self.read(self.at.base, min(end, self.at.base + kept.HEAD))
        return self.at.layout or self.feed.connector.layout(head, self.feed.options)

    def _grown(self) -> Step | None:
        """New whole lines of the open block; the last one, where it is finished; or the end of the block."""
        at = self.at
        limit, low = at.start + blocks.BLOCK, at.start + at.chain.size
        want = min(self.size, limit, at.offset + CHUNK)
        data = self.read(low, want)
        if b"\n" not in data[at.offset - low :] and want < min(self.size, limit):
            want = min(self.size, limit)
            data = self.read(low, want)
        want = low + len(data)
        new = data[at.offset - low :]
        cut = new.rfind(b"\n") + 1
        full = want == limit
        if cut and not full and not self.finished and self.feed.connector.split is not None:
            cut = _before_comments(new[:cut]) or (cut if want < self.size else 0)
        if not cut:
            if full:
                return self._to(Step(at, closes=True)) if at.offset > at.start else self._piece(data, inside=True)
            return self._last(new) if self.finished and new else None
        try:
            layout = self._layout(at.offset + cut)
        except NotThisFormatError:
            if not self.finished and at.offset + cut < at.base + kept.HEAD and self.patient:
                return None
            raise
        parts = segments(Block(new[:cut], at.line), 0, layout, self.feed)
        taken = self._taken(parts)
        if taken.foreign and at.link is None and at.parent == self.identity.start:
            raise NotThisFormatError(
                "{name}: none of the first {tried} records is {format}; `leitplanke formats` lists other formats",
                name=self.name,
                tried=TRIED,
                format=self.feed.connector.NAME,
            )
        read = at.offset - low + cut
        pieces = at.chain.grown(self.key, data[:read])
        digest = pieces.digest(self.key, data[pieces.size - at.chain.size : read])
        link, offset = self.key.link(at.parent, digest), at.offset + cut
        row = Row(
            link, at.parent, self._head(offset), offset - at.start, at.records, at.link if at.own else None,
            last=ends.of(self.key, self.of_block, offset - at.start, cut),
        )  # fmt: skip
        after = replace(
            at, offset=offset, line=at.line + Survey.of(new[:cut]).lines, link=link, own=True, chain=pieces,
            records=at.records + taken.tally.received, layout=parts[-1].layout,
        )  # fmt: skip
        return self._to(Step(after, taken, row, closes=full))

    def _last(self, line: bytes) -> Step:
        """A last line without end, counted as it stands."""
        at = self.at
        parts = segments(Block(line, at.line, tail=True), 0, self._layout(self.size), self.feed)
        parent = at.link or at.parent
        link = self.key.link(parent, chain.digest(self.key, line))
        after = replace(at, tail=link, tail_bytes=len(line))
        return self._to(Step(after, self._taken(parts), Row(link, parent, line[:HEAD], len(line), 0, tail=True)))

    def _inside(self) -> Step | None:
        """The rest of a line that is longer than a block, up to its end, or another piece of it."""
        data = self.of_block(0, min(self.size - self.at.start, blocks.BLOCK))
        cut = data.find(b"\n") + 1
        if cut:
            return self._piece(data[:cut], inside=False)
        return self._piece(data, inside=True) if len(data) == blocks.BLOCK else None

    def _piece(self, data: bytes, *, inside: bool) -> Step:
        """A piece of an overlong line as a block of its own."""
        at = self.at
        taken = overlong(Block(data, at.line, overlong=True, first_piece=not at.inside), self.feed.receipt)
        link = self.key.link(at.parent, chain.digest(self.key, data))
        after = replace(at, offset=at.start + len(data), line=at.line + (not inside), link=link, inside=inside)
        return self._to(Step(after, taken, Row(link, at.parent, data[:HEAD], len(data), 0), closes=True))

    def _taken(self, parts: list[Part]) -> Taken:
        taken = self.to.taker.parts(parts)
        taken.packed = [packed(run, self.key) for run in taken.runs]
        taken.runs = []
        return taken

    def _head(self, offset: int) -> bytes:
        return self.of_block(0, min(HEAD, offset - self.at.start))

    def _to(self, step: Step) -> Step:
        """The step with the place after it: the next block where this one is done."""
        after = step.after
        if step.closes:
            torn = self.read(after.offset - 1, after.offset) != b"\n"
            after = Position(
                after.base, after.offset, after.offset, after.line, after.link or after.parent, first=after.first,
                layout=after.layout, inside=torn,
            )  # fmt: skip
        after = replace(after, check=after.checked(self.key, self.read), size=self.size, modified=self.modified)
        head = self.read(after.base, min(after.end, after.base + kept.HEAD)) if step.taken.rejects else b""
        return replace(step, after=after, cut=self.cut, head=head)


def _before_comments(data: bytes) -> int:
    """Length without the comment lines at the end: the header that they may belong to could still be written."""
    end = len(data)
    while end:
        start = data.rfind(b"\n", 0, end - 1) + 1
        if not data.startswith(b"#", start):
            return end
        end = start
    return 0
