"""Observations and decisions into usages, in any order and any repetition: by id, the highest revision counts."""

import numpy as np
import polars as pl

from connectors.store.loose import Loose, together
from connectors.store.seen import PACKING, loosened, packed, unpacked
from schemas.names import content_ids
from schemas.observation import OBSERVATION
from schemas.usage import USAGE
from streams.centre.document import DECISIONS, NEVER_JUDGED, SUMMARY
from streams.centre.measure import facts

_STONE = ("id", "site", "unit", "subject", "signal", "view", "day", "revision", "withdrawn")
"""What stays of a withdrawn observation, so that a late older revision does not revive it."""
_DEFAULTS = {
    "version": pl.lit(0, dtype=pl.Int64),
    "verdict": pl.lit("unlisted"),
    "entries": pl.lit([], dtype=pl.List(pl.String)),
    "grade": pl.lit("contact"),
    "mode": pl.lit("unknown"),
    "basis": pl.lit(NEVER_JUDGED, dtype=pl.Int64),
}


def merge(usages: pl.DataFrame, observations: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Columns of USAGE, and `summary`; sorted by id; what was judged stays as it was until `judge` runs.

    `decisions` has the columns DECISIONS; those on findings that no usage has are left out.
    """
    merged, loose = _merged(usages, loosened(usages), arrived(observations), decisions)
    listed = unpacked(loose, merged["unit"], merged["subject"])
    return merged.with_columns(listed).select(*USAGE.names, "summary")


def merge_packed(usages: pl.DataFrame, held: Loose, new: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """The same with `packed` for `observations`: `held` are those of the usages, `new` are rows of `arrived`."""
    merged, loose = _merged(usages, held, new, decisions)
    return merged.with_columns(packed(loose))


def _merged(
    usages: pl.DataFrame, held: Loose, new: pl.DataFrame, decisions: pl.DataFrame
) -> tuple[pl.DataFrame, Loose]:
    """The usages without their observations, and these."""
    keys = pl.concat(
        [usages.select("id", "unit", "subject"), new.select(pl.col("usage").alias("id"), "unit", "subject")]
    )
    merged = keys.unique("id").sort("id")
    number = merged.select("id", row=pl.int_range(pl.len(), dtype=pl.Int64))
    at, come = (
        ids.to_frame("id").join(number, on="id", how="left", maintain_order="left")["row"].to_numpy()
        for ids in (usages["id"], new["usage"])
    )
    row = np.concatenate([at[held.document], come])
    every = together(held, PACKING.gather(new, np.ones(new.height, np.int64)))
    kept = newest(every, row, new["id"])
    loose = every.take(kept, np.bincount(row[kept], minlength=merged.height))
    known = usages.select(c for c in USAGE.names if c in usages.columns and c not in {"observations", "views"})
    merged = merged.join(known.drop("unit", "subject"), on="id", how="left", maintain_order="left")
    merged = merged.with_columns(
        (pl.col(name).fill_null(default) if name in merged.columns else default.alias(name))
        for name, default in _DEFAULTS.items()
    )
    merged = _decided(merged, decisions)
    if "finding" not in merged.columns:
        merged = merged.with_columns(pl.lit(None, dtype=pl.String).alias("finding"))
    said = facts(loose)
    return merged.drop(said.columns, strict=False).hstack(said), loose


def usage_ids(pairs: pl.DataFrame) -> pl.Series:
    """`finding_id` of each row's unit and subject; twenty times as fast as one by one, which a long drain needs."""
    distinct = pairs.select("unit", "subject").unique()
    names = distinct.select(pl.concat_str("unit", pl.lit("\n"), "subject")).to_series().to_list()
    ids = pl.Series("usage", content_ids(names), dtype=pl.String)
    joined = pairs.select("unit", "subject").join(
        distinct.with_columns(ids), on=["unit", "subject"], how="left", maintain_order="left"
    )
    return joined["usage"]


def arrived(observations: pl.DataFrame) -> pl.DataFrame:
    """Observations with the id of their usage; of withdrawn ones only what tells who withdrew what."""
    usage = observations["usage"] if "usage" in observations.columns else usage_ids(observations)
    features = pl.when(pl.col("features").list.len() > 0).then("features").alias("features")
    rows = observations.select(usage, *OBSERVATION.names).with_columns(features)
    if not rows["withdrawn"].any():
        return rows
    gone = pl.col("withdrawn").fill_null(value=False)
    others = [name for name in OBSERVATION.names if name not in _STONE]
    return rows.with_columns(pl.when(~gone).then(name).alias(name) for name in others)


def newest(every: Loose, row: np.ndarray, arriving: pl.Series) -> np.ndarray:
    """Places of each observation's newest revision, in order of usage (`row`), view, day and id's hash.

    `arriving` are the ids of the rows that came last; the others differ within their usage. Of two that say different
    things under one revision always the same one stays, whichever came first.
    """
    assert every.ids is not None  # noqa: S101 - observations have ids
    here = every.ids[: len(row) - len(arriving)].is_in(arriving.implode())
    places = np.arange(len(row))
    if here.any() or arriving.is_duplicated().any():
        twice = every.ids.is_in(arriving.implode()).to_numpy()
        places = np.sort(np.concatenate([np.flatnonzero(~twice), _newest_twins(every, row, np.flatnonzero(twice))]))
    return _ordered(every, row, places)


def _newest_twins(every: Loose, row: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Of the rows at these places, whose ids may occur several times, the places that stay."""
    content = pl.struct(every.schema.names()).struct.json_encode().alias("content")
    facts = every.frame(places).select("id", "revision", content, row=pl.Series(row[places]), place=pl.Series(places))
    last = facts.sort("row", "id", "revision", "content").unique(["row", "id"], keep="last", maintain_order=True)
    found: np.ndarray = last["place"].to_numpy()
    return found


def _ordered(every: Loose, row: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The places in order of usage, view and day: what is stored is in this order, so that sorting finds it nearly done."""
    assert every.ids is not None  # noqa: S101 - observations have ids
    views = every.texts.select(
        pl.col("signal").hash(1).alias("a"), pl.col("view").hash(2).alias("b"), pl.col("site").hash(3).alias("c")
    )
    view = views["a"].to_numpy() ^ views["b"].to_numpy() ^ views["c"].to_numpy()
    day = every.number("day").astype(np.uint64) & np.uint64(0xFFFF)
    key = (row.astype(np.uint64) << np.uint64(40)) | (day << np.uint64(16))
    key |= (view >> np.uint64(56))[every.text] << np.uint64(32)
    key |= every.ids.hash(4).to_numpy() >> np.uint64(48)
    key = key[places]
    order: np.ndarray = np.argsort(key, kind="stable")
    ordered = key[order]
    if (ordered[1:] == ordered[:-1]).any():
        named = pl.DataFrame({"key": key, "id": every.ids.gather(pl.Series(places, dtype=pl.UInt32))})
        order = named.select(pl.arg_sort_by("key", "id")).to_series().to_numpy()
    taken: np.ndarray = places[order]
    return taken


def _decided(usages: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Decisions by id, in order of time."""
    if "decisions" not in usages.columns:
        usages = usages.with_columns(pl.lit(None, dtype=USAGE.schema["decisions"]).alias("decisions"))
    if decisions.is_empty():
        return usages
    had = usages.select(pl.col("id").alias("finding"), "decisions").filter(pl.col("decisions").list.len() > 0)
    had = had.explode("decisions").unnest("decisions").select(DECISIONS.names())
    every = pl.concat([had, decisions.select(DECISIONS.names())]).unique(["finding", "id"]).sort("finding", "at", "id")
    fields = [name for name in DECISIONS if name != "finding"]
    found = every.group_by("finding", maintain_order=True).agg(pl.struct(fields).alias("decided"))
    joined = usages.join(found, left_on="id", right_on="finding", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("decided", "decisions").alias("decisions")).drop("decided")


def empty() -> pl.DataFrame:
    """No usages, with the columns that merging reads."""
    return USAGE.empty().with_columns(pl.lit(None, dtype=pl.Struct(SUMMARY)).alias("summary"))
