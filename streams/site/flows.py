"""A flow takes the host of the tls, http or dns record of the same connection; both wait at the site, sealed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from schemas.events import EVIDENCE
from streams.site.keys import SiteKey, Words
from streams.site.rows import FLOW, HOST

_RANKS = {"tls": 0, "http": 1, "proxy": 1, "dns": 2}
"""Whose word counts when several records speak of one flow: the lowest."""
DNS = _RANKS["dns"]
"""A flow that a look-up names is the look-up itself and counts in the view `dns`."""
_ID_BYTES = 32
"""Bytes of a connection's id that are hashed; Zeek's have 17 or 18, community ids 30."""


@dataclass(frozen=True)
class Waiting:
    """Flows without a host (FLOW) and hosts of connections (HOST)."""

    flows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FLOW))
    hosts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=HOST))


def waiting(rows: pl.DataFrame, key: SiteKey) -> Waiting:
    """Coded rows of one block that wait, still in small numbers; `reduce` writes them out."""
    with_id = rows.filter(pl.col("flow").is_not_null())
    if not with_id.height:
        none = rows.clear().with_columns(pl.col("flow").cast(pl.UInt64), rank=pl.lit(0, dtype=pl.UInt8))
        return Waiting(flows=_sums(none), hosts=none)
    with_id = with_id.with_columns(flow=pl.Series(flow_words(with_id["flow"], key)))
    hosts = (
        with_id.filter("hosted", pl.col("view") != EVIDENCE.index("flow"))
        .with_columns(
            rank=pl.col("view").replace_strict({EVIDENCE.index(v): r for v, r in _RANKS.items()}, return_dtype=pl.UInt8)
        )
        .select("flow", "rank", "name", "kind", "actor")
        .unique()
    )
    return Waiting(flows=_sums(with_id.filter("waits")), hosts=hosts)


def _sums(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(events=(~pl.col("blocked")).cast(pl.UInt32))


def flow_words(ids: pl.Series, key: SiteKey) -> Words:
    """Keyed 64-bit hash of each connection id: a multilinear hash of its first 32 bytes, finished by a mix."""
    padded = ids.str.slice(0, _ID_BYTES).str.pad_end(_ID_BYTES, "\0").cast(pl.Binary)
    odd = [key.word("flow", str(i)) | 1 for i in range(_ID_BYTES // 8 + 1)]
    total = np.full(len(ids), np.uint64(odd[-1]), dtype=np.uint64)
    for i, factor in enumerate(odd[:-1]):
        word = padded.bin.slice(8 * i, 8).bin.reinterpret(dtype=pl.UInt64, endianness="little").to_numpy()
        total += (word ^ (word >> np.uint64(29))) * np.uint64(factor)
    total ^= total >> np.uint64(32)
    total *= np.uint64(odd[0])
    return total ^ (total >> np.uint64(29))


def best(hosts: pl.DataFrame) -> pl.DataFrame:
    """Of the HOST rows of each connection the one whose word counts; none where several domains share it (a proxy's).

    The best rank decides. A connection that several domains share keeps its address.
    """
    return (
        hosts.filter(pl.col("rank") == pl.col("rank").min().over("flow"))
        .filter(pl.col("domain").n_unique().over("flow") == 1)
        .sort("flow", "name", "actor", "kind")
        .unique("flow", keep="first", maintain_order=True)
    )


def concatenated(frames: Iterable[pl.DataFrame], schema: pl.Schema) -> pl.DataFrame:
    """Frames one below the other; an empty one of the schema when there is none."""
    frames = [frame for frame in frames if frame.height]
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)
