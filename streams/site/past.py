"""What a site did that its staff council may ask about: deletions, resolutions, looks; only counts, no content."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streams.site.file import SiteFile

ACCESS = "access.jsonl"
"""The access log in the data folder: one JSON object a line, with `at` and `what`."""
DELETIONS = 20
"""Last deletions that are told."""


@dataclass(frozen=True, slots=True)
class Past:
    """Each part is None where this data folder keeps no such record."""

    deletions: list[tuple[str, str, int]] | None = None
    """(when, kind, number), newest first."""
    resolutions: tuple[int, int] | None = None
    """Re-identifications that were asked for, and those that were answered."""
    looks: dict[str, int] | None = field(default=None)
    """Looks at the site's data by kind."""


def past(file: SiteFile, data: Path) -> Past:
    """What is on record of an open site file and its data folder."""
    found: dict[str, Any] = {}
    if _has(file, "deleted"):
        sql = "SELECT at, kind, sum(number) FROM deleted GROUP BY at, kind ORDER BY at DESC, kind LIMIT ?"
        found["deletions"] = [(str(at), str(kind), int(n)) for at, kind, n in file.db.execute(sql, (DELETIONS,))]
    if _has(file, "resolutions"):
        sql = "SELECT coalesce(sum(asked), 0), coalesce(sum(answered), 0) FROM resolutions"
        asked, answered = file.db.execute(sql).fetchone()
        found["resolutions"] = (int(asked), int(answered))
    if (data / ACCESS).exists():
        found["looks"] = dict(sorted(Counter(_looks(data / ACCESS)).items()))
    return Past(**found)


def _has(file: SiteFile, table: str) -> bool:
    sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return file.db.execute(sql, (table,)).fetchone() is not None


def _looks(path: Path) -> Iterator[str]:
    """Kinds of looks; a line that cannot be read is one of its own."""
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            yield "?"
            continue
        if isinstance(line, dict) and "what" in line:
            yield str(line["what"])
