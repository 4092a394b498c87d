"""A site that runs by itself: reads what comes, sends what is due, waits out a full disk, and ends when it is asked to."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from errno import ENOSPC
from pathlib import Path
from threading import Event

from catalogue.snapshot import Snapshot
from schemas.errors import SourceUnavailableError
from schemas.sentence import said
from schemas.settings import SiteSettings, SourceSettings
from streams import access
from streams.embedded import Input, Report, Say, opened, read_one, recovered
from streams.handed import Desk
from streams.sending import Sender
from streams.site.columns import STATE_ZONE
from streams.site.due import Due
from streams.site.ledger import Tally
from streams.site.site import Law, Site
from streams.site.watcher import Find, Stopped, Watcher
from streams.site.windows import Windows

EVERY = 0.1
"""Seconds between two looks at files that are growing."""
SCAN_SHARE = 0.05
"""Part of the time that looking for files may take."""
SCAN = 1.0
"""Fewest seconds between two looks for files."""
LONG = 5.0
"""Seconds of sending above which it is left to the next start when the process is asked to end."""
LOOSE = 250_000
"""Rows of small runs that are kept before they are brought together: a quarter of the memory that it takes `ingest`."""
SETTINGS = 2.0
"""Seconds between two looks at the settings."""
_FIRST_WAIT, _LAST_WAIT = 1.0, 30.0


@dataclass
class Status:
    """How a running watch does."""

    tally: Tally = field(default_factory=Tally)
    files: int = 0
    sent: int = 0
    stuck: bool = False
    """It waits for the disk."""
    changed: bool = False
    """It ended since other settings hold."""


Tick = Callable[[Status], None]


@dataclass
class Run:
    """What a watch is given."""

    data: Path
    settings: SiteSettings
    sources: tuple[SourceSettings, ...]
    snapshot: Snapshot
    find: Find
    say: Say
    stop: Event
    """Set from outside to end."""
    tick: Tick = lambda _: None
    """Told after each round how it goes."""
    once: bool = False
    """Read what there is, then end."""
    changed: Callable[[], bool] = lambda: False
    """Whether other settings hold now: then this run ends, and another one begins by them."""
    due: Due = field(default_factory=Due)
    status: Status = field(default_factory=Status)
    """Counted on."""


def watch(run: Run) -> Status:
    """Follow the files of a site until `run.stop` is set."""
    recovered(run.data, run.snapshot, run.say)
    with (
        Desk(run.data, run.settings.site) as desk,
        opened(run.data, run.settings, Law.of(run.snapshot), run.say) as site,
    ):
        return _Loop(run, site, desk).run()


class _Loop:
    """The rounds of a watch."""

    def __init__(self, run: Run, site: Site, desk: Desk) -> None:
        self.given, self.site, self.desk = run, site, desk
        site.lean = True
        site.windows.most_loose = LOOSE
        self.due, self.status = run.due, run.status
        self.watcher = Watcher(site, run.sources, run.find, run.say)
        self.watcher.stopped = run.stop.is_set
        self.sender = Sender(run.data, site, run.snapshot, run.due)
        self.day = datetime.now(STATE_ZONE).date()
        self._scan_at = 0.0
        self._settings_at = 0.0
        self._wait = _FIRST_WAIT

    def run(self) -> Status:
        self.due.came(time.monotonic() - self.due.soon, new=True)  # what an earlier run left unsent
        quiet = 0
        while not self.given.stop.is_set():
            idle = self._round()
            self.given.tick(self.status)
            self.status.changed = self._changed()
            if self.status.changed:
                break
            quiet = quiet + 1 if idle else 0
            if quiet > 1 and self.given.once:  # a file may be found to be an archive in the first
                break
            if idle or self.status.stuck:
                self.given.stop.wait(self._wait if self.status.stuck else EVERY)
        with self._outside():
            self.sender.judged()
            if (self.due.waits or self.sender.open) and self.sender.took < LONG:
                self._send(following=self.status.changed)
        self.sender.close()
        self.watcher.close()
        self.given.tick(self.status)
        return self.status

    def _changed(self) -> bool:
        """Whether other settings hold now; asked now and then."""
        now = time.monotonic()
        if now < self._settings_at or self.given.once:
            return False
        self._settings_at = now + SETTINGS
        return self.given.changed()

    def _round(self) -> bool:
        """Look for files, read what has come, send what is due. True when nothing came."""
        before = self.status.tally.received
        with self._outside():
            self._new_day()
            self._look()
            for tally, whole in self.watcher.poll(time.monotonic(), self._today(), finish=self.given.once):
                self._came(tally, whole=whole)
                self._some()
            self._came(self.desk.serve(self._read).tally, whole=True)
            if self.due.now(time.monotonic(), self.day) and not self.given.once:
                self._send()
            self._some()
            self.sender.judge()
            self.sender.law()
            self._well()
            return self.status.tally.received == before
        return False

    def _look(self) -> None:
        began = time.monotonic()
        if began >= self._scan_at or self.given.once:
            self.watcher.scan(began, time.time())
            self.status.files = sum(len(watched.files) for watched in self.watcher.sources)
            ended = time.monotonic()
            self._scan_at = ended + max(SCAN, (ended - began) / SCAN_SHARE)

    def _came(self, tally: Tally, *, whole: bool) -> None:
        if tally != Tally():
            self.status.tally += tally
            self.due.came(time.monotonic(), new=whole)
            self.given.tick(self.status)

    def _some(self) -> None:
        """Send what cannot wait."""
        if not self.given.once:
            self.status.sent += self.sender.some()

    def _send(self, *, following: bool = True) -> None:
        """Send everything that changed."""
        self.status.sent += self.sender.everything(self.day, following=following)

    def _read(self, given: Input) -> Report:
        """An input that another command has handed over."""
        report = Report()
        read_one(self.site, given, self._progress, report)
        report.problems += self.site.faults
        self.site.faults = []
        with self.site.file.transaction() as db:
            db.execute("DELETE FROM inputs WHERE command = ?", (self.site.command,))
        return report

    def _progress(self, _: int) -> None:
        self.given.tick(self.status)
        if self.given.stop.is_set():
            raise Stopped

    def _new_day(self) -> None:
        """After midnight: what is due is let go, what a record may claim moves on, and files that are gone are forgotten."""
        today = datetime.now(STATE_ZONE).date()
        if today != self.day:
            self._send()  # before anything is let go
            self.day = today
            self.site.renew()
            self.watcher.note_seen(self._today())
            if self.site.retain():
                access.expire(self.given.data, self._today())

    @staticmethod
    def _today() -> date:
        return datetime.now(UTC).date()

    @contextmanager
    def _outside(self) -> Iterator[None]:
        """A full disk and the like stop the work, are told once, and are waited for; nothing was kept of it."""
        try:
            yield
        except Stopped:
            pass
        except (SourceUnavailableError, sqlite3.OperationalError, OSError) as error:
            if not _passes(error):
                raise
            self._stuck(error)

    def _stuck(self, error: Exception) -> None:
        # what the transaction took back is not in the file, so that what is known of the file is read again
        self.site.windows = Windows(self.site.file, self.site.key)
        self.site.windows.most_loose = LOOSE
        if not self.status.stuck:
            problem = error.sentence if isinstance(error, SourceUnavailableError) else said(str(error))
            self.given.say(said("nothing is read for now, and nothing is lost: {problem}", problem=problem))
            self._wait = _FIRST_WAIT
        else:
            self._wait = min(2 * self._wait, _LAST_WAIT)
        self.status.stuck = True

    def _well(self) -> None:
        if self.status.stuck:
            self.status.stuck = False
            self.given.say(said("reading goes on"))


def _passes(error: Exception) -> bool:
    """True for what is over when there is room again, or another process is done."""
    if isinstance(error, sqlite3.OperationalError):
        return any(word in str(error) for word in ("full", "disk I/O", "locked", "busy"))
    return isinstance(error, SourceUnavailableError) or getattr(error, "errno", None) == ENOSPC
