"""A site: one process, one file. Reads inputs into it and sends what may be outside."""

import json
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import polars as pl

from catalogue.match import Directory
from catalogue.never import Never
from catalogue.snapshot import Snapshot
from connectors import registry
from schemas.connector import Options
from schemas.errors import BusyError, ConfigurationError
from schemas.sentence import said
from schemas.settings import SiteSettings, SourceSettings
from streams.site import agreed, baseline, closed, inputs, margins, outbox, retention, rotation
from streams.site.assign import UnitMap
from streams.site.border import Egress
from streams.site.carried import carried
from streams.site.closed import CLOSED
from streams.site.documents import DocumentReader
from streams.site.everything import everything
from streams.site.feed import Feed
from streams.site.file import SiteFile
from streams.site.fresh import Fresh
from streams.site.keys import SiteKey
from streams.site.ledger import Tally
from streams.site.lines import LineReader, Progress
from streams.site.reduce import Reducer
from streams.site.windows import Windows

Publish = Callable[[Sequence[pl.DataFrame]], object]


@dataclass(frozen=True)
class Law:
    """What of the catalogue a site uses, made once for a snapshot when it is first asked for."""

    snapshot: Snapshot

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Law":
        """From a snapshot."""
        return cls(snapshot)

    @cached_property
    def never(self) -> Never:
        """Says what is dropped before anything is stored; all that reading needs."""
        return Never(self.snapshot)

    @cached_property
    def directory(self) -> Directory:
        """Says what a name, a purchase or a component is."""
        return Directory(self.snapshot)


class Site:
    """An installation that sees raw data, opened for writing by one process."""

    def __init__(self, data: Path, settings: SiteSettings | str, law: Law, *, wait: bool = True) -> None:
        """Open `site-<site>.db` under `data`; with a bare name the settings of the last start hold.

        Raises BusyError when another process writes to the site and `wait` is false.
        """
        name = settings if isinstance(settings, str) else settings.site
        self.file = SiteFile(file_of(data, name), writing=True, wait=wait)
        self.key = SiteKey.open(data / "keys", name)
        self.settings = (
            settings if isinstance(settings, SiteSettings) else self.file.settings() or SiteSettings(site=name)
        )
        self.law = law
        self.windows = Windows(self.file, self.key)
        self.command = secrets.token_hex(8)
        self.fresh: Fresh | None = None
        """Told of what is written, where somebody wants to know what cannot wait."""
        self._feeds: dict[tuple[SourceSettings, datetime | None], Feed] = {}
        self.lean = False
        """Take little memory rather than two processors."""
        self.faults: list[str] = []
        """A sentence for each input that our own code failed on."""
        with self.file.transaction():
            self.file.remember("site", name)
            self.file.remember("settings", self.settings.model_dump_json(exclude={"folder"}))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def read(self, source: SourceSettings, path: str, at: datetime | None, progress: Progress) -> Tally:
        """Read one input of a source; gives what it added to the ledger."""
        feed = self.feed(source, at)
        connector = feed.connector
        name = inputs.name_of(path)
        if connector.SHAPE == "document":
            tally = DocumentReader(self.file, self.key, self.windows, feed, self.law.never).read(path, name)
            progress(0 if path == "-" else Path(path).stat().st_size)
            return tally
        with inputs.lines(path) as stream:
            reader = LineReader(self.file, self.key, self.windows, feed)
            reader.ahead = 1 if self.lean else reader.ahead
            tally = reader.read(stream, name, progress)
        self.faults += reader.faults[:1]
        return tally

    def feed(self, source: SourceSettings, at: datetime | None) -> Feed:
        """What reading a source takes now; made once, so that its memory of distinct values lasts.

        Raises ConfigurationError for a source that is not agreed.
        """
        if (source, at) not in self._feeds:
            what = agreed.allowed(self.settings, source)
            if what.refusal is not None:
                raise ConfigurationError(what.refusal)
            connector = registry.get(source.connector)
            options = Options(ZoneInfo(source.timezone) if source.timezone else None, at, source.view)
            units = UnitMap.of(self.settings, self.law.snapshot, source.unit, source.actor)
            reducer = Reducer(self.key, units, self.law.never, closed.day(self.file, CLOSED, "network"))
            reducer.books.programs = what.runs("program")
            self._note_source(source)
            self._feeds[source, at] = Feed(source.name, connector, options, reducer, datetime.now(UTC), self.command)
        feed = self._feeds[source, at]
        feed.receipt = datetime.now(UTC)  # a watch keeps its feeds all day; its records are no later than they come
        return feed

    def renew(self) -> None:
        """Make feeds anew: another catalogue holds, the time of receipt has moved on, or sending needs their memory."""
        self._feeds.clear()

    def emit(self, publish: Publish, *, following: bool = False) -> int:
        """Send what changed of what may be outside; gives the number of observations sent.

        While more of the newest day is `following`, its numbers leave as powers of ten; exact ones with the next emission.
        """
        egress = Egress.of(self.settings, self.law.snapshot)
        emission = everything(self.file, self.key, self.windows, self.law.directory, egress)
        emission = margins.coarse(baseline.held(self.file, emission, self.settings.baseline_days))
        if following:
            emission = margins.open_days(emission)
        outbox.record(self.file, emission, self._sources(), partial(carried, self.law.directory, egress))
        count = outbox.send(self.file, publish, emission)
        with self.file.transaction():
            self.file.remember("emitted", "" if following else self._stand())
        return count

    def finish(self) -> None:
        """The command is done: the same input again is a duplicate from now on, not a continuation."""
        with self.file.transaction() as db:
            db.execute("DELETE FROM inputs")

    def retain(self) -> bool:
        """Delete what is due, at most once a day; False when that was done."""
        today = datetime.now(UTC).date()
        if (self.file.meta("retained") or "") >= today.isoformat():
            return False
        rotation.turn(self.file, self.key, self.settings.rotate_days, today)
        with suppress(BusyError):  # somebody reads: all is deleted, but the next command has to empty the log
            retention.apply(self.file, self.key, today)
            with self.file.transaction():
                self.file.remember("retained", today.isoformat())
        self.windows.refresh()
        self.renew()
        return True

    @property
    def stale(self) -> bool:
        """True when catalogue or settings differ from those of the last emission, or something waits to be sent."""
        waiting = self.file.db.execute("SELECT 1 FROM sent WHERE acknowledged = 0 LIMIT 1").fetchone()
        return waiting is not None or self.file.meta("emitted") != self._stand()

    def reread(self) -> None:
        """What was read has changed: the next emission must look again."""
        with self.file.transaction():
            self.file.remember("emitted", "")

    def _stand(self) -> str:
        agreements = json.dumps(self._sources(), sort_keys=True)
        alarms = json.dumps(
            {source.name: source.alarms.model_dump() for source in self.settings.source}, sort_keys=True
        )
        settings = self.settings.model_dump_json(exclude={"folder", "source"})
        return f"{self.law.snapshot.hash} {settings} {agreements} {alarms}"

    def reset(self, source: str) -> None:
        """Forget what a source gave, so that it can be read again; what it had sent is withdrawn at the next emission."""
        with self.file.transaction() as db:
            if db.execute("SELECT 1 FROM ledger WHERE source = ?", (source,)).fetchone() is None:
                known = ", ".join(row[0] for row in db.execute("SELECT source FROM ledger ORDER BY source"))
                raise ConfigurationError(
                    "this site has read nothing from {source}; it knows {known}",
                    source=source,
                    known=known or said("no source yet"),
                )
            for table in (
                "blocks",
                "inputs",
                "runs",
                "inventories",
                "documents",
                "ledger",
                "rejects",
                "heads",
                "followed",
                "seen",
            ):
                db.execute(f"DELETE FROM {table} WHERE source = ?", (source,))
            db.execute("DELETE FROM baselines")
            db.execute("UPDATE sent SET final = 0")
            closed.opened(self.file, self.key.periods[0].first)
            self.file.remember("emitted", "")
        self._feeds.clear()

    def _note_source(self, source: SourceSettings) -> None:
        """Remember what the manifest says of a source, also of one that only the command line names."""
        noted = json.loads(self.file.meta("sources") or "{}")
        noted[source.name] = agreed.noted(self.settings, source)
        with self.file.transaction():
            self.file.remember("sources", json.dumps(noted, sort_keys=True))
            connectors = json.loads(self.file.meta("connectors") or "{}") | {source.name: source.connector}
            self.file.remember("connectors", json.dumps(connectors, sort_keys=True))

    def _sources(self) -> list[dict[str, Any]]:
        read = {row[0] for row in self.file.db.execute("SELECT source FROM ledger")}
        noted = agreed.current(self.settings, json.loads(self.file.meta("sources") or "{}"))
        return [noted[name] for name in sorted(noted) if name in read]


def file_of(data: Path, site: str) -> Path:
    """Where the file of a site lies."""
    return data / f"site-{site}.db"


def of_a_folder(data: Path, site: str) -> None:
    """Raises ConfigurationError for a site that has no file under a data folder."""
    there = sites(data)
    if site not in there:
        known = ", ".join(there) or said("none")
        raise ConfigurationError(
            "there is no site {site} under {data}; there are {known}", site=site, data=data, known=known
        )


def sites(data: Path) -> list[str]:
    """Names of the sites under a data folder."""
    return sorted(path.stem.removeprefix("site-") for path in data.glob("site-*.db"))
