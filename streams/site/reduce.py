"""Network events to runs: per name, unit, view and day the sums and the actors. Knows nothing of the catalogue but `never`."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from catalogue.never import Never
from schemas.events import EVIDENCE
from schemas.observation import ACTOR_KINDS
from streams.site.assign import UnitMap
from streams.site.books import EXCLUDED_UNIT, Book, Names, actor_book, code_of
from streams.site.cap import capped
from streams.site.columns import Codes, agents, category, days, encoded, internal, summed, taken, texts, where
from streams.site.flows import Waiting, waiting
from streams.site.keys import SiteKey, Words
from streams.site.rows import KIND, NAMES, UNIT, VIEW, WINDOW, merged


@dataclass(frozen=True)
class Runs:
    """What one block gives: windows, flows and hosts that wait for each other, names, and counts of records."""

    windows: pl.DataFrame
    names: pl.DataFrame
    flows: Waiting = field(default_factory=Waiting)
    idle: int = 0
    unassigned: int = 0
    dropped: int = 0


def reduce(events: pl.DataFrame, key: SiteKey, units: UnitMap, never: Never) -> Runs:
    """Runs of a frame of NETWORK events (rows without `rejected`); rows without `at` or without a name are idle."""
    return Reducer(key, units, never)(events)


@dataclass(frozen=True)
class Coded:
    """Events in small numbers."""

    rows: pl.DataFrame
    """One row an event: `name` and `actor` are places in the tables below."""
    names: pl.DataFrame
    """What is known of each name."""
    words: Words
    """Keyed hash of each actor; the last stands for nobody (-1)."""


class Reducer:
    """`reduce` with a memory of distinct values, for many frames of one source."""

    def __init__(self, key: SiteKey, units: UnitMap, never: Never) -> None:
        """One reducer a source; it may be called from several threads."""
        self.key, self.units = key, units
        self.codes: list[str] = []
        self.default = code_of(units.default, self.codes)
        self.names = Names(key, never)
        self.accounts: Book = actor_book(key, units, self.codes, accounts=True)
        self.clients: Book = actor_book(key, units, self.codes, accounts=False)

    def __call__(self, events: pl.DataFrame) -> Runs:
        """Runs of one frame."""
        height = events.height
        events = where(
            events,
            pl.col("at").is_not_null() & pl.any_horizontal(pl.col("host", "address", "application").is_not_null()),
        )
        idle = height - events.height
        coded = self._coded(events)
        rows, names = coded.rows, coded.names
        excluded = (rows["unit"] == EXCLUDED_UNIT) | names["never"].gather(rows["name"])
        missing = ~excluded & (rows["unit"] < 0)
        kept = where(rows, ~(excluded | missing))
        waits = waiting(kept, self.key)
        grouped = summed(where(kept, ~pl.col("waits")))
        occurs = np.zeros(names.height, dtype=np.bool_)
        occurs[kept["name"].to_numpy()] = True
        known = names.filter(occurs).select(NAMES.names()).unique("name", maintain_order=True)
        windows = self._windows(grouped, coded)
        fewer, capped_names = capped(windows, known, self.key)
        if fewer is not windows:
            waiting_names = known.filter(pl.col("name").is_in(names["name"].gather(waits.hosts["name"]).implode()))
            windows, known = merged(fewer), pl.concat([capped_names, waiting_names]).unique("name", maintain_order=True)
        return Runs(
            windows=windows,
            names=known,
            flows=Waiting(flows=self._windows(waits.flows, coded, "flow"), hosts=self._hosts(waits.hosts, coded)),
            idle=idle,
            unassigned=int(missing.sum()),
            dropped=int(excluded.sum()),
        )

    def _coded(self, events: pl.DataFrame) -> Coded:
        """Rows in small numbers: every text column replaced by the place of its distinct value."""
        account, accounts = encoded(events["account_raw"])
        client, clients = encoded(events["client_raw"])
        of_accounts = self.accounts.rows(accounts, accounts.to_frame())
        of_clients = self.clients.rows(clients, clients.to_frame())
        by_account = taken(of_accounts["unit"], account, -1)
        by_client = taken(of_clients["unit"], client, -1)
        unit = np.where(by_account != -1, by_account, by_client)
        unit = np.where(unit == -1, self.default, unit)
        unit = np.where(by_client == EXCLUDED_UNIT, EXCLUDED_UNIT, unit)
        place, names = self._named(events)
        words = np.concatenate([of_accounts["word"].to_numpy(), of_clients["word"].to_numpy(), [np.uint64(0)]])
        program, follows = agents(events["agent_raw"])
        actor = np.where(account >= 0, account, np.where(client >= 0, client + len(accounts), -1))
        actor = np.where(follows, -1, actor)
        kinds = {kind: n for n, kind in enumerate(ACTOR_KINDS)}
        kind = (
            np.full(len(actor), kinds[self.units.actor], dtype=np.int64)
            if self.units.actor
            else np.where(account >= 0, kinds["account"], np.where(client >= 0, kinds["device"], kinds["unknown"]))
        )
        rows = events.select(
            pl.Series("name", place),
            pl.Series("actor", actor),
            pl.Series("unit", unit.astype(np.int64)),
            pl.Series("kind", kind),
            pl.col("evidence").cast(VIEW).to_physical().cast(pl.Int64).alias("view"),
            pl.Series("day", days(events["at"])),
            (pl.col("action") == "blocked").alias("blocked"),
            "bytes_up",
            "bytes_down",
            pl.Series("program", program),
            internal(events).alias("internal"),
            "flow",
            pl.col("host").is_not_null().alias("hosted"),
        ).with_columns(
            waits=(pl.col("view") == EVIDENCE.index("flow")) & pl.col("flow").is_not_null() & ~pl.col("hosted")
        )
        return Coded(rows, names, words)

    def _named(self, events: pl.DataFrame) -> tuple[Codes, pl.DataFrame]:
        host, hosts = encoded(events["host"])
        if not events["host"].null_count() and events["application"].null_count() == events.height:
            none = pl.lit(None, dtype=pl.String)
            return host, self.names.rows(hosts.alias("host").to_frame().with_columns(address=none, application=none))
        application, applications = encoded(events["application"])
        where = events["host"].is_null()
        bare = (
            events.select(pl.when(where).then("address"))["address"]
            if where.any()
            else pl.Series([None] * 0, dtype=pl.String)
        )
        address, addresses = encoded(bare) if len(bare) else (np.full(len(host), -1), bare)
        packed = ((host + 1) * (len(addresses) + 1) + address + 1) * (len(applications) + 1) + application + 1
        place, distinct = encoded(pl.Series(packed))
        numbers = distinct.to_numpy()
        numbers, app = np.divmod(numbers, len(applications) + 1)
        at_host, at_address = np.divmod(numbers, len(addresses) + 1)
        values = pl.DataFrame(
            {
                "host": texts(hosts, at_host - 1),
                "address": texts(addresses, at_address - 1),
                "application": texts(applications, app - 1),
            },
        )
        return place, self.names.rows(values)

    def _windows(self, grouped: pl.DataFrame, coded: Coded, *extra: str) -> pl.DataFrame:
        """Coded rows with sums as WINDOW columns; actors become pseudonyms keyed with the domain."""
        named = coded.names.select("name", "bucket", "domain_word")[grouped["name"].to_numpy()]
        return grouped.select(
            *extra,
            named["name"],
            named["bucket"],
            pl.Series("unit", self.codes, dtype=pl.String).cast(UNIT).gather(grouped["unit"]),
            category(grouped["view"], VIEW),
            category(grouped["kind"], KIND),
            pl.col("day").cast(pl.Int32).cast(pl.Date),
            self._pseudonyms(grouped["actor"], coded.words, named["domain_word"]),
            *(pl.col(c).cast(WINDOW[c]) for c in list(WINDOW)[7:]),
        )

    def _hosts(self, hosts: pl.DataFrame, coded: Coded) -> pl.DataFrame:
        named = coded.names.select("name", "bucket", "domain_word")[hosts["name"].to_numpy()]
        return hosts.select(
            "flow",
            "rank",
            named["name"],
            named["domain_word"].alias("domain"),
            named["bucket"],
            category(hosts["kind"], KIND),
            self._pseudonyms(hosts["actor"], coded.words, named["domain_word"]),
        )

    def _pseudonyms(self, actors: pl.Series, words: Words, domains: pl.Series) -> pl.Series:
        hashed = pl.Series("actor", self.key.pairs(words[actors.to_numpy()], domains.to_numpy()))
        nobody = actors < 0
        return hashed.set(nobody, None) if nobody.any() else hashed
