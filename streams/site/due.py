"""When a running site sends: soon after something is new, else now and then; never more than a part of the time."""

from dataclasses import dataclass
from datetime import date

SOON = 3.0
"""Seconds after which what is new at the site is sent."""
REST = 600.0
"""Seconds after which everything else that changed is sent."""
SHARE = 0.2
"""Most of the time that sending may take."""


@dataclass
class Due:
    """Decides whether to send. Times are seconds of one clock; `today` is the day in the state's zone."""

    soon: float = SOON
    rest: float = REST
    _wanted: float | None = None
    """When what came is to be sent."""
    _free: float = 0.0
    """Sending has had its share of the time until here."""
    _day: date | None = None

    def came(self, now: float, *, new: bool) -> None:
        """Something was counted; `new`: of a name that the site did not know."""
        wanted = now + (self.soon if new else self.rest)
        self._wanted = wanted if self._wanted is None else min(self._wanted, wanted)

    def now(self, now: float, today: date) -> bool:
        """Whether to send now: something waits long enough, or a day has ended, whose manifest is due."""
        ended = self._day is not None and today > self._day
        self._day = self._day or today
        return now >= self._free and (ended or (self._wanted is not None and now >= self._wanted))

    @property
    def waits(self) -> bool:
        """True while something was not sent."""
        return self._wanted is not None

    def sent(self, began: float, ended: float, today: date) -> None:
        """Everything was sent, in this time."""
        self._wanted, self._day = None, today
        self._free = ended + (ended - began) * (1 / SHARE - 1)
