"""Rows of a slice to its counts, in numbers: places of subjects, units and days instead of their texts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from streams.site.arrays import Array, Flags, Numbers, Words, added, places, with_null
from streams.site.border import UPLOAD, UPLOAD_SHARE
from streams.site.counts import DAYS, PLACE, Counts
from streams.site.slices import Rows
from streams.site.table import INTERNAL, PROGRAM

_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Told:
    """What the numbers of rows stand for."""

    names: pl.DataFrame
    """Of each name: `subject`, `domain`, `rank` (place of the match among all of the slice, best first), `label`."""
    slots: pl.DataFrame
    """Of each slot: `unit` it is reported under, `view`, `kind`, `day`, and `period` of the key."""


def counted(rows: Rows, told: Told, matches: pl.DataFrame) -> Counts:
    """Counts of rows; `matches` has `matched` of each `rank`.

    Blocked rows make no actor. The actors of a domain are distinct pseudonyms of that domain; no count joins domains.
    """
    sums = _sums(rows, told).join(matches, on="rank", how="left").drop("rank")
    return Counts(sums, *_actors(rows.where((rows.events > 0) & (rows.actor != 0)), told))


def united(shares: Sequence[Counts]) -> Counts:
    """Counts of all shares of the actors: each counts actors of its own, `together` adds up their sums."""
    if len(shares) == 1:
        return shares[0]
    daily = pl.concat([share.daily for share in shares]).group_by(*PLACE, "day")
    deltas = pl.concat([share.deltas for share in shares]).group_by(*PLACE, "day")
    return Counts(
        pl.concat([share.sums for share in shares]),
        daily.agg(pl.col(r"^.*actors$").sum(), pl.col("candidate_uploads").any()).select(shares[0].daily.columns),
        deltas.agg(pl.col("delta").sum()),
    )


def codes(frame: pl.DataFrame, *columns: str) -> tuple[Numbers, Numbers]:
    """Place of each row's combination among the distinct ones, and a row that has it."""
    key = np.zeros(frame.height, dtype=np.int64)
    for column in columns:
        values = frame[column].to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
        place, distinct = places(values - values.min(initial=0), int(values.max(initial=0) - values.min(initial=0)) + 1)
        key = key * max(len(distinct), 1) + place
    place, distinct = places(key, int(key.max(initial=0)) + 1)
    row = np.zeros(len(distinct), dtype=np.int64)
    row[place] = np.arange(len(place))
    return place, row


def grouped(rows: Rows, of_name: Numbers, of_slot: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Place of each row's pair of two numbers, one of its name, one of its slot, and both numbers of each pair."""
    slots = int(of_slot.max(initial=0)) + 1
    key = of_name[rows.name] * slots + of_slot[rows.slot]
    place, distinct = places(key, (int(of_name.max(initial=0)) + 1) * slots)
    return place, *np.divmod(distinct, slots)


def _sums(rows: Rows, told: Told) -> pl.DataFrame:
    of_name, name = codes(told.names, "subject")
    of_slot, slot = codes(told.slots, "unit", "view", "day")
    place, subject, time = grouped(rows, of_name, of_slot)
    count = len(subject)

    def some(flags: Array) -> Flags:
        return np.bincount(place[flags], minlength=count) > 0 if flags.any() else np.zeros(count, dtype=np.bool_)

    rank = np.full(count, np.iinfo(np.uint32).max, dtype=np.uint32)
    np.minimum.at(rank, place, told.names["rank"].to_numpy()[rows.name])
    sums: dict[str, Array] = {name: added(place, getattr(rows, name), count) for name in ("events", "blocked")}
    known: dict[str, Array] = {}
    for column in ("bytes_up", "bytes_down"):
        stored: Array = getattr(rows, column)
        values, is_known = with_null(stored)
        sums[column] = added(place, values, count) if stored.any() else np.zeros(count, dtype=np.int64)
        known[column] = some(is_known)
    sums |= {"program": some((rows.flags & PROGRAM) > 0), "internal": ~some((rows.flags & INTERNAL) == 0)}
    sums |= {"label": some(told.names["label"].to_numpy()[rows.name]), "rank": rank}
    return pl.concat(
        [told.names[name[subject]].select("subject"), told.slots[slot[time]].select("unit", "view", "day"), pl.DataFrame(sums)],
        how="horizontal",
    ).with_columns(pl.when(pl.lit(pl.Series(is_known))).then(column).alias(column) for column, is_known in known.items())  # fmt: skip


def _actors(rows: Rows, told: Told) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`daily` and `deltas` of rows that have an actor."""
    of_name, name = codes(told.names, "subject", "domain")
    of_slot, slot = codes(told.slots, "unit", "view", "kind", "period")
    place, who, where = grouped(rows, of_name, of_slot)
    day_of = told.slots["day"].to_physical().cast(pl.Int64).to_numpy()
    first, last = int(day_of.min(initial=0)) if len(day_of) else 0, int(day_of.max(initial=0))
    seen = _seen(rows, place, day_of[rows.slot] - first, last - first + 1)
    span = last - first + 1 + DAYS

    def framed(key: Numbers, **columns: Array) -> pl.DataFrame:
        at, day = np.divmod(key, span)
        return pl.concat(
            [
                told.names[name[who[at]]].select("subject", "domain"),
                told.slots[slot[where[at]]].select("unit", "view", "kind", "period"),
                pl.DataFrame(columns | {"day": pl.Series(day + first, dtype=pl.Int32).cast(pl.Date)}),
            ],
            how="horizontal",
        ).select(*PLACE, "day", *columns)  # fmt: skip

    key = seen.place * span + seen.day
    at, distinct = places(key, len(who) * span)
    count = len(distinct)
    upload = seen.up >= UPLOAD
    candidate = upload & (seen.up >= UPLOAD_SHARE * seen.down)
    daily = framed(
        distinct,
        actors=np.bincount(at, minlength=count),
        upload_actors=np.bincount(at[upload], minlength=count),
        candidate_uploads=np.bincount(at[candidate], minlength=count) > 0,
    )
    starts = seen.fresh | (np.diff(seen.day, prepend=0) >= DAYS)
    ends = np.append(starts[1:], [True])[: len(starts)]
    moves, distinct = places(np.concatenate([key[starts], key[ends] + DAYS]), len(who) * span)
    delta = np.bincount(moves, weights=np.repeat([1, -1], [starts.sum(), ends.sum()]), minlength=len(distinct))
    return daily, framed(distinct, delta=delta.astype(np.int64))


@dataclass(frozen=True)
class _Seen:
    """An actor at a place on a day, once; in order of actor and place, then day."""

    place: Numbers
    day: Numbers
    fresh: Flags
    """Another actor or place than the row before."""
    up: Numbers
    down: Numbers


def _seen(rows: Rows, place: Numbers, day: Numbers, days: int) -> _Seen:
    """Rows brought together by place, actor and day.

    Place and actor are told apart by one 64-bit number, which is as unlikely to meet another as pseudonyms themselves are.
    """
    pair = rows.actor ^ mixed(place)
    order = np.argsort(pair)
    pair = pair[order]
    fresh = np.concatenate([[True], pair[1:] != pair[:-1]])[: len(pair)]
    group = np.cumsum(fresh) - 1
    place_of = place[order[fresh]]
    key = group * days + day[order]
    if rows.bytes_up.any():
        again = np.argsort(key, kind="stable")
        key, order = key[again], order[again]
        once = np.concatenate([[True], key[1:] != key[:-1]])[: len(key)]
        starts = np.flatnonzero(once)
        up, down = (np.add.reduceat(with_null(c[order])[0], starts) for c in (rows.bytes_up, rows.bytes_down))
    else:
        key.sort()
        once = np.concatenate([[True], key[1:] != key[:-1]])[: len(key)]
        up = down = np.zeros(int(once.sum()), dtype=np.int64)
    group, on = np.divmod(key[once], days)
    return _Seen(place_of[group], on, np.diff(group, prepend=-1) > 0, up, down)


def mixed(numbers: Numbers) -> Words:
    """Well spread 64-bit words of small numbers (splitmix64)."""
    word = (numbers.astype(np.uint64) + np.uint64(1)) * _MIX
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed_words: Words = word ^ (word >> np.uint64(31))
    return mixed_words
