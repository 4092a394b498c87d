"""What must hold before a site goes on: its own key, a centre that has what was sent, and no second watch."""

import fcntl
import os
from datetime import date
from pathlib import Path

from schemas.errors import BusyError, ConfigurationError
from streams.site.file import SiteFile
from streams.site.keys import SiteKey
from streams.site.site import Site, file_of


def has_sent(data: Path, site: str) -> bool:
    """True when something of this site has reached a centre."""
    with SiteFile(file_of(data, site), writing=False) as file:
        return file.db.execute("SELECT 1 FROM sent WHERE acknowledged = 1 LIMIT 1").fetchone() is not None


def unsent(site: Site, first: date = date.min) -> bool:
    """What had been sent of days from `first` on goes out again with the next sending; False when nothing ever went.

    Ids and revisions stay, so that a centre that has it changes nothing. What the scanner keeps inside stays inside, and
    what retention has taken the text of cannot go again.
    """
    with site.file.transaction() as db:
        changed = sum(db.execute(query, (first.isoformat(),)).rowcount for query in _AGAIN)
    return changed > 0


_AGAIN = (
    "UPDATE sent SET acknowledged = 0 WHERE acknowledged = 1 AND day >= ? AND id IN (SELECT id FROM bodies)",
    "UPDATE manifests SET acknowledged = 0 WHERE acknowledged = 1 AND day >= ?",
)


def guarded(data: Path, site: str) -> None:
    """Raises ConfigurationError when the key of a site that has read something is gone: a new one would know nothing."""
    file, key = file_of(data, site), SiteKey.path(data / "keys", site)
    if key.exists() or not file.exists():
        return
    with SiteFile(file, writing=False) as opened:
        if opened.db.execute("SELECT 1 FROM ledger LIMIT 1").fetchone() is not None:
            raise ConfigurationError(
                "{key}: the key of this site is missing; put it back from the backup,"
                " or move {file} away and read everything anew",
                key=key,
                file=file.name,
            )


def marked(site: Site) -> None:
    """Remember which key the file was written with. Raises ConfigurationError when it is now another one."""
    mark = site.key.digest(b"the key of this file").hex()[:16]
    known = site.file.meta("key")
    if known is None:
        with site.file.transaction():
            site.file.remember("key", mark)
    elif known != mark:
        name = site.file.path.stem
        raise ConfigurationError(
            "keys/{name}.json: not the key that {name}.db was written with; put that one back", name=name
        )


def watching(data: Path, site: str) -> bool:
    """True while a `watch` of this site runs: it holds a lock that ends with its process."""
    try:
        handle = os.open(_watch_lock(data, site), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def unwatched(data: Path, site: str) -> None:
    """Raises BusyError while a watch of this site runs, which would be waited for without end."""
    if watching(data, site):
        raise BusyError("{site}: a running watch has this site; stop it, and run this again", site=site)


def watch(data: Path, site: str) -> int:
    """The lock of a watch, until it is closed. Raises BusyError when another one holds it."""
    handle = os.open(_watch_lock(data, site), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise BusyError("{site}: another watch of this site is running", site=site) from None
    return handle


def _watch_lock(data: Path, site: str) -> Path:
    return data / f"site-{site}.watch"
