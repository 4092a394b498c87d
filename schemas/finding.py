"""A usage that needs an answer."""

from datetime import date
from typing import Any, Literal

from pydantic import Field

from schemas.record import Record

Grade = Literal["contact", "use", "reliance"]
GRADES = ("contact", "use", "reliance")
"""What the evidence carries, rising."""
MODES = ("own_contract", "through", "guest", "free_account", "unknown")
STATUSES = (
    "new",
    "asked",
    "answered",
    "decided",
    "in_progress",
    "closed",
    "overdue",
    "suspended",
    "reopened",
    "no_longer_observed",
)
URGENCIES = ("low", "medium", "high")


class Reason(Record):
    """One detector's statement on a usage."""

    code: str
    """Name of the detector, e.g. `unlisted_service`; the sentences are found under it."""
    score: float | None
    """0 to 1, of what the detector's card says; None without the minimum support."""
    params: dict[str, Any]
    """What the sentences need; numbers and catalogue words only."""


class Part(Record):
    """One named reason of urgency."""

    name: str
    """Name of the part; its sentence is found under it."""
    points: int
    """Points it adds; all parts together are the urgency."""
    params: dict[str, Any] = Field(default_factory=dict)
    """What the sentence needs."""


class Finding(Record):
    """A usage for which a detector gives a reason at grade `use` or above."""

    id: str
    """First 20 characters of base32(blake2b(unit code, LF, subject))."""
    unit: str
    """Code of the unit."""
    subject: str
    """The thing judged."""
    formerly: str | None = None
    """Former id or subject, after a rename."""
    verdict: str
    """What the catalogue says."""
    entries: tuple[str, ...]
    """Hashes of exactly those catalogue records that were read."""
    reasons: tuple[Reason, ...]
    """What detectors say, sorted by code."""
    urgency: int
    """Sum of the parts, 0 to 100."""
    parts: tuple[Part, ...]
    """Named reasons of the urgency."""
    grade: str
    """What the evidence carries."""
    mode: str
    """Whose contract."""
    signals: tuple[str, ...]
    """Signals that saw it, sorted."""
    first_seen: date
    """First day observed."""
    last_seen: date
    """Last day observed."""
    status: str
    """Computed from observations and decisions."""
    addressee: str | None = None
    """Who can answer: code of a unit."""
    alternative: str | None = None
    """Approved subject that does the same; None where the state has no offer."""
    answer: str | None = None
    """Proposed answer: code of a sentence."""
    decision: str | None = None
    """Outcome of the newest decision."""


class Coverage(Record):
    """What could be seen of a unit."""

    unit: str
    signal: str
    view: str
    days: int
    """Days with data of the 30 ending on the judging day."""
