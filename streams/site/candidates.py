"""Which domains outside the directory may leave as candidates: asked of names first, of rows next, of counts last.

Each question lets pass at least what the next one does; only the last decides.
"""

from collections.abc import Callable, Iterable

import numpy as np
import polars as pl

from streams.site.arrays import Array, Flags, Numbers, added, with_null
from streams.site.border import CANDIDATE, UPLOAD, Egress, may_be_candidate
from streams.site.counts import THING, in_window
from streams.site.sightings import Told, codes, grouped, mixed
from streams.site.slices import Rows, Slice
from streams.site.table import INTERNAL, PROGRAM

_SHELVES = np.uint64(42)
"""Uploads are looked for on 4 million shelves, by the highest 22 bits of actor and place."""
_KEY = pl.Categorical()


def possible(cut: Slice, unknown: pl.Series, egress: Egress, bought: pl.DataFrame) -> tuple[Flags, pl.DataFrame]:
    """Which names of a slice may be candidates, and these NAMES with subject and match."""
    hosts = unknown & cut.names["host"].is_not_null()
    up, program = cut.signs() if hosts.any() else (np.zeros(len(unknown), np.int64), np.zeros(len(unknown), np.bool_))
    names = (
        cut.names.with_columns(pl.Series("bytes_up", up), pl.Series("program", program))
        .with_row_index("place")
        .filter(hosts)
        .filter(may_be_candidate(egress.own_domains))
        .with_columns(subject=pl.lit(CANDIDATE) + pl.col("domain"), label=pl.col("application").is_not_null())
        .filter(_shows(bought))
        .with_columns(matched=_as_domain())
    )
    wanted = np.zeros(len(unknown), dtype=np.bool_)
    wanted[names["place"].to_numpy()] = True
    return wanted, names


def _shows(bought: pl.DataFrame) -> pl.Expr:
    """Could an upload, a program, a label or a purchase show that the domain of a name is a service?"""
    signs = pl.col("bytes_up").sum() >= UPLOAD, pl.col("program").any(), pl.col("label").any()
    word = _word(pl.col("subject")).is_in(bought["word"].implode())
    return pl.any_horizontal(*(sign.over("subject") for sign in signs), word)


def _as_domain() -> pl.Expr:
    return pl.struct(
        identifier=pl.col("domain"),
        identifier_kind=pl.lit("domain"),
        how=pl.lit("candidate"),
        confidence=pl.lit(None, dtype=pl.Float64),
        entry_hash=pl.lit(None, dtype=pl.String),
    )


def promising(shares: Iterable[Rows], told: Told, egress: Egress, bought: pl.DataFrame) -> Callable[[Rows], Rows]:
    """Of rows those of domains that could become candidates at all; the rest is not counted. DNS alone never makes one.

    `shares` are all rows of other views, an actor's in one of them. An upload is one of an actor: what all actors that
    share a place in a table of sums sent is at least as much as each of them did, so a place below the bound shows that
    there is none.
    """
    of_name, name = codes(told.names, "subject")
    of_slot, _ = codes(told.slots, "unit")
    units = int(of_slot.max(initial=0)) + 1
    found = [_shown(rows.where((rows.events > 0) & (rows.actor != 0)), told, of_name, of_slot) for rows in shares]
    cells, at = np.unique(np.concatenate([cell for cell, _, _, _ in found]), return_inverse=True)
    shows, outside, count = (np.bincount(at, np.concatenate([one[n] for one in found]), len(cells)) for n in (1, 2, 3))
    words = told.names[name[cells // units]].select(_word(pl.col("subject")).is_in(bought["word"].implode()))
    good = ((shows > 0) | words.to_series().to_numpy()) & (outside > 0) & (count >= egress.group_size)
    wanted = np.zeros((int(of_name.max(initial=0)) + 1) * units, dtype=np.bool_)
    wanted[cells[good]] = True
    return lambda rows: rows.where(wanted[of_name[rows.name] * units + of_slot[rows.slot]])


def _shown(seen: Rows, told: Told, of_name: Numbers, of_slot: Numbers) -> tuple[Numbers, Flags, Flags, Numbers]:
    """Each pair of subject and unit as one number; whether something shows a service, and an outside one; and its rows."""
    if not len(seen):
        none = np.zeros(0, dtype=np.int64)
        return none, none > 0, none > 0, none
    place, subject, unit = grouped(seen, of_name, of_slot)
    count = len(subject)

    def some(flags: Array) -> Flags:
        return np.bincount(place[flags], minlength=count) > 0

    shows = some((seen.flags & PROGRAM) > 0) | some(told.names["label"].to_numpy()[seen.name])
    if seen.bytes_up.any():
        up = with_null(seen.bytes_up)[0]
        shelf = ((seen.actor ^ mixed(place)) >> _SHELVES).astype(np.int64)
        shows |= some(added(shelf, up, 1 << (64 - int(_SHELVES)))[shelf] >= UPLOAD)
    cell = subject * (int(of_slot.max()) + 1) + unit
    return cell, shows, some((seen.flags & INTERNAL) == 0), np.bincount(place, minlength=count)


def chosen(seen: pl.DataFrame, egress: Egress, bought: pl.DataFrame) -> pl.DataFrame:
    """Days on which a domain is a candidate: the group size and an upload, a program, a label or a purchase in 30 days."""
    days = seen.select(*THING, "view", "day")
    marks = {
        name: in_window(days, seen.filter(name).select(*THING, "view", "day"), name)
        for name in ("candidate_uploads", "label")
    }
    for name, frame in marks.items():
        seen = seen.drop(name).join(frame, on=[*THING, "view", "day"], how="left")
    bought = bought.with_columns(pl.col("unit").cast(_KEY), bought=pl.lit(value=True))
    signs = {
        "by_upload": pl.col("candidate_uploads") > 0,
        "by_program": pl.col("program_days") >= egress.program_days,
        "by_label": pl.col("label") > 0,
        "by_purchase": pl.col("bought").is_not_null(),
    }
    return (
        seen.with_columns(word=_word(pl.col("subject")))
        .join(bought, on=["unit", "word"], how="left")
        .with_columns(sign.fill_null(value=False).alias(name) for name, sign in signs.items())
        .filter((pl.col("largest") >= egress.group_size) & pl.any_horizontal(*signs))
        .drop("candidate_uploads", "label", "word", "bought")
    )


def _word(subject: pl.Expr) -> pl.Expr:
    """`teamboard` of `domain:team-board.io`: what a purchase or an inventory would call it."""
    return (
        subject.cast(pl.String)
        .str.strip_prefix(CANDIDATE)
        .str.split(".")
        .list.first()
        .str.replace_all("-", "", literal=True)
    )
