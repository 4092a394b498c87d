"""Distinct values of raw columns and what is known of them. Each is asked for once and remembered in memory."""

import threading
from collections.abc import Callable

import numpy as np
import polars as pl

from catalogue.hosts import split
from catalogue.never import Never
from streams.site.assign import EXCLUDED, UnitMap
from streams.site.keys import SiteKey, Words
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
        self._known: pl.DataFrame | None = None
        self._lock = threading.Lock()

    def rows(self, keys: pl.Series, values: pl.DataFrame) -> pl.DataFrame:
        """The described row of each row of `values`, in order; `keys` are texts that tell the rows apart."""
        asked = keys.fill_null("").alias(_KEY).to_frame()
        with self._lock:
            known = self._known if self._known is not None and self._known.height < MEMORY else None
            if known is None:
                known = asked.hstack(self._describe(values))
            else:
                new = asked.with_row_index("row").join(known.select(_KEY), on=_KEY, how="anti")["row"]
                if len(new):
                    known = known.vstack(asked[new].hstack(self._describe(values[new])))
            self._known = known.rechunk() if known.n_chunks() > _CHUNKS else known
        return asked.join(known, on=_KEY, how="left", maintain_order="left").drop(_KEY)


_KEY = "key"
_CHUNKS = 16


class Names:
    """What is known of destinations: hosts and labels from memory, bare addresses computed anew (they rarely come back)."""

    def __init__(self, key: SiteKey, never: Never) -> None:
        """The words of a destination are keyed with the site's key; `never` marks what must not be stored."""
        self._key, self._never = key, never
        self._book = Book(self._described)

    def rows(self, values: pl.DataFrame) -> pl.DataFrame:
        """NAMES columns plus `domain_word`, `bucket`, `never` of each distinct (host, address, application), in order.

        `address` counts only where there is no host. The word of a name without a host is keyed with its address or label.
        """
        bare = values["host"].is_null() & values["application"].is_null()
        keys = values.select(
            pl.concat_str(pl.col("host", "address", "application").fill_null(""), separator="\n")
        ).to_series()
        if not bare.any():
            return self._book.rows(keys, values)
        parts = [self._book.rows(keys.filter(~bare), values.filter(~bare)), self._bare(values.filter(bare))]
        order = np.argsort(np.concatenate([np.flatnonzero(~bare.to_numpy()), np.flatnonzero(bare.to_numpy())]))
        return pl.concat(parts)[order]

    def _described(self, values: pl.DataFrame) -> pl.DataFrame:
        short = split(values["host"])
        frame = values.with_columns(host=short["host"], domain=short["domain"])
        whole = frame.select(pl.concat_str(pl.col("host", "address", "application").fill_null(""), separator="\n"))
        place = frame.select(pl.coalesce("domain", "address", "application").fill_null(""))
        never = self._never.network(values.select("host", "address", "application"))
        return self._worded(
            frame, self._key.words("domain", place.to_series()), self._key.words("name", whole.to_series()), never
        )

    def _bare(self, values: pl.DataFrame) -> pl.DataFrame:
        """The same for addresses without host and label."""
        words = self._key.words("domain", values["address"].fill_null(""))
        frame = values.with_columns(domain=pl.lit(None, dtype=pl.String))
        never = (
            self._never.network(values) if self._never.ranged else pl.Series([False]).new_from_index(0, values.height)
        )
        return self._worded(frame, words, self._key.pairs(words, words), never)

    def _worded(self, frame: pl.DataFrame, domains: Words, names: Words, never: pl.Series) -> pl.DataFrame:
        return frame.with_columns(
            name=pl.Series(names, dtype=pl.UInt64),
            domain_word=pl.Series(domains, dtype=pl.UInt64),
            bucket=pl.Series(domains % BUCKETS, dtype=pl.UInt8),
            never=never,
        )


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
