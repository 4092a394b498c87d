"""Windows to observations: match distinct names, count, and decide what may be outside."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from catalogue.match import Directory
from schemas.observation import OBSERVATION
from streams.site import candidates
from streams.site.arrays import Flags, Numbers, added, with_null
from streams.site.behind import counted
from streams.site.border import CANDIDATE, COUNTED, Egress
from streams.site.counts import Counts, by_view, together
from streams.site.observed import use_observations
from streams.site.periods import Periods
from streams.site.rows import WINDOW
from streams.site.sightings import Told, united
from streams.site.slices import Rows, Slice
from streams.site.table import SLOT, TOTALS
from streams.site.windows import Windows

LEAVING = ("service", "software")
"""Kinds of the directory that leave; everything else is one number, `other`."""

_NOTHING = pl.DataFrame(schema={name: WINDOW[name] for name in SLOT} | dict.fromkeys(TOTALS, pl.Int64))
_KEY = pl.Categorical()


@dataclass(frozen=True, slots=True)
class Only:
    """A part of the site to look at."""

    subjects: frozenset[str]
    buckets: frozenset[int]
    """Slices in which the names of these subjects lie."""


@dataclass(frozen=True)
class Emission:
    """What may be outside now."""

    observations: pl.DataFrame
    """OBSERVATION columns, one row an id; `revision` is 0 until the outbox gives one."""
    other: pl.DataFrame
    """(unit, view, day, events, bytes_up, bytes_down): what is nobody's business, as sums."""
    coverage: pl.DataFrame
    """(unit, signal, view, day, records): what the site could see."""


def network(
    windows: Windows, directory: Directory, egress: Egress, bought: pl.DataFrame, only: Only | None = None
) -> Emission:
    """What of the network may be outside. `bought` (unit, word): names of goods bought or installed, for candidates.

    With `only`, of some subjects, as far as it does not hang on flows that wait for their host; `other` and `coverage` are
    then those of some slices.
    """
    parts = []
    for cut in windows.slices(None if only is None else only.buckets):
        parts.append(_part(cut, directory, egress, bought, windows.key.periods, only))
        del cut  # a slice goes before the next one comes
    seen = []
    if parts:
        seen.append(by_view(together(part.listed for part in parts), egress.group_size, COUNTED))
        unlisted = by_view(together(part.unlisted for part in parts), egress.group_size, COUNTED)
        seen.append(candidates.chosen(unlisted, egress, bought))
    other = _totalled(pl.concat([_added(_NOTHING), *(part.other for part in parts)]))
    sums = _totalled(pl.concat([_added(_NOTHING), *(part.coverage for part in parts)]))
    return Emission(
        use_observations(pl.concat(seen, how="diagonal_relaxed"), "network", egress) if seen else OBSERVATION.empty(),
        other.select("unit", "view", "day", "events", "bytes_up", "bytes_down"),
        sums.select(
            "unit", "view", "day", (pl.col("events") + pl.col("blocked")).alias("records"), signal=pl.lit("network")
        ),
    )


@dataclass(frozen=True)
class _Part:
    """What a slice gives."""

    listed: Counts
    unlisted: Counts
    """Of domains that could become candidates."""
    other: pl.DataFrame
    coverage: pl.DataFrame
    """TOTALS by unit, view and day: of what does not leave as listed, and of everything."""


def _part(
    cut: Slice, directory: Directory, egress: Egress, bought: pl.DataFrame, periods: Periods, only: Only | None
) -> _Part:
    slots = _reported(cut.slots, egress).with_columns(periods.numbers(cut.slots["day"]))
    stays = slots["unit"].is_null().to_numpy()
    found = directory.network(cut.names.select("host", "address", "application"))
    leaves, unknown = found["kind"].is_in(LEAVING).fill_null(value=False), found["kind"].is_null()
    if only is not None:
        some = pl.Series(sorted(only.subjects), dtype=pl.String).implode()
        leaves &= found["subject"].is_in(some).fill_null(value=False)
        unknown &= (CANDIDATE + cut.names["domain"]).is_in(some).fill_null(value=False)
    names = _listed(cut.names.filter(leaves), found.filter(leaves))
    told, matches = Told(names, slots), _matches(names)
    gone, listed = [], []
    for rows in _shares(cut, leaves.to_numpy(), stays)():
        gone.append(_sums(rows, slots.height))
        listed.append(counted(rows, told, matches))
    wanted, names = candidates.possible(cut, unknown, egress, bought)
    names = _told(names)
    told, matches = Told(names, slots), _matches(names)
    shares = _shares(cut, wanted, stays | (slots["view"] == "dns").fill_null(value=False).to_numpy())
    promising = candidates.promising(shares(), told, egress, bought)
    unlisted = [counted(promising(rows), told, matches) for rows in shares()]
    return _Part(united(listed), united(unlisted), _added(_without(slots, gone)), _added(slots))


def _shares(cut: Slice, wanted: Flags, stays: Flags) -> Callable[[], Iterable[Rows]]:
    """Gives, as often as it is asked, the rows of names that are wanted, without slots that stay, share by share."""

    def share(number: int) -> Rows:
        rows = cut.rows(wanted, number, count)
        return rows.where(~stays[rows.slot])

    count = cut.shares
    if count == 1:
        every = [share(0)]
        return lambda: every
    return lambda: map(share, range(count))


def _listed(names: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """NAMES that leave, as `Told.names`, with `matched`: what the directory says."""
    matched = found.select(pl.struct("identifier", "identifier_kind", "how", "confidence", "entry_hash")).to_series()
    return _told(names.with_columns(found["subject"], matched.alias("matched")))


def _told(names: pl.DataFrame) -> pl.DataFrame:
    """Names with their subject and match as `Told.names`."""
    return names.select(
        pl.col("subject").cast(_KEY),
        pl.coalesce("domain", "address", "application").cast(_KEY).alias("domain"),
        pl.col("application").is_not_null().alias("label"),
        "matched",
        _best_first().alias("rank"),
    )


def _matches(names: pl.DataFrame) -> pl.DataFrame:
    return names.select("rank", "matched").unique("rank")


def _best_first() -> pl.Expr:
    """Place of a match among all of the slice: by confidence, then spelling; equal matches share a place."""
    field = pl.col("matched").struct.field
    confidence = -field("confidence").fill_null(0)
    texts = (field(name).fill_null("") for name in ("identifier", "identifier_kind", "how", "entry_hash"))
    return pl.struct(confidence, *texts).rank("dense").cast(pl.UInt32)


def _reported(slots: pl.DataFrame, egress: Egress) -> pl.DataFrame:
    """Slots under the unit they are reported with; null for units that stay."""
    reported = egress.reported(slots["unit"].unique()).with_columns(pl.col("unit", "reported").cast(_KEY))
    return (
        slots.join(reported, on="unit", how="left", maintain_order="left")
        .with_columns(unit="reported")
        .drop("reported")
    )


def _sums(rows: Rows, count: int) -> dict[str, Numbers]:
    """TOTALS of some rows for each of `count` slots."""
    if not len(rows):
        return {}
    sums: dict[str, Numbers] = {"rows": np.bincount(rows.slot, minlength=count)}
    sums |= {name: added(rows.slot, getattr(rows, name), count) for name in ("events", "blocked")}
    for name, are_known in (("bytes_up", "known_up"), ("bytes_down", "known_down")):
        values, known = with_null(getattr(rows, name))
        sums |= {name: added(rows.slot, values, count), are_known: added(rows.slot, known, count)}
    return sums


def _without(slots: pl.DataFrame, gone: Iterable[dict[str, Numbers]]) -> pl.DataFrame:
    """Slots with the totals of what is not gone; those of which nothing is left are left out."""
    for sums in gone:
        slots = slots.with_columns(pl.col(name) - pl.Series(values) for name, values in sums.items())
    return slots.filter(pl.col("rows") > 0)


def _added(slots: pl.DataFrame) -> pl.DataFrame:
    """TOTALS by unit, view and day, without units that stay."""
    return slots.filter(pl.col("unit").is_not_null()).group_by("unit", "view", "day").agg(pl.col(TOTALS).sum())


def _totalled(parts: pl.DataFrame) -> pl.DataFrame:
    """TOTALS of all slices; bytes are null where no record gave them."""
    known = {"bytes_up": "known_up", "bytes_down": "known_down"}
    return _added(parts).with_columns(
        pl.when(pl.col(count) > 0).then(name).alias(name) for name, count in known.items()
    )
