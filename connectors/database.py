"""One SQLite file, a connection for each thread: WAL, synchronous=full, one writer at a time."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from schemas.errors import SourceUnavailableError

BUSY_SECONDS = 120
"""How long a writer waits for another one."""


class Database:
    """Connections to one file; every thread gets its own, and none holds a snapshot between two calls."""

    def __init__(self, path: Path, tables: str) -> None:
        """Open or create the file; `tables` is the script that creates what is missing."""
        self.path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._writer = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.writing() as connection:
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
            raise SourceUnavailableError(f"{self.path.name} cannot be opened: {error}") from error
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
                raise SourceUnavailableError(f"{self.path.name} is busy or cannot be written: {error}") from error
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._local = threading.local()
