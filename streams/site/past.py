"""What a site did that its staff council may ask about: deletions and resolutions; only counts, no content."""

from dataclasses import dataclass, field

from streams.site import cases
from streams.site.file import SiteFile

DELETIONS = 20
"""Last deletions that are told."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is on record."""

    deletions: list[tuple[str, str, int]] = field(default_factory=list)
    """(when, kind, number), newest first."""
    resolutions: tuple[int, int] = (0, 0)
    """Re-identifications that were asked for, and those that were answered."""


def past(file: SiteFile) -> Past:
    """What is on record of an open site file."""
    sql = "SELECT at, kind, sum(number) FROM deleted GROUP BY at, kind ORDER BY at DESC, kind LIMIT ?"
    deletions = [(str(at), str(kind), int(n)) for at, kind, n in file.db.execute(sql, (DELETIONS,))]
    _, asked, answered = cases.counts(file)
    return Past(deletions, (asked, answered))
