"""What is said of distinct actors and destinations of a source: plain lists and arrays, asked for once by each lane."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from catalogue.hosts import cut, split
from catalogue.never import Never
from connectors.native.distinct import list_hashes
from streams.site.assign import EXCLUDED, UnitMap
from streams.site.columns import EARLIEST
from streams.site.keys import SiteKey, Words

MEMORY = 250_000
"""Names of which is remembered that they are written down; beyond, that starts anew."""

UNKNOWN_UNIT = -1
EXCLUDED_UNIT = -2

Texts = list[str | None]


class Met(NamedTuple):
    """What is known of some destinations, in their order."""

    host: Texts
    domain: Texts
    address: Texts
    application: Texts
    """As in NAMES."""
    names: Words
    domains: Words
    """Keyed hashes of the name, and of its registrable domain (or its address or label)."""
    never: npt.NDArray[np.bool_]
    """Must not be stored."""


class Names:
    """Destinations and their words."""

    def __init__(self, key: SiteKey, never: Never) -> None:
        """The words of a destination are keyed with the site's key; `never` marks what must not be stored."""
        self._key, self._never = key, never
        self.ranged = never.ranged
        """Whether a bare address can be one that must not be stored."""
        self._domain_key, self._name_key = key.words_key("domain"), key.words_key("name")

    def plain_hosts(self, hosts: list[str]) -> Met:
        """As `described`, of canonical names alone that end with a letter."""
        parts = cut(hosts)
        short: Texts = [host for host, _ in parts]
        domains = [domain for _, domain in parts]
        names = list_hashes([f"{host}\n\n" for host in short], self._name_key)
        nothing: Texts = [None] * len(hosts)
        words = list_hashes(domains, self._domain_key)
        return Met(short, [*domains], nothing, nothing, names, words, self._never.hosts(hosts))

    def hosts(self, hosts: list[str]) -> Met:
        """Of canonical names alone; nearly all of them end with a letter."""
        if all("a" <= host[-1:] <= "z" for host in hosts):
            return self.plain_hosts(hosts)
        nothing: Texts = [None] * len(hosts)
        return self.described([*hosts], nothing, nothing)

    def plain_addresses(self, addresses: list[str], words: Words) -> Met:
        """Of canonical addresses alone, with their words of the purpose `domain`, where none is `ranged`."""
        nothing: Texts = [None] * len(addresses)
        never = np.zeros(len(addresses), np.bool_)
        return Met(nothing, nothing, [*addresses], nothing, self._key.pairs(words, words), words, never)

    def addresses(self, addresses: pl.Series) -> Met:
        """Of addresses alone; an address's word is the same wherever it stands."""
        nothing: Texts = [None] * len(addresses)
        words = self._key.words("domain", addresses.fill_null(""))
        never = np.zeros(len(addresses), np.bool_)
        if self.ranged:
            never = self._never.network(_columns(nothing, addresses, nothing)).to_numpy()
        return Met(nothing, nothing, addresses.to_list(), nothing, self._key.pairs(words, words), words, never)

    def described(self, host: Texts, address: Texts, application: Texts) -> Met:
        """Of any destinations. `address` counts only where there is no host.

        The word of a name without a host is keyed with its address or label.
        """
        values = _columns(host, address, application)
        short = split(values["host"])
        frame = values.with_columns(short["host"], short["domain"])
        whole = frame.select(pl.concat_str(pl.col("host", "address", "application").fill_null(""), separator="\n"))
        place = frame.select(pl.coalesce("domain", "address", "application").fill_null(""))
        names, domains = self._key.words("name", whole.to_series()), self._key.words("domain", place.to_series())
        never = self._never.network(values).to_numpy()
        return Met(frame["host"].to_list(), frame["domain"].to_list(), address, application, names, domains, never)


def _columns(host: Texts, address: Texts | pl.Series, application: Texts) -> pl.DataFrame:
    texts = {"host": host, "address": address, "application": application}
    return pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String))


class Books:
    """What is said of a source's actors and destinations; shared by all threads that read it."""

    earliest = EARLIEST
    """Start of the time that a record may claim."""
    programs = True
    """Whether user agents may be asked for programs: false where an agreement does not allow it."""

    def __init__(self, key: SiteKey, units: UnitMap, never: Never) -> None:
        """`units` assigns records; `never` marks what must not be stored."""
        self.key, self.units = key, units
        self.codes: list[str] = []
        """Codes of units; tables hold their places."""
        self.default = self._code(units.default)
        self.names = Names(key, never)

    def account(self, texts: pl.Series) -> tuple[Words, npt.NDArray[np.int32]]:
        """Word and unit of account names."""
        return self._actors("account", texts.to_list(), self.units.names(texts))

    def client(self, texts: pl.Series) -> tuple[Words, npt.NDArray[np.int32]]:
        """Word and unit of client addresses."""
        return self._actors("client", texts.to_list(), self.units.clients(texts))

    def _actors(self, purpose: str, texts: Texts, units: list[str | None]) -> tuple[Words, npt.NDArray[np.int32]]:
        words = list_hashes([(text or "").lower() for text in texts], self.key.words_key(purpose))
        return words, np.fromiter(map(self._code, units), np.int32, len(units))

    def _code(self, unit: str | None) -> int:
        """Place of a unit in `codes`, which grows; UNKNOWN_UNIT for None, EXCLUDED_UNIT for what is dropped."""
        if unit is None:
            return UNKNOWN_UNIT
        if unit == EXCLUDED:
            return EXCLUDED_UNIT
        if unit not in self.codes:
            self.codes.append(unit)
        return self.codes.index(unit)
