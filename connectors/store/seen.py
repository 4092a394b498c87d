"""The observations of usages, packed as the store keeps them: as a list of structs, loose, or as one packed value.

Merging a new day into thirty stored ones works on what is packed; as lists of structs they take ten times the memory.
"""

import numpy as np
import polars as pl

from connectors.store.loose import Loose, listed
from connectors.store.packed import PACKED, Packing
from schemas.observation import OBSERVATION

PACKED_COLUMN = "packed"
"""Column of a document that stands for `observations`."""
_OBSERVED = pl.Schema({n: t for n, t in OBSERVATION.schema.items() if n not in {"unit", "subject"}})
_NUMBERS = ("revision", "day", "events", "blocked", "bytes_up", "bytes_down", "actors", "actors_30d", "active_days")
PACKING = Packing(_OBSERVED, _NUMBERS, ids="id")
"""Unit and subject are those of the usage."""


def loosened(usages: pl.DataFrame) -> Loose:
    """The observations of the usages, a document each, from `packed` or `observations`."""
    if PACKED_COLUMN in usages.columns:
        return PACKING.loosen(usages[PACKED_COLUMN].struct.unnest())
    if "observations" not in usages.columns:
        raise ValueError("needs the observations of the usages")
    lists = usages["observations"]
    counts = lists.list.len().fill_null(0)
    return PACKING.gather(lists.filter(counts > 0).explode().struct.unnest(), counts.to_numpy())


def packed(loose: Loose) -> pl.Series:
    """The documents as values of the column `packed`."""
    return PACKING.tighten(loose).select(pl.struct(field.name for field in PACKED.fields).alias(PACKED_COLUMN))[
        PACKED_COLUMN
    ]


def unpacked(loose: Loose, units: pl.Series, subjects: pl.Series) -> pl.Series:
    """The documents as values of the column `observations`, of usages with these units and subjects."""
    at = pl.Series(np.repeat(np.arange(len(loose.lengths)), loose.lengths), dtype=pl.UInt32)
    rows = loose.frame().with_columns(units.gather(at).alias("unit"), subjects.gather(at).alias("subject"))
    return listed(rows.select(OBSERVATION.names).to_struct("observations"), loose.lengths)
