"""What is dropped before anything is stored: entries of kind `never` and `assistive`.

It reads these entries only, so no other change of the directory changes what is stored. It is generous: every host
below their domains or with one of their words inside a label, every name of theirs as whole words, whatever else the
directory says of the same thing.
"""

from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from catalogue.assets import Assets
from catalogue.hosts import end_of
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

    def hosts(self, hosts: list[str]) -> npt.NDArray[np.bool_]:
        """As `network`, of canonical hosts alone; most are ruled out by their last two labels."""
        series = pl.Series("host", hosts, dtype=pl.String)
        never: npt.NDArray[np.bool_] = self._worded(series).to_numpy().copy()
        ends = self._network.ends
        near = np.array([i for i, host in enumerate(hosts) if ends is None or end_of(host) in ends], dtype=np.int64)
        if len(near):
            none = pl.Series([None], dtype=pl.String).new_from_index(0, len(near))
            never[near] |= self.network(
                pl.DataFrame({"host": series.gather(near), "address": none, "application": none})
            ).to_numpy()
        return never

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
        return (
            hosts.cast(pl.String).str.contains_any(self._host_words, ascii_case_insensitive=True).fill_null(value=False)
        )


def _hit(hits: pl.DataFrame) -> pl.Series:
    return hits["ref"].is_not_null().rename("never")
