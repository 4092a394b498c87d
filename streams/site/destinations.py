"""What names, addresses and labels stand for: which rows are about the same thing, and what is known of each."""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from connectors.native.distinct import PLAIN_ADDRESS, PLAIN_NAME, PRIVATE, Distinct, Table
from connectors.native.plan import Quick
from streams.site.books import Books
from streams.site.columns import private
from streams.site.rows import NAMES

_HOSTED, _ADDRESSED, _PRIVATE, _STRANGE = 1, 2, 4, 8
"""Bits of what a name or an address is (sums.c)."""
_OF_NAME = 1 << 31
"""Marks, in a thing's key, an address that stands where a name should."""


class Destinations:
    """Names and addresses met so far, row by row, and things: a host or an address, with a label."""

    def __init__(self, quick: Quick, books: Books, of: dict[str, Distinct], tables: dict[str, Table]) -> None:
        """`of` holds the distinct texts that `tables` describe."""
        self.quick, self.books, self.of, self.tables = quick, books, of, tables
        self.things = Distinct()
        self.described = pl.DataFrame(schema=NAMES)
        """NAMES columns of each thing."""
        self._domain_key = books.key.words_key("domain")
        self._known = books.names.hosts(pl.Series([None], dtype=pl.String))
        """What is known of names and addresses, row by row; the first row of nothing."""
        self._hosts, self._of_names, self._addresses, self._labels = (
            pl.Series([None], dtype=pl.String) for _ in range(4)
        )

    def names(self, first: int) -> None:
        """Describe the names from a place on."""
        texts, table = self.of["name"].texts(first), self.of["name"]
        kinds, _ = table.look(first, self._domain_key)
        plain = (kinds == PLAIN_NAME) & self.quick.bare
        odd = ~plain
        host, address = texts, texts.clear(len(texts))
        flags, rows = plain * np.uint8(_HOSTED), np.zeros(len(plain), np.int64)
        if odd.any():
            read = self.quick.names(texts.filter(odd))
            host, address = (
                host.scatter(np.flatnonzero(odd), read["host"]),
                address.scatter(np.flatnonzero(odd), read["address"]),
            )
            flags[odd] = read["host"].is_not_null().to_numpy() * np.uint8(_HOSTED) + _flags(read["address"])
            if "odd" in read.columns:
                flags[odd] += read["odd"].to_numpy() * np.uint8(_STRANGE)
            rows[odd] = self._met(self.books.names.hosts(read["host"]))
            bare = read["address"].is_not_null().to_numpy()
            if bare.any():
                rows[np.flatnonzero(odd)[bare]] = self._met(self.books.names.addresses(read["address"].drop_nulls()))
        if plain.any():
            rows[plain] = self._met(self.books.names.plain_hosts(texts.filter(plain).to_list()))
        self._hosts.append(host)
        self._of_names.append(address)
        self._add(name=flags, name_row=rows)

    def places(self, first: int) -> None:
        """Describe the addresses from a place on."""
        texts, table = self.of["address"].texts(first), self.of["address"]
        kinds, words = table.look(first, self._domain_key)
        plain = (kinds & PLAIN_ADDRESS > 0) & self.quick.bare & (not self.books.names.ranged)
        odd, address = ~plain, texts
        flags, rows = np.uint8(_ADDRESSED) + (kinds & PRIVATE), np.zeros(len(plain), np.int64)
        if odd.any():
            read = self.quick.addresses(texts.filter(odd))
            address = texts.scatter(np.flatnonzero(odd), read)
            flags[odd] = _flags(read)
            rows[odd] = self._met(self.books.names.addresses(read))
        if plain.any():
            rows[plain] = self._met(self.books.names.plain_addresses(texts.filter(plain), words[plain]))
        self._addresses.append(address)
        self._add(address=flags, address_row=rows)

    def _met(self, known: pl.DataFrame) -> npt.NDArray[np.int64]:
        """Remember what is known of names; gives their rows."""
        first = self._known.height
        self._known = self._known.vstack(known)
        return np.arange(first, self._known.height)

    def applications(self, first: int) -> None:
        """Describe the labels from a place on."""
        read = self.quick.applications(self.of["application"].texts(first))
        self._labels.append(read)
        self._add(application=read.is_not_null().to_numpy())

    def ask(self) -> None:
        """Describe the things that are not described yet."""
        first = self.described.height
        if first == len(self.things):
            return
        host, place, label = self.things.words(first, 3).astype(np.int64).T
        of_name = place & ~_OF_NAME
        from_name = place >= _OF_NAME
        names, addresses = self.tables["name_row"].array, self.tables["address_row"].array
        bare = np.where(from_name, names[np.where(from_name, of_name, 0)], addresses[np.where(from_name, 0, place)])
        rows = np.where(host > 0, names[host], bare)
        if (label > 0).any():
            at = label > 0
            address = pl.DataFrame(
                {"name": self._of_names.gather(np.where(from_name, of_name, 0)[at]),
                 "place": self._addresses.gather(np.where(from_name, 0, place)[at])}
            )  # fmt: skip
            values = pl.DataFrame(
                {
                    "host": self._hosts.gather(host[at]),
                    "address": address.select(pl.coalesce("name", "place")).to_series(),
                    "application": self._labels.gather(label[at]),
                }
            )
            rows[at] = self._met(self.books.names.rows(values))
        known = self._known[rows]
        self._add(
            thing_name=known["name"].to_numpy(), thing_domain=known["domain_word"].to_numpy(),
            thing_bucket=known["bucket"].to_numpy(), thing_never=known["never"].to_numpy(),
        )  # fmt: skip
        self.described = self.described.vstack(known.select(self.described.columns))

    def _add(self, **columns: npt.NDArray[Any]) -> None:
        for name, values in columns.items():
            self.tables[name].add(values)


def _flags(addresses: pl.Series) -> npt.NDArray[np.uint8]:
    flags: npt.NDArray[np.uint8] = addresses.is_not_null().to_numpy() * np.uint8(_ADDRESSED)
    flags += private(addresses).to_numpy() * np.uint8(_PRIVATE)
    return flags
