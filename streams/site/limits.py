"""How long a site keeps what it has read, counted from the day of receipt."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

from streams.site.file import SiteFile

SIGNALS = {"network": 90, "assets": 90, "procurement": 1095}
"""Days that what never left is kept, where the source names no `retention_days`; the smaller number counts."""
ACTORS = 35
"""Days that pseudonyms are kept: 30 that people are counted over, and five for what comes late."""
CONNECTIONS = 7
"""Days that flows wait for the host of their connection; each emission joins all that wait."""
REJECTS = 14
"""Days that raw records are kept that could not be read."""


@dataclass(frozen=True)
class Limits:
    """What is kept on a day: a thing received before its limit is due."""

    as_of: date
    days: dict[str, int]
    """Days of each source; of one that is not named, its signal's."""
    signals: dict[str, str]
    """Signal of each source."""

    @classmethod
    def of(cls, file: SiteFile, as_of: date) -> "Limits":
        """By the settings and sources that a site's file remembers."""
        settings = file.settings()
        noted = json.loads(file.meta("sources") or "{}")
        signals = {name: said["signal"] for name, said in noted.items()}
        named = (
            {source.name: source.retention_days for source in settings.source if source.retention_days}
            if settings
            else {}
        )
        return cls(as_of, named, signals)

    def before(self, source: str, days: int | None = None) -> str:
        """What was received before this day is due: all of a source, or what is kept for so many days at most."""
        signal = SIGNALS[self.signals.get(source, "network")]
        kept = min(self.days.get(source, signal), signal, days or signal)
        return self.plain(kept)

    def plain(self, days: int) -> str:
        """The day so many days ago."""
        return (self.as_of - timedelta(days=days)).isoformat()
