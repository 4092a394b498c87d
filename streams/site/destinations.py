"""What names, addresses and labels stand for: which rows are about the same thing, and what is known of each."""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from connectors.native.distinct import PLAIN_ADDRESS, PLAIN_NAME, PRIVATE, Distinct, Table
from connectors.native.plan import Quick
from streams.site.books import Books, Texts
from streams.site.columns import private
from streams.site.named import Known, Named
from streams.site.rows import BUCKETS

_HOSTED, _ADDRESSED, _PRIVATE, _STRANGE = 1, 2, 4, 8
"""Bits of what a name or an address is (tables.h)."""
_OF_NAME = 1 << 31
"""Marks, in a thing's key, an address that stands where a name should."""
_TOP, _LOW = np.uint64(59), np.uint64(5)
"""Names are ordered by bucket, then by their highest bits (streams/site/table.py)."""
STEP = 16_384
"""Things that are described at a time."""


class Destinations:
    """Names and addresses met so far, and things: a host or an address, with a label."""

    def __init__(self, quick: Quick, books: Books, of: dict[str, Distinct], tables: dict[str, Table]) -> None:
        """`of` holds the distinct texts that `tables` describe."""
        self.quick, self.books, self.of, self.tables = quick, books, of, tables
        self.things = Distinct()
        self.order: npt.NDArray[np.uint32] = np.zeros(0, np.uint32)
        """Things in the order of their names."""
        self.known = Known()
        self._domain_key = books.key.words_key("domain")
        self._rows = {name: Table(0, np.int64) for name in ("name", "address", "thing")}
        self._hosts: Texts = [None]
        self._of_names: Texts = [None]
        self._addresses: Texts = [None]
        self._labels: Texts = [None]

    def named(self, things: npt.NDArray[np.int64]) -> Named:
        """The names of some things."""
        return Named(self.tables["thing_name"].array[things], self._rows["thing"].array[things], self.known)

    def names(self, first: int, end: int) -> None:
        """Describe the names between two places."""
        table = self.of["name"]
        texts, (kinds, _) = table.texts(first, end), table.look(first, end, self._domain_key)
        plain = (kinds == PLAIN_NAME) & self.quick.bare
        flags, rows = plain * np.uint8(_HOSTED), np.zeros(len(plain), np.int64)
        hosts: Texts = [*texts]
        addresses: Texts = [None] * len(texts)
        odd = np.flatnonzero(~plain)
        if len(odd):
            read = self.quick.names(_series(_at(texts, odd)))
            host, address = read["host"], read["address"]
            _put(hosts, odd, host.to_list())
            _put(addresses, odd, address.to_list())
            flags[odd] = host.is_not_null().to_numpy() * np.uint8(_HOSTED) + _flags(address)
            if "odd" in read.columns:
                flags[odd] += read["odd"].to_numpy() * np.uint8(_STRANGE)
            hosted, bare = host.is_not_null().to_numpy(), address.is_not_null().to_numpy()
            rows[odd[hosted]] = self.known.add(self.books.names.hosts(host.drop_nulls().to_list()))
            rows[odd[bare]] = self.known.add(self.books.names.addresses(address.drop_nulls()))
        if len(odd) < len(texts):
            rows[plain] = self.known.add(self.books.names.plain_hosts(_at(texts, np.flatnonzero(plain))))
        self._hosts += hosts
        self._of_names += addresses
        self._add(name=flags, name_thing=np.zeros(len(texts), np.uint32))
        self._rows["name"].add(rows)

    def places(self, first: int, end: int) -> None:
        """Describe the addresses between two places."""
        table = self.of["address"]
        texts, (kinds, words) = table.texts(first, end), table.look(first, end, self._domain_key)
        plain = (kinds & PLAIN_ADDRESS > 0) & self.quick.bare & (not self.books.names.ranged)
        flags, rows = np.uint8(_ADDRESSED) + (kinds & PRIVATE), np.zeros(len(plain), np.int64)
        addresses: Texts = [*texts]
        odd = np.flatnonzero(~plain)
        if len(odd):
            read = self.quick.addresses(_series(_at(texts, odd)))
            _put(addresses, odd, read.to_list())
            flags[odd] = _flags(read)
            rows[odd] = self.known.add(self.books.names.addresses(read))
        if len(odd) < len(texts):
            among = _at(texts, np.flatnonzero(plain))
            rows[plain] = self.known.add(self.books.names.plain_addresses(among, words[plain]))
        self._addresses += addresses
        self._add(address=flags, address_thing=np.zeros(len(texts), np.uint32))
        self._rows["address"].add(rows)

    def applications(self, first: int, end: int) -> None:
        """Describe the labels between two places."""
        read = self.quick.applications(_series(self.of["application"].texts(first, end)))
        self._labels += read.to_list()
        self._add(application=read.is_not_null().to_numpy())

    def ask(self) -> None:
        """Describe the things that are not described yet."""
        first, end = self._rows["thing"].length - 1, len(self.things)
        if first == end:
            return
        for start in range(first, end, STEP):
            self._describe(start, min(start + STEP, end))
        name, bucket = self.tables["thing_name"].array[1:], self.tables["thing_bucket"].array[1:]
        self.order = (np.argsort((name >> _LOW) | (bucket.astype(np.uint64) << _TOP)) + 1).astype(np.uint32)

    def _describe(self, first: int, end: int) -> None:
        host, place, label = self.things.words(first, 3, end).astype(np.int64).T
        from_name = place >= _OF_NAME
        of_name, of_address = np.where(from_name, place & ~_OF_NAME, 0), np.where(from_name, 0, place)
        names, addresses = self._rows["name"].array, self._rows["address"].array
        rows = np.where(host > 0, names[host], np.where(from_name, names[of_name], addresses[of_address]))
        at = np.flatnonzero(label)
        if len(at):
            inside, beside = _at(self._of_names, of_name[at]), _at(self._addresses, of_address[at])
            address = [one if one is not None else other for one, other in zip(inside, beside, strict=True)]
            met = self.books.names.described(_at(self._hosts, host[at]), address, _at(self._labels, label[at]))
            rows[at] = self.known.add(met)
        self._rows["thing"].add(rows)
        domains = self.known.domain.array[rows]
        self._add(
            thing_name=self.known.name.array[rows], thing_domain=domains,
            thing_bucket=(domains % BUCKETS).astype(np.uint8), thing_never=self.known.never.array[rows],
        )  # fmt: skip

    def _add(self, **columns: npt.NDArray[Any]) -> None:
        for name, values in columns.items():
            self.tables[name].add(values)


def _at(texts: list[Any], places: npt.NDArray[np.int64]) -> list[Any]:
    return [texts[place] for place in places.tolist()]


def _put(texts: Texts, places: npt.NDArray[np.int64], values: Texts) -> None:
    for place, value in zip(places.tolist(), values, strict=True):
        texts[place] = value


def _series(texts: list[str]) -> pl.Series:
    return pl.Series(texts, dtype=pl.String)


def _flags(addresses: pl.Series) -> npt.NDArray[np.uint8]:
    flags: npt.NDArray[np.uint8] = addresses.is_not_null().to_numpy() * np.uint8(_ADDRESSED)
    flags += private(addresses).to_numpy() * np.uint8(_PRIVATE)
    return flags
