"""The only two records that leave a site: Observation and Manifest. Exactly these fields, nothing else."""

from typing import Any

import polars as pl

from schemas.events import SIGNALS
from schemas.table import MONEY, TEXT_LIST, Column, Table

VERSION = "1.1"
"""Version of the two records; the generated JSON Schema carries it and a test fails when one changes without the other."""

ACTOR_KINDS = ("person", "device", "account", "shared", "unknown")
"""What a counted actor is; `shared` and `unknown` stand for a number nobody knows."""

MATCHED = pl.Struct(
    {
        "identifier": pl.String,
        "identifier_kind": pl.String,
        "how": pl.String,
        "confidence": pl.Float64,
        "entry_hash": pl.String,
    },
)
"""What was recognised: the catalogue entry's own spelling, never the observed one."""
RELEASES = pl.List(pl.Struct({"version": pl.String, "devices": pl.Int64}))
FEATURES = pl.List(pl.Struct({"name": pl.String, "value": pl.Float64}))
FACTS = pl.List(pl.Struct({"name": pl.String, "value": pl.String}))

FACT_NAMES = ("supplier_name", "legal_basis")
"""The closed list of facts; `supplier_name` of a supplier that is a person is absent."""
SIGNS = ("by_upload", "by_program", "by_label", "by_purchase")
"""Features that say which sign made a domain a candidate."""

FEATURE_NAMES = ("upload_actors", "program_days", *SIGNS)
"""The closed list of site features: actors that uploaded 1 MB or more that day (1 stands for fewer than the group size);
days of the 30 ending this day with a program's user agent; and for a candidate, 1 for each sign that makes it one."""

OBSERVATION = Table(
    "observation",
    (
        Column("id", pl.String(), "function of site, unit, subject, signal, view and day or document", required=True),
        Column("site", pl.String(), "the site that says it", required=True),
        Column("unit", pl.String(), "code of the unit", required=True),
        Column("subject", pl.String(), "the thing, with its edition where editions differ", required=True),
        Column("signal", pl.String(), "network, procurement or assets", required=True, values=SIGNALS),
        Column("view", pl.String(), "kind of evidence, kind of document, or inventory", required=True),
        Column("day", pl.Date(), "day in the state's time zone", required=True),
        Column("revision", pl.Int64(), "higher replaces lower; Unix milliseconds or the last plus one", required=True),
        Column("matched", MATCHED, "how the subject was recognised"),
        Column(
            "events",
            pl.Int64(),
            "sightings that were not blocked; the next power of ten, from 10 on, below the group size of 30 days or of the day",
        ),
        Column(
            "blocked",
            pl.Int64(),
            "sightings that the sensor blocked; the next power of ten below the group size, null on a day of fewer",
        ),
        Column(
            "bytes_up",
            pl.Int64(),
            "bytes to the service; the next power of ten below the group size, the power of ten below on a day of fewer",
        ),
        Column(
            "bytes_down",
            pl.Int64(),
            "bytes from the service; the next power of ten below the group size, the power of ten below on a day of fewer",
        ),
        Column("estimated", MONEY, "estimated value of the purchase, net"),
        Column("committed", MONEY, "value of award, contract or order, net"),
        Column("paid", MONEY, "amount invoiced, net"),
        Column("currency", pl.String(), "ISO 4217"),
        Column("document_id", pl.String(), "number of the purchase document"),
        Column("process_id", pl.String(), "number of the procedure"),
        Column("references", TEXT_LIST, "numbers of contracts and orders that the document names"),
        Column("procedure", pl.String(), "kind of procedure"),
        Column("framework_of", pl.String(), "framework agreement that a call-off uses"),
        Column("lot", pl.String(), "number of the lot"),
        Column("in_house", pl.Boolean(), "bought from another public body without a market"),
        Column("amends", pl.String(), "number of the document that this one changes"),
        Column("quantity", pl.Float64(), "units of the first line"),
        Column("seats", pl.Int64(), "licences or users, where stated"),
        Column("period_start", pl.Date(), "first day of the term"),
        Column("period_end", pl.Date(), "last day of the term"),
        Column("title", pl.String(), "what is bought, cut at 200 characters, without contact data"),
        Column("cpv_group", pl.String(), "first three digits of the CPV code"),
        Column(
            "actors", pl.Int64(), "distinct actors of the day; null below the group size and where no number is known"
        ),
        Column("actors_30d", pl.Int64(), "distinct actors of the 30 days ending this day; null as above"),
        Column("actors_kind", pl.String(), "what was counted", values=ACTOR_KINDS),
        Column("band", pl.String(), "`1-4` (with the group size 5) where the exact number stays in the ministry"),
        Column("active_days", pl.Int64(), "days of the 30 ending this day on which the group size was reached"),
        Column(
            "releases",
            RELEASES,
            "versions seen and devices that have them; null below the group size, and where the others would give it away",
        ),
        Column("features", FEATURES, "numbers of site detectors, names from FEATURE_NAMES"),
        Column("facts", FACTS, "facts of purchases and inventories, names from FACT_NAMES"),
        Column("withdrawn", pl.Boolean(), "true: what this id said should no longer be outside; no numbers"),
    ),
)

COVERAGE = pl.List(pl.Struct({"unit": pl.String, "signal": pl.String, "view": pl.String, "records": pl.Int64}))
OTHER = pl.List(
    pl.Struct({"unit": pl.String, "view": pl.String, "events": pl.Int64, "bytes_up": pl.Int64, "bytes_down": pl.Int64}),
)
SOURCES = pl.List(
    pl.Struct(
        {
            "name": pl.String,
            "signal": pl.String,
            "actors_kind": pl.String,
            "purpose": pl.String,
            "legal_basis": pl.String,
            "agreement": pl.String,
            "agreed_on": pl.Date,
            "views": TEXT_LIST,
            "detectors": TEXT_LIST,
            "quality": TEXT_LIST,
        },
    ),
)
"""`agreed_on`: day the agreement was signed; `views`: those the source can give, null for all of its signal; `detectors`:
those its agreement allows, null where there is none; `quality`: of QUALITY, what was wrong with it that day."""
QUALITY = ("silent", "column_vanished", "clock_wrong", "parse_rate_fallen")
"""The closed list of what may be wrong with a source on a day, so that less was seen than there was."""
_EARLIER = pl.List(
    pl.Struct(dict.fromkeys(("name", "signal", "actors_kind", "purpose", "legal_basis", "agreement"), pl.String))
)
"""SOURCES in version 1.0."""

MANIFEST = Table(
    "manifest",
    (
        Column("site", pl.String(), "the site that says it", required=True),
        Column("day", pl.Date(), "the day it speaks of", required=True),
        Column("revision", pl.Int64(), "higher replaces lower", required=True),
        Column(
            "observations", pl.List(pl.Struct({"id": pl.String, "revision": pl.Int64})), "what is outside of this day"
        ),
        Column(
            "coverage",
            COVERAGE,
            "records of the day by unit, signal and view, as the next power of ten: what the site could see",
        ),
        Column(
            "other", OTHER, "what was seen and is nobody's business, as sums by unit and view, as the next power of ten"
        ),
        Column(
            "sources",
            SOURCES,
            "the feeds of the site with purpose, agreement, the detectors that it allows and what was wrong with them that day",
        ),
    ),
)


def manifest(frame: pl.DataFrame) -> pl.DataFrame | None:
    """The frame as MANIFEST, also one of version 1.0; None when it is something else."""
    if frame.schema == MANIFEST.schema:
        return frame
    earlier = pl.Schema(MANIFEST.schema | {"sources": _EARLIER})
    return frame.cast(dict(MANIFEST.schema)) if frame.schema == earlier else None  # type: ignore[arg-type]


CROSSING = {table.name: table for table in (OBSERVATION, MANIFEST)}
"""What may cross the border, by name."""


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the two records; `schemas/border.schema.json` is this, generated."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What leaves a site",
        "version": VERSION,
        "$defs": {name: _object(table) for name, table in CROSSING.items()},
    }


def _object(table: Table) -> dict[str, Any]:
    properties = {}
    for column in table.columns:
        kind = _kind(column.dtype)
        if column.values:
            kind = {"enum": [*column.values]}
        properties[column.name] = kind | {"description": column.sentence}
    required = [column.name for column in table.columns if column.required]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _kind(dtype: pl.DataType) -> dict[str, Any]:
    if isinstance(dtype, pl.List):
        return {"type": "array", "items": _kind(_instance(dtype.inner))}
    if isinstance(dtype, pl.Struct):
        properties = {field.name: _kind(_instance(field.dtype)) for field in dtype.fields}
        return {"type": "object", "properties": properties, "additionalProperties": False}
    for family, kind in _SIMPLE.items():
        if isinstance(dtype, family):
            return kind
    return {"type": "integer"} if dtype.is_integer() else {"type": "number"}


_SIMPLE: dict[type[pl.DataType], dict[str, Any]] = {
    pl.Decimal: {"type": "string", "pattern": r"^-?\d+\.\d{2}$"},
    pl.Date: {"type": "string", "format": "date"},
    pl.Boolean: {"type": "boolean"},
    pl.String: {"type": "string"},
}


def _instance(dtype: Any) -> pl.DataType:
    instance: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return instance


if __name__ == "__main__":
    import json
    import sys

    sys.stdout.write(json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n")
