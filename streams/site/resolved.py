"""The pseudonyms of one finding, and which name of a list gives one of them. Only with the keys that two persons open."""

from base64 import b32encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from catalogue.match import Directory
from catalogue.snapshot import Snapshot
from schemas.errors import ConfigurationError
from schemas.names import finding_id
from schemas.topics import decode
from streams.site.border import CANDIDATE, reported_unit
from streams.site.emit import LEAVING
from streams.site.file import SiteFile
from streams.site.flows import concatenated
from streams.site.keys import SiteKey
from streams.site.rows import NAMES
from streams.site.table import Table

CODE = 8
"""Letters of a pseudonym that are shown."""


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """Somebody at one destination of a finding. Nothing says how much: people are not ranked."""

    code: str
    domain: str
    """Registrable domain, else address or label: a pseudonym holds for one of them only."""
    days: int
    last: date
    word: int


def subject_of(file: SiteFile, snapshot: Snapshot, finding: str) -> tuple[str, str, str]:
    """Id, unit and subject of a finding by the beginning of its id; raises ConfigurationError when the site has none."""
    sent = file.db.execute(
        "SELECT DISTINCT json_extract(body, '$.unit'), json_extract(body, '$.subject') FROM bodies"
        " WHERE json_extract(body, '$.signal') = 'network'"
    ).fetchall()
    listed = [subject for subject, entry in snapshot.directory.items() if entry.kind in LEAVING]
    pairs = {*sent, *((unit, subject) for unit in _units(file) for subject in listed)}
    found = {finding_id(*pair): pair for pair in pairs if finding_id(*pair).startswith(finding.upper())}
    if len(finding) < _PREFIX or len(found) != 1:
        raise ConfigurationError("this site has no finding on the network {finding}", finding=finding)
    ((whole, (unit, subject)),) = found.items()
    return whole, unit, subject


_PREFIX = 4


def pseudonyms(file: SiteFile, snapshot: Snapshot, unit: str, subject: str) -> list[Pseudonym]:
    """Who was seen at the destinations of a subject at a unit, in the order of the codes."""
    names = _names(file, Directory(snapshot), subject)
    words = names["name"]
    there = pl.col("name").is_in(words.implode()) & pl.col("actor").is_not_null() & (pl.col("events") > 0)
    rows = [
        table.frame().filter(there) for table in _tables(file) if np.isin(table.columns["name"], words.to_numpy()).any()
    ]
    if not rows:
        return []
    seen = pl.concat([frame.select("name", pl.col("unit").cast(pl.String), "actor", "day") for frame in rows])
    of = {code: reported_unit(code, snapshot) or code for code in seen["unit"].unique()}
    seen = seen.filter(pl.col("unit").replace_strict(of, default=None, return_dtype=pl.String) == unit)
    seen = seen.join(names.select("name", domain=pl.coalesce("domain", "address", "application")), on="name")
    groups = seen.group_by("actor", "domain").agg(
        pl.col("day").n_unique().alias("days"), pl.col("day").max().alias("last")
    )
    found = [Pseudonym(coded(word), domain, days, last, word) for word, domain, days, last in groups.iter_rows()]
    return sorted(found, key=lambda each: each.code)


def named(key: SiteKey, pseudonym: Pseudonym, candidates: Sequence[str]) -> str | None:
    """The name of a list (accounts, addresses) that gives a pseudonym; None when none does."""
    texts = pl.Series(candidates, dtype=pl.String).str.to_lowercase()
    domain = key.words("domain", pl.Series([pseudonym.domain])).repeat(len(texts))
    for purpose in ("account", "client"):
        words = key.words(purpose, texts)
        for period in key.periods:
            hits = (key.pairs(words, domain, period) == pseudonym.word).nonzero()[0]
            if len(hits):
                return candidates[int(hits[0])]
    return None


def coded(word: int) -> str:
    """A pseudonym as people copy it."""
    return b32encode(word.to_bytes(8, "big")).decode()[:CODE]


def _names(file: SiteFile, directory: Directory, subject: str) -> pl.DataFrame:
    frames = (decode(row[0]) for row in file.db.execute("SELECT data FROM runs WHERE kind = 'name'"))
    names = concatenated(frames, NAMES).unique("name", maintain_order=True)
    found = directory.network(names.select("host", "address", "application"))
    if subject.startswith(CANDIDATE):
        return names.filter(found["subject"].is_null() & (names["domain"] == subject.removeprefix(CANDIDATE)))
    return names.filter((found["subject"] == subject).fill_null(value=False))


def _tables(file: SiteFile) -> Iterator[Table]:
    """Rows that have a pseudonym. Flows that wait for their host are sealed, and stay so."""
    for (data,) in file.db.execute("SELECT data FROM runs WHERE kind = 'window' AND bare = 0"):
        yield Table.read(data)


def _units(file: SiteFile) -> set[str]:
    return {unit for table in _tables(file) for unit in table.units}
