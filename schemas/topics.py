"""Names of the topics and how frames travel on them."""

import io

import polars as pl

OBSERVATIONS = "observations.v1"
"""Frames of OBSERVATION or MANIFEST rows; partitioned by site, no message keys."""
CATALOGUE = "catalogue.v1"
"""Record frames: snapshots of the catalogue and bases."""
DECISIONS = "decisions.v1"
"""Record frames: decisions, and what cannot be recomputed."""
TOPICS = (OBSERVATIONS, CATALOGUE, DECISIONS)

FRAME_BYTES = 512_000
"""Upper bound of a frame on the wire."""

RECORD = pl.Schema(
    {"kind": pl.String, "id": pl.String, "part": pl.Int32, "last": pl.Boolean, "digest": pl.String, "body": pl.String}
)
"""A record as one row: kind (`snapshot`, `basis`, `decision`), its id and its JSON. One larger than a frame travels as
numbered parts; the last carries the hash of the whole."""


def encode(frame: pl.DataFrame) -> bytes:
    """The frame as an Arrow IPC stream with zstd."""
    buffer = io.BytesIO()
    frame.write_ipc_stream(buffer, compression="zstd")
    return buffer.getvalue()


def decode(data: bytes) -> pl.DataFrame:
    """The frame of an Arrow IPC stream."""
    return pl.read_ipc_stream(io.BytesIO(data))
