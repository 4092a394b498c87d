"""Windows to observations: match distinct names, count, and decide what may be outside."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from catalogue.match import Directory
from schemas.names import observation_id
from schemas.observation import OBSERVATION, SIGNS
from streams.site.arrays import Array, Flags, Numbers, added, with_null
from streams.site.border import COUNTED, PROGRAM_DAYS, UPLOAD, Egress, may_be_candidate, power_of_ten
from streams.site.counts import THING, Counts, by_view, in_window, together
from streams.site.rows import WINDOW
from streams.site.sightings import Told, codes, counted, grouped, mixed
from streams.site.slices import Rows, Slice
from streams.site.table import INTERNAL, PROGRAM, SLOT, TOTALS
from streams.site.windows import Windows

LEAVING = ("service", "software")
"""Kinds of the directory that leave; everything else is one number, `other`."""

_SHELVES = np.uint64(42)
"""Uploads are looked for on 4 million shelves, by the highest 22 bits of actor and place."""
_NOTHING = pl.DataFrame(schema={name: WINDOW[name] for name in SLOT} | dict.fromkeys(TOTALS, pl.Int64))
_KEY = pl.Categorical()


@dataclass(frozen=True)
class Emission:
    """What may be outside now."""

    observations: pl.DataFrame
    """OBSERVATION columns, one row an id; `revision` is 0 until the outbox gives one."""
    other: pl.DataFrame
    """(unit, view, day, events, bytes_up, bytes_down): what is nobody's business, as sums."""
    coverage: pl.DataFrame
    """(unit, signal, view, day, records): what the site could see."""


def network(windows: Windows, directory: Directory, egress: Egress, bought: pl.DataFrame) -> Emission:
    """What of the network may be outside. `bought` (unit, word): names of goods bought or installed, for candidates."""
    listed: list[Counts] = []
    unlisted: list[Counts] = []
    other: list[pl.DataFrame] = []
    coverage: list[pl.DataFrame] = []
    for cut in windows.slices():
        slots = _reported(cut.slots, egress)
        stays = slots["unit"].is_null().to_numpy()
        coverage.append(_added(slots))
        found = directory.network(cut.names.select("host", "address", "application"))
        leaves = found["kind"].is_in(LEAVING).fill_null(value=False)
        leaving = cut.rows(leaves.to_numpy())
        leaving = leaving.where(~stays[leaving.slot])
        other.append(_added(_without(slots, leaving)))
        names = _listed(cut.names.filter(leaves), found.filter(leaves))
        listed.append(counted(leaving, Told(names, slots), _matches(names)))
        candidates, names = _unlisted(cut, found["kind"].is_null(), egress, bought)
        promising = cut.rows(candidates)
        silent = stays | (slots["view"] == "dns").fill_null(value=False).to_numpy()
        promising = _promising(promising.where(~silent[promising.slot]), Told(names, slots), egress, bought)
        unlisted.append(counted(promising, Told(names, slots), _matches(names)))
    seen = [by_view(together(listed), egress.group_size, COUNTED)] if listed else []
    seen += [_candidates(by_view(together(unlisted), egress.group_size, COUNTED), egress, bought)] if listed else []
    sums = pl.concat(coverage or [_added(_NOTHING)])
    return Emission(
        use_observations(pl.concat(seen, how="diagonal_relaxed"), "network", egress) if seen else OBSERVATION.empty(),
        _totalled(pl.concat(other or [_added(_NOTHING)])).select(
            "unit", "view", "day", "events", "bytes_up", "bytes_down"
        ),
        _totalled(sums).select(
            "unit", "view", "day", (pl.col("events") + pl.col("blocked")).alias("records"), signal=pl.lit("network")
        ),
    )


def _listed(names: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """NAMES that leave, as `Told.names`, with `matched`: what the directory says."""
    matched = found.select(pl.struct("identifier", "identifier_kind", "how", "confidence", "entry_hash")).to_series()
    return _told(names.with_columns(found["subject"], matched.alias("matched")))


def _unlisted(cut: Slice, unknown: pl.Series, egress: Egress, bought: pl.DataFrame) -> tuple[Flags, pl.DataFrame]:
    """Which names of a slice may be candidates, and these as `Told.names`."""
    possible = unknown & cut.names["host"].is_not_null()
    up, program = (
        cut.signs() if possible.any() else (np.zeros(len(unknown), np.int64), np.zeros(len(unknown), np.bool_))
    )
    names = (
        cut.names.with_columns(pl.Series("bytes_up", up), pl.Series("program", program))
        .with_row_index("place")
        .filter(possible)
        .filter(may_be_candidate(egress.own_domains))
        .with_columns(subject=pl.lit("domain:") + pl.col("domain"), label=pl.col("application").is_not_null())
        .filter(_shows(bought))
        .with_columns(matched=_as_domain())
    )
    wanted = np.zeros(len(unknown), dtype=np.bool_)
    wanted[names["place"].to_numpy()] = True
    return wanted, _told(names)


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


def _shows(bought: pl.DataFrame) -> pl.Expr:
    """Could an upload, a program, a label or a purchase show that the domain of a name is a service?"""
    signs = pl.col("bytes_up").sum() >= UPLOAD, pl.col("program").any(), pl.col("label").any()
    word = _word(pl.col("subject")).is_in(bought["word"].implode())
    return pl.any_horizontal(*(sign.over("subject") for sign in signs), word)


def _best_first() -> pl.Expr:
    """Place of a match among all of the slice: by confidence, then spelling; equal matches share a place."""
    field = pl.col("matched").struct.field
    confidence = -field("confidence").fill_null(0)
    texts = (field(name).fill_null("") for name in ("identifier", "identifier_kind", "how", "entry_hash"))
    return pl.struct(confidence, *texts).rank("dense").cast(pl.UInt32)


def _as_domain() -> pl.Expr:
    return pl.struct(
        identifier=pl.col("domain"),
        identifier_kind=pl.lit("domain"),
        how=pl.lit("candidate"),
        confidence=pl.lit(None, dtype=pl.Float64),
        entry_hash=pl.lit(None, dtype=pl.String),
    )


def _reported(slots: pl.DataFrame, egress: Egress) -> pl.DataFrame:
    """Slots under the unit they are reported with; null for units that stay."""
    reported = egress.reported(slots["unit"].unique()).with_columns(pl.col("unit", "reported").cast(_KEY))
    return (
        slots.join(reported, on="unit", how="left", maintain_order="left")
        .with_columns(unit="reported")
        .drop("reported")
    )


def _without(slots: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """Slots with the totals of what is not among some rows; those of which nothing is left are gone."""
    count = slots.height
    sums: dict[str, Numbers] = {"rows": np.bincount(rows.slot, minlength=count)}
    sums |= {name: added(rows.slot, getattr(rows, name), count) for name in ("events", "blocked")} if len(rows) else {}
    for name, are_known in (("bytes_up", "known_up"), ("bytes_down", "known_down")):
        values, known = with_null(getattr(rows, name))
        sums |= {name: added(rows.slot, values, count), are_known: added(rows.slot, known, count)} if len(rows) else {}
    return slots.with_columns(pl.col(name) - pl.Series(values) for name, values in sums.items()).filter(
        pl.col("rows") > 0
    )


def _added(slots: pl.DataFrame) -> pl.DataFrame:
    """TOTALS by unit, view and day, without units that stay."""
    return slots.filter(pl.col("unit").is_not_null()).group_by("unit", "view", "day").agg(pl.col(TOTALS).sum())


def _totalled(parts: pl.DataFrame) -> pl.DataFrame:
    """TOTALS of all slices; bytes are null where no record gave them."""
    known = {"bytes_up": "known_up", "bytes_down": "known_down"}
    return _added(parts).with_columns(
        pl.when(pl.col(count) > 0).then(name).alias(name) for name, count in known.items()
    )


def _promising(rows: Rows, told: Told, egress: Egress, bought: pl.DataFrame) -> Rows:
    """Rows of domains that could become candidates at all; the rest is not counted. DNS alone never makes one.

    `rows` are those of other views. An upload is one of an actor: what all actors that share a place in a table of sums
    sent is at least as much as each of them did, so a place below the bound shows that there is none.
    """
    seen = rows.where((rows.events > 0) & (rows.actor != 0))
    of_name, name = codes(told.names, "subject")
    of_slot, _ = codes(told.slots, "unit")
    if not len(seen):
        return seen
    place, subject, unit = grouped(seen, of_name, of_slot)
    count = len(subject)

    def some(flags: Array) -> Flags:
        return np.bincount(place[flags], minlength=count) > 0

    shows = some((seen.flags & PROGRAM) > 0) | some(told.names["label"].to_numpy()[seen.name])
    shows |= (
        told.names[name[subject]]
        .select(_word(pl.col("subject")).is_in(bought["word"].implode()))
        .to_series()
        .to_numpy()
    )
    if seen.bytes_up.any():
        up = with_null(seen.bytes_up)[0]
        shelf = ((seen.actor ^ mixed(place)) >> _SHELVES).astype(np.int64)
        shows |= some(added(shelf, up, 1 << (64 - int(_SHELVES)))[shelf] >= UPLOAD)
    shows &= some((seen.flags & INTERNAL) == 0) & (np.bincount(place, minlength=count) >= egress.group_size)
    wanted = np.zeros((int(of_name.max()) + 1) * (int(of_slot.max()) + 1), dtype=np.bool_)
    slots = int(of_slot.max()) + 1
    wanted[(subject * slots + unit)[shows]] = True
    return rows.where(wanted[of_name[rows.name] * slots + of_slot[rows.slot]])


def _word(subject: pl.Expr) -> pl.Expr:
    """`teamboard` of `domain:team-board.io`: what a purchase or an inventory would call it."""
    return (
        subject.cast(pl.String)
        .str.strip_prefix("domain:")
        .str.split(".")
        .list.first()
        .str.replace_all("-", "", literal=True)
    )


def _candidates(seen: pl.DataFrame, egress: Egress, bought: pl.DataFrame) -> pl.DataFrame:
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
        "by_program": pl.col("program_days") >= PROGRAM_DAYS,
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


def use_observations(seen: pl.DataFrame, signal: str, egress: Egress) -> pl.DataFrame:
    """OBSERVATION rows of use: exact numbers from the group size on, a band and powers of ten below it."""
    if not seen.height:
        return OBSERVATION.empty()
    known = pl.col("actors_kind").cast(pl.String).is_in(COUNTED)
    exact = (pl.col("largest") >= egress.group_size) & known
    coarse = ("events", "blocked", "bytes_up", "bytes_down")
    some = pl.col("upload_actors") > 0
    uploads = pl.when(exact & (pl.col("upload_actors") >= egress.group_size)).then("upload_actors").when(some).then(1)
    seen = seen.with_columns(exact=exact.fill_null(value=False), known=known.fill_null(value=False))
    signs = {sign: pl.when(pl.col(sign)).then(1) for sign in SIGNS if sign in seen.columns}
    programs = pl.when(pl.col("program_days") > 0).then("program_days")
    rows = seen.with_columns(
        *(pl.when("exact").then(name).otherwise(power_of_ten(name)).alias(name) for name in coarse),
        pl.when("exact").then(pl.col("actors").fill_null(0)).alias("actors"),
        pl.when("exact").then("actors_30d").alias("actors_30d"),
        pl.when(pl.col("known") & ~pl.col("exact") & (pl.col("largest") > 0)).then(pl.lit(egress.band)).alias("band"),
        pl.when("exact").then("active_days").alias("active_days"),
        features=_features(seen, upload_actors=uploads, program_days=programs, **signs),
        signal=pl.lit(signal),
        site=pl.lit(egress.site),
        revision=pl.lit(0, dtype=pl.Int64),
    )
    wanted = [name for name in OBSERVATION.names if name in rows.columns]
    texts = pl.col("subject", "unit", "view", "actors_kind").cast(pl.String)
    return identified(rows.select(wanted).with_columns(texts))


def _features(rows: pl.DataFrame, **features: pl.Expr) -> pl.Series:
    """List of the features of each row that say something; null when none does. Lists of many nulls would cost far more."""
    values = rows.select(pl.int_range(pl.len()).alias("row"), **{n: v.cast(pl.Float64) for n, v in features.items()})
    said = [
        values.filter(pl.col(name).is_not_null()).select("row", pl.lit(name).alias("name"), pl.col(name).alias("value"))
        for name in features
    ]
    lists = pl.concat(said).group_by("row", maintain_order=True).agg(pl.struct("name", "value").alias("features"))
    return values.select("row").join(lists, on="row", how="left", maintain_order="left")["features"]


def identified(rows: pl.DataFrame, document: str | None = None) -> pl.DataFrame:
    """Rows with their id, as a complete OBSERVATION frame; `document` names a column used in place of the day."""
    last = rows[document] if document else rows["day"].dt.to_string("%Y-%m-%d")
    parts = zip(*(rows[c] for c in ("site", "unit", "subject", "signal", "view")), last, strict=True)
    ids = pl.Series("id", [observation_id(*map(str, part)) for part in parts], dtype=pl.String)
    return OBSERVATION.complete(rows.drop(document) if document else rows).with_columns(ids)
