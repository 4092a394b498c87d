"""What `quality` and `doctor` show of the sources of all sites."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from connectors import registry
from leitplanke.help import Language
from leitplanke.texts import t
from schemas.errors import ConfigurationError
from schemas.events import EVENTS
from streams.site import filled, quality
from streams.site.file import SiteFile
from streams.site.quality import Alarm, Source
from streams.site.site import file_of, sites

COLUMNS = (
    "site", "source", "signal", "connector", "day", "records", "parse_rate", "filled", "delay_hours", "last",
    "silent_hours", "wrong_times", "alarms",
)  # fmt: skip
"""What programs get; shares are 0 to 1, `day` is the last day with enough records to be judged."""


@dataclass(frozen=True)
class Examined:
    """A source of a site with its alarms."""

    site: str
    source: Source
    alarms: list[Alarm]
    now: datetime

    @property
    def row(self) -> dict[str, Any]:
        """COLUMNS."""
        last = quality.newest(self.source)
        days = self.source.days
        day = days[last] if last is not None else days[-1]
        heard, still = self.source.heard, quality.silence(self.source, self.now)
        return {
            "site": self.site,
            "source": self.source.name,
            "signal": self.source.signal,
            "connector": self.source.connector,
            "day": day.day,
            "records": day.read,
            "parse_rate": None if day.rate is None else round(day.rate, 4),
            "filled": self._filled(day),
            "delay_hours": None if day.all.lag is None else round(day.all.lag / 3600, 1),
            "last": heard,
            "silent_hours": None if still is None else round(still, 1),
            "wrong_times": round(day.all.untimely / day.read, 4) if day.read else None,
            "alarms": [alarm.code for alarm in self.alarms],
        }

    def _filled(self, day: quality.Day) -> dict[str, float]:
        """Share of the events that have a value, of the columns that the format gives and somebody counts."""
        if not day.all.records:
            return {}
        shares = {name: round(number / day.all.records, 4) for name, number in day.all.filled.items()}
        return {name: shares.get(name, 0.0) for name in _given(self.source)}

    def sentences(self, lang: Language) -> Iterator[str]:
        """One for each alarm, with what to look at."""
        for alarm in self.alarms:
            shown = {"site": self.site, "source": self.source.name, "day": alarm.day, **alarm.params}
            yield t(f"quality.alarm.{alarm.code}", lang, **shown)


def _given(source: Source) -> list[str]:
    try:
        gives = registry.describe(source.connector or "").gives
    except ConfigurationError:
        return []
    required = {column.name for column in EVENTS[source.signal].columns if column.required}
    counted = filled.COLUMNS if source.signal == "network" else set(gives) - required
    return [name for name in gives if name in counted]


def of(file: SiteFile, site: str, now: datetime) -> Iterator[Examined]:
    """Every source of an open site, by name."""
    for source in quality.sources(file):
        yield Examined(site, source, quality.alarms(source, now), now)


def examined(data: Path, now: datetime, last: date | None = None) -> Iterator[Examined]:
    """Every source of every site; with `last` by the days up to this one, and only those that had said something by then."""
    for site in sites(data):
        with SiteFile(file_of(data, site), writing=False) as file:
            if last is None:
                yield from of(file, site, now)
                continue
            for source in (quality.until(each, last) for each in quality.sources(file)):
                if source.days:
                    yield Examined(site, source, quality.alarms(source, now), now)
