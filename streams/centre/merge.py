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
    if "observations" not in usages.columns:
        raise ValueError("merging needs the observations of the usages")
    rows = _newest(pl.concat([_exploded(usages), _arriving(observations)]))
    lengths = rows.group_by("usage", maintain_order=True).agg(pl.len(), pl.col("unit", "subject").first())
    known = usages.select(c for c in USAGE.names if c in usages.columns and c not in {"observations", "views"})
    merged = lengths.select(pl.col("usage").alias("id"), "unit", "subject").with_columns(
        listed(rows.select(OBSERVATION.names).to_struct("observations"), lengths["len"].to_numpy())
    )
    merged = merged.join(known.drop("unit", "subject"), on="id", how="left", maintain_order="left")
    merged = merged.with_columns(
        (pl.col(name).fill_null(default) if name in merged.columns else default.alias(name))
        for name, default in _DEFAULTS.items()
    )
    merged = _decided(merged, decisions)
    if "finding" not in merged.columns:
        merged = merged.with_columns(pl.lit(None, dtype=pl.String).alias("finding"))
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


def _exploded(usages: pl.DataFrame) -> pl.DataFrame:
    rows = exploded(usages)
    return rows.with_columns(usages["id"].gather(rows["row"]).alias("usage")).select("usage", *OBSERVATION.names)


def _arriving(observations: pl.DataFrame) -> pl.DataFrame:
    """Observations with the id of their usage; of withdrawn ones only what tells who withdrew what."""
    gone = pl.col("withdrawn").fill_null(value=False)
    stone = [
        pl.when(~gone).then(name).alias(name) if name not in _STONE else pl.col(name) for name in OBSERVATION.names
    ]
    features = pl.when(pl.col("features").list.len() > 0).then("features").alias("features")
    rows = observations.select(usage_ids(observations), *OBSERVATION.names).with_columns(features)
    return rows.with_columns(stone).select("usage", *OBSERVATION.names) if observations["withdrawn"].any() else rows


def _newest(rows: pl.DataFrame) -> pl.DataFrame:
    """Of each observation the newest revision; of two that say different things under one revision always the same."""
    keys = ["usage", "id", "revision"]
    rows = rows.sort(keys)
    same = _as_before(rows, keys)
    if same.any():
        twins = same | same.shift(-1, fill_value=False)
        content = pl.struct(OBSERVATION.names).struct.json_encode().alias("content")
        told = rows.filter(twins).with_columns(content)
        rest = rows.filter(~twins).with_columns(pl.lit(None, dtype=pl.String).alias("content"))
        rows = pl.concat([rest, told]).sort(*keys, "content").drop("content")
    return rows.filter(~_as_before(rows, keys[:2]).shift(-1, fill_value=False))


def _as_before(rows: pl.DataFrame, keys: list[str]) -> pl.Series:
    """True where a row has the keys of the row before."""
    same = pl.all_horizontal(pl.col(key) == pl.col(key).shift() for key in keys)
    return rows.select(same.fill_null(value=False)).to_series()


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
