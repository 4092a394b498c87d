"""How good a source is: silence, columns, parse rate, clock and delay, each compared with its own days before."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from schemas.observation import QUALITY
from schemas.settings import SiteSettings, SourceSettings
from streams.site import seen
from streams.site.columns import STATE_ZONE
from streams.site.file import SiteFile
from streams.site.seen import Count
from streams.site.working import is_working_day, working_hours

SUPPORT = {"network": 100, "procurement": 20, "assets": 20}
"""Records of a day from which its shares mean something, by signal (2026-11)."""
BEFORE = 14
"""Days before, with enough records, that a day is compared with."""
AGO = timedelta(days=60)
"""How far back they may lie."""
FALL = 0.05
"""A parse rate that falls by more than this below the median of the days before is an alarm (2026-11)."""
FILLED_BEFORE, FILLED_NOW = 0.5, 0.01
"""A column that was filled in at least the first share of the records and now in less than the second has vanished (2026-11)."""
WRONG_TIMES = 0.01
"""Share of records with a time that cannot be right from which the clock is said to be wrong (2026-11)."""


@dataclass(frozen=True)
class Alarm:
    """What is wrong with a source."""

    code: str
    """One of QUALITY, or `late`."""
    day: date
    """The day it is about."""
    params: Mapping[str, Any]
    """What its sentence needs."""


@dataclass
class Day:
    """What a source gave of one day."""

    day: date
    views: dict[str, Count] = field(default_factory=dict)
    """By view; records that could not be read, and what is no event, under the empty view."""
    all: Count = field(default_factory=Count)

    @property
    def read(self) -> int:
        """Records that were looked at."""
        return self.all.records + self.all.idle + self.all.rejected

    @property
    def rate(self) -> float | None:
        """Share of them that was understood; those rejected for their time alone are the clock's fault."""
        none = self.views.get("", Count())
        return 1 - max(0, none.rejected - none.untimely) / self.read if self.read else None


@dataclass(frozen=True)
class Source:
    """A source with its days, in order, and what its alarms go by."""

    name: str
    signal: str
    connector: str | None
    settings: SourceSettings
    state: str
    days: list[Day]

    @property
    def silence_hours(self) -> int:
        """Hours of working days without a record that are an alarm."""
        return self.settings.alarms.silence_hours or SILENCE_HOURS[self.signal]

    @property
    def delay_hours(self) -> int | None:
        """Hours between the newest record and its receipt that are an alarm; None: nobody asks."""
        return self.settings.alarms.delay_hours or DELAY_HOURS[self.signal]

    @property
    def heard(self) -> datetime | None:
        """Last sign of life: of the network the last record, of documents their last receipt."""
        known = [at for day in self.days if (at := self._heard(day.all.last_at, day.all.received_at)) is not None]
        return datetime.fromtimestamp(max(known), UTC) if known else None

    def _heard(self, last: float | None, received: float | None) -> float | None:
        """A record whose clock is ahead is no sign of life after its receipt."""
        if self.signal != "network" or last is None or received is None:
            return last if self.signal == "network" else received
        return min(last, received)


SILENCE_HOURS = {"network": 24, "assets": 240, "procurement": 480}
"""The default, in hours of working days: one day, two weeks, four weeks (2026-11)."""
DELAY_HOURS = {"network": 48, "assets": 240, "procurement": None}
"""The default; invoices and awards are dated weeks before they come (2026-11)."""


def sources(file: SiteFile) -> list[Source]:
    """Every source that the site has read, by name."""
    settings = file.settings() or SiteSettings(site="unknown")
    noted = json.loads(file.meta("sources") or "{}")
    connectors = json.loads(file.meta("connectors") or "{}")
    told = {source.name: source for source in settings.source}
    days = _days(file.db)
    return [
        Source(
            name, noted[name]["signal"], connectors.get(name),
            told.get(name) or SourceSettings(name=name, connector=connectors.get(name, "")), settings.state, days[name],
        )
        for name in sorted(days) if name in noted
    ]  # fmt: skip


def until(source: Source, last: date) -> Source:
    """The source as it was at the end of a day, by the days of its records; what documents said later is not known apart."""
    return replace(source, days=[day for day in source.days if day.day <= last])


def _days(db: sqlite3.Connection) -> dict[str, list[Day]]:
    found: dict[str, dict[date, Day]] = {}
    for source, day, view, count in seen.read(db):
        known = found.setdefault(source, {}).setdefault(day, Day(day))
        known.views[view] = count
        known.all += count
    return {source: [days[day] for day in sorted(days)] for source, days in found.items()}


def alarms(source: Source, now: datetime) -> list[Alarm]:
    """What is wrong with a source now: its silence, and its last day with enough records."""
    found = [*_silence(source, now)]
    last = newest(source)
    if last is not None:
        found += _judged(source, last)
        found += _late(source, source.days[last])
    return found


def newest(source: Source) -> int | None:
    """Place of the last day with enough records to be judged."""
    enough = [n for n, day in enumerate(source.days) if day.read >= SUPPORT[source.signal]]
    return enough[-1] if enough else None


def silence(source: Source, now: datetime) -> float | None:
    """Hours of working days since the last sign of life."""
    return None if source.heard is None else working_hours(min(source.heard, now), now, source.state)


def _silence(source: Source, now: datetime) -> Iterator[Alarm]:
    hours = silence(source, now)
    if hours is not None and source.heard is not None and hours >= source.silence_hours:
        yield Alarm("silent", now.date(), {"hours": round(hours), "since": source.heard, "most": source.silence_hours})


def _late(source: Source, day: Day) -> Iterator[Alarm]:
    most = source.delay_hours
    if most is not None and day.all.lag is not None and day.all.lag >= most * 3600:
        yield Alarm("late", day.day, {"hours": day.all.lag // 3600, "most": most})


def _judged(source: Source, n: int) -> Iterator[Alarm]:
    """Alarms of one day, seen from the days before it."""
    day, support = source.days[n], SUPPORT[source.signal]
    if day.read < support:
        return
    before = [one for one in source.days[max(0, n - 2 * BEFORE) : n] if one.day >= day.day - AGO]
    yield from _columns(day, before, support)
    wrong = day.all.untimely / day.read
    if wrong >= WRONG_TIMES:
        yield Alarm("clock_wrong", day.day, {"share": 100 * wrong})
    rates = [one.rate for one in before if one.read >= support and one.rate is not None][-BEFORE:]
    usual, rate = median(rates) if rates else None, day.rate
    least = source.settings.alarms.parse_rate
    if rate is not None and (rate < least or (usual is not None and rate < usual - FALL)):
        params = {"rate": 100 * rate, "before": None if usual is None else 100 * usual, "least": 100 * least}
        yield Alarm("parse_rate_fallen", day.day, params)


def _columns(day: Day, before: Sequence[Day], support: int) -> Iterator[Alarm]:
    for view, count in sorted(day.views.items()):
        earlier = [one.views[view] for one in before if view in one.views and one.views[view].records >= support]
        if count.records < support or not earlier:
            continue
        for column in sorted({name for one in earlier for name in one.filled}):
            usual = median(one.filled.get(column, 0) / one.records for one in earlier[-BEFORE:])
            now = count.filled.get(column, 0) / count.records
            if usual >= FILLED_BEFORE and now < FILLED_NOW:
                params = {"column": column, "view": view, "before": 100 * usual, "now": 100 * now}
                yield Alarm("column_vanished", day.day, params)


def by_day(file: SiteFile) -> dict[str, dict[str, list[str]]]:
    """Codes of QUALITY by day (ISO) and source: for the manifests, so only by what was read and never by the clock."""
    every = sources(file)
    ends = [day.all.last_at for source in every for day in source.days if day.all.last_at is not None]
    found: dict[str, dict[str, list[str]]] = {}
    for source in every:
        marks = [(alarm.day, alarm.code) for n in range(len(source.days)) for alarm in _judged(source, n)]
        marks += [(day, "silent") for day in _silent_days(source, max(ends, default=0))]
        for day, code in sorted(set(marks), key=lambda mark: (mark[0], QUALITY.index(mark[1]))):
            found.setdefault(day.isoformat(), {}).setdefault(source.name, []).append(code)
    return found


def _silent_days(source: Source, end: int) -> Iterator[date]:
    """Working days without any record in a gap that is long enough, up to the newest record of the whole site."""
    if source.signal != "network":
        return
    known = [day for day in source.days if day.all.first_at is not None and day.all.last_at is not None]
    gaps = [(one.all.last_at, two.all.first_at, one.day, two.day) for one, two in pairwise(known)]
    if known:
        last = datetime.fromtimestamp(end, STATE_ZONE)
        gaps.append((known[-1].all.last_at, end, known[-1].day, last.date() + timedelta(1)))
    for start, stop, first, after in gaps:
        if start is None or stop is None or stop <= start:
            continue
        hours = working_hours(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(stop, UTC), source.state)
        if hours >= source.silence_hours:
            between = (first + timedelta(n) for n in range(1, (after - first).days))
            yield from (day for day in between if is_working_day(day, source.state))
