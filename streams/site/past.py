"""What a site did that its staff council may ask about: deletions, resolutions, looks; only counts, no content."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from streams.site import cases
from streams.site.file import SiteFile

ACCESS = "access.jsonl"
"""The access log in the data folder: one JSON object a line, with `at` and `what`."""
DELETIONS = 20
"""Last deletions that are told."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is on record."""

    deletions: list[tuple[str, str, int]] = field(default_factory=list)
    """(when, kind, number), newest first."""
    resolutions: tuple[int, int] = (0, 0)
    """Re-identifications that were asked for, and those that were answered."""
    looks: dict[str, int] | None = None
    """Looks at the site's data by kind; None where nobody has looked yet."""


def past(file: SiteFile, data: Path) -> Past:
    """What is on record of an open site file and its data folder."""
    sql = "SELECT at, kind, sum(number) FROM deleted GROUP BY at, kind ORDER BY at DESC, kind LIMIT ?"
    deletions = [(str(at), str(kind), int(n)) for at, kind, n in file.db.execute(sql, (DELETIONS,))]
    _, asked, answered = cases.counts(file)
    looks = dict(sorted(Counter(_looks(data / ACCESS)).items())) if (data / ACCESS).exists() else None
    return Past(deletions, (asked, answered), looks)


def _looks(path: Path) -> Iterator[str]:
    """Kinds of looks; a line that cannot be read is one of its own."""
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            yield "?"
            continue
        if isinstance(line, dict) and "what" in line:
            what = str(line["what"])
            # a report counts them and names no pseudonym
            yield "resolve" if what.startswith("resolve ") else what
