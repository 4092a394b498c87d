"""Retention over a data folder: what is due at its sites and in its log of looks, and letting it go."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from streams import access
from streams.site import cases, guard, retention, rotation
from streams.site.file import SiteFile, patiently
from streams.site.keys import SiteKey
from streams.site.retention import Due
from streams.site.site import file_of, of_a_folder, sites

Say = Callable[[str], None]


def due(data: Path, as_of: date) -> list[tuple[str, Due]]:
    """What is due on a day, with the name of its site."""
    found = []
    for name in sites(data):
        with SiteFile(file_of(data, name), writing=False) as file:
            found += [(name, each) for each in retention.due(file, as_of)]
    return found


def apply(data: Path, as_of: date, say: Say) -> list[tuple[str, Due]]:
    """Delete what is due on a day; gives what was deleted, with the name of its site."""
    found = []
    for name in sites(data):
        guard.guarded(data, name)
        guard.unwatched(data, name)
        with _opened(file_of(data, name), say) as file:
            found += [(name, each) for each in retention.apply(file, SiteKey.open(data / "keys", name), as_of)]
    access.expire(data, as_of)
    return found


def _opened(path: Path, say: Say) -> SiteFile:
    return patiently(lambda wait: SiteFile(path, writing=True, wait=wait), say)


def deleted(data: Path) -> list[dict[str, Any]]:
    """What retention has deleted at each site: day, kind, number, and before which day of receipt."""
    found = []
    for name in sites(data):
        with SiteFile(file_of(data, name), writing=False) as file:
            rows = file.db.execute("SELECT at, kind, number, before FROM deleted ORDER BY at, kind").fetchall()
            found += [{"site": name} | dict(zip(("at", "kind", "number", "before"), row, strict=True)) for row in rows]
    return found


def resolutions(data: Path) -> list[tuple[str, int, int, int]]:
    """Of each site: cases opened by two persons, pseudonyms asked for, and named. Public numbers."""
    found = []
    for name in sites(data):
        with SiteFile(file_of(data, name), writing=False) as file:
            found.append((name, *cases.counts(file)))
    return found


def rotated(data: Path, site: str, say: Say) -> date:
    """Set a new key of pseudonyms; gives the day from which it holds."""
    of_a_folder(data, site)
    guard.guarded(data, site)
    guard.unwatched(data, site)
    with _opened(file_of(data, site), say) as file:
        return rotation.rotate(file, SiteKey.open(data / "keys", site), datetime.now(UTC).date())
