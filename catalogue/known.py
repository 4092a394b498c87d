"""All identifiers of a snapshot as one table; a match is the number of a row in it."""

from collections.abc import Collection

import polars as pl

from catalogue.beside import beside
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

HIT = pl.Schema({"ref": pl.UInt32, "how": pl.String})
"""What a matcher gives for each row: a row of the table, and how; both null where nothing matches."""

_PREFERRED = ("never", "assistive", "service", "software", "infrastructure", "website")
"""Order of kinds where two entries have one name: what must not be stored first."""


class Known:
    """Identifiers of entries, in an order that does not depend on files."""

    def __init__(self, snapshot: Snapshot, kinds: Collection[str] = _PREFERRED) -> None:
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
        listed = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
        self.table = pl.concat([listed, beside(listed)]).with_row_index("ref")

    def of(self, identifier_kind: str) -> pl.DataFrame:
        """Rows of one kind of identifier, each key once: the first in order."""
        return self.table.filter(pl.col("identifier_kind") == identifier_kind).unique(
            "key", keep="first", maintain_order=True
        )

    def matches(self, hits: pl.DataFrame) -> pl.DataFrame:
        """The hits as MATCH columns, same height and order."""
        confidence = pl.col("how").replace_strict(CONFIDENCE, default=None, return_dtype=pl.Float64)
        facts = self.table.select(pl.exclude("ref").gather(hits["ref"]))
        return pl.concat([facts, hits.select("how")], how="horizontal").select(
            confidence.alias(name) if name == "confidence" else pl.col(name) for name in MATCH
        )
