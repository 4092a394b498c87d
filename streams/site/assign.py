"""Whose record it is: unit by account pattern, client range, buyer id or Leitweg-ID; and what is excluded."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cached_property
from ipaddress import ip_address
from itertools import chain

import polars as pl

from catalogue.snapshot import Snapshot
from schemas.settings import Network, SiteSettings

EXCLUDED = "-"
"""Stands for the unit of records that are dropped before anything is stored."""


@dataclass(frozen=True)
class UnitMap:
    """Assignment of records to units for one source. Counts for what is read after it, never for what was read before."""

    default: str | None
    """Unit of records that nothing else assigns; None leaves them unassigned."""
    actor: str | None = None
    """Kind of actor the source names; None: account where a record names one, else device."""
    ranges: tuple[tuple[Network, str], ...] = ()
    """Client ranges with the code of their unit, or EXCLUDED."""
    accounts: tuple[tuple[str, str], ...] = ()
    """Patterns of account names with the code of their unit."""
    identifiers: dict[str, str] = field(default_factory=dict)
    """Buyer ids and Leitweg-IDs, folded, with the code of their unit."""

    @classmethod
    def of(cls, settings: SiteSettings, snapshot: Snapshot, default: str | None, actor: str | None) -> "UnitMap":
        """The map of a source; the catalogue's own buyer ids and Leitweg-IDs count where site.toml says nothing.

        Units of exposure `excluded` are dropped wherever they are assigned.
        """
        excluded = {unit.code for unit in snapshot.units.values() if unit.exposure == "excluded"}

        def code(name: str) -> str:
            found = snapshot.unit(name).code
            return EXCLUDED if found in excluded else found

        identifiers = {
            _folded(identifier): code(unit.code)
            for unit in snapshot.units.values()
            for identifier in (*unit.buyer_ids, *unit.leitweg_ids)
        }
        for unit in settings.unit:
            identifiers |= {_folded(i): code(unit.unit) for i in (*unit.buyer_ids, *unit.leitweg_ids)}
        ranges = [(network, code(unit.unit)) for unit in settings.unit for network in unit.ranges]
        dropped = [(network, EXCLUDED) for group in settings.excluded for network in group.ranges]
        return cls(
            default=None if default is None else code(default),
            actor=actor,
            ranges=tuple(sorted([*dropped, *ranges], key=_narrowest)),
            accounts=tuple(
                sorted(
                    ((pattern, code(unit.unit)) for unit in settings.unit for pattern in unit.accounts),
                    key=lambda row: (-len(row[0]), row[0]),
                ),
            ),
            identifiers=identifiers,
        )

    def clients(self, clients: pl.Series) -> list[str | None]:
        """Unit of each distinct client address; None where no range holds it. The narrowest range wins."""
        return [self._client(client) for client in clients]

    def names(self, accounts: pl.Series) -> list[str | None]:
        """Unit of each distinct account name; None where no pattern fits. The longest pattern wins."""
        return [next((unit for pattern, unit in self._patterns if pattern.match(a or "")), None) for a in accounts]

    def buyer(self, ids: Iterable[str]) -> str | None:
        """Unit that buys under one of the identifiers; a Leitweg-ID also counts by its first two parts."""
        for identifier in ids:
            folded = _folded(identifier)
            unit = self.identifiers.get(folded) or self.identifiers.get(folded.rpartition("-")[0])
            if unit:
                return unit
        return self.default

    @cached_property
    def _patterns(self) -> Sequence[tuple[re.Pattern[str], str]]:
        return [(re.compile(translate(pattern), re.IGNORECASE), unit) for pattern, unit in self.accounts]

    def _client(self, client: str | None) -> str | None:
        if not client or not self.ranges:
            return None
        try:
            address = ip_address(client.partition("%")[0])
        except ValueError:
            return None
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        return next((unit for network, unit in self.ranges if address in network), None)


def _narrowest(row: tuple[Network, str]) -> tuple[int, int, str]:
    """Excluded ranges first: no narrower range may take anything out of them."""
    network, unit = row
    return (
        0 if unit == EXCLUDED else 1 + network.max_prefixlen - network.prefixlen,
        network.max_prefixlen,
        str(network),
    )


def _folded(identifier: str) -> str:
    return "".join(chain(identifier.split())).lower()
