"""What a judgement knows beside the usage: users of a subject, functions of a ministry, peers of a unit, agreements."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Self

import polars as pl

from catalogue.snapshot import Snapshot
from streams.centre.agreed import AGREED

PREVALENCE = pl.Schema({"subject": pl.String, "units": pl.Int64})
FUNCTIONS = pl.Schema({"ministry": pl.String, "function": pl.String, "subjects": pl.Int64, "units": pl.Int64})
PEERS = pl.Schema({"unit": pl.String, "kind": pl.String, "peers": pl.Int64})


@dataclass(frozen=True)
class Population:
    """Frames over all usages at grade `use` or above, each sorted; equal content has an equal hash."""

    prevalence: pl.DataFrame
    """Columns PREVALENCE: units that use a subject."""
    functions: pl.DataFrame
    """Columns FUNCTIONS: of each ministry the functions in use, by how many subjects and units."""
    peers: pl.DataFrame
    """Columns PEERS: of each unit its kind and how many others of that kind have usages."""
    agreed: pl.DataFrame = field(default_factory=AGREED.to_frame)
    """Columns AGREED: what the works agreements of the sites limit."""

    @cached_property
    def hash(self) -> str:
        """16 hex characters over the frames."""
        return blake2b(self.to_json().encode(), digest_size=8).hexdigest()

    def to_json(self) -> str:
        """The frames as one JSON object of columns; the same for the same content."""
        return "{" + ",".join(f'"{name}":{getattr(self, name).write_json()}' for name in _FRAMES) + "}"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The population that `to_json` wrote."""
        kinds = {name: pl.List(pl.Struct(schema)) for name, schema in _FRAMES.items()}
        row = pl.Series([text]).str.json_decode(pl.Struct(kinds)).struct.unnest()
        return cls(*(row[name].explode().drop_nulls().struct.unnest() for name in _FRAMES))


_FRAMES = {"prevalence": PREVALENCE, "functions": FUNCTIONS, "peers": PEERS, "agreed": AGREED}


def population(pages: Iterable[pl.DataFrame], snapshot: Snapshot, agreed: pl.DataFrame | None = None) -> Population:
    """From pages of usages with unit, subject and grade; `agreed` has the columns AGREED."""
    kept = [page.filter(pl.col("grade") != "contact").select("unit", "subject") for page in pages]
    used = pl.concat([pl.DataFrame(schema={"unit": pl.String, "subject": pl.String}), *kept])
    units = _units(used["unit"], snapshot)
    functions = {s: entry.function for s, entry in snapshot.directory.items() if entry.function is not None}
    base = pl.col("subject").str.split("#").list.first()
    placed = used.join(units, on="unit", how="left").with_columns(
        base.replace_strict(list(functions), list(functions.values()), default=None, return_dtype=pl.String).alias(
            "function"
        )
    )
    return Population(
        used.group_by("subject").agg(pl.col("unit").n_unique().cast(pl.Int64).alias("units")).sort("subject"),
        placed.drop_nulls("function")
        .group_by("ministry", "function")
        .agg(
            pl.col("subject").n_unique().cast(pl.Int64).alias("subjects"),
            pl.col("unit").n_unique().cast(pl.Int64).alias("units"),
        )
        .sort("ministry", "function"),
        units.select("unit", "kind", (pl.len().over("kind") - 1).cast(pl.Int64).alias("peers")).sort("unit"),
        AGREED.to_frame() if agreed is None else agreed,
    )


def _units(codes: pl.Series, snapshot: Snapshot) -> pl.DataFrame:
    units = [snapshot.unit(code) for code in codes.unique().sort().to_list()]
    rows = [(unit.code, unit.path.split("/", 1)[0], unit.kind) for unit in units]
    return pl.DataFrame(rows, schema={"unit": pl.String, "ministry": pl.String, "kind": pl.String}, orient="row")
