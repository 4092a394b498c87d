"""Distinct values of raw columns and what is known of them. Each is asked for once and remembered in memory."""

import polars as pl

from catalogue.hosts import cut, split
from catalogue.never import Never
from catalogue.remember import Remembered
from connectors.native.distinct import list_hashes
from streams.site.assign import EXCLUDED, UnitMap
from streams.site.columns import EARLIEST
from streams.site.keys import SiteKey, Words
from streams.site.rows import BUCKETS

MEMORY = 250_000
"""Distinct values remembered by a book; beyond, it starts anew."""

UNKNOWN_UNIT = -1
EXCLUDED_UNIT = -2


class Names:
    """What is known of destinations, remembered: hosts and labels in one book, bare addresses in another."""

    def __init__(self, key: SiteKey, never: Never) -> None:
        """The words of a destination are keyed with the site's key; `never` marks what must not be stored."""
        self._key, self._never = key, never
        self._named = Remembered(self._described, MEMORY)
        self._bare = Remembered(self._addressed, MEMORY)
        self._domain_key, self._name_key = key.words_key("domain"), key.words_key("name")

    def rows(self, values: pl.DataFrame) -> pl.DataFrame:
        """NAMES columns plus `domain_word`, `bucket`, `never` of each (host, address, application) with a label, in order.

        `address` counts only where there is no host. The word of a name without a host is keyed with its address or label.
        """
        keys = values.select(
            pl.concat_str(pl.col("host", "address", "application").fill_null(""), separator="\n")
        ).to_series()
        return self._named.rows(keys, values)

    def plain_hosts(self, hosts: list[str]) -> pl.DataFrame:
        """As `hosts`, of plain names, without asking one column after the other."""
        parts = cut(hosts)
        domains = list_hashes([domain for _, domain in parts], self._domain_key)
        names = list_hashes([f"{host}\n\n" for host, _ in parts], self._name_key)
        frame = pl.DataFrame(parts, schema={"host": pl.String, "domain": pl.String}, orient="row")
        none = pl.lit(None, pl.String)
        frame = frame.select("host", none.alias("address"), none.alias("application"), "domain")
        return self._worded(frame, domains, names, pl.Series(self._never.hosts(hosts)))

    def plain_addresses(self, addresses: pl.Series, words: Words) -> pl.DataFrame:
        """As `addresses`, of plain ones with their words of the purpose `domain`."""
        none = pl.lit(None, pl.String)
        frame = addresses.alias("address").to_frame()
        frame = frame.select(none.alias("host"), "address", none.alias("application"), none.alias("domain"))
        return self._worded(frame, words, self._key.pairs(words, words), pl.repeat(False, frame.height, eager=True))  # noqa: FBT003  # the value

    @property
    def ranged(self) -> bool:
        """Whether a bare address can be one that must not be stored."""
        return self._never.ranged

    def hosts(self, hosts: pl.Series) -> pl.DataFrame:
        """As `rows`, of hosts without label."""
        return self._named.rows(hosts.fill_null(""), _alone("host", hosts))

    def addresses(self, addresses: pl.Series) -> pl.DataFrame:
        """As `rows`, of addresses without host and label."""
        return self._bare.rows(addresses.fill_null(""), _alone("address", addresses))

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


def _alone(column: str, texts: pl.Series) -> pl.DataFrame:
    """Columns host, address and application of which only one says something."""
    none = pl.lit(None, dtype=pl.String)
    return (
        texts.alias(column)
        .to_frame()
        .select(*(column if name == column else none.alias(name) for name in ("host", "address", "application")))
    )


class Books:
    """What is known of a source's actors and destinations; shared by all threads that read it."""

    limit = MEMORY
    """Distinct values that a lane may remember."""
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
        self._accounts = Remembered(self._account, MEMORY)
        self._clients = Remembered(self._client, MEMORY)

    def account(self, texts: pl.Series) -> pl.DataFrame:
        """`word` and `unit` of account names."""
        return self._accounts.rows(texts, texts.to_frame())

    def client(self, texts: pl.Series) -> pl.DataFrame:
        """`word` and `unit` of client addresses."""
        return self._clients.rows(texts, texts.to_frame())

    def _account(self, values: pl.DataFrame) -> pl.DataFrame:
        texts = values.to_series()
        return self._actors("account", texts, self.units.names(texts))

    def _client(self, values: pl.DataFrame) -> pl.DataFrame:
        texts = values.to_series()
        return self._actors("client", texts, self.units.clients(texts))

    def _actors(self, purpose: str, texts: pl.Series, units: list[str | None]) -> pl.DataFrame:
        folded = texts.fill_null("").str.to_lowercase()
        return pl.DataFrame(
            {
                "word": pl.Series(self.key.words(purpose, folded), dtype=pl.UInt64),
                "unit": pl.Series([self._code(unit) for unit in units], dtype=pl.Int32),
            },
        )

    def _code(self, unit: str | None) -> int:
        """Place of a unit in `codes`, which grows; UNKNOWN_UNIT for None, EXCLUDED_UNIT for what is dropped."""
        if unit is None:
            return UNKNOWN_UNIT
        if unit == EXCLUDED:
            return EXCLUDED_UNIT
        if unit not in self.codes:
            self.codes.append(unit)
        return self.codes.index(unit)
