"""The difference between what may be outside and what was sent: committed before publishing, acknowledged after."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import blake2b
from operator import itemgetter
from typing import Any

import polars as pl

from schemas.errors import BorderError
from schemas.observation import CROSSING, MANIFEST, OBSERVATION
from schemas.topics import FRAME_BYTES, encode
from streams.site import quality, stood
from streams.site.closed import FROZEN
from streams.site.emit import Emission
from streams.site.file import SiteFile, now_ms

ROWS = 4_000
"""Most observations of one frame."""
PART = 20_000
"""Lines that are compared at a time, with their texts."""
REFUSED = 2
"""Value of `acknowledged` for what the scanner keeps inside."""

_CONTACT = r"(?i)[\w.+-]+@[\w-]+\.\w|\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b|https?://\S+\?"
"""E-mail addresses, MAC addresses, URLs with a query: never part of an observation."""
_ORDER = ("unit", "signal", "view")
"""What the lines of a manifest are ordered by, so that equal ones have equal texts."""
_SCANNED = ("subject", "document_id", "process_id", "title", "framework_of", "amends", "lot")

Publish = Callable[[Sequence[pl.DataFrame]], object]
"""Makes frames durable on `observations.v1`."""


def record(
    file: SiteFile, emission: Emission, sources: Sequence[dict[str, Any]], carried: stood.Carried | None = None
) -> int:
    """Write down what changed, as not yet acknowledged; gives the number of observations to send.

    New or changed observations get a higher revision; what was sent and may no longer be outside becomes a withdrawal
    (no digest). Lines that are final neither change nor go; frozen ones go when they are not `carried` any more.
    `sources` are those of the manifest.
    """
    sent, now = _sent(file), now_ms()
    with file.transaction() as db:
        count = _changed(db, emission.observations, sent, now)
        gone = sent.join(emission.observations.select("id"), on="id", how="anti")
        gone = stood.unheld(gone.filter(pl.col("digest").is_not_null()), carried, partial(_bodies, file))
        for part in gone.iter_slices(PART):
            body = pl.Series([_withdrawal(body) for body in _bodies(file, part["id"])], dtype=pl.String)
            count += _write(db, part.with_columns(body=body, digest=pl.lit(None, dtype=pl.String)), now)
        for day, manifest in _manifests(file, emission, sources):
            db.execute(
                "INSERT INTO manifests VALUES(?, ?, ?, 0, ?) ON CONFLICT(day) DO UPDATE SET acknowledged = 0,"
                " revision = max(manifests.revision + 1, excluded.revision), digest = excluded.digest, body = excluded.body"
                " WHERE manifests.digest <> excluded.digest",
                (day, now, _digest(manifest), manifest),
            )
    return count


def record_some(file: SiteFile, observations: pl.DataFrame) -> int:
    """Write down what changed among some observations; nothing is withdrawn, and no manifest is made."""
    ids = pl.Series(observations["id"])
    with file.transaction() as db:
        return _changed(db, observations, _sent(file, ids), now_ms())


def _changed(db: sqlite3.Connection, observations: pl.DataFrame, sent: pl.DataFrame, now: int) -> int:
    count = 0
    for part in observations.iter_slices(PART):
        body = part.select(pl.struct(OBSERVATION.names).struct.json_encode()).to_series()
        current = part.select("id", "day", body=body, digest=pl.Series([_digest(b) for b in body], dtype=pl.String))
        both = current.join(sent, on="id", how="left", suffix="_sent")
        back = (pl.col("final") == FROZEN) & pl.col("digest_sent").is_null()
        may = pl.col("final").is_null() | back
        count += _write(db, both.filter(may & ~pl.col("digest").eq_missing(pl.col("digest_sent"))), now)
    return count


def _write(db: sqlite3.Connection, rows: pl.DataFrame, now: int) -> int:
    """Write lines (id, day, digest, revision of before, body) as not acknowledged, in the order of their keys."""
    rows = rows.sort("id").with_columns(
        pl.max_horizontal(pl.col("revision").fill_null(0) + 1, pl.lit(now)), pl.col("day").cast(pl.String)
    )
    db.executemany(
        "INSERT INTO sent(id, day, revision, digest, acknowledged) VALUES(?, ?, ?, ?, 0)"
        " ON CONFLICT(id) DO UPDATE SET day = excluded.day, revision = excluded.revision, digest = excluded.digest,"
        " acknowledged = 0",
        rows.select("id", "day", "revision", "digest").rows(),
    )
    db.executemany(
        "INSERT INTO bodies VALUES(?, ?) ON CONFLICT(id) DO UPDATE SET body = excluded.body",
        rows.select("id", "body").rows(),
    )
    return rows.height


def send(file: SiteFile, publish: Publish, emission: Emission | None = None) -> int:
    """Publish what waits, newest days first, and acknowledge it; gives the number of observations sent.

    Repeats are harmless: the same id and revision is the same observation. With the emission that was recorded just before,
    observations are taken from it; their texts are read for withdrawals and for what an earlier run left behind.
    """
    count = 0
    fresh = _Fresh(OBSERVATION.empty() if emission is None else emission.observations)
    while waiting := file.db.execute(
        "SELECT id, revision, digest IS NOT NULL AND final = 0 FROM sent WHERE acknowledged = 0"
        " ORDER BY day DESC, id LIMIT ?",
        (ROWS,),
    ).fetchall():
        lines = pl.DataFrame(
            waiting, orient="row", schema={"id": pl.String, "revision": pl.Int64, "stands": pl.Boolean}
        )
        taken = fresh.rows(lines.filter("stands")["id"])
        rest = lines.join(taken, on="id", how="anti")["id"]
        frame = pl.concat([taken, _frame(_bodies(file, rest))]) if len(rest) else taken
        frame = lines.select("id", "revision").join(
            frame.drop("revision"), on="id", how="left", maintain_order="left"
        ).select(OBSERVATION.names)  # fmt: skip
        refused = scanned(frame)
        publish(list(sliced(checked(frame.filter(~refused)))))
        with file.transaction() as db:
            db.executemany(
                "UPDATE sent SET acknowledged = ? WHERE id = ? AND revision = ?",
                sorted(
                    ((REFUSED if bad else 1, row[0], row[1]) for row, bad in zip(waiting, refused, strict=True)),
                    key=itemgetter(1),
                ),
            )
        count += frame.height
    days = file.db.execute(
        "SELECT day, revision, body FROM manifests WHERE acknowledged = 0 ORDER BY day DESC"
    ).fetchall()
    if days:
        frames = pl.Series([body for _, _, body in days]).str.json_decode(pl.Struct(MANIFEST.schema)).struct.unnest()
        frames = checked(frames.with_columns(pl.Series("revision", [revision for _, revision, _ in days])))
        publish(list(sliced(frames)))
        with file.transaction() as db:
            db.executemany(
                "UPDATE manifests SET acknowledged = 1 WHERE day = ? AND revision = ?",
                ((day, revision) for day, revision, _ in days),
            )
    return count


def checked(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame, when it is exactly one of the two that may cross the border; raises BorderError otherwise."""
    problems = [table.problems(frame) for table in CROSSING.values()]
    if all(problems):
        raise BorderError("nothing was sent: {problems}", problems="; ".join(problems[0]))
    return frame


def scanned(frame: pl.DataFrame) -> pl.Series:
    """True for observations with something that looks like contact data, an address of a machine or a URL with a query."""
    lists = (
        pl.col("facts").list.eval(pl.element().struct.field("value")).list.join("\n"),
        pl.col("references").list.join("\n"),
    )
    texts = pl.concat_str(*_SCANNED, *lists, separator="\n", ignore_nulls=True)
    return frame.select(texts.str.contains(_CONTACT).fill_null(value=False)).to_series()


def sliced(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The frame in pieces below FRAME_BYTES on the wire."""
    if not frame.height:
        return
    if frame.height > 1 and len(encode(frame)) > FRAME_BYTES:
        half = frame.height // 2
        yield from sliced(frame[:half])
        yield from sliced(frame[half:])
    else:
        yield frame


class _Fresh:
    """Observations of the emission that was just recorded, found by id."""

    def __init__(self, observations: pl.DataFrame) -> None:
        self._order = observations["id"].arg_sort()
        self._ids = observations["id"].gather(self._order)
        self._observations = observations

    def rows(self, ids: pl.Series) -> pl.DataFrame:
        """Those of the ids that are among them."""
        if not len(self._ids):
            return self._observations
        at = self._ids.search_sorted(ids).clip(upper_bound=len(self._ids) - 1)
        return self._observations[self._order.gather(at.filter(self._ids.gather(at) == ids))]


def _sent(file: SiteFile, ids: pl.Series | None = None) -> pl.DataFrame:
    """Id, revision, digest, day of what was sent, or of some ids of it; `final` is null where it may change."""
    schema = {"id": pl.String, "revision": pl.Int64, "digest": pl.String, "final": pl.Int64, "day": pl.String}
    parts = [pl.DataFrame(schema=schema)]
    query = "SELECT id, revision, digest, nullif(final, 0), day FROM sent"
    if ids is None:
        rows = file.db.execute(query)
    else:
        rows = file.db.execute(f"{query} WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids.to_list()),))
    while some := rows.fetchmany(PART):
        parts.append(pl.DataFrame(some, schema=schema, orient="row"))
    return pl.concat(parts)


def _bodies(file: SiteFile, ids: pl.Series) -> list[str]:
    """The texts of some lines, in the order of the ids."""
    return [file.db.execute("SELECT body FROM bodies WHERE id = ?", (line,)).fetchone()[0] for line in ids]


def _frame(bodies: list[str]) -> pl.DataFrame:
    decoded = pl.Series(bodies, dtype=pl.String).str.json_decode(pl.Struct(OBSERVATION.schema))
    return decoded.struct.unnest()


def _withdrawal(body: str) -> str:
    observation = json.loads(body)
    kept = {name: observation[name] for name in ("id", "site", "unit", "subject", "signal", "view", "day")}
    return json.dumps(kept | {"revision": 0, "withdrawn": True})


def _digest(body: str) -> str:
    return blake2b(body.encode(), digest_size=16).hexdigest()


def _manifests(
    file: SiteFile,
    emission: Emission,
    sources: Sequence[dict[str, Any]],
) -> Iterator[tuple[str, str]]:
    """Day and body of each manifest: what of the day is outside, what could be seen, and what is nobody's business."""
    site = file.meta("site")
    tables = {
        "coverage": emission.coverage.select("day", "unit", "signal", "view", "records"),
        "other": emission.other.select("day", "unit", "view", "events", "bytes_up", "bytes_down"),
    }
    by_day = {
        name: {
            str(day): rows.drop("day").sort([key for key in _ORDER if key in rows.columns]).to_dicts()
            for (day,), rows in frame.with_columns(pl.col("day").cast(pl.String))
            .partition_by("day", as_dict=True)
            .items()
        }
        for name, frame in tables.items()
    }
    wrong = quality.by_day(file)
    for day in sorted(set().union(*by_day.values(), _days(file), wrong)):
        outside = file.db.execute(
            "SELECT id, revision FROM sent WHERE day = ? AND digest IS NOT NULL ORDER BY id",
            (day,),
        )
        listed = [{"id": row[0], "revision": row[1]} for row in outside]
        body = {"observations": listed} | {name: rows.get(day, []) for name, rows in by_day.items()}
        body |= stood.manifest(file, day, body)
        codes = stood.quality(file, day, wrong.get(day, {}))
        told = [source | {"quality": codes.get(str(source["name"]), [])} for source in sources]
        yield day, json.dumps({"site": site, "day": day, "revision": 0, **body, "sources": told})


def _days(file: SiteFile) -> list[str]:
    """Days of which something is outside."""
    return [row[0] for row in file.db.execute("SELECT DISTINCT day FROM sent WHERE digest IS NOT NULL")]
