"""The files of a site's sources while it runs: growing ones are followed, finished ones read once they are complete."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from connectors import registry
from schemas.errors import LeitplankeError, SourceUnavailableError
from schemas.sentence import said
from schemas.settings import SourceSettings
from streams.site import inputs, position
from streams.site.follow import CHUNK, Follower, Step
from streams.site.ledger import Tally
from streams.site.position import FileId, Position
from streams.site.site import Site

PATIENCE = 60.0
"""Seconds without growth after which a last line without end counts, and a file that begins like another is one of its own."""
SETTLED = 2.0
"""Seconds without change after which a document or an archive is complete."""
SPOOLED = 10.0
"""Seconds without growth after which a file of a spool is complete when there is a newer one."""
HELD = 256
"""Files that are held open, so that one that is renamed out of sight is read to its end."""
TOGETHER = 64
"""Files whose new lines are written down in one transaction."""

Find = Callable[[SourceSettings], list[str]]
"""Files that the path of a source names now."""
Say = Callable[[str], None]


@dataclass
class Tracked:
    """A file of a source."""

    path: str
    position: Position
    grown: float
    """When it was last seen to change."""
    handle: int | None = None
    there: bool = True
    """The path of the source names it."""
    refused: bool = False
    impatient: int = -1
    """Start of the block that was waited for long enough."""
    size: int = -1
    modified: int = 0

    def changed(self, found: os.stat_result, now: float) -> None:
        """Note size and time of the last change."""
        if (found.st_size, found.st_mtime_ns) != (self.size, self.modified):
            self.refused = self.refused and found.st_size >= self.size
            self.size, self.modified, self.grown = found.st_size, found.st_mtime_ns, now


@dataclass
class Watched:
    """A source and its files."""

    source: SourceSettings
    lines: bool
    files: dict[FileId, Tracked] = field(default_factory=dict)
    places: dict[FileId, Position] = field(default_factory=dict)
    """Places of files that were not seen since the start."""


class Watcher:
    """Reads what comes in the files of a site's sources."""

    def __init__(self, site: Site, sources: tuple[SourceSettings, ...], find: Find, say: Say) -> None:
        """`find` lists the files of a source; `say` is told of each trouble once."""
        self.site, self.find, self.say = site, find, say
        self.stopped: Callable[[], bool] = lambda: False
        """Asked between two blocks whether to stop."""
        self.told: set[tuple[str, str]] = set()
        self.sources = [Watched(source, registry.get(source.connector).SHAPE == "lines") for source in sources]
        for watched in self.sources:
            options = site.feed(watched.source, None).options
            watched.places = position.load(site.file.db, watched.source.name, options)

    def close(self) -> None:
        """Let go of all files."""
        for _, tracked in self._files():
            self._let_go(tracked)

    def scan(self, now: float, wall: float) -> None:
        """Look which files there are. `now` is the clock of the other calls, `wall` that of the files."""
        for watched in self.sources:
            found: set[FileId] = set()
            for path in self.find(watched.source):
                try:
                    status = Path(path).stat()
                except FileNotFoundError:
                    continue
                except OSError as error:
                    self._tell(path, said(error.strerror or type(error).__name__))
                    continue
                if stat.S_ISREG(status.st_mode):
                    found.add((status.st_dev, status.st_ino))
                    self._seen(watched, path, status, now, wall)
            for file in [*watched.files]:
                tracked = watched.files[file]
                tracked.there = file in found
                if not tracked.there and tracked.handle is None:
                    watched.places[file] = watched.files.pop(file).position

    def _seen(self, watched: Watched, path: str, status: os.stat_result, now: float, wall: float) -> None:
        file = (status.st_dev, status.st_ino)
        tracked = watched.files.get(file)
        if tracked is None:
            at = watched.places.pop(file, Position())
            # the age of a file of lines counts; a document may have its time from where it was copied
            grown = now - max(0.0, wall - status.st_mtime) if watched.lines else now
            tracked = watched.files[file] = Tracked(path, at, grown, size=status.st_size, modified=status.st_mtime_ns)
        tracked.path = path
        tracked.changed(status, now)

    def poll(self, now: float, today: date, *, finish: bool = False) -> Iterator[tuple[Tally, bool]]:
        """Read what has come since the last call, and give what each transaction added to the ledger.

        With it whether it was a finished file; of lines that grow, `site.fresh` says what cannot wait.
        `finish`: nothing more is expected, so that last lines without end count and nothing is waited for.
        """
        for watched in self.sources:
            if watched.lines:
                for tally in self._lines(watched, now, today, finish=finish):
                    yield tally, False
            for tally in self._whole(watched, now, today, finish=finish):
                yield tally, True
            self._spooled(watched, now)
        self._let_go_of_some(now)

    def _lines(self, watched: Watched, now: float, today: date, *, finish: bool) -> Iterator[Tally]:
        follower = Follower(self.site, self.site.feed(watched.source, None))
        waiting = [file for file, tracked in watched.files.items() if self._due(tracked, now)]
        while waiting and not self.stopped():
            batch: list[tuple[FileId, str, Step]] = []
            left: list[FileId] = []
            size = 0
            for n, file in enumerate(waiting):
                if size >= CHUNK or len(batch) >= TOGETHER:
                    left += waiting[n:]
                    break
                tracked = watched.files[file]
                step = self._step(follower, tracked, now, finish=finish)
                if step is not None and any(step.alike(other) for _, _, other in batch):
                    left.append(file)
                elif step is not None:
                    batch.append((file, Path(tracked.path).name, step))
                    size += max(0, step.after.offset - tracked.position.offset)
            if batch:
                yield follower.write(batch, today)
            for file, name, step in batch:
                watched.files[file].position = step.after
                fault = step.taken.failure(name)
                if fault is not None:
                    self._tell(name, fault)
            waiting = left + [file for file, _, _ in batch]

    def _due(self, tracked: Tracked, now: float) -> bool:
        """Whether to look into a file: it has changed, is held open, or has bytes that are waited for."""
        if tracked.refused or tracked.position.whole:
            return False
        if tracked.handle is not None:
            try:
                tracked.changed(os.fstat(tracked.handle), now)
            except OSError as error:
                self._tell(tracked.path, said(error.strerror or type(error).__name__))
                self._let_go(tracked)
                return False
        at = tracked.position
        return tracked.size != at.end or tracked.modified != at.modified

    def _step(self, follower: Follower, tracked: Tracked, now: float, *, finish: bool) -> Step | None:
        quiet = now - tracked.grown
        try:
            if tracked.handle is None:
                tracked.handle = os.open(tracked.path, os.O_RDONLY | os.O_CLOEXEC)
            self._mended(follower, tracked)
            at = tracked.position
            if not at.parent and self._packed(tracked, finish=finish or quiet >= PATIENCE):
                return None
            if quiet >= PATIENCE:
                tracked.impatient = at.start
            name = Path(tracked.path).name
            finished, patient = finish or quiet >= PATIENCE, tracked.impatient != at.start
            step = follower.step(tracked.handle, at, name, finished=finished, patient=patient)
        except FileNotFoundError:
            return None
        except SourceUnavailableError:
            raise
        except LeitplankeError as error:
            tracked.refused = True
            self._tell(tracked.path, error.sentence)
        except OSError as error:
            self._tell(tracked.path, said(error.strerror or type(error).__name__))
        else:
            if step is None and tracked.size == at.end:  # touched only
                tracked.position = replace(at, modified=tracked.modified)
            return step
        return None

    def _mended(self, follower: Follower, tracked: Tracked) -> None:
        """A file that no longer has what was read of it was cut off, or another one has its inode: it begins anew."""
        handle, at = tracked.handle, tracked.position
        if handle is None or not at.parent:
            return

        def read(start: int, end: int) -> bytes:
            return os.pread(handle, end - start, start)

        if not at.holds(follower.key, read, os.fstat(handle).st_size):
            tracked.position, tracked.impatient = Position(), -1

    def _packed(self, tracked: Tracked, *, finish: bool) -> bool:
        """True for an archive, which is read once it is complete; and for a file too short to tell."""
        head = os.pread(tracked.handle, inputs.SIGNATURE, 0) if tracked.handle is not None else b""
        if inputs.packed(head):
            tracked.position = Position(whole=True)
            self._let_go(tracked)
            return True
        return len(head) < inputs.SIGNATURE and not finish and b"\n" not in head

    def _whole(self, watched: Watched, now: float, today: date, *, finish: bool) -> Iterator[Tally]:
        """Read documents and archives that are complete."""
        for file, tracked in watched.files.items():
            at = tracked.position
            if self.stopped() or not tracked.there or (watched.lines and not at.whole):
                continue
            if (tracked.size, tracked.modified) == (at.size, at.modified) or tracked.refused:
                continue
            if watched.lines and not _is_archive(tracked.path):  # its inode has gone to another file
                tracked.position = Position()
                continue
            if not finish and now - tracked.grown < SETTLED:
                continue
            yield self._read(watched.source, tracked)
            done = Position(whole=True, size=tracked.size, modified=tracked.modified)
            with self.site.file.transaction() as db:
                db.execute("DELETE FROM inputs WHERE command = ?", (self.site.command,))
                position.save(db, watched.source.name, file, done, today)
            tracked.position = done

    def _read(self, source: SourceSettings, tracked: Tracked) -> Tally:
        try:
            return self.site.read(source, tracked.path, None, self._progress)
        except SourceUnavailableError:
            raise
        except LeitplankeError as error:
            self._tell(tracked.path, error.sentence)
        except OSError as error:
            self._tell(tracked.path, said(error.strerror or type(error).__name__))
        return Tally()

    def _progress(self, _: int) -> None:
        if self.stopped():
            raise Stopped

    def _spooled(self, watched: Watched, now: float) -> None:
        """Delete files of a spool that are complete and whose lines are in the site's file."""
        if not watched.source.spool:
            return
        newest: dict[Path, int] = {}
        for tracked in watched.files.values():
            folder = Path(tracked.path).parent
            newest[folder] = max(newest.get(folder, 0), tracked.modified)
        for file in [*watched.files]:
            tracked = watched.files[file]
            at = tracked.position
            done = tracked.size == (at.size if at.whole else at.end)
            newer = tracked.modified < newest[Path(tracked.path).parent]
            quiet = now - tracked.grown >= (SPOOLED if newer else 2 * PATIENCE)
            if done and quiet and tracked.there and not tracked.refused:
                self._delete(watched, file, tracked)

    def _delete(self, watched: Watched, file: FileId, tracked: Tracked) -> None:
        path = Path(tracked.path)
        try:
            status = path.stat()
            if (status.st_dev, status.st_ino, status.st_size) != (*file, tracked.size):
                return
            path.unlink()
        except OSError as error:
            self._tell(tracked.path, said(error.strerror or type(error).__name__))
            return
        # what came between the look and the deletion is still read through the open file
        if tracked.handle is not None and os.fstat(tracked.handle).st_size != tracked.size:
            return
        self._let_go(tracked)
        del watched.files[file]
        with self.site.file.transaction() as db:
            position.forget(db, watched.source.name, file)

    def note_seen(self, today: date) -> None:
        """Once a day: forget places in files that are long gone."""
        with self.site.file.transaction() as db:
            for watched in self.sources:
                position.seen(db, watched.source.name, {*watched.files}, today)

    def _files(self) -> Iterator[tuple[FileId, Tracked]]:
        for watched in self.sources:
            yield from watched.files.items()

    def _let_go_of_some(self, now: float) -> None:
        """Close what is gone and quiet, and the longest quiet ones beyond HELD."""
        held = [tracked for _, tracked in self._files() if tracked.handle is not None]
        for tracked in held:
            if not tracked.there and now - tracked.grown >= PATIENCE:
                self._let_go(tracked)
        held = sorted((tracked for tracked in held if tracked.handle is not None), key=lambda tracked: -tracked.grown)
        for tracked in held[HELD:]:
            self._let_go(tracked)

    def _let_go(self, tracked: Tracked) -> None:
        if tracked.handle is not None:
            os.close(tracked.handle)
            tracked.handle = None

    def _tell(self, path: str, problem: str) -> None:
        """Say what is wrong with a file, once."""
        name = Path(path).name
        told = problem if name in problem else said("{name}: {problem}", name=name, problem=problem)
        if (path, str(told)) not in self.told:
            self.told.add((path, str(told)))
            self.say(told)


def _is_archive(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            return inputs.packed(file.read(inputs.SIGNATURE))
    except OSError:
        return True


class Stopped(Exception):  # noqa: N818  # not an error: the process was asked to end
    """Raised in the middle of an archive when the process is asked to end; what was read of it is kept."""
