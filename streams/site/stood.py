"""What was sent of days that retention has come to, and stands: lines that are frozen, manifests of deleted days."""

import json
from collections.abc import Callable
from typing import Any

import polars as pl

from schemas.observation import QUALITY
from streams.site import closed
from streams.site.closed import FINAL, FROZEN, GONE, REACH
from streams.site.file import SiteFile
from streams.site.quality import AGO
from streams.site.seen import NUMBERS

Carried = Callable[[list[dict[str, Any]]], list[bool]]
"""Of the texts of lines: does the catalogue still carry each at its unit?"""


def unheld(gone: pl.DataFrame, carried: Carried | None, bodies: Callable[[pl.Series], list[str]]) -> pl.DataFrame:
    """Of the lines that are not counted now those that may not stay outside."""
    held = gone.filter(pl.col("final") == FROZEN)
    if held.height and carried is not None:
        stays = carried([json.loads(body) for body in bodies(held["id"])])
        held = held.filter(pl.Series(stays, dtype=pl.Boolean))
    return gone.filter(
        pl.col("final").ne_missing(FINAL), pl.col("final").is_null() | ~pl.col("id").is_in(held["id"].implode())
    )


def manifest(file: SiteFile, day: str, body: dict[str, Any]) -> dict[str, Any]:
    """Of a day that retention has deleted: what the manifest said that was sent of it."""
    over = {signal for signal in REACH if (last := closed.day(file, GONE, signal)) and day <= last.isoformat()}
    sent = file.db.execute("SELECT body FROM manifests WHERE day = ?", (day,)).fetchone() if over else None
    if sent is None:
        return {}
    before = json.loads(sent[0])
    new = {(row["unit"], row["signal"], row["view"]): row for row in body["coverage"]}
    old = {(row["unit"], row["signal"], row["view"]): row for row in before["coverage"] if row["signal"] in over}
    rows = [*old.values(), *(row for key, row in new.items() if key not in old)]
    return {"coverage": rows} | ({"other": before["other"]} if "network" in over else {})


def quality(file: SiteFile, day: str, codes: dict[str, list[str]]) -> dict[str, list[str]]:
    """Codes of a day by source; where retention has deleted what they follow from, those that were sent stay too."""
    gone = closed.day(file, GONE, NUMBERS)
    query = "SELECT json_extract(body, '$.sources') FROM manifests WHERE day = ?"
    sent = None if gone is None else file.db.execute(query, (day,)).fetchone()
    if gone is None or sent is None:
        return codes
    first = dict(file.db.execute("SELECT source, min(day) FROM seen GROUP BY source").fetchall())
    stays = {
        source["name"]: {*source.get("quality", ()), *codes.get(source["name"], ())}
        for source in json.loads(sent[0])
        if day <= (gone + AGO).isoformat() or day < first.get(source["name"], day)
    }
    return codes | {name: sorted(told, key=QUALITY.index) for name, told in stays.items()}
