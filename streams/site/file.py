"""The one file of a site: positions, runs, windows, what was sent, ledger, rejects. One transaction a block."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from schemas.errors import BusyError, ConfigurationError, LeitplankeError, SourceUnavailableError
from schemas.sentence import said
from schemas.settings import SiteSettings

VERSION = 5
"""Version of the layout; another one stops the start."""

WAIT = 30
"""Seconds that a short write of another process is waited for."""

_LAYOUT = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE blocks(
  link BLOB PRIMARY KEY, source TEXT NOT NULL, parent BLOB NOT NULL, head BLOB NOT NULL, head_bytes INTEGER NOT NULL,
  bytes INTEGER NOT NULL, records INTEGER NOT NULL, tail INTEGER NOT NULL, runs TEXT, tally TEXT NOT NULL,
  reject INTEGER, ends BLOB) WITHOUT ROWID;
CREATE INDEX blocks_parent ON blocks(parent, head_bytes, head);
CREATE INDEX blocks_next ON blocks(source) WHERE reject = -1;
CREATE TABLE inputs(first BLOB PRIMARY KEY, source TEXT NOT NULL, last BLOB NOT NULL, command TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE followed(
  source TEXT NOT NULL, device INTEGER NOT NULL, inode INTEGER NOT NULL, seen TEXT NOT NULL, position TEXT NOT NULL,
  PRIMARY KEY(source, device, inode)) WITHOUT ROWID;
CREATE TABLE products(
  name INTEGER PRIMARY KEY, asset TEXT, vendor TEXT, product TEXT, version TEXT, purl TEXT, cpe TEXT, publisher TEXT);
CREATE TABLE runs(
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, kind TEXT NOT NULL, bucket INTEGER NOT NULL, rows INTEGER NOT NULL,
  received TEXT NOT NULL, data BLOB NOT NULL, bare INTEGER NOT NULL DEFAULT 0);
CREATE INDEX runs_kind ON runs(kind, bucket);
CREATE TABLE inventories(
  source TEXT NOT NULL, scope INTEGER NOT NULL, at INTEGER NOT NULL, day TEXT NOT NULL, digest BLOB NOT NULL,
  received TEXT NOT NULL, PRIMARY KEY(source, scope, at, digest)) WITHOUT ROWID;
CREATE TABLE documents(
  source TEXT NOT NULL, mark BLOB NOT NULL, digest BLOB NOT NULL, issued TEXT NOT NULL, unit TEXT NOT NULL, body TEXT NOT NULL,
  received TEXT NOT NULL, PRIMARY KEY(source, mark, digest)) WITHOUT ROWID;
CREATE TABLE sent(
  id TEXT PRIMARY KEY, day TEXT NOT NULL, revision INTEGER NOT NULL, digest TEXT, acknowledged INTEGER NOT NULL,
  final INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX sent_days ON sent(day, id, revision) WHERE digest IS NOT NULL;
CREATE INDEX sent_waiting ON sent(day, id) WHERE acknowledged = 0;
CREATE TABLE bodies(id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE manifests(
  day TEXT PRIMARY KEY, revision INTEGER NOT NULL, digest TEXT NOT NULL, acknowledged INTEGER NOT NULL, body TEXT NOT NULL)
  WITHOUT ROWID;
CREATE TABLE heads(
  input TEXT PRIMARY KEY, source TEXT NOT NULL, name TEXT NOT NULL, options TEXT NOT NULL, sealed BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE baselines(unit TEXT NOT NULL, signal TEXT NOT NULL, days INTEGER NOT NULL, PRIMARY KEY(unit, signal)) WITHOUT ROWID;
CREATE TABLE ledger(
  source TEXT PRIMARY KEY, received INTEGER NOT NULL DEFAULT 0, counted INTEGER NOT NULL DEFAULT 0,
  duplicate INTEGER NOT NULL DEFAULT 0, rejected INTEGER NOT NULL DEFAULT 0, dead_letter INTEGER NOT NULL DEFAULT 0,
  in_flight INTEGER NOT NULL DEFAULT 0, idle INTEGER NOT NULL DEFAULT 0, unassigned INTEGER NOT NULL DEFAULT 0,
  dropped INTEGER NOT NULL DEFAULT 0,
  CHECK (received = counted + duplicate + rejected + dead_letter + in_flight),
  CHECK (counted >= idle + unassigned + dropped),
  CHECK (min(received, counted, duplicate, rejected, dead_letter, in_flight, idle, unassigned, dropped) >= 0)) WITHOUT ROWID;
CREATE TABLE rejects(
  id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, input TEXT NOT NULL, kind TEXT NOT NULL, place INTEGER NOT NULL,
  reason TEXT NOT NULL, at TEXT NOT NULL, sealed BLOB, day TEXT);
CREATE INDEX rejects_input ON rejects(source, input);
CREATE TABLE deleted(at TEXT NOT NULL, kind TEXT NOT NULL, number INTEGER NOT NULL, before TEXT NOT NULL);
CREATE TABLE requests(
  finding TEXT PRIMARY KEY, person INTEGER NOT NULL, until TEXT NOT NULL, share BLOB NOT NULL, opened INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE resolutions(
  day TEXT PRIMARY KEY, cases INTEGER NOT NULL DEFAULT 0, asked INTEGER NOT NULL DEFAULT 0,
  answered INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE seen(
  source TEXT NOT NULL, day TEXT NOT NULL, view TEXT NOT NULL, link BLOB NOT NULL, records INTEGER NOT NULL,
  rejected INTEGER NOT NULL, idle INTEGER NOT NULL, untimely INTEGER NOT NULL, first_at INTEGER, last_at INTEGER,
  received_at INTEGER NOT NULL, lag INTEGER, filled TEXT NOT NULL, PRIMARY KEY(source, day, view, link)) WITHOUT ROWID;
CREATE INDEX seen_link ON seen(link, source) WHERE link <> x'';
"""


class SiteFile:
    """`site-<site>.db`, opened by one process at a time."""

    def __init__(self, path: Path, *, writing: bool, wait: bool = True) -> None:
        """Open the file; a writer holds the lock next to it until `close`.

        Raises BusyError when another process writes and `wait` is false; ConfigurationError for a file of another version.
        """
        self.path = path
        self._lock: int | None = None
        if writing:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(path.with_suffix(".lock"), wait=wait)
        elif not path.exists():
            raise ConfigurationError("{file}: this site has not read anything yet", file=path.name)
        try:
            self.db = _connected(path, writing=writing)
        except BaseException:
            self._unlock()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and give the lock back."""
        self.db.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; durable when it ends. A full disk raises SourceUnavailableError and changes nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
            self.db.execute("COMMIT")
        except BaseException as error:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and ("full" in str(error) or "disk I/O" in str(error)):
                raise SourceUnavailableError(
                    "{file}: the disk is full; nothing of the block was kept, the same command goes on from here",
                    file=self.path.name,
                ) from None
            raise

    def meta(self, key: str) -> str | None:
        """A remembered value."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def settings(self) -> SiteSettings | None:
        """The settings of the last start; None where nobody has opened the file for writing."""
        text = self.meta("settings")
        return None if text is None else SiteSettings.model_validate_json(text)

    def remember(self, key: str, value: str) -> None:
        """Remember a value; call inside a transaction."""
        self.db.execute(
            "INSERT INTO meta VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value", (key, value)
        )


_Opened = TypeVar("_Opened")


def patiently(opened: Callable[[bool], _Opened], say: Callable[[str], object]) -> _Opened:
    """What `opened` gives: asked once without waiting for another writer, then told to wait, which `say` is told."""
    try:
        return opened(False)  # noqa: FBT003  # whether to wait
    except BusyError as error:
        say(said("{problem}; waiting", problem=error))
        return opened(True)  # noqa: FBT003


def _locked(path: Path, *, wait: bool) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise BusyError("{site}: another process writes to this site", site=path.stem) from None
    return handle


def _connected(path: Path, *, writing: bool) -> sqlite3.Connection:
    if writing and not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if not path.is_file():
        raise ConfigurationError("{file}: not a file; move it away", file=path.name)
    try:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=WAIT)
        try:
            return _laid_out(db, path.name, writing=writing)
        except BaseException:
            db.close()
            raise
    except sqlite3.OperationalError as error:
        raise _unusable(path, str(error)) from None
    except sqlite3.DatabaseError:
        raise ConfigurationError(
            "{file}: damaged, or not a site's file; put it back from the backup", file=path.name
        ) from None


def _laid_out(db: sqlite3.Connection, name: str, *, writing: bool) -> sqlite3.Connection:
    """The connection with its tables. A start that was cut off left none: a reader sees a site that has read nothing."""
    empty = db.execute("SELECT 1 FROM sqlite_master").fetchone() is None
    if empty and not writing:
        db.close()
        db = sqlite3.connect(":memory:", isolation_level=None)
    found = None if empty else _layout(db)
    if not empty and found != str(VERSION):
        known = said("layout {layout}, this program reads {ours}", layout=found, ours=VERSION)
        raise ConfigurationError(
            "{file}: {problem}; name another folder with --data, or read the inputs anew into one",
            file=name,
            problem=said("not a site's file") if found is None else known,
        )
    if empty:
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")  # counts only before the first page is written
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA secure_delete = ON")
    if empty:
        db.executescript(f"BEGIN IMMEDIATE; {_LAYOUT} INSERT INTO meta VALUES('layout', '{VERSION}'); COMMIT;")
    return db


def _layout(db: sqlite3.Connection) -> str | None:
    """Version of the layout; None in a file of another program."""
    columns = [row[1] for row in db.execute("PRAGMA table_info(meta)")]
    if columns != ["key", "value"]:
        return None
    row = db.execute("SELECT value FROM meta WHERE key = 'layout'").fetchone()
    return None if row is None else str(row[0])


def _unusable(path: Path, told: str) -> LeitplankeError:
    """SQLite says the same of a missing right as of a missing file, and needs both to write also where it only reads."""
    if "unable to open" not in told and "readonly" not in told:
        return SourceUnavailableError("{file} cannot be used now: {problem}", file=path.name, problem=said(told))
    return ConfigurationError(
        "{file} cannot be used now: {problem}; reading, too, needs the right to write in {folder}",
        file=path.name,
        problem=said(told),
        folder=path.parent,
    )


def now_ms() -> int:
    """Unix milliseconds: revisions and days of receipt; nothing that is judged depends on them."""
    return time.time_ns() // 1_000_000


def signed(word: Any) -> int:
    """A 64-bit word as SQLite stores it."""
    return int(word) - (1 << 64) if int(word) >= 1 << 63 else int(word)
