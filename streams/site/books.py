"""Distinct values of raw columns and what is known of them. Each is asked for once and remembered in memory."""

import numpy as np
import polars as pl

from catalogue.hosts import split
from catalogue.never import Never
from catalogue.remember import Remembered
from streams.site.assign import EXCLUDED, UnitMap
from streams.site.keys import SiteKey, Words
from streams.site.rows import BUCKETS

MEMORY = 400_000
"""Distinct values remembered by a book; beyond, it starts anew."""

Book = Remembered[pl.DataFrame]
"""What is known of distinct values of a raw column."""

UNKNOWN_UNIT = -1
EXCLUDED_UNIT = -2


class Names:
    """What is known of destinations, remembered: hosts and labels in one book, bare addresses in another."""

    def __init__(self, key: SiteKey, never: Never) -> None:
        """The words of a destination are keyed with the site's key; `never` marks what must not be stored."""
        self._key, self._never = key, never
        self._named = Remembered(self._described, MEMORY)
        self._bare = Remembered(self._addressed, MEMORY)

    def rows(self, values: pl.DataFrame) -> pl.DataFrame:
        """NAMES columns plus `domain_word`, `bucket`, `never` of each distinct (host, address, application), in order.

        `address` counts only where there is no host. The word of a name without a host is keyed with its address or label.
        """
        bare = values["host"].is_null() & values["application"].is_null()
        keys = values.select(
            pl.concat_str(pl.col("host", "address", "application").fill_null(""), separator="\n")
        ).to_series()
        if not bare.any():
            return self._named.rows(keys, values)
        parts = [
            book.rows(keys.filter(of), values.filter(of)) for book, of in ((self._named, ~bare), (self._bare, bare))
        ]
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

    def _addressed(self, values: pl.DataFrame) -> pl.DataFrame:
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

    return Remembered(describe, MEMORY)


def code_of(unit: str | None, codes: list[str]) -> int:
    """Place of a unit in `codes`, which grows; UNKNOWN_UNIT for None, EXCLUDED_UNIT for what is dropped."""
    if unit is None:
        return UNKNOWN_UNIT
    if unit == EXCLUDED:
        return EXCLUDED_UNIT
    if unit not in codes:
        codes.append(unit)
    return codes.index(unit)
