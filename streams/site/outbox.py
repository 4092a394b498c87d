"""The difference between what may be outside and what was sent: committed before publishing, acknowledged after."""

import json
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b

import polars as pl

from schemas.errors import BorderError
from schemas.observation import CROSSING, MANIFEST, OBSERVATION
from schemas.topics import FRAME_BYTES, encode
from streams.site.emit import Emission
from streams.site.file import SiteFile, now_ms

ROWS = 4_000
"""Most observations of one frame."""
REFUSED = 2
"""Value of `acknowledged` for what the scanner keeps inside."""

_CONTACT = r"(?i)[\w.+-]+@[\w-]+\.\w|\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b|https?://\S+\?"
"""E-mail addresses, MAC addresses, URLs with a query: never part of an observation."""
_SCANNED = ("subject", "document_id", "process_id", "title", "framework_of", "amends", "lot")

Publish = Callable[[Sequence[pl.DataFrame]], object]
"""Makes frames durable on `observations.v1`."""


def record(file: SiteFile, emission: Emission, sources: Sequence[dict[str, str | None]]) -> int:
    """Write down what changed, as not yet acknowledged; gives the number of observations to send.

    New or changed observations get a higher revision; what was sent and may no longer be outside becomes a withdrawal
    (no digest). Lines that are final neither change nor go. `sources` are those of the manifest.
    """
    body = emission.observations.select(pl.struct(OBSERVATION.names).struct.json_encode()).to_series()
    current = pl.DataFrame({"id": emission.observations["id"], "body": body, "digest": [_digest(b) for b in body]})
    sent = _sent(file)
    both = current.join(sent, on="id", how="full", suffix="_sent", coalesce=True)
    both = both.filter(pl.col("final").fill_null(0) == 0)
    revision = pl.max_horizontal(pl.col("revision").fill_null(0) + 1, pl.lit(now_ms()))
    changed = both.filter(pl.col("digest").is_not_null() & ~pl.col("digest").eq_missing(pl.col("digest_sent")))
    gone = both.filter(pl.col("digest").is_null() & pl.col("digest_sent").is_not_null())
    gone = gone.with_columns(body=pl.Series([_withdrawal(old) for old in gone["body_sent"]], dtype=pl.String))
    rows = pl.concat([changed, gone]).with_columns(revision)
    days = [json.loads(text)["day"] for text in rows["body"]]
    with file.transaction() as db:
        db.executemany(
            "INSERT INTO sent(id, day, revision, digest, acknowledged, body) VALUES(?, ?, ?, ?, 0, ?)"
            " ON CONFLICT(id) DO UPDATE SET day = excluded.day, revision = excluded.revision, digest = excluded.digest,"
            " acknowledged = 0, body = excluded.body",
            zip(rows["id"], days, rows["revision"], rows["digest"], rows["body"], strict=True),
        )
        for day, manifest in _manifests(file, emission, sources):
            db.execute(
                "INSERT INTO manifests VALUES(?, ?, ?, 0, ?) ON CONFLICT(day) DO UPDATE SET acknowledged = 0,"
                " revision = max(manifests.revision + 1, excluded.revision), digest = excluded.digest, body = excluded.body"
                " WHERE manifests.digest <> excluded.digest",
                (day, now_ms(), _digest(manifest), manifest),
            )
    return rows.height


def send(file: SiteFile, publish: Publish) -> int:
    """Publish what waits, newest days first, and acknowledge it; gives the number of observations sent.

    Repeats are harmless: the same id and revision is the same observation.
    """
    count = 0
    while waiting := file.db.execute(
        "SELECT id, revision, body FROM sent WHERE acknowledged = 0 ORDER BY day DESC, id LIMIT ?",
        (ROWS,),
    ).fetchall():
        frame = _frame([row[2] for row in waiting]).with_columns(pl.Series("revision", [row[1] for row in waiting]))
        refused = scanned(frame)
        publish(list(sliced(checked(frame.filter(~refused)))))
        with file.transaction() as db:
            db.executemany(
                "UPDATE sent SET acknowledged = ? WHERE id = ? AND revision = ?",
                ((REFUSED if bad else 1, row[0], row[1]) for row, bad in zip(waiting, refused, strict=True)),
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


def _sent(file: SiteFile) -> pl.DataFrame:
    rows = file.db.execute("SELECT id, revision, digest, final, body FROM sent").fetchall()
    schema = {"id": pl.String, "revision": pl.Int64, "digest": pl.String, "final": pl.Int64, "body": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


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
    sources: Sequence[dict[str, str | None]],
) -> Iterator[tuple[str, str]]:
    """Day and body of each manifest: what of the day is outside, what could be seen, and what is nobody's business."""
    site = file.meta("site")
    outside = pl.DataFrame(
        file.db.execute("SELECT day, id, revision FROM sent WHERE digest IS NOT NULL ORDER BY id").fetchall(),
        schema={"day": pl.String, "id": pl.String, "revision": pl.Int64},
        orient="row",
    )
    tables = {
        "observations": outside,
        "coverage": emission.coverage.select(pl.col("day").cast(pl.String), "unit", "signal", "view", "records"),
        "other": emission.other.select(
            pl.col("day").cast(pl.String), "unit", "view", "events", "bytes_up", "bytes_down"
        ),
    }
    by_day = {
        name: {
            str(day): rows.drop("day").sort(rows.columns[1:3]).to_dicts()
            for (day,), rows in frame.partition_by("day", as_dict=True).items()
        }
        for name, frame in tables.items()
    }
    for day in sorted(set().union(*by_day.values())):
        body = {name: rows.get(day, []) for name, rows in by_day.items()}
        yield day, json.dumps({"site": site, "day": day, "revision": 0, **body, "sources": sources})
