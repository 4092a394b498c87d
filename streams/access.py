"""Who looked at what, when and why: one line a look, each with the hash of the line before, so that a gap shows.

The file is `access.jsonl` in the data folder (0600), written under a lock of its own, so also while a site is being
written. Whoever may write the file can write it anew from the first line on: the newest hash, noted elsewhere, shows that.
"""

import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

from schemas.errors import ConfigurationError
from schemas.sentence import said

FILE = "access.jsonl"
KEPT = 365
"""Days that a line is kept; then its hash is the anchor of what follows."""
FIELDS = ("number", "at", "who", "uid", "what", "about", "reason")
_START = "0" * 32


@dataclass(frozen=True)
class Access:
    """The log as it is read."""

    lines: list[dict[str, Any]]
    """FIELDS, oldest first."""
    broken: int | None
    """Number of the first line that does not follow from the one before; None when all do."""
    head: str
    """Hash of the newest line: who noted it sees later whether the log was written anew."""

    @property
    def kinds(self) -> dict[str, int]:
        """How many looks of each kind; one that cannot be read is a kind of its own, and no pseudonym is named."""
        told = (str(line["what"] or "?") for line in self.lines)
        return dict(sorted(Counter("resolve" if what.startswith("resolve ") else what for what in told).items()))


def note(data: Path, who: str, uid: int, what: str, about: str, reason: str | None) -> None:
    """Add a line; raises ConfigurationError when the file cannot be written: then nothing may be shown."""
    at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    try:
        with _locked(data):
            lines = _lines(data / FILE)
            number = 1 + (_number(lines) if lines else 0)
            line = dict(zip(FIELDS, (number, at, who, uid, what, about, reason), strict=True))
            with os.fdopen(os.open(data / FILE, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                # what a power cut left of a line goes: nothing was shown for it
                file.truncate(file.seek(sum(map(len, lines))))
                file.write(_written(line | {"before": _head(lines)}))
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        problem = said(error.strerror or type(error).__name__)
        raise ConfigurationError(
            "{file}: cannot be written ({problem}), so nothing is shown: each look is noted there",
            file=FILE,
            problem=problem,
        ) from None


def read(data: Path) -> Access:
    """All lines of the log, checked."""
    if not (data / FILE).exists():
        return Access([], None, _START)
    with _locked(data):
        raw = (data / FILE).read_bytes()
    lines: list[dict[str, Any]] = []
    broken: int | None = None
    before, number = _START, 0
    for n, text in enumerate(raw.splitlines(keepends=True)):
        line = _line(text)
        if n == 0 and "anchor" in line:
            before, number = line["anchor"], line["number"]
            continue
        number += 1
        if broken is None and (line.get("before") != before or line.get("number") != number):
            broken = number
        before = _hash(text)
        lines.append({name: line.get(name) for name in FIELDS})
    return Access(lines, broken, before)


def expire(data: Path, as_of: date) -> int:
    """Let go of lines older than KEPT days; gives their number. An anchor keeps the hash that the next line follows."""
    if not (data / FILE).exists():
        return 0
    before = (as_of - timedelta(days=KEPT)).isoformat()
    with _locked(data):
        lines = _lines(data / FILE)
        old = sum("anchor" in _line(text) for text in lines[:1])
        gone = next(
            (n for n, text in enumerate(lines[old:]) if str(_line(text).get("at", "9")) >= before), len(lines) - old
        )
        if not gone:
            return 0
        last = lines[old + gone - 1]
        anchor = _written({"anchor": _hash(last), "number": _line(last)["number"]})
        draft = data / f"{FILE}.new"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines([anchor, *lines[old + gone :]])
            file.flush()
            os.fsync(file.fileno())
        draft.rename(data / FILE)
    return gone


def _number(lines: list[bytes]) -> int:
    """Number of the newest line; where somebody has spoilt it, as many as there are."""
    number = _line(lines[-1]).get("number")
    return number if isinstance(number, int) else len(lines)


def _lines(path: Path) -> list[bytes]:
    """The whole lines."""
    if not path.exists():
        return []
    return [text for text in path.read_bytes().splitlines(keepends=True) if text.endswith(b"\n")]


def _line(text: bytes) -> dict[str, Any]:
    """What a line says; nothing where it cannot be read."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and text.endswith(b"\n") else {}


def _head(lines: list[bytes]) -> str:
    """The hash that the next line follows."""
    if not lines:
        return _START
    return str(_line(lines[-1]).get("anchor") or _hash(lines[-1]))


def _written(line: dict[str, Any]) -> bytes:
    return json.dumps(line).encode() + b"\n"


def _hash(text: bytes) -> str:
    return blake2b(text, digest_size=16).hexdigest()


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    handle = os.open(data / "access.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
