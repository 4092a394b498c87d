"""Distinct values of raw columns and what is known of them. Each is asked for once and remembered in memory."""

import threading
from collections.abc import Callable, Hashable

import numpy as np
import polars as pl
from catalogue.never import Never

from catalogue.hosts import split
from streams.site.assign import EXCLUDED, UnitMap
from streams.site.keys import SiteKey
from streams.site.rows import BUCKETS

MEMORY = 400_000
"""Distinct values remembered by a book; beyond, it starts anew."""

UNKNOWN_UNIT = -1
EXCLUDED_UNIT = -2


class Book:
    """Remembers a row for each distinct value and asks `describe` for the unknown ones; safe for threads."""

    def __init__(self, describe: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
        """`describe` gives a frame of the same height and order for a frame of unknown distinct values."""
        self._describe = describe
        self._known: dict[Hashable, int] = {}
        self._pages: list[pl.DataFrame] = []
        self._lock = threading.Lock()

    def rows(self, values: pl.DataFrame) -> pl.DataFrame:
        """The described row of each row of `values`, in order."""
        keys: list[Hashable] = values.to_series().to_list() if values.width == 1 else list(values.rows())
        with self._lock:
            if len(self._known) > MEMORY:
                self._known, self._pages = {}, []
            unknown = [i for i, key in enumerate(keys) if key not in self._known]
            if unknown or not self._pages:
                start = len(self._known)
                self._pages.append(self._describe(values[unknown]))
                self._known.update((keys[i], start + n) for n, i in enumerate(unknown))
                self._pages = [pl.concat(self._pages, rechunk=True)]
            places = np.fromiter((self._known[key] for key in keys), dtype=np.int64, count=len(keys))
            return self._pages[0][places]


def name_book(key: SiteKey, never: Never) -> Book:
    """Book of destinations: frame (host, address, application) to NAMES columns plus `domain_word`, `bucket`, `never`.

    `address` counts only where there is no host. The word of a name without a host is keyed with its address or label.
    """

    def describe(values: pl.DataFrame) -> pl.DataFrame:
        short = split(values["host"])
        frame = values.with_columns(host=short["host"], domain=short["domain"])
        texts = zip(*(frame[c].fill_null("").to_list() for c in ("host", "address", "application")), strict=True)
        place = frame.select(pl.coalesce("domain", "address", "application").fill_null(""))["domain"].to_list()
        words = key.words("domain", place)
        return frame.with_columns(
            name=pl.Series(key.words("name", map("\n".join, texts)), dtype=pl.UInt64),
            domain_word=pl.Series(words, dtype=pl.UInt64),
            bucket=pl.Series(words % BUCKETS, dtype=pl.UInt8),
            never=never.network(values.select("host", "address", "application")),
        )

    return Book(describe)


def actor_book(key: SiteKey, units: UnitMap, codes: list[str], *, accounts: bool) -> Book:
    """Book of account names or of client addresses: frame of one column to `word` and `unit` (place in `codes`)."""

    def describe(values: pl.DataFrame) -> pl.DataFrame:
        series = values.to_series()
        found = units.names(series) if accounts else units.clients(series)
        folded = series.fill_null("").str.to_lowercase()
        return pl.DataFrame(
            {
                "word": pl.Series(key.words("account" if accounts else "client", folded), dtype=pl.UInt64),
                "unit": pl.Series([code_of(unit, codes) for unit in found], dtype=pl.Int32),
            },
        )

    return Book(describe)


def code_of(unit: str | None, codes: list[str]) -> int:
    """Place of a unit in `codes`, which grows; UNKNOWN_UNIT for None, EXCLUDED_UNIT for what is dropped."""
    if unit is None:
        return UNKNOWN_UNIT
    if unit == EXCLUDED:
        return EXCLUDED_UNIT
    if unit not in codes:
        codes.append(unit)
    return codes.index(unit)
