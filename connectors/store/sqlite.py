"""Usages with findings in one file: SQLite with full-text search.

Format    usage: what is searched and compared; answer: finding and summary; seen: observations, decisions, views
Gives     documents with the columns of USAGE, and `summary` and `words` where they were saved
Lacks     replicas; one process writes at a time, the others wait
Source    https://sqlite.org/wal.html, https://sqlite.org/fts5.html
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import polars as pl

from connectors.database import FULL, Database
from connectors.store import rows as r
from schemas.errors import SourceUnavailableError
from schemas.ports import Outcome, Page, Query
from schemas.usage import USAGE

PAGE = 5000
"""Documents of a page of `scan`, and the width of a stripe of a slice."""

TOGETHER = 40
"""Rows of a table that are written by one statement."""

FIELDS = ("unit", "subject", "verdict", "grade", "mode", "status")
"""What a query can be limited by."""

TABLES = """
CREATE TABLE IF NOT EXISTS usage (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, unit TEXT NOT NULL, subject TEXT NOT NULL, version INTEGER NOT NULL,
  basis INTEGER NOT NULL, verdict TEXT NOT NULL, grade TEXT NOT NULL, mode TEXT NOT NULL, first_day INTEGER,
  last_day INTEGER, active_days INTEGER, status TEXT, urgency INTEGER, open INTEGER NOT NULL, words INTEGER
);
CREATE INDEX IF NOT EXISTS usage_unit ON usage (unit);
CREATE INDEX IF NOT EXISTS usage_subject ON usage (subject);
CREATE INDEX IF NOT EXISTS usage_open ON usage (id) WHERE open = 1;
CREATE TABLE IF NOT EXISTS answer (
  key INTEGER PRIMARY KEY, finding TEXT, entries TEXT, numbers BLOB, texts TEXT, words TEXT
);
CREATE TABLE IF NOT EXISTS seen (
  key INTEGER PRIMARY KEY, numbers BLOB, ids TEXT, texts TEXT, decisions TEXT, views TEXT
);
CREATE VIRTUAL TABLE IF NOT EXISTS word_index USING fts5(words, content='', tokenize='unicode61')
"""


class SqliteStore:
    """One document a usage, in three rows: what changes together is written together."""

    def __init__(self, place: Path | Database, summary: pl.Schema | None = None) -> None:
        """Open, create or share the file; `summary` is the schema of the column `summary`, where documents have one."""
        self._database = Database.at(place, TABLES)
        self._form = r.Form(summary)

    def load(self, ids: Sequence[str], columns: Sequence[str] = USAGE.names) -> pl.DataFrame:
        """Documents among `ids`, with these columns; those of `seen` and `answer` are read only where asked for."""
        # by key, which is where rows lie: in any other order every page is read and written many times
        where = f"WHERE u.key IN (SELECT key FROM usage WHERE id IN ({r.VALUES}))"
        return self._read(columns, where, (r.values(ids),))

    def save(self, documents: pl.DataFrame) -> list[Outcome]:
        """A document without the column `observations` keeps those that are stored; likewise `summary` and `words`."""
        if documents.is_empty():
            return []
        fields = self._form.encode(documents)
        try:
            with self._database.writing() as connection:
                stored = self._stored(documents["id"])
                outcomes, new, changed = _outcomes(documents, stored)
                start = connection.execute("SELECT coalesce(max(key), 0) + 1 FROM usage").fetchone()[0]
                added, kept = fields[new], fields[changed].join(stored, on="id").sort("key")
                added = added.with_columns(pl.int_range(start, start + added.height).alias("key"))
                for table, columns in self._form.tables(documents).items():
                    mutable = [name for name in columns if name not in r.FIXED]
                    _write(connection, partial(r.insert, table, columns), _rows(added, ["key", *columns]))
                    _write(connection, partial(r.update, table, mutable), _rows(kept, [*mutable, "key"]))
                flipped = kept.filter(pl.col("open") != pl.col("was_open"))
                connection.executemany("UPDATE usage SET open = ? WHERE key = ?", _rows(flipped, ["open", "key"]))
                if "words" in fields.columns:
                    self._index(connection, added, kept)
        except SourceUnavailableError as error:
            if FULL in str(error):
                raise
            return ["later"] * documents.height
        return outcomes

    def search(self, query: Query, columns: Sequence[str] = USAGE.names) -> Page:
        """One page in order of id; raises ValueError for a field that is none of FIELDS."""
        where, values = ["u.id > ?"], [query.after or ""]
        if query.findings_only:
            where.append("u.open = 1")
        for field, allowed in query.where.items():
            if field not in FIELDS:
                raise ValueError(f"a query can be limited by {', '.join(FIELDS)}; {field} is none of them")
            where.append(f"u.{field} IN ({r.VALUES})")
            values.append(r.values(allowed))
        if query.words:
            where.append("u.key IN (SELECT rowid FROM word_index WHERE word_index MATCH ?)")
            values.append(" ".join('"' + word.replace('"', "") + '"*' for word in query.words.split()))
        names = columns if "id" in columns else ["id", *columns]
        found = self._read(names, f"WHERE {' AND '.join(where)} ORDER BY u.id LIMIT ?", (*values, query.limit + 1))
        after = found["id"][query.limit - 1] if found.height > query.limit else None
        return Page(found.head(query.limit).select(columns), after)

    def scan(
        self,
        part: int = 0,
        parts: int = 1,
        columns: Sequence[str] = USAGE.names,
        but_basis: int | None = None,
        page: int = PAGE,
    ) -> Iterator[pl.DataFrame]:
        """Every document of one slice, page by page; `but_basis` leaves out those judged by this basis."""
        after = 0
        slice_of = "" if parts == 1 else f" AND u.key / {PAGE} % {int(parts)} = {int(part)}"
        judged = "" if but_basis is None else f" AND u.basis != {int(but_basis)}"
        while True:
            sql = f"SELECT u.key FROM usage u WHERE u.key > ?{slice_of}{judged} ORDER BY u.key LIMIT ?"
            keys = self._database.rows(sql, (after, page))
            if not keys:
                return
            last = keys[-1][0]
            where = f"WHERE u.key > ? AND u.key <= ?{slice_of}{judged} ORDER BY u.key"
            yield self._read(columns, where, (after, last))
            after = last

    def mark(self, judged: pl.DataFrame, basis: int) -> None:
        """Note that these documents (id, version) were judged by `basis` with the same result; versions stay."""
        rows = zip([basis] * judged.height, judged["id"].to_list(), judged["version"].to_list(), strict=True)
        with self._database.writing() as connection:
            connection.executemany("UPDATE usage SET basis = ? WHERE id = ? AND version = ?", rows)

    def newest_day(self) -> date | None:
        """The newest day observed of any usage."""
        day = self._database.rows("SELECT max(last_day) FROM usage")[0][0]
        return None if day is None else r.day(day)

    def units(self) -> list[str]:
        """Codes of all units that have usages, sorted."""
        return [row[0] for row in self._database.rows("SELECT DISTINCT unit FROM usage ORDER BY unit")]

    def count(self) -> int:
        """How many documents there are."""
        return int(self._database.rows("SELECT count(*) FROM usage")[0][0])

    def ids(self, prefix: str, limit: int) -> list[str]:
        """Ids of findings that begin with these characters, sorted; at most `limit`."""
        sql = "SELECT id FROM usage WHERE open = 1 AND id >= ? AND id < ? ORDER BY id LIMIT ?"
        return [row[0] for row in self._database.rows(sql, (prefix, prefix + "\x7f", limit))]

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _read(self, columns: Sequence[str], where: str, values: Sequence[Any]) -> pl.DataFrame:
        names, sql = self._form.select(columns, where)
        return self._form.decode(names, self._database.rows(sql, values), columns)

    def _stored(self, ids: pl.Series) -> pl.DataFrame:
        sql = f"SELECT id, key, version, open, words FROM usage WHERE id IN ({r.VALUES})"
        rows = self._database.rows(sql, (r.values(ids.drop_nulls()),))
        return pl.DataFrame(rows, schema=_STORED, orient="row")

    @staticmethod
    def _index(connection: sqlite3.Connection, added: pl.DataFrame, kept: pl.DataFrame) -> None:
        """Full text of documents whose words are new; the old words have to be named to be forgotten."""
        differ = kept.filter(pl.col("words_hash").ne_missing(pl.col("was_words")))
        old = f"SELECT key, words FROM answer WHERE words IS NOT NULL AND key IN ({r.VALUES})"
        gone = connection.execute(old, (r.values(differ["key"]),)).fetchall()
        connection.executemany("INSERT INTO word_index (word_index, rowid, words) VALUES ('delete', ?, ?)", gone)
        come = pl.concat([added.select("key", "words", "words_hash"), differ.select("key", "words", "words_hash")])
        named = come.drop_nulls("words")
        connection.executemany("INSERT INTO word_index (rowid, words) VALUES (?, ?)", _rows(named, ["key", "words"]))
        connection.executemany("UPDATE answer SET words = ? WHERE key = ?", _rows(come, ["words", "key"]))
        connection.executemany("UPDATE usage SET words = ? WHERE key = ?", _rows(come, ["words_hash", "key"]))


_STORED = pl.Schema(
    {"id": pl.String, "key": pl.Int64, "was_version": pl.Int64, "was_open": pl.Int64, "was_words": pl.Int64}
)


def _outcomes(documents: pl.DataFrame, stored: pl.DataFrame) -> tuple[list[Outcome], list[int], list[int]]:
    """Outcome of each row, rows to insert, rows to update."""
    required = [c.name for c in USAGE.columns if c.required and c.name in documents.columns]
    rows = documents.select("id", "version", pl.all_horizontal(pl.col(required).is_not_null()).alias("whole"))
    rows = rows.join(stored.select("id", "was_version"), on="id", how="left", maintain_order="left").with_row_index(
        "row"
    )
    taken = pl.col("id").is_first_distinct() & (pl.col("version") == pl.col("was_version").fill_null(0))
    outcome = pl.when(~pl.col("whole")).then(pl.lit("refused")).when(taken).then(pl.lit("stored"))
    found = rows.with_columns(outcome.otherwise(pl.lit("conflict")).alias("outcome"))
    kept = found.filter(pl.col("outcome") == "stored")
    is_new = pl.col("was_version").is_null()
    return found["outcome"].to_list(), kept.filter(is_new)["row"].to_list(), kept.filter(~is_new)["row"].to_list()


def _write(connection: sqlite3.Connection, sql: Callable[[int], str], rows: Iterator[tuple[Any, ...]]) -> None:
    """Write rows many at a time: before and after each statement another thread may want to go on."""
    while together := [*islice(rows, TOGETHER)]:
        connection.execute(sql(len(together)), [*chain.from_iterable(together)])


def _rows(table: pl.DataFrame, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(table[name].to_list() for name in columns), strict=True)
