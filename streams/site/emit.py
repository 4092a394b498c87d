"""Windows to observations: match distinct names, count, and decide what may be outside."""

from dataclasses import dataclass

import polars as pl

from catalogue.match import Directory
from schemas.names import observation_id
from schemas.observation import OBSERVATION, SIGNS
from streams.site.border import COUNTED, PROGRAM_DAYS, UPLOAD, Egress, may_be_candidate, power_of_ten
from streams.site.counts import SIGHTING, THING, Counts, by_view, counted, in_window, together
from streams.site.rows import known_sum
from streams.site.windows import Windows

LEAVING = ("service", "software")
"""Kinds of the directory that leave; everything else is one number, `other`."""

PART = 500_000
"""Rows of which sums are made at a time; a join of all of them would double the memory."""

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
    for rows in windows.slices():
        known = _known(windows, rows, directory, egress, bought)
        matches = known.select("rank", "matched").unique("rank")
        sums = _sums(rows, known, egress)
        coverage.append(
            sums.group_by("unit", "view", "day").agg((pl.col("events") + pl.col("blocked")).sum().alias("records"))
        )
        other.append(sums.filter(~pl.col("leaves")).drop("leaves", "blocked"))
        sightings = _sightings(rows, known, egress)
        listed.append(counted(sightings.filter("leaves").select(SIGHTING), matches))
        unlisted.append(counted(_promising(sightings.filter("candidate"), egress, bought).select(SIGHTING), matches))
    seen = [by_view(together(listed), egress.group_size, COUNTED)]
    seen.append(_candidates(by_view(together(unlisted), egress.group_size, COUNTED), egress, bought))
    return Emission(
        use_observations(pl.concat(seen, how="diagonal_relaxed"), "network", egress),
        pl.concat(other)
        .group_by("unit", "view", "day")
        .agg(pl.col("events").sum(), *map(known_sum, ("bytes_up", "bytes_down"))),
        pl.concat(coverage)
        .group_by("unit", "view", "day")
        .agg(pl.col("records").sum())
        .with_columns(signal=pl.lit("network")),
    )


def _known(
    windows: Windows, rows: pl.DataFrame, directory: Directory, egress: Egress, bought: pl.DataFrame
) -> pl.DataFrame:
    """NAMES with what the directory says: subject, matched, rank (best first), leaves, candidate, label."""
    signs = rows.group_by("name").agg(pl.col("bytes_up").sum(), pl.col("program").any())
    names = windows.names(signs["name"])
    found = directory.network(names.select("host", "address", "application"))
    matched = found.select(pl.struct("identifier", "identifier_kind", "how", "confidence", "entry_hash")).to_series()
    return (
        names.with_columns(found["subject"], found["kind"], matched.alias("matched"))
        .with_columns(
            leaves=pl.col("kind").is_in(LEAVING).fill_null(value=False),
            candidate=pl.col("kind").is_null() & may_be_candidate(egress.own_domains),
            label=pl.col("application").is_not_null(),
        )
        .with_columns(
            pl.when("candidate")
            .then(pl.lit("domain:") + pl.col("domain"))
            .otherwise("subject")
            .cast(_KEY)
            .alias("subject"),
            pl.when(pl.col("kind").is_null()).then(_as_domain()).otherwise("matched").alias("matched"),
            pl.coalesce("domain", "address", "application").cast(_KEY).alias("domain"),
        )
        .with_columns(_best_first().alias("rank"))
        .join(signs, on="name", how="left")
        .with_columns(pl.col("candidate") & _shows(bought, over="subject"))
        .drop("bytes_up", "program")
    )


def _shows(bought: pl.DataFrame, over: str | None = None) -> pl.Expr:
    """Does an upload, a program, a label or a purchase show that a domain is a service? Per group, or `over` a column."""
    signs = pl.col("bytes_up").sum() >= UPLOAD, pl.col("program").any(), pl.col("label").any()
    word = _word(pl.col("subject")).is_in(bought["word"].implode())
    return pl.any_horizontal(*((sign.over(over) if over else sign) for sign in signs), word if over else word.any())


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


def _sightings(rows: pl.DataFrame, known: pl.DataFrame, egress: Egress) -> pl.DataFrame:
    """Windows of names that may be outside, with their subject, under the unit they are reported with."""
    wanted = known.filter(pl.col("leaves") | pl.col("candidate"))
    named = rows.join(
        wanted.select("name", "subject", "domain", "rank", "label", "leaves", "candidate"), on="name", how="inner"
    )
    return _reported(named, egress)


def _reported(rows: pl.DataFrame, egress: Egress) -> pl.DataFrame:
    """Rows under the unit they are reported with; units that stay are left out."""
    reported = egress.reported(rows["unit"].unique()).with_columns(pl.col("unit", "reported").cast(_KEY))
    joined = rows.join(reported, on="unit", how="left").filter(pl.col("reported").is_not_null())
    return joined.drop("unit").rename({"reported": "unit"})


def _sums(rows: pl.DataFrame, known: pl.DataFrame, egress: Egress) -> pl.DataFrame:
    """(unit, view, day, leaves): events, blocked and bytes of everything, by whether it is somebody's business."""
    leaves = known.select("name", "leaves")
    numbers = rows.select("name", "unit", "view", "day", "events", "blocked", "bytes_up", "bytes_down")
    parts = [_added(part.join(leaves, on="name", how="left")) for part in [*numbers.iter_slices(PART)] or [numbers]]
    return _reported(_added(pl.concat(parts)), egress)


def _added(rows: pl.DataFrame) -> pl.DataFrame:
    sums = pl.col("events", "blocked").cast(pl.Int64).sum(), *map(known_sum, ("bytes_up", "bytes_down"))
    return rows.group_by("unit", "view", "day", "leaves").agg(*sums)


def _promising(sightings: pl.DataFrame, egress: Egress, bought: pl.DataFrame) -> pl.DataFrame:
    """Sightings of domains that could become candidates at all; the rest is not counted. DNS alone never makes one."""
    seen = sightings.filter((pl.col("view") != "dns") & (pl.col("events") > 0) & pl.col("actor").is_not_null())
    signs = _shows(bought).alias("shows"), pl.col("internal").all()
    shown = seen.group_by("subject", "unit").agg(*signs).filter(pl.col("shows") & ~pl.col("internal"))
    enough = (
        seen.join(shown, on=["subject", "unit"], how="semi")
        .group_by("subject", "unit", "view", "kind")
        .agg(pl.col("actor").n_unique().alias("actors"))
        .filter(pl.col("actors") >= egress.group_size)
    )
    return sightings.filter(pl.col("view") != "dns").join(enough, on=["subject", "unit"], how="semi")


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
    rows = seen.with_columns(exact=exact.fill_null(value=False), known=known.fill_null(value=False)).with_columns(
        *(pl.when("exact").then(name).otherwise(power_of_ten(name)).alias(name) for name in coarse),
        pl.when("exact").then(pl.col("actors").fill_null(0)).alias("actors"),
        pl.when("exact").then("actors_30d").alias("actors_30d"),
        pl.when(pl.col("known") & ~pl.col("exact") & (pl.col("largest") > 0)).then(pl.lit(egress.band)).alias("band"),
        pl.when("exact").then("active_days").alias("active_days"),
        features=_features(
            upload_actors=uploads,
            program_days=pl.when(pl.col("program_days") > 0).then("program_days"),
            **{sign: pl.when(pl.col(sign)).then(1) for sign in SIGNS if sign in seen.columns},
        ),
        signal=pl.lit(signal),
        site=pl.lit(egress.site),
        revision=pl.lit(0, dtype=pl.Int64),
    )
    wanted = [name for name in OBSERVATION.names if name in rows.columns]
    texts = pl.col("subject", "unit", "view", "actors_kind").cast(pl.String)
    return identified(rows.select(wanted).with_columns(texts))


def _features(**features: pl.Expr) -> pl.Expr:
    """List of the features that say something; null when none does."""
    pairs = [
        pl.when(value.is_not_null()).then(pl.struct(name=pl.lit(name), value=value.cast(pl.Float64)))
        for name, value in features.items()
    ]
    kept = pl.concat_list(pairs).list.drop_nulls()
    return pl.when(kept.list.len() > 0).then(kept)


def identified(rows: pl.DataFrame, document: str | None = None) -> pl.DataFrame:
    """Rows with their id, as a complete OBSERVATION frame; `document` names a column used in place of the day."""
    last = rows[document] if document else rows["day"].dt.to_string("%Y-%m-%d")
    parts = zip(*(rows[c] for c in ("site", "unit", "subject", "signal", "view")), last, strict=True)
    ids = pl.Series("id", [observation_id(*map(str, part)) for part in parts], dtype=pl.String)
    return OBSERVATION.complete(rows.drop(document) if document else rows).with_columns(ids)
