"""What stays in a ministry, as rows: by unit and kind of actor, never by person, in bands below the group size."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from catalogue.snapshot import Snapshot
from leitplanke.local_judged import cases
from schemas.observation import SIGNS
from schemas.settings import SiteSettings
from streams.site.border import PROGRAM_DAYS
from streams.site.differences import at_most
from streams.site.inside import Inside, seen
from streams.site.installed import SERVERS

DAYS = 30
"""Days that a row speaks of, up to the last day of its unit and subject."""
SECTIONS = ("stays", "below", "waiting", "other")
"""Kinds of rows in the order in which they are shown."""
COLUMNS = (
    *("site", "kind", "unit", "segments", "subject", "signals", "actors", "band", "actors_kind", "first_seen", "last_seen"),
    *("why", "finding", "verdict", "grade", "reasons", "urgency", "signs", "missing"),
    *("view", "events", "bytes_up", "bytes_down"),
)  # fmt: skip
_THING = ["unit", "subject"]


def rows(data: Path, site: str, snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """The rows of one site, section by section, each with COLUMNS."""
    inside = seen(data, site, snapshot)
    segments = _segments(inside.settings, snapshot)
    things = _things(inside.counted.observations, inside.settings.group_size)
    found = [*cases(inside.staying, snapshot), *_below(things), *_waiting(things), *_other(inside)]
    for row in found:
        yield dict.fromkeys(COLUMNS) | row | {"site": site, "segments": segments.get(row["unit"], [])}


def _things(counted: pl.DataFrame, group_size: int) -> pl.DataFrame:
    """A row a unit and subject of network and inventories over its last DAYS: largest view, signs, whether it left."""
    used = counted.filter(pl.col("signal") != "procurement")
    last = pl.col("day").max().over(_THING)
    used = used.filter(pl.col("day") > last.dt.offset_by(f"-{DAYS}d"))
    features = pl.col("features")

    def feature(name: str) -> pl.Expr:
        of = features.list.eval(pl.element().struct.field("value").filter(pl.element().struct.field("name") == name))
        return of.list.first().fill_null(0)

    by_day = used.with_columns(*(feature(name).alias(name) for name in (*SIGNS, "program_days")))
    by_day = by_day.with_columns(largest=pl.col("actors_30d").max().over(*_THING, "day").fill_null(0))
    enough = pl.any_horizontal(
        pl.col("by_upload", "by_label", "by_purchase") > 0, pl.col("program_days") >= PROGRAM_DAYS
    )
    is_candidate = pl.col("subject").str.starts_with("domain:")
    leaves = (pl.col("largest") >= group_size) & (enough | ~is_candidate) | pl.col("view").is_in(SERVERS)
    return (
        by_day.with_columns(leaves=leaves, enough=enough, is_candidate=is_candidate)
        .sort("actors_30d", "actors_kind", descending=True, nulls_last=True)
        .group_by(_THING, maintain_order=True)
        .agg(
            pl.col("signal").unique().sort().alias("signals"),
            pl.col("largest").max(),
            pl.col("actors_kind").first(),
            pl.col("day").min().alias("first_seen"),
            pl.col("day").max().alias("last_seen"),
            pl.col("leaves", "enough").any(),
            pl.col("is_candidate").first(),
            *(pl.col(name).max() for name in SIGNS),
        )
        .with_columns(
            pl.when(pl.col("largest") >= group_size).then("largest").alias("actors"),
            pl.when(pl.col("largest").is_between(1, group_size - 1)).then(pl.lit(f"1-{group_size - 1}")).alias("band"),
        )
        .sort(_THING)
    )


_SHOWN = [*_THING, "signals", "actors", "band", "actors_kind", "first_seen", "last_seen"]


def _below(things: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """What the directory knows and fewer than the group size used."""
    below = things.filter(~pl.col("is_candidate"), pl.col("band").is_not_null(), ~pl.col("leaves"))
    for row in below.select(_SHOWN).iter_rows(named=True):
        yield row | {"kind": "below"}


def _waiting(things: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Destinations outside the directory with a sign of a service, and what is missing before they leave as candidates.

    Destinations without any sign are ordinary browsing and are not shown in the ministry either.
    """
    for row in things.filter("is_candidate", ~pl.col("leaves")).iter_rows(named=True):
        signs = [sign for sign in SIGNS if row[sign] > 0]
        missing = ["group_size"] if row["actors"] is None else []
        missing += [] if row["enough"] else ["program_days"]
        shown = {name: row[name] for name in _SHOWN}
        yield shown | {"kind": "waiting", "signs": signs, "missing": missing or ["same_day"]}


def _other(inside: Inside) -> Iterator[dict[str, Any]]:
    """Ordinary browsing of the last DAYS as sums, in powers of ten: what few people do on few days shows in a sum too."""
    other = inside.counted.other.with_columns(pl.col("unit", "view").cast(pl.String))
    last = pl.col("day").max().over("unit")
    other = other.filter(pl.col("day") > last.dt.offset_by(f"-{DAYS}d"))
    sums = ("events", "bytes_up", "bytes_down")
    found = other.group_by("unit", "view").agg(
        pl.col("day").min().alias("first_seen"), pl.col("day").max().alias("last_seen"),
        *(pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in sums),
    )  # fmt: skip
    for row in found.with_columns(at_most(name) for name in sums).sort("unit", "view").iter_rows(named=True):
        yield row | {"kind": "other"}


def _segments(settings: SiteSettings, snapshot: Snapshot) -> Mapping[str, list[str]]:
    """Network ranges that site.toml gives to each unit."""
    found: dict[str, list[str]] = {}
    for unit in settings.unit:
        found.setdefault(snapshot.unit(unit.unit).code, []).extend(map(str, unit.ranges))
    return found
