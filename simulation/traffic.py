"""Visits: what people's machines do in the network, as columns, before any product writes it down.

One row is one connection (or look-up). Every number comes from a generator seeded by seed, site and day, so a day can
be made alone and in any order. A frame holds one site's day: memory does not grow with the number of days.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from hashlib import blake2b
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from simulation import background, world
from simulation.acts import Visits
from simulation.cases import CASES

ZONE = ZoneInfo("Europe/Berlin")
RATES = {"small": 3.0, "full": 270.0}
"""Ordinary visits of a person on a day at work."""
HOURS = np.array([0, 0, 0, 0, 0, 0, 2, 7, 11, 12, 11, 10, 5, 8, 10, 9, 7, 4, 2, 1, 0, 0, 0, 0], dtype=float)
"""How an office day is spread over the hours, local time."""
_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", dtype="S1")


@dataclass(frozen=True)
class Site:
    """What a site's days are drawn from, prepared once."""

    code: str
    seed: int
    rate: float
    span: list[date]
    people: pl.DataFrame
    present: np.ndarray
    profiles: pl.DataFrame
    """One row a kind of visit: background hosts first, then the acts of cases."""
    popularity: np.ndarray
    """Cumulated shares of the background hosts."""
    acts: list["Act"]


@dataclass(frozen=True)
class Act:
    """A case's visits, placed: which people, on which days, as which profile."""

    profile: int
    rows: np.ndarray
    """People; empty when a server does it."""
    days: frozenset[int]
    a_day: int


def site(code: str, seed: int, size: str, span: list[date]) -> Site:
    """Prepare a site."""
    people = world.people(code)
    profiles: list[dict[str, object]] = []
    shares = []
    for hosts, name, share in background.weighted():
        shares.append(share)
        plain, agent = hosts.plain, hosts.agent
        profiles.append(_profile(name, hosts.up, hosts.down, agent, hosts.application, hosts.path, plain=plain))
    acts = []
    for case in CASES:
        unit = world.units()[world.real_code(case.unit)]
        for number, visits in enumerate(case.visits if unit.site == code else ()):
            acts.append(_place(visits, f"{seed}/{case.case}/{number}", unit, len(profiles), span))
            profiles.append(_act_profile(visits))
    return Site(
        code,
        seed,
        RATES[size],
        span,
        people,
        world.presence(code, span, seed),
        pl.DataFrame(profiles, schema=_PROFILE, infer_schema_length=None),
        np.cumsum(np.array(shares) / sum(shares)),
        acts,
    )


_PROFILE = {
    "host": pl.String,
    "address": pl.String,
    "port": pl.Int64,
    "plain": pl.Boolean,
    "path": pl.String,
    "usual_up": pl.Int64,
    "usual_down": pl.Int64,
    "agent": pl.String,
    "application": pl.String,
    "blocked": pl.Boolean,
    "seen": pl.String,
    "server": pl.String,
}


def _profile(
    host: str, up: int, down: int, agent: str | None, application: str, path: str, *, plain: bool
) -> dict[str, object]:
    port = 80 if plain else 443
    row = {"host": host, "address": address_of(host), "port": port, "plain": plain, "path": path, "usual_up": up}
    return row | {"usual_down": down, "agent": agent, "application": application, "blocked": False, "seen": "all"}


def _act_profile(visits: Visits) -> dict[str, object]:
    row = _profile(
        visits.host, visits.up, visits.down, visits.agent, visits.application or "ssl", visits.path, plain=visits.plain
    )
    row |= {
        "address": visits.address or row["address"],
        "blocked": visits.blocked,
        "seen": visits.seen,
        "server": visits.server,
    }
    if visits.seen == "media":
        row |= {"host": None, "port": visits.port}
    return row


def _place(visits: Visits, name: str, unit: world.Unit, profile: int, span: list[date]) -> Act:
    rng = np.random.default_rng(int.from_bytes(blake2b(name.encode(), digest_size=8).digest()))
    working = [i for i, day in enumerate(span) if world.is_working(day)]
    chosen = sorted(rng.choice(working, size=min(visits.days, len(working)), replace=False)) if working else []
    rows = np.array([], dtype=np.int64)
    if visits.server is None:
        rows = world.start_of(unit.site, unit.code) + np.sort(
            rng.choice(unit.people, size=visits.people, replace=False)
        )
    return Act(profile, rows, frozenset(int(day) for day in chosen), visits.a_day)


@cache
def address_of(host: str) -> str:
    """An address for a host: always the same, public, and of nobody in particular."""
    a, b, c = blake2b(host.encode(), digest_size=3).digest()
    return f"185.{a}.{b}.{c % 253 + 1}"


def day(place: Site, number: int) -> pl.DataFrame:
    """All visits of one day at a site, in order of time."""
    when = place.span[number]
    rng = np.random.default_rng([place.seed, 2, world.SITES.index(place.code), when.toordinal()])
    present = np.flatnonzero(place.present[:, number])
    many = rng.poisson(place.rate * rng.gamma(4.0, 0.25, size=present.size))
    person = np.repeat(present, many)
    profile = np.searchsorted(place.popularity, rng.random(person.size)).clip(max=place.popularity.size - 1)
    persons, profiles = [person], [profile]
    for act in place.acts:
        if number in act.days:
            who = act.rows[np.isin(act.rows, present)] if act.rows.size else np.array([0])
            who = np.repeat(who, act.a_day)
            persons.append(who)
            profiles.append(np.full(who.size, act.profile))
    return _visits(place, when, np.concatenate(persons), np.concatenate(profiles), rng)


def _visits(place: Site, when: date, person: np.ndarray, profile: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    count = person.size
    at = np.sort(_moments(when, count, rng))
    order = rng.permutation(count)
    person, profile = person[order], profile[order]
    noise = rng.lognormal(0.0, 0.35, size=(2, count))
    numbers = pl.DataFrame(
        {
            "at": at,
            "up_noise": noise[0],
            "down_noise": noise[1],
            "ms": (rng.lognormal(6.0, 1.2, size=count)).astype(np.int64) + 3,
            "source_port": rng.integers(49_152, 65_535, size=count),
            "uid": _uids(count, rng),
            "flow": rng.integers(10**14, 2 * 10**15, size=count),
            "session": (np.arange(count) + when.toordinal() * 8_009) % 4_000_000 + 1,
            "dice": rng.random(count),
        },
    )
    frame = pl.concat([numbers, place.people[person], place.profiles[profile]], how="horizontal")
    server = pl.col("server").is_not_null()
    return frame.with_columns(
        at=pl.from_epoch("at", time_unit="us").dt.replace_time_zone("UTC"),
        up=(pl.col("usual_up") * pl.col("up_noise")).cast(pl.Int64),
        down=(pl.col("usual_down") * pl.col("down_noise")).cast(pl.Int64),
        client=pl.coalesce("server", "client"),
        account=pl.when(server).then(None).otherwise("account"),
        agent=pl.coalesce("agent", "browser"),
    ).drop("usual_up", "usual_down", "up_noise", "down_noise", "browser", "server", "unit")


def _moments(when: date, count: int, rng: np.random.Generator) -> np.ndarray:
    """Instants in microseconds since 1970, by the office day; at the turn of summer time nobody works."""
    edges = np.concatenate([[0.0], np.cumsum(HOURS / HOURS.sum())])
    hours = np.interp(rng.random(count), edges, np.arange(25))
    noon = datetime.combine(when, time(12), ZONE)
    start = (int(noon.timestamp()) - 12 * 3600) * 1_000_000
    instants: np.ndarray = start + (hours * 3_600_000_000).astype(np.int64)
    return instants


def _uids(count: int, rng: np.random.Generator) -> np.ndarray:
    letters = _ALPHABET[rng.integers(0, 62, size=(count, 17))]
    letters[:, 0] = b"C"
    return letters.reshape(-1).view("S17").astype("U17") if count else np.array([], dtype="U17")
