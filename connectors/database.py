"""One SQLite file, a connection for each thread: WAL, synchronous=full, one writer at a time."""

import os
import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from schemas.errors import ConfigurationError, LeitplankeError, SourceUnavailableError
from schemas.sentence import said

BUSY_SECONDS = 120
"""How long a writer waits for another one."""
LAYOUT = 1
"""Version of the tables of all that share the file; another one stops the start."""
PROGRAM = 0x4C504C4B
"""Marks a file of this program: its application id in SQLite's header."""
FULL = "the disk is full"
"""What an error says when nothing was written because there is no room."""
_MEND = said(
    "put it back from the backup; or move it away, with the decisions in it,"
    " and `leitplanke settle` sends again what the sites had sent"
)
_FOREIGN = said("not a file of Leitplanke")
_NAMES = "SELECT name FROM sqlite_master WHERE type = 'table'"
_TABLE = re.compile(r"CREATE (?:VIRTUAL )?TABLE IF NOT EXISTS (\w+)")


class Database:
    """Connections to one file; every thread gets its own, and none holds a snapshot between two calls."""

    def __init__(self, path: Path, tables: str) -> None:
        """Open or create the file; `tables` is the script that creates what is missing.

        Raises ConfigurationError for a file of another program or layout, and for a damaged one.
        """
        self.path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._writer = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        _check(path)
        self.lay_out(tables)

    @classmethod
    def at(cls, place: "Path | Database", tables: str) -> "Database":
        """The file at a path, or one that is open already and shared: opening it takes longer than most of what is asked."""
        if isinstance(place, Path):
            return cls(place, tables)
        place.lay_out(tables)
        return place

    def lay_out(self, tables: str) -> None:
        """Create what is missing of these tables."""
        # a reader must not wait for a writer only to learn that nothing is missing
        if not set(_TABLE.findall(tables)) <= {row[0] for row in self.rows(_NAMES)}:
            with self.writing() as connection:
                connection.execute(f"PRAGMA application_id = {PROGRAM}")
                connection.execute(f"PRAGMA user_version = {LAYOUT}")
                for statement in tables.split(";\n"):
                    connection.execute(statement)

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            self._local.connection = connection
            with self._lock:
                self._open.append(connection)
        return connection

    def _connect(self) -> sqlite3.Connection:
        try:
            if not self.path.exists():
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
            )
            connection.execute("PRAGMA page_size=8192")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA cache_size=-65536")
            connection.execute("PRAGMA wal_autocheckpoint=4000")
            connection.execute("PRAGMA journal_size_limit=67108864")
        except sqlite3.Error as error:
            raise _told(self.path, error) from None
        return connection

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query; the read ends before this returns."""
        return self.connection.execute(sql, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction of one writer: durable at the end, undone by an error."""
        connection = self.connection
        # threads of this process wait here: the file's own lock is polled, and sleeps between
        with self._writer:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise _told(self.path, error) from None
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError) and _is_full(error):
                    raise _told(self.path, error) from None
                raise

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._local = threading.local()


def _check(path: Path) -> None:
    """Look at a file before anything in it is changed: it may be another program's."""
    if not path.exists():
        return
    if not path.is_file():
        raise ConfigurationError("{file}: not a file; {mend}", file=path.name, mend=_MEND)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as found:
            names = {row[0] for row in found.execute(_NAMES)}
            program, layout = (
                found.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
            )
    except sqlite3.Error as error:
        raise _told(path, error) from None
    if names and (program, layout) != (PROGRAM, LAYOUT):
        ours = program == PROGRAM or "usage" in names
        told = _FOREIGN if not ours else said("layout {layout}, this program reads {ours}", layout=layout, ours=LAYOUT)
        raise ConfigurationError("{file}: {problem}; {mend}", file=path.name, problem=told, mend=_MEND)


def _told(path: Path, error: sqlite3.Error) -> LeitplankeError:
    """What a user can do about an error of SQLite."""
    told = str(error)
    if not isinstance(error, sqlite3.OperationalError):
        return ConfigurationError("{file}: damaged, or not a file of Leitplanke; {mend}", file=path.name, mend=_MEND)
    if _is_full(error):
        return SourceUnavailableError(
            "{file}: the disk is full; nothing is half-written, the same command goes on from here", file=path.name
        )
    denied = "unable to open" in told or "readonly" in told
    if denied:
        return SourceUnavailableError(
            "{file} cannot be used now: {problem}; reading, too, needs the right to write in {folder}",
            file=path.name,
            problem=said(told),
            folder=path.parent,
        )
    return SourceUnavailableError("{file} cannot be used now: {problem}", file=path.name, problem=said(told))


def _is_full(error: sqlite3.Error) -> bool:
    """A limit on the size of files is told as an error of the device."""
    return "full" in str(error) or "disk I/O" in str(error)
