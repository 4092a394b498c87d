"""A flow takes the host of the tls, http or dns record of the same connection; both wait at the site, sealed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from schemas.events import EVIDENCE
from streams.site.rows import FLOW, HOST

_RANKS = {"tls": 0, "http": 1, "proxy": 1, "dns": 2}
"""Whose word counts when several records speak of one flow: the lowest."""
RANK_OF = np.array([_RANKS.get(view, 255) for view in EVIDENCE], np.uint8)
"""The same by place in EVIDENCE."""
DNS = _RANKS["dns"]
"""A flow that a look-up names is the look-up itself and counts in the view `dns`."""


@dataclass(frozen=True)
class Waiting:
    """Flows without a host (FLOW) and hosts of connections (HOST)."""

    flows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FLOW))
    hosts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=HOST))


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
