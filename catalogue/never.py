"""What is dropped before anything is stored: entries of kind `never` and `assistive`.

It reads these entries only, so no other change of the directory changes what is stored. It is generous: every host
below their domains or with one of their words inside a label, every name of theirs as whole words, whatever else the
directory says of the same thing.
"""

from functools import cached_property

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
        self._known = Known.prepared(snapshot, KINDS, name="never")
        self.ranged = not self._known.of("range").is_empty()
        """False when no bare address can be hit; callers then need not ask."""
        self._host_words = self._known.host_words

    def network(self, frame: pl.DataFrame) -> pl.Series:
        """For columns host, address, application."""
        return _hit(self._network.find(frame)) | self._worded(frame["host"])

    def assets(self, frame: pl.DataFrame) -> pl.Series:
        """For columns vendor, product, version, purl, cpe, publisher."""
        return _hit(self._assets.find(frame))

    def purchases(self, frame: pl.DataFrame) -> pl.Series:
        """For columns text, supplier_name, supplier_ids, cpv."""
        return _hit(self._purchases.find(frame))

    @cached_property
    def _network(self) -> Network:
        return Network(self._known)

    @cached_property
    def _assets(self) -> Assets:
        return Assets(self._known, generous=True)

    @cached_property
    def _purchases(self) -> Purchases:
        return Purchases(self._known, generous=True)

    def _worded(self, hosts: pl.Series) -> pl.Series:
        """Hosts with a word inside a label. Words have no dots, so a word never spans two labels."""
        if not self._host_words:
            return pl.repeat(value=False, n=len(hosts), eager=True)
        distinct = hosts.cast(pl.String).unique().drop_nulls()
        worded = distinct.filter(distinct.str.contains_any(self._host_words, ascii_case_insensitive=True))
        return hosts.cast(pl.String).is_in(worded.implode()).fill_null(value=False)


def _hit(hits: pl.DataFrame) -> pl.Series:
    return hits["ref"].is_not_null().rename("never")
