"""What is dropped before anything is stored: entries of kind `never` and `assistive`.

It reads these entries only, so no other change of the directory changes what is stored. It is generous: every host
below their domains or with one of their words inside a label, every name of theirs as whole words, whatever else the
directory says of the same thing.
"""

import polars as pl

from catalogue.assets import Assets
from catalogue.known import Known
from catalogue.network import Network
from catalogue.purchases import Purchases
from catalogue.snapshot import Snapshot

KINDS = frozenset({"never", "assistive"})


class Never:
    """True for what must not be stored; the rules of matching are the directory's."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.ranged = any(entry.ranges for entry in snapshot.directory.values() if entry.kind in KINDS)
        """False when no bare address can be hit; callers then need not ask."""
        known = Known(snapshot, KINDS)
        self._network = Network(known)
        self._assets = Assets(known, generous=True)
        self._purchases = Purchases(known, generous=True)
        entries = (entry for entry in snapshot.directory.values() if entry.kind in KINDS)
        self._host_words = sorted({word for entry in entries for word in entry.host_words})

    def network(self, frame: pl.DataFrame) -> pl.Series:
        """For columns host, address, application."""
        return _hit(self._network.find(frame)) | self._worded(frame["host"])

    def assets(self, frame: pl.DataFrame) -> pl.Series:
        """For columns vendor, product, version, purl, cpe, publisher."""
        return _hit(self._assets.find(frame))

    def purchases(self, frame: pl.DataFrame) -> pl.Series:
        """For columns text, supplier_name, supplier_ids, cpv."""
        return _hit(self._purchases.find(frame))

    def _worded(self, hosts: pl.Series) -> pl.Series:
        """Hosts with a word inside a label. Words have no dots, so a word never spans two labels."""
        if not self._host_words:
            return pl.repeat(value=False, n=len(hosts), eager=True)
        distinct = hosts.cast(pl.String).unique().drop_nulls()
        worded = distinct.filter(distinct.str.contains_any(self._host_words, ascii_case_insensitive=True))
        return hosts.cast(pl.String).is_in(worded.implode()).fill_null(value=False)


def _hit(hits: pl.DataFrame) -> pl.Series:
    return hits["ref"].is_not_null().rename("never")
