"""What a person decided about a finding."""

from datetime import UTC, date, datetime
from typing import Literal

from pydantic import AwareDatetime, field_validator

from schemas.record import Record

Outcome = Literal["standardise", "migrate", "initiative", "stop", "covered", "guest", "false_positive"]


class Decision(Record):
    """One decision; appended to decisions.v1, never changed."""

    id: str
    """Function of the content."""
    finding: str
    """Id of the finding."""
    level: Literal["ministry", "board"]
    """Who decides; the board can raise what a ministry decided."""
    outcome: Outcome
    """What shall happen."""
    reason: str
    """Why, in the decider's words."""
    conditions: str | None = None
    """Under which conditions."""
    due: date | None = None
    """Until when."""
    by: str
    """Role of the decider, never a person's name."""
    at: AwareDatetime
    """When; UTC."""

    @field_validator("at")
    @classmethod
    def _utc(cls, value: datetime) -> datetime:
        return value.astimezone(UTC)
