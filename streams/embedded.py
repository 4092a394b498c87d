"""Runs the whole graph in one process: the sites of a data folder, and the centre beside them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from catalogue.snapshot import Snapshot
from schemas.errors import ConfigurationError, LeitplankeError, SourceUnavailableError
from schemas.sentence import said
from schemas.settings import SiteSettings, SourceSettings
from schemas.topics import OBSERVATIONS
from streams import access
from streams.centre.centre import FILE, Centre
from streams.centre.settle import SettleReport, settle
from streams.site import guard, inputs, ledger, mend
from streams.site.file import SiteFile, patiently
from streams.site.ledger import Tally
from streams.site.site import Law, Site, file_of, of_a_folder, sites

Say = Callable[[str], None]
"""Told one sentence on what goes on, a `Sentence` where it has another language."""


@dataclass(frozen=True)
class Input:
    """One input and the source it belongs to."""

    source: SourceSettings
    path: str
    """File, or `-` for standard input."""
    at: datetime | None = None
    """UTC instant of a document that states none."""


@dataclass
class Report:
    """What an `ingest` did."""

    tally: Tally = field(default_factory=Tally)
    problems: list[str] = field(default_factory=list)
    """Inputs that could not be read to their end, one sentence each."""
    refused: int = 0
    """Inputs that were not read at all."""
    sent: int = 0
    settled: SettleReport | None = None

    undelivered: bool = False
    """The centre has not taken everything; what was read stays at the site and goes out with the next command."""

    def exit_code(self, inputs: int) -> int:
        """0 done; 1 part of the input was rejected, dead or unread; 2 nothing was read."""
        if inputs and self.refused == inputs:
            return 2
        return 1 if self.problems or self.tally.rejected or self.tally.dead_letter else 0


@contextmanager
def opened(data: Path, settings: SiteSettings | str, law: Law, say: Say) -> Iterator[Site]:
    """A site for writing; waits, and says so, while another process writes to it.

    Raises ConfigurationError when the site's key is missing or another one: everything would be counted a second time.
    """
    name = settings if isinstance(settings, str) else settings.site
    guard.guarded(data, name)
    with patiently(lambda wait: Site(data, settings, law, wait=wait), say) as site:
        guard.marked(site)
        yield site
        if site.retain():  # behind the emission: what is let go was counted before
            access.expire(data, datetime.now(UTC).date())


def ingest(
    data: Path,
    settings: SiteSettings | str,
    inputs: Sequence[Input],
    snapshot: Snapshot,
    progress: Callable[[int], None],
    say: Say,
) -> Report:
    """Read inputs into a site, send what changed to the centre, and settle."""
    report = Report()
    law = Law.of(snapshot)
    recovered(data, snapshot, say)
    with opened(data, settings, law, say) as site:
        for given in inputs:
            read_one(site, given, progress, report)
        report.problems += site.faults
        site.renew()
        if report.refused == len(inputs) and inputs:
            return report
        try:
            report.sent, report.settled = _deliver(data, site, snapshot)
            site.finish()
        except SourceUnavailableError as error:
            report.problems.append(error.sentence)
            report.undelivered = True
    return report


def read_one(site: Site, given: Input, progress: Callable[[int], None], report: Report) -> None:
    """Read one input; what was kept of one that breaks off counts too."""
    before = _kept(site)
    try:
        report.tally += site.read(given.source, given.path, given.at, progress)
    except LeitplankeError as error:
        kept = _kept(site) + before.negative()
        report.tally += kept
        report.problems.append(inputs.named(given.path, error))
        report.refused += error.exit_code > 1 and not kept.received


def _kept(site: Site) -> Tally:
    return sum((tally for _, tally in ledger.read(site.file.db)), Tally())


def has_sent(data: Path) -> bool:
    """True when a site under a data folder has sent something to a centre."""
    return any(guard.has_sent(data, name) for name in sites(data))


def recovered(data: Path, snapshot: Snapshot, say: Say) -> None:
    """Stop at a centre's file that cannot be used; let all sites send again what an empty one has lost."""
    if not has_sent(data):
        return
    with Centre.open(data) as centre:
        lost = _empty(centre)
    if lost:
        settled(data, snapshot, say)


def _empty(centre: Centre) -> bool:
    """True when no observation ever reached this centre: its file is new, or was taken away."""
    return next(iter(centre.bus.read(OBSERVATIONS, 0)), None) is None


def _deliver(data: Path, site: Site, snapshot: Snapshot) -> tuple[int, SettleReport]:
    with Centre.open(data) as centre:
        centre.publish_catalogue(snapshot)
        sent = site.emit(lambda frames: centre.bus.publish(OBSERVATIONS, frames))
        return sent, settle(centre)


def settled(
    data: Path, snapshot: Snapshot | None, say: Say, *, everything: bool = False, day: date | None = None
) -> SettleReport:
    """Publish a new catalogue if one is given, let the sites send what it changes, and judge by a new basis."""
    with Centre.open(data) as centre:
        if snapshot is not None:
            centre.publish_catalogue(snapshot)
        current = centre.catalogue()
        lost = _empty(centre)
        for name in sites(data) if current is not None else ():
            if guard.watching(data, name):
                say(said("site {site}: the running watch sends what changes itself", site=name))
                continue
            with opened(data, name, Law.of(current), say) as site:  # type: ignore[arg-type]  # not None when there is a site
                if lost and guard.unsent(site):
                    say(said("site {site} sends again what {file} has lost", site=name, file=FILE))
                if site.stale:
                    site.emit(lambda frames: centre.bus.publish(OBSERVATIONS, frames))
        return settle(centre, day, everything=everything)


def reset(data: Path, site: str, source: str, say: Say) -> SettleReport:
    """Forget what a source gave; the withdrawals follow at once."""
    with Centre.open(data) as centre:
        current = centre.catalogue()
    of_a_folder(data, site)
    if current is None:
        raise ConfigurationError(_NO_CATALOGUE)
    guard.unwatched(data, site)
    with opened(data, site, Law.of(current), say) as place:
        place.reset(source)
    return settled(data, None, say)


def redrive(data: Path, say: Say) -> tuple[int, int]:
    """Read all kept rejects and dead letters again; gives how many were tried and how many are taken now."""
    names = sites(data)
    for name in names:
        guard.unwatched(data, name)
    with Centre.open(data) as centre:
        current = centre.catalogue()
        tried, mended = len(centre.dead_letters()), centre.redrive()
    if names and current is None:
        raise ConfigurationError(_NO_CATALOGUE)
    for name in names:
        with opened(data, name, Law.of(current), say) as site:  # type: ignore[arg-type]  # not None when there is a site
            site_tried, site_mended = mend.redrive(site)
            tried, mended = tried + site_tried, mended + site_mended
            if site_mended:
                site.reread()
    if mended:
        settled(data, None, say)
    return tried, mended


def ledgers(data: Path) -> list[tuple[str, str, Tally]]:
    """(site, source, tally) of every source of every site under a data folder."""
    found = []
    for name in sites(data):
        with SiteFile(file_of(data, name), writing=False) as file:
            found += [(name, source, tally) for source, tally in ledger.read(file.db)]
    return found


def outside(data: Path) -> Iterator[pl.DataFrame]:
    """What has left the sites and still holds: the newest revision of each observation, sorted by id."""
    with Centre.open(data) as centre:
        newest: pl.DataFrame | None = None
        for _, frame in centre.bus.read(OBSERVATIONS, 0):
            if "withdrawn" in frame.columns:
                newest = frame if newest is None else pl.concat([newest, frame])
                if newest.height > _ROWS:
                    newest = _latest(newest)
        if newest is not None:
            yield _latest(newest).filter(~pl.col("withdrawn").fill_null(value=False)).sort("id")


_NO_CATALOGUE = "the centre has no catalogue yet; `leitplanke settle` gives it one"
_ROWS = 500_000
"""Rows held before older revisions are let go."""


def _latest(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort("revision").unique("id", keep="last")
