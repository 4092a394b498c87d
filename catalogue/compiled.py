"""A checked catalogue kept in one file of the user's cache, so that a command does not read 1,400 files again.

The key is what the file system says of every file (name, size, times) and of the code that reads them; any change makes
a new key. Without a writable cache everything works the same, half a second later.
"""

import os
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

from catalogue.snapshot import Snapshot


def kept(key: str) -> Snapshot | None:
    """The snapshot that was kept under a key; None when there is none or it cannot be read."""
    try:
        return Snapshot.from_json(_file(key).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(key: str, snapshot: Snapshot) -> None:
    """Keep a snapshot that was loaded without a problem; earlier ones of the cache go."""
    file = _file(key)
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_text(snapshot.to_json(), encoding="utf-8")
        draft.replace(file)
        for old in sorted(file.parent.glob("catalogue-*.json"), key=_age)[:-_KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def key_of(root: Path, files: Iterable[Path]) -> str:
    """Key of a catalogue folder: its files and the code, as the file system describes them."""
    digest = blake2b(str(root.resolve()).encode(), digest_size=12)
    for file in (
        *sorted(Path(__file__).parent.glob("*.py")),
        *sorted((Path(__file__).parents[1] / "schemas").glob("*.py")),
        *files,
    ):
        stat = file.stat()
        digest.update(f"{file}\n{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}\n".encode())
    return digest.hexdigest()


_KEPT = 4
"""Catalogues kept: the bundled one and some of the user's."""


def _age(file: Path) -> float:
    return file.stat().st_mtime


def _file(key: str) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "leitplanke" / f"catalogue-{key}.json"
