"""Columns of runs and windows: sums and actors by name, unit, view and day. They never leave the site."""

import polars as pl

from schemas.events import EVIDENCE
from schemas.observation import ACTOR_KINDS

VIEW = pl.Enum(EVIDENCE)
KIND = pl.Enum(ACTOR_KINDS)
UNIT = pl.Categorical()

WINDOW = pl.Schema(
    {
        "name": pl.UInt64(),
        "bucket": pl.UInt8(),
        "unit": UNIT,
        "view": VIEW,
        "kind": KIND,
        "day": pl.Date(),
        "actor": pl.UInt64(),
        "events": pl.UInt32(),
        "blocked": pl.UInt32(),
        "bytes_up": pl.Int64(),
        "bytes_down": pl.Int64(),
        "program": pl.Boolean(),
        "internal": pl.Boolean(),
    },
)
"""A row of a run: one actor's sightings of one name at one unit on one day. `actor` is a pseudonym keyed with the
registrable domain (or address) and null where the record names nobody; bytes are null where no record gave them;
`program` says that a program's user agent was seen, `internal` that the server has a private address."""

KEY = ("name", "bucket", "unit", "view", "kind", "day", "actor")

FLOW = pl.Schema({"flow": pl.UInt64(), **WINDOW})
"""A flow that waits for its host: a window row of its address, with the connection's keyed hash."""

HOST = pl.Schema(
    {
        "flow": pl.UInt64(),
        "rank": pl.UInt8(),
        "name": pl.UInt64(),
        "domain": pl.UInt64(),
        "bucket": pl.UInt8(),
        "kind": KIND,
        "actor": pl.UInt64(),
    },
)
"""What a tls, http or dns record says about its flow: the name, and the actor's pseudonym at that domain."""

NAMES = pl.Schema(
    {
        "name": pl.UInt64(),
        "host": pl.String(),
        "domain": pl.String(),
        "address": pl.String(),
        "application": pl.String(),
    }
)
"""What a name stands for: a host (registrable domain plus two labels) or, without one, an address; and a label."""

BUCKETS = 32
"""Slices of the names: windows are merged slice by slice, so that memory does not grow with the input."""


def merged(runs: pl.DataFrame, *extra: str) -> pl.DataFrame:
    """Rows of the same key brought to one: sums add, flags are true when one is; unknown bytes stay unknown."""
    return (
        runs.group_by(*extra, *KEY)
        .agg(
            pl.col("events").sum(),
            pl.col("blocked").sum(),
            *(known_sum(name) for name in ("bytes_up", "bytes_down")),
            pl.col("program").any(),
            pl.col("internal").any(),
        )
        .select(*extra, *WINDOW)
    )


def known_sum(column: str) -> pl.Expr:
    """Sum of a column; null when every value is null (polars says 0)."""
    return pl.when(pl.col(column).count() > 0).then(pl.col(column).sum()).alias(column)
