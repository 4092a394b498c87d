"""All identifiers of a snapshot as one table; a match is the number of a row in it, or behind it of a domain beside."""

import json
from collections.abc import Collection
from io import BytesIO
from typing import Self

import polars as pl

from catalogue.beside import Beside, bases
from catalogue.hosts import Ends, end_of
from catalogue.identifiers import identifiers
from catalogue.snapshot import Snapshot
from catalogue.words import fold, without_legal_form

CONFIDENCE = {
    "exact": 1.0,  # the identifier itself: host, package, supplier's number, software with its publisher
    "suffix": 0.95,  # a host below the entry's domain
    "application": 0.9,  # the sensor's label: its maker's judgement, not ours
    "prefix": 0.9,  # the entry's CPE or software name at the start of what was seen
    "words": 0.85,  # the name as whole words in a purchase text
    "supplier_name": 0.85,  # a supplier that sells nothing else
    "ordinary_word": 0.75,  # a name that is an ordinary word, in a text that speaks of software
    "unconfirmed": 0.75,  # a software name without the publisher that the entry asks for
    "range": 0.7,  # an address: several services can share it
    "cpv": 0.6,  # a class of goods that means one thing
}
"""`how` something was recognised, and how sure that makes: 1 is the identifier itself. The closed list of both."""

MATCH = pl.Schema(
    {
        "subject": pl.String,
        "kind": pl.String,
        "identifier": pl.String,
        "identifier_kind": pl.String,
        "how": pl.String,
        "confidence": pl.Float64,
        "entry_hash": pl.String,
    }
)
"""Columns that matching gives."""

_REF = pl.UInt32()
HIT = pl.Schema({"ref": _REF, "how": pl.String()})
"""What a matcher gives for each row: a row of the table, and how; both null where nothing matches."""

_PREFERRED = ("never", "assistive", "service", "software", "infrastructure", "website")
"""Order of kinds where two entries have one name: what must not be stored first."""


class Known:
    """Identifiers of entries, in an order that does not depend on files."""

    def __init__(self, listed: pl.DataFrame, bases: list[str], words: list[str]) -> None:
        """Take what entries list, the domains that others lie beside, and words inside the labels of hosts."""
        self.table = listed.with_row_index("ref")
        self.beside = Beside(listed, bases)
        self._kinds = pl.concat([listed["kind"], self.beside.kinds])
        self.host_words = words

    @classmethod
    def made(cls, snapshot: Snapshot, kinds: Collection[str] = _PREFERRED) -> Self:
        """From the entries of these kinds."""
        listed = _listed(snapshot, kinds)
        entries = (entry for entry in snapshot.directory.values() if entry.kind in kinds)
        return cls(listed, bases(listed), sorted({word for entry in entries for word in entry.host_words}))

    @classmethod
    def prepared(cls, snapshot: Snapshot, kinds: Collection[str] = _PREFERRED, *, name: str) -> Self:
        """The same from what was written down under this name together with the snapshot, where it was."""
        written = snapshot.prepared(name)
        if written is None:
            return cls.made(snapshot, kinds)
        head, _, table = written.partition(b"\n")
        return cls(pl.read_ipc_stream(table), **json.loads(head))

    def written(self) -> bytes:
        """The bytes that `prepared` reads."""
        table = BytesIO()
        self.table.drop("ref").write_ipc_stream(table)
        head = {"bases": self.beside.bases, "words": self.host_words}
        return json.dumps(head).encode() + b"\n" + table.getvalue()

    def of(self, identifier_kind: str) -> pl.DataFrame:
        """Rows of one kind of identifier, each key once: the first in order."""
        return self.table.filter(pl.col("identifier_kind") == identifier_kind).unique(
            "key", keep="first", maintain_order=True
        )

    def kinds(self, refs: pl.Series) -> pl.Series:
        """Kind of the entry at each row."""
        beside = self.table.height + self.beside.label(refs.cast(pl.Int64) - self.table.height)
        places = pl.select(pl.when(refs < self.table.height).then(refs.cast(pl.Int64)).otherwise(beside)).to_series()
        return self._kinds.gather(places)

    def matches(self, hits: pl.DataFrame) -> pl.DataFrame:
        """The hits as MATCH columns, same height and order."""
        confidence = pl.col("how").replace_strict(CONFIDENCE, default=None, return_dtype=pl.Float64)
        facts = self._rows(hits["ref"])
        return pl.concat([facts, hits.select("how")], how="horizontal").select(
            confidence.alias(name) if name == "confidence" else pl.col(name) for name in MATCH
        )

    def _rows(self, refs: pl.Series) -> pl.DataFrame:
        """The rows of the table with these numbers; null where there is none."""
        met = refs.filter(refs >= self.table.height).unique()
        if met.is_empty():
            return self.table.select(pl.exclude("ref").gather(refs))
        beside = self.beside.rows(met - self.table.height)
        every = pl.concat([self.table.drop("ref"), beside.select(self.table.columns[1:])])
        places = pl.int_range(self.table.height, every.height, dtype=_REF, eager=True)
        return every.select(pl.all().gather(refs.replace(met, places)))


class Domains:
    """Row of each domain: those that entries list, and those beside them."""

    def __init__(self, known: Known) -> None:
        listed = known.of("domain")
        self._listed: dict[str, int] = dict(zip(listed["key"], listed["ref"], strict=True))
        self._beside, self._first = known.beside, known.table.height
        names = (*self._listed, *self._beside.bases)
        self.near = Ends(names).near
        """Which canonical hosts may be a domain or lie below one."""
        self.ends = frozenset(map(end_of, names)) if all("." in name for name in names) else None
        """Last two labels of every domain, since one beside another ends as that does; None where one has a single label."""

    def __contains__(self, name: object) -> bool:
        return name in self._listed or (isinstance(name, str) and self._beside.number(name) is not None)

    def ref(self, name: str | None) -> int | None:
        """Row of a domain; None for what is none."""
        ref = None if name is None else self._listed.get(name)
        if ref is not None or name is None:
            return ref
        number = self._beside.number(name)
        return None if number is None else self._first + number


def _listed(snapshot: Snapshot, kinds: Collection[str]) -> pl.DataFrame:
    """Columns of the table for what the entries list, in order."""
    rows = []
    entries = [entry for entry in snapshot.directory.values() if entry.kind in kinds]
    for entry in sorted(entries, key=lambda entry: (_PREFERRED.index(entry.kind), entry.subject)):
        digest = snapshot.entry_hash(entry)
        provider = without_legal_form(fold(entry.provider.name)) if entry.provider else ""
        rows += [
            (i.subject, entry.kind, i.spelling, i.kind, i.key, i.publisher, provider, digest)
            for i in identifiers(entry)
        ]
    names = ("subject", "kind", "identifier", "identifier_kind", "key", "publisher", "provider", "entry_hash")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
