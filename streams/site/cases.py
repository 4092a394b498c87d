"""Cases that two persons open: one at a time at a site, for a day, and no more than a few pseudonyms a day.

Kept in the site's file, written beside the process that holds its lock: each write is one short transaction of its own.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from schemas.errors import ConfigurationError
from streams.site.file import SiteFile

HOURS = 24
"""How long a case is open."""
A_DAY = 5
"""Pseudonyms of a site that may be asked for on a day, found or not."""


@dataclass(frozen=True, slots=True)
class Request:
    """A case that one person has asked for."""

    finding: str
    person: int
    until: datetime
    share: bytes
    opened: bool
    """The second person has come."""


def current(file: SiteFile, now: datetime) -> Request | None:
    """The case that is open at a site; one whose time is over goes."""
    file.db.execute("DELETE FROM requests WHERE until <= ?", (now.isoformat(),))
    row = file.db.execute(
        "SELECT finding, person, until, share, opened FROM requests WHERE until > ?", (now.isoformat(),)
    ).fetchone()
    if row is None:
        return None
    return Request(row[0], row[1], datetime.fromisoformat(row[2]), bytes(row[3]), bool(row[4]))


def request(file: SiteFile, finding: str, person: int, share: bytes, now: datetime) -> datetime:
    """Ask for a case; gives until when it is open. Raises ConfigurationError while another person's case is open."""
    until = now + timedelta(hours=HOURS)
    with file.transaction() as db:
        known = current(file, now)
        if known is not None and known.person != person:
            raise ConfigurationError(
                "case {finding} is open until {until}; there is one case at a time",
                finding=known.finding,
                until=told(known.until),
            )
        db.execute("DELETE FROM requests")
        db.execute("INSERT INTO requests VALUES(?, ?, ?, ?, 0)", (finding, person, until.isoformat(), share))
    return until


def opened(file: SiteFile, case: Request, now: datetime) -> None:
    """The second person has come: the case counts, once."""
    with file.transaction() as db:
        if db.execute("UPDATE requests SET opened = 1 WHERE finding = ? AND opened = 0", (case.finding,)).rowcount:
            _count(file, "cases", now)


def asked(file: SiteFile, now: datetime) -> None:
    """A pseudonym is asked for; raises ConfigurationError when that was done often enough today."""
    with file.transaction():
        if left(file, now) <= 0:
            raise ConfigurationError("no more than {most} pseudonyms of a site are resolved on a day", most=A_DAY)
        _count(file, "asked", now)


def answered(file: SiteFile, now: datetime) -> None:
    """A pseudonym was named."""
    with file.transaction():
        _count(file, "answered", now)


def left(file: SiteFile, now: datetime) -> int:
    """Pseudonyms that may still be asked for today."""
    row = file.db.execute("SELECT asked FROM resolutions WHERE day = ?", (now.date().isoformat(),)).fetchone()
    return A_DAY - (row[0] if row else 0)


def counts(file: SiteFile) -> tuple[int, int, int]:
    """Cases opened, pseudonyms asked for and named since the site began: a public number."""
    cases, wanted, named = file.db.execute(
        "SELECT total(cases), total(asked), total(answered) FROM resolutions"
    ).fetchone()
    return int(cases), int(wanted), int(named)


def now() -> datetime:
    """The time in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def told(at: datetime) -> str:
    """A time as people read it."""
    return at.strftime("%Y-%m-%d %H:%M UTC")


def _count(file: SiteFile, column: str, now: datetime) -> None:
    file.db.execute(
        f"INSERT INTO resolutions(day, {column}) VALUES(?, 1) ON CONFLICT(day) DO UPDATE SET {column} = {column} + 1",
        (now.date().isoformat(),),
    )
