"""What a running watch sends: at once what cannot wait, everything now and then; judged in the embedded centre."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path

from catalogue.snapshot import Snapshot
from schemas.topics import OBSERVATIONS
from streams.centre.centre import Centre
from streams.centre.settle import settle
from streams.site import soon
from streams.site.due import SHARE, Due
from streams.site.fresh import Fresh
from streams.site.site import Law, Site

LAW = 30.0
"""Seconds between two looks for a new catalogue."""
REST = 0.25
"""Part of what sending some subjects took for which reading goes on alone afterwards."""


class Sender:
    """Sends what one site has read. Times are those of `time.monotonic`."""

    def __init__(self, data: Path, site: Site, snapshot: Snapshot, due: Due) -> None:
        """`snapshot` is published before anything is sent; a newer one of the centre holds from then on."""
        self.data, self.site, self.snapshot, self.due = data, site, snapshot, due
        self.took = 0.0
        """Seconds that everything took when it was sent last."""
        self.open = False
        """Numbers of the newest day were sent as of one that is not over."""
        self._published = False
        self._judge_at: float | None = None
        """When what was sent before everything else is to be judged."""
        self._judging: Future[float] | None = None
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="judge")
        self._judge_from = self._some_at = self._law_at = 0.0
        """Judging, and sending some subjects, have had their share of the time until here; next look for a catalogue."""
        self._know()

    def close(self) -> None:
        """Judging is over when this returns."""
        self._beside.shutdown()

    def some(self) -> int:
        """Send what cannot wait; it is judged with what comes in the next seconds. Gives the number of observations."""
        began, fresh = time.monotonic(), self.site.fresh
        if fresh is None or began < self._some_at or not self._published:
            return 0
        only = fresh.take()
        if only is None:
            return 0
        with Centre.open(self.data) as centre:
            count = soon.sent(self.site, only, lambda frames: centre.bus.publish(OBSERVATIONS, frames))
        ended = time.monotonic()
        self._some_at, self.open = ended + (ended - began) * REST, True
        self._judge_at = self._judge_at or max(ended + self.due.soon, self._judge_from)
        return count

    def everything(self, day: date, *, following: bool = True) -> int:
        """Send what changed and judge it, by the newest catalogue; gives the number of observations."""
        self.judged()
        began = time.monotonic()
        with Centre.open(self.data) as centre:
            if not self._published:
                centre.publish_catalogue(self.snapshot)
                self._published = True
            current = centre.catalogue()
            if current is not None and current.hash != self.site.law.snapshot.hash:
                self.site.law = Law.of(current)
                self.site.renew()
                self._know()
            count = self.site.emit(lambda frames: centre.bus.publish(OBSERVATIONS, frames), following=following)
            settle(centre)
        self.open = following
        ended = time.monotonic()
        self.took, self._judge_at = ended - began, None
        self.due.sent(began, ended, day)
        return count

    def judge(self) -> None:
        """Judge what was sent before everything else, beside the reading; never for more than a share of the time."""
        if self._judging is not None:
            if self._judging.done():
                self.judged()
        elif self._judge_at is not None and time.monotonic() >= self._judge_at:
            self._judge_at = None
            self._judging = self._beside.submit(_settled, self.data)

    def judged(self) -> None:
        """Wait until judging is done, and leave reading its share of the time."""
        judging, self._judging = self._judging, None
        if judging is not None:
            self._judge_from = time.monotonic() + judging.result() * (1 / SHARE - 1)

    def law(self) -> None:
        """A catalogue that another command has published is due soon, too."""
        now = time.monotonic()
        if now >= self._law_at and self._published:
            self._law_at = now + LAW
            with Centre.open(self.data) as centre:
                current = centre.shelf.newest_key("snapshot")
            if current != self.site.law.snapshot.hash:
                self.due.came(now, new=True)

    def _know(self) -> None:
        """Know what cannot wait, by the catalogue that holds."""
        fresh = Fresh(self.site.law.directory, self.site.key, self.site.settings.group_size)
        fresh.begin(self.site.windows.glossary)
        self.site.fresh = fresh


def _settled(data: Path) -> float:
    """Judge by a new basis; gives the seconds that it took."""
    began = time.monotonic()
    with Centre.open(data) as centre:
        settle(centre)
    return time.monotonic() - began
