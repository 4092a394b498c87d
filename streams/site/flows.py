"""A flow takes the host of the tls, http or dns record of the same connection; both wait at the site, sealed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from schemas.events import EVIDENCE
from streams.site.rows import FLOW, HOST, VIEW, WINDOW

_RANKS = {"tls": 0, "http": 1, "proxy": 1, "dns": 2}
"""Whose word counts when several records speak of one flow: the lowest."""
RANK_OF = np.array([_RANKS.get(view, 255) for view in EVIDENCE], np.uint8)
"""The same by place in EVIDENCE."""


@dataclass(frozen=True)
class Waiting:
    """Flows without a host (FLOW) and hosts of connections (HOST)."""

    flows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FLOW))
    hosts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=HOST))


def joined(flows: pl.DataFrame, hosts: pl.DataFrame) -> pl.DataFrame:
    """WINDOW rows of flows: with the host of their connection where exactly one domain speaks for it, else by address.

    A flow named by a DNS record is the look-up itself and counts in the view `dns`. The best rank decides; a connection
    that several domains share (a proxy's) keeps its address.
    """
    best = (
        hosts.filter(pl.col("rank") == pl.col("rank").min().over("flow"))
        .filter(pl.col("domain").n_unique().over("flow") == 1)
        .sort("flow", "name", "actor")
        .unique("flow", keep="first")
    )
    view = pl.when(pl.col("rank") == _RANKS["dns"]).then(pl.lit("dns").cast(VIEW)).otherwise("view")
    found = flows.join(best, on="flow", how="left", suffix="_host")
    taken = pl.col("name_host").is_not_null()
    return found.select(
        pl.when(taken).then("name_host").otherwise("name").alias("name"),
        pl.when(taken).then("bucket_host").otherwise("bucket").alias("bucket"),
        "unit",
        pl.when(taken).then(view).otherwise("view").alias("view"),
        pl.when(taken).then("kind_host").otherwise("kind").alias("kind"),
        "day",
        pl.when(taken).then("actor_host").otherwise("actor").alias("actor"),
        *list(WINDOW)[7:],
    )


def concatenated(frames: Iterable[pl.DataFrame], schema: pl.Schema) -> pl.DataFrame:
    """Frames one below the other; an empty one of the schema when there is none."""
    frames = [frame for frame in frames if frame.height]
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)
