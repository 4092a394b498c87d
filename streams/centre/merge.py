"""Observations and decisions into usages, in any order and any repetition: by id, the highest revision counts."""

from hashlib import blake2b

import numpy as np
import polars as pl

from connectors.store.packed import listed
from schemas.observation import OBSERVATION
from schemas.usage import USAGE
from streams.centre.document import DECISIONS, NEVER_JUDGED, SUMMARY
from streams.centre.measure import exploded, measured

_STONE = ("id", "site", "unit", "subject", "signal", "view", "day", "revision", "withdrawn")
"""What stays of a withdrawn observation, so that a late older revision does not revive it."""
_ID_CHARS, _ID_BYTES = 20, 13
HEAVY = ("observations", "views")
"""Columns that take no part in joins: they would be copied."""
_LETTERS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", dtype="S1")
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
    arriving = _arriving(observations)
    keys = pl.concat(
        [usages.select("id", "unit", "subject"), arriving.select(pl.col("usage").alias("id"), "unit", "subject")]
    )
    merged = keys.unique("id").sort("id")
    number = merged.select("id").with_row_index("row")
    at = usages.select("id").join(number, on="id", maintain_order="left")["row"]
    held = exploded(usages)
    held = held.with_columns(at.gather(held["row"]))
    arriving = arriving.join(number.rename({"id": "usage"}), on="usage").select(held.columns)
    rows = newest(held, arriving)
    lengths = np.bincount(rows["row"].to_numpy(), minlength=merged.height)
    known = usages.select(c for c in USAGE.names if c in usages.columns and c not in HEAVY)
    merged = merged.join(known.drop("unit", "subject"), on="id", how="left", maintain_order="left")
    merged = merged.with_columns(
        (pl.col(name).fill_null(default) if name in merged.columns else default.alias(name))
        for name, default in _DEFAULTS.items()
    )
    merged = _decided(merged, decisions)
    if "finding" not in merged.columns:
        merged = merged.with_columns(pl.lit(None, dtype=pl.String).alias("finding"))
    merged = merged.with_columns(listed(rows.select(OBSERVATION.names).to_struct("observations"), lengths))
    return measured(merged).select(*USAGE.names, "summary")


def usage_ids(pairs: pl.DataFrame) -> pl.Series:
    """`finding_id` of each row's unit and subject; twenty times as fast as one by one, which a long drain needs."""
    distinct = pairs.select("unit", "subject").unique()
    names = distinct.select(pl.concat_str("unit", pl.lit("\n"), "subject")).to_series().to_list()
    digests = b"".join(blake2b(name.encode(), digest_size=64).digest()[:_ID_BYTES] for name in names)
    bits = np.unpackbits(np.frombuffer(digests, np.uint8).reshape(len(names), _ID_BYTES), axis=1)[:, : _ID_CHARS * 5]
    letters = _LETTERS[bits.reshape(-1, 5) @ np.array([16, 8, 4, 2, 1])]
    ids = pl.Series("usage", letters.view(f"S{_ID_CHARS}").tolist(), dtype=pl.Binary).cast(pl.String)
    joined = pairs.select("unit", "subject").join(
        distinct.with_columns(ids), on=["unit", "subject"], how="left", maintain_order="left"
    )
    return joined["usage"]


def _arriving(observations: pl.DataFrame) -> pl.DataFrame:
    """Observations with the id of their usage; of withdrawn ones only what tells who withdrew what."""
    usage = observations["usage"] if "usage" in observations.columns else usage_ids(observations)
    features = pl.when(pl.col("features").list.len() > 0).then("features").alias("features")
    rows = observations.select(usage, *OBSERVATION.names).with_columns(features)
    if not rows["withdrawn"].any():
        return rows
    gone = pl.col("withdrawn").fill_null(value=False)
    others = [name for name in OBSERVATION.names if name not in _STONE]
    return rows.with_columns(pl.when(~gone).then(name).alias(name) for name in others)


def newest(held: pl.DataFrame, arriving: pl.DataFrame) -> pl.DataFrame:
    """Of each observation of a usage (`row`) the newest revision, by usage, day and id's hash.

    Of two that say different things under one revision always the same one stays, whichever came first.
    """
    known = held["id"].is_in(arriving["id"].implode())
    twice = pl.concat(
        [known, arriving["id"].is_duplicated() | arriving["id"].is_in(held["id"].filter(known).implode())]
    )
    every = pl.concat([held, arriving])
    absent = [series.name for series in every.iter_columns() if every.height and series.null_count() == every.height]
    # of one chunk: taking rows from several is ten times as slow
    rows = every.drop(absent).rechunk()
    kept = np.flatnonzero(~twice.to_numpy())
    if len(kept) < rows.height:
        kept = np.sort(np.concatenate([kept, _newest_twins(every, np.flatnonzero(twice.to_numpy()))]))
    nulls = (pl.lit(None, dtype=every.schema[name]).alias(name) for name in absent)
    return rows[_ordered(rows, kept)].with_columns(nulls).select(every.columns)


def _newest_twins(rows: pl.DataFrame, places: np.ndarray) -> np.ndarray:
    """Of the rows at these places, whose ids may occur several times, the places that stay."""
    content = pl.struct(OBSERVATION.names).struct.json_encode().alias("content")
    twins = rows[places].select("row", "id", "revision", content, pl.Series("place", places))
    last = twins.sort("row", "id", "revision", "content").unique(["row", "id"], keep="last", maintain_order=True)
    return last["place"].to_numpy()


def _ordered(rows: pl.DataFrame, places: np.ndarray) -> np.ndarray:
    """The places in order of usage, view and day: what is stored is in this order, so that sorting finds it nearly done."""
    view = rows["signal"].hash(1) ^ rows["view"].hash(2) ^ rows["site"].hash(3)
    parts = (
        (rows["row"].to_numpy().astype(np.uint64), 40),
        (view.to_numpy() >> np.uint64(56), 32),
        (rows["day"].to_physical().to_numpy().astype(np.uint64) & np.uint64(0xFFFF), 16),
        (rows["id"].hash(4).to_numpy() >> np.uint64(48), 0),
    )
    key = np.zeros(rows.height, np.uint64)
    for part, bits in parts:
        key |= part << np.uint64(bits)
    key = key[places]
    order: np.ndarray = np.argsort(key, kind="stable")
    ordered = key[order]
    if (ordered[1:] == ordered[:-1]).any():
        named = pl.DataFrame({"key": key, "id": rows["id"][places]})
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
