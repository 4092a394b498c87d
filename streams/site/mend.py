"""Rejected records and dead letters of a site: listed, shown, and read again once the reason is mended."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from schemas.errors import ConfigurationError
from schemas.settings import SourceSettings
from streams.site import agreed, ledger, seen
from streams.site.documents import DocumentReader
from streams.site.file import SiteFile
from streams.site.keys import SiteKey
from streams.site.ledger import Tally
from streams.site.lines import LineReader
from streams.site.site import Site, file_of, sites


@dataclass(frozen=True, slots=True)
class Listed:
    """One kept record without its content."""

    site: str
    id: int
    source: str
    kind: str
    """`rejected` or `dead_letter`."""
    input: str
    """Name of the input; it stays at the site."""
    place: int
    """Line number or ordinal of the item."""
    reason: str
    at: str
    """Day of receipt."""


def listed(data: Path) -> list[Listed]:
    """Every kept record of every site, oldest first."""
    found = []
    for name in sites(data):
        with SiteFile(file_of(data, name), writing=False) as file:
            rows = file.db.execute(
                "SELECT r.id, r.source, r.kind, coalesce(h.name, ''), r.place, r.reason, r.at FROM rejects r"
                " LEFT JOIN heads h ON h.input = r.input ORDER BY r.id",
            )
            found += [Listed(name, *row) for row in rows]
    return found


def raw(data: Path, site: str, number: int) -> tuple[str, str]:
    """The record as it was read, and why it was not taken. Raises ConfigurationError when it is not kept."""
    with SiteFile(file_of(data, site), writing=False) as file:
        row = file.db.execute("SELECT sealed, reason FROM rejects WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise ConfigurationError("{site}: no record {number} is kept", site=site, number=number)
    if row[0] is None:
        raise ConfigurationError(
            "{site}: of record {number} only its place is kept; look at that place of the input",
            site=site,
            number=number,
        )
    return SiteKey.open(data / "keys", site).unseal(row[0]).decode(errors="replace"), row[1]


def redrive(site: Site) -> tuple[int, int]:
    """Read the kept records of a site again; gives how many were tried and how many are taken now.

    What can be read now moves in the ledger from rejected or dead_letter to counted, and is no longer kept.
    """
    tried = mended = 0
    heads = site.file.db.execute("SELECT input, source, name, options, sealed FROM heads").fetchall()
    for given, source, name, options, sealed in heads:
        if agreed.allowed(site.settings, _settings(site, source, json.loads(options))).refusal is not None:
            continue
        feed = site.feed(_settings(site, source, json.loads(options)), _at(json.loads(options)))
        head = site.key.unseal(sealed)
        if feed.connector.SHAPE == "document":
            reader = DocumentReader(site.file, site.key, site.windows, feed, site.law.never)
            counts = reader.again(head, bytes.fromhex(given), name)
        else:
            counts = _lines(site, LineReader(site.file, site.key, site.windows, feed), given, head)
        tried, mended = tried + counts[0], mended + counts[1]
    return tried, mended


_Kept = tuple[int, str, bytes, str | None]
"""Number, kind, sealed content and day of a kept record."""


def _lines(site: Site, reader: LineReader, given: str, head: bytes) -> tuple[int, int]:
    kept = site.file.db.execute(
        "SELECT id, kind, sealed, day FROM rejects WHERE input = ? AND source = ? AND sealed IS NOT NULL ORDER BY place",
        (given, reader.feed.name),
    ).fetchall()
    left = {reject.place for reject in reader.taker.again(head, [site.key.unseal(row[2]) for row in kept]).rejects}
    good = [row for place, row in enumerate(kept, 1) if place not in left]
    tails = dict(site.file.db.execute("SELECT reject, link FROM blocks WHERE reject IS NOT NULL").fetchall())
    whole = [row for row in good if row[0] not in tails]
    if whole:
        _take(site, reader, head, whole)
    for row in good:
        if row[0] in tails:
            _take(site, reader, head, [row], tails[row[0]])
    return len(kept), len(good)


def _settings(site: Site, name: str, options: dict[str, str | None]) -> SourceSettings:
    settings = next((s for s in site.settings.source if s.name == name), None)
    bare = {"timezone": options["timezone"], "unit": options["unit"], "view": options["view"]}
    return settings or SourceSettings(name=name, connector=str(options["connector"]), **bare)


def _at(options: dict[str, str | None]) -> datetime | None:
    return datetime.fromisoformat(options["at"]) if options["at"] else None


def _take(site: Site, reader: LineReader, head: bytes, rows: list[_Kept], tail: bytes | None = None) -> None:
    """Move records in the ledger and keep what they give; of a last line, also with its block, which may still grow."""
    taken = reader.taker.again(head, [site.key.unseal(row[2]) for row in rows])
    moved = Tally(**{kind: -sum(row[1] == kind for row in rows) for kind in ("rejected", "dead_letter")})
    moved += taken.tally
    moved.received = 0
    today = datetime.now(UTC).date().isoformat()
    with site.file.transaction() as db:
        numbers = [
            number
            for runs in taken.runs
            for number in site.windows.append(db, reader.feed.name, runs, today, tail=tail is not None)
        ]
        ledger.add(db, reader.feed.name, moved)
        if taken.seen is not None:
            seen.mend(db, reader.feed.name, [row[3] for row in rows], taken.seen.counts, tail)
        db.executemany("DELETE FROM rejects WHERE id = ?", ((row[0],) for row in rows))
        if tail is not None:
            values = (json.dumps(numbers), json.dumps(asdict(taken.tally)), tail)
            db.execute("UPDATE blocks SET runs = ?, tally = ?, reject = NULL WHERE link = ?", values)
