"""Zeek's JSON logs. Each line is read by itself: its path, else the fields it has, say what kind it is."""

import json

import polars as pl

from connectors.lines import put
from connectors.network._json import instants, values
from connectors.network._times import epoch
from connectors.network._zeek_events import FIELDS, MARKS, REJECTED_TIME, events
from connectors.network._zeek_tsv import ALIASES
from schemas.errors import NotThisFormatError

_EXPECTED = "expected Zeek's JSON: one object a line with ts"
_REJECTED_JSON = "expected one JSON object"
_ALL = tuple(dict.fromkeys(field for fields in FIELDS.values() for field in fields))


def kind_of(lines: list[str]) -> str:
    """Kind of the first line that has one, else other. Raises NotThisFormatError when no line has a time."""
    records = [record for line in lines if isinstance(record := _loaded(line), dict)]
    if not any("ts" in record for record in records):
        raise NotThisFormatError(_EXPECTED)
    kinds = (
        record["_path"] if record.get("_path") in FIELDS else next((k for k, m in MARKS.items() if m in record), None)
        for record in records
    )
    return next((kind for kind in kinds if kind), "other")


def parse(lines: pl.DataFrame, likely: str) -> pl.DataFrame:
    """NETWORK columns of the lines. What is `likely` only says which kind is tried first; it changes no result."""
    if likely not in FIELDS:
        return _any_kind(lines)
    mark = MARKS[likely]
    names = dict.fromkeys((*FIELDS[likely], mark))
    frame = values(lines["line"], {"_path": '$."_path"', **{name: f'$."{name}"' for name in names}})
    sure = frame.select(
        ((pl.col("_path") == likely) | (pl.col("_path").is_null() & pl.col(mark).is_not_null())).fill_null(value=False)
        & pl.all_horizontal(pl.col("id.orig_h", "ts").is_not_null())
    ).to_series()
    if sure.all():
        return _events(likely, lines["place"], frame)
    parts = [_events(likely, lines["place"].filter(sure), frame.filter(sure)), _any_kind(lines.filter(~sure))]
    return pl.concat(parts, how="diagonal").sort("place") if sure.any() else parts[1]


def _any_kind(lines: pl.DataFrame) -> pl.DataFrame:
    """The long way: every field of every kind, under all its names."""
    others = {f"{name}/{place}": f'$."{other}"' for name, more in ALIASES.items() for place, other in enumerate(more)}
    names = dict.fromkeys(("_path", *_ALL, *MARKS.values()))
    frame = values(lines["line"], {**{name: f'$."{name}"' for name in names}, **others})
    frame = frame.with_columns(
        pl.coalesce(name, *(f"{name}/{place}" for place in range(len(more)))) for name, more in ALIASES.items()
    ).with_columns(lines["place"])
    known = pl.when(pl.col("_path").is_in(list(FIELDS))).then(pl.col("_path"))
    marked = [pl.when(pl.col(mark).is_not_null()).then(pl.lit(kind)) for kind, mark in MARKS.items()]
    frame = frame.with_columns(kind=pl.coalesce(known, *marked).fill_null("other"))
    parts = [
        _events(kind, part["place"], part) if kind in FIELDS else _idle(part)
        for (kind,), part in frame.partition_by("kind", as_dict=True).items()
    ]
    return pl.concat(parts, how="diagonal").sort("place")


def _events(kind: object, place: pl.Series, frame: pl.DataFrame) -> pl.DataFrame:
    at = epoch(frame["ts"], millis=True)
    written = at.is_null() & frame["ts"].is_not_null()
    if written.any():
        at = put(at, written, instants(frame["ts"].filter(written)))
    return events(str(kind), frame, at).with_columns(place)


def _idle(frame: pl.DataFrame) -> pl.DataFrame:
    """Another kind of record: no event; without a time it is no record of Zeek's."""
    return frame.select(
        "place",
        rejected=pl.when(~pl.col("whole"))
        .then(pl.lit(_REJECTED_JSON))
        .when(pl.col("ts").is_null())
        .then(pl.lit(REJECTED_TIME)),
    )


def _loaded(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
