"""Network events to runs: per name, unit, view and day the sums and the actors. Knows nothing of the catalogue but `never`."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from catalogue.never import Never
from detectors.site.program import follows_links, is_program
from schemas.events import EVIDENCE
from schemas.observation import ACTOR_KINDS
from streams.site.assign import UnitMap
from streams.site.books import EXCLUDED_UNIT, Book, Names, actor_book, code_of
from streams.site.cap import capped
from streams.site.flows import Waiting, waiting
from streams.site.keys import SiteKey, Words
from streams.site.rows import KIND, NAMES, UNIT, VIEW, WINDOW, known_sum, merged

STATE_ZONE = ZoneInfo("Europe/Berlin")
"""A day is a day in the state's time zone, for everything."""

_HOUR = 3_600_000_000
_PRIVATE = ("10.", "192.168.", "169.254.", "127.", "fc", "fd", "fe80:", "::1", *(f"172.{i}." for i in range(16, 32)))

_NEAR = sorted(
    {*(prefix[:3] for prefix in _PRIVATE), *(f"{two}{c}" for two in ("fc", "fd") for c in "0123456789abcdef:")}
)

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


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
        grouped = _grouped(where(kept, ~pl.col("waits")))
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
        by_account = _taken(of_accounts["unit"], account, -1)
        by_client = _taken(of_clients["unit"], client, -1)
        unit = np.where(by_account != -1, by_account, by_client)
        unit = np.where(unit == -1, self.default, unit)
        unit = np.where(by_client == EXCLUDED_UNIT, EXCLUDED_UNIT, unit)
        place, names = self._named(events)
        words = np.concatenate([of_accounts["word"].to_numpy(), of_clients["word"].to_numpy(), [np.uint64(0)]])
        program, follows = _agents(events["agent_raw"])
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
            _internal(events).alias("internal"),
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
                "host": _texts(hosts, at_host - 1),
                "address": _texts(addresses, at_address - 1),
                "application": _texts(applications, app - 1),
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
            _enum(grouped["view"], VIEW),
            _enum(grouped["kind"], KIND),
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
            _enum(hosts["kind"], KIND),
            self._pseudonyms(hosts["actor"], coded.words, named["domain_word"]),
        )

    def _pseudonyms(self, actors: pl.Series, words: Words, domains: pl.Series) -> pl.Series:
        hashed = pl.Series("actor", self.key.pairs(words[actors.to_numpy()], domains.to_numpy()))
        nobody = actors < 0
        return hashed.set(nobody, None) if nobody.any() else hashed


def where(frame: pl.DataFrame, condition: pl.Expr | pl.Series) -> pl.DataFrame:
    """The rows that meet a condition; the frame itself when all do, as nearly always: filtering copies every column."""
    meets = frame.select(condition).to_series() if isinstance(condition, pl.Expr) else condition
    return frame if meets.all() else frame.filter(meets)


def encoded(series: pl.Series) -> tuple[Codes, pl.Series]:
    """Place of each value among the distinct ones (-1 for null) and the distinct values."""
    if series.null_count() == len(series):
        return np.full(len(series), -1, dtype=np.int64), series.clear()
    array: Any = pc.dictionary_encode(series.to_arrow())
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    codes = pl.Series(pl.from_arrow(array.indices)).cast(pl.Int64).fill_null(-1).to_numpy()
    return codes, pl.Series(series.name, pl.from_arrow(array.dictionary), dtype=series.dtype)


def days(instants: pl.Series) -> npt.NDArray[np.int64]:
    """Day in the state's zone of each instant, as days since 1970; by hour, since zones here shift by whole hours."""
    hours = instants.to_physical().to_numpy() // _HOUR
    if not len(hours):
        return hours
    place, distinct = encoded(pl.Series(hours))
    local = (distinct * _HOUR).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(STATE_ZONE.key).dt.date()
    days_of: npt.NDArray[np.int64] = local.to_physical().cast(pl.Int64).to_numpy()[place]
    return days_of


def _grouped(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the same name, actor, unit, view, kind and day brought to one, by one packed number."""
    if not rows.height:
        return rows.with_columns(events=pl.lit(0, dtype=pl.UInt32))
    first = int(rows["day"].min() or 0)  # type: ignore[arg-type]  # days are numbers here
    units = int(rows["unit"].max() or 0) + 1  # type: ignore[arg-type]  # places in the list of codes
    slot = (((rows["day"] - first) * _VIEWS + rows["view"]) * _KINDS + rows["kind"]) * units + rows["unit"]
    slots: pl.Series | None = None
    if int(slot.max() or 0) >= _SLOTS:  # type: ignore[arg-type]  # numbers
        place, slots = encoded(slot)
        slot = pl.Series(place)
    sums = (
        rows.select(((pl.col("name") * _ACTORS + pl.col("actor") + 1) * _SLOTS + slot).alias("packed"), *_SUMS)
        .group_by("packed")
        .agg(pl.len().alias("events"), pl.col("blocked").sum(), *(_brought(rows, name) for name in _SUMS[1:]))
    )
    key = sums["packed"]
    low = key % _SLOTS if slots is None else slots.gather(key % _SLOTS)
    name_actor = key // _SLOTS
    return sums.with_columns(
        events=(pl.col("events") - pl.col("blocked")).cast(pl.UInt32),
        name=name_actor // _ACTORS,
        actor=name_actor % _ACTORS - 1,
        unit=low % units,
        kind=low // units % _KINDS,
        view=low // (units * _KINDS) % _VIEWS,
        day=low // (units * _KINDS * _VIEWS) + first,
    )


_ACTORS, _SLOTS, _VIEWS, _KINDS = 1 << 21, 1 << 20, 8, 8
"""Room for the parts of the packed number: a block has fewer actors, and fewer kinds of days, units and views."""
_SUMS = ("blocked", "bytes_up", "bytes_down", "program", "internal")


def _brought(rows: pl.DataFrame, name: str) -> pl.Expr:
    """Sum of bytes or `any` of a flag in a group; what says nothing in the whole block is not computed."""
    if rows.schema[name] == pl.Boolean:
        return pl.col(name).any() if rows[name].any() else pl.lit(value=False).alias(name)
    nulls = rows[name].null_count()
    if nulls == rows.height:
        return pl.lit(None, dtype=pl.Int64).alias(name)
    return known_sum(name) if nulls else pl.col(name).sum()


def _enum(codes: pl.Series, dtype: pl.Enum) -> pl.Series:
    return dtype.categories.gather(codes.cast(pl.UInt32)).cast(dtype).alias(codes.name)


def _taken(values: pl.Series, codes: Codes, absent: int) -> npt.NDArray[np.int64]:
    if not len(values):
        return np.full(len(codes), absent, dtype=np.int64)
    return np.where(codes >= 0, values.cast(pl.Int64).to_numpy()[codes], absent)


def _texts(values: pl.Series, codes: Codes) -> pl.Series:
    if not len(values):
        return pl.Series([None] * len(codes), dtype=pl.String)
    return pl.select(pl.when(pl.Series(codes >= 0)).then(values.gather(np.maximum(codes, 0)))).to_series()


def _agents(agents: pl.Series) -> tuple[Flags, Flags]:
    """For each record: was it a program's, and does it only follow links that somebody else has sent?"""
    codes, distinct = encoded(agents)
    program, follows = (np.append(said(distinct).to_numpy(), [False])[codes] for said in (is_program, follows_links))
    return program, follows


def _internal(events: pl.DataFrame) -> pl.Series | pl.Expr:
    """True for servers with a private address; the first three characters rule nearly all others out."""
    address = events["address"]
    near = address.str.head(3).is_in(_NEAR)
    if not near.any():
        return pl.lit(value=False)
    private = pl.any_horizontal(pl.col("address").str.starts_with(prefix) for prefix in _PRIVATE)
    return events.select((near & private).fill_null(value=False)).to_series()
