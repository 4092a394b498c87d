"""Which entry of the directory an identifier belongs to, for each of the three signals.

The three functions give MATCH columns with the same height and order as the frame: the subject (with its edition where
an edition's own identifier matched), the entry's kind, the identifier in the entry's own spelling, how it was
recognised and how sure that is (`known.CONFIDENCE`), and the entry's hash. Null where nothing matches.
"""

from functools import cached_property

import polars as pl

from catalogue.assets import Assets
from catalogue.known import MATCH, Known
from catalogue.network import Network
from catalogue.purchases import Purchases
from catalogue.snapshot import Snapshot


class Directory:
    """The directory of a snapshot, made ready for matching; what a signal needs is made when it first comes."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._nothing = pl.DataFrame(schema=MATCH)

    @cached_property
    def _known(self) -> Known:
        return Known.prepared(self._snapshot, name="known")

    def network(self, frame: pl.DataFrame) -> pl.DataFrame:
        """MATCH columns for columns host, address, application."""
        return self._nothing if frame.is_empty() else self._known.matches(self._network.find(frame))

    def assets(self, frame: pl.DataFrame) -> pl.DataFrame:
        """MATCH columns for columns vendor, product, version, purl, cpe, publisher."""
        return self._nothing if frame.is_empty() else self._known.matches(self._assets.find(frame))

    def purchases(self, frame: pl.DataFrame) -> pl.DataFrame:
        """MATCH columns for columns text, supplier_name, supplier_ids, cpv; text is a title or the text of a line."""
        return self._nothing if frame.is_empty() else self._known.matches(self._purchases.find(frame))

    @cached_property
    def _network(self) -> Network:
        return Network(self._known, remembers=False)

    @cached_property
    def _assets(self) -> Assets:
        return Assets(self._known)

    @cached_property
    def _purchases(self) -> Purchases:
        return Purchases(self._known)
