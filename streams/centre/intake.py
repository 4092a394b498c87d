"""Observations into the store: checked, merged, judged, saved. What cannot be taken becomes a dead letter."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from math import ceil
from sqlite3 import OperationalError

import polars as pl

from connectors.store.seen import loosened
from connectors.store.shelf import Item, Shelf
from schemas.errors import SourceUnavailableError
from schemas.events import SIGNALS
from schemas.observation import FEATURE_NAMES, MANIFEST, OBSERVATION
from schemas.topics import OBSERVATIONS, decode, encode
from streams.centre.coverage import completed, keep_manifests
from streams.centre.document import KEPT, UsageStore
from streams.centre.fresh import fresh
from streams.centre.merge import arrived, merge_packed, usage_ids
from streams.centre.spread import WORKERS, spread

DEAD = "dead_letter"
PART = 10_000
"""Usages that are judged and saved together: more of them cost memory, fewer cost time."""
PART_MIN = 5_000
"""Usages from which a second worker is worth its start."""
MERGED = 100_000
"""Stored observations that are merged together, for the same reason."""
SAMPLE = 100
"""Usages from which the number of stored observations is estimated."""
TRIES = 50
"""How often a usage that others keep changing is read, merged and judged again."""

Judging = Callable[[pl.DataFrame], pl.DataFrame]
Frames = list[tuple[int, pl.DataFrame]]

_UNIT = r"^[a-z0-9][a-z0-9._/-]{0,119}$"
_SUBJECT = r"^(service|software|domain|purchases):\S+$"
_ID = r"^[\x21-\x7e]{1,64}$"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Rows that could not be taken, with the place they came from."""

    key: str
    topic: str
    position: int
    reason: str
    frame: pl.DataFrame


class Intake:
    """Takes frames of observations.v1."""

    def __init__(self, store: UsageStore, shelf: Shelf, judging: Judging, decisions: Judging) -> None:
        """`judging` brings merged usages under the newest basis; `decisions` gives those on usages (id, unit, subject)."""
        self._store, self._shelf, self._judging, self._decisions = store, shelf, judging, decisions

    def take(self, frames: Frames) -> int:
        """Number of observations taken or already known; everything is durable or a dead letter when this returns."""
        checked = [(position, *part) for position, frame in frames for part in self._checked(position, frame)]
        if not checked:
            return 0
        try:
            self.bring(pl.concat([frame for _, _, frame in checked], rechunk=True))
        except (SourceUnavailableError, OperationalError, OSError, MemoryError):
            raise
        except Exception:  # noqa: BLE001 - whatever one row provokes, the stream goes on without it
            return sum(self._halved(position, start, frame) for position, start, frame in checked)
        return sum(frame.height for _, _, frame in checked)

    def _halved(self, position: int, start: int, frame: pl.DataFrame) -> int:
        try:
            self.bring(frame)
        except (SourceUnavailableError, OperationalError, OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - as above
            if frame.height == 1:
                self._bury(position, start, f"cannot be judged: {type(error).__name__}", frame)
                return 0
            half = frame.height // 2
            first = self._halved(position, start, frame[:half])
            return first + self._halved(position, start + half, frame[half:])
        return frame.height

    def bring(self, observations: pl.DataFrame, also: Iterable[str] = ()) -> None:
        """Merge, judge and save the usages of these observations and those with the ids `also`, until all are stored."""
        named = observations.with_columns(usage_ids(observations))
        left = list(also)
        for _ in range(TRIES):
            conflicts = set(chain(*spread(self._settled, self._parts(named, left))))
            if not conflicts:
                return
            named = named.filter(pl.col("usage").is_in(conflicts))
            left = [name for name in left if name in conflicts]
        raise SourceUnavailableError("the store keeps changing under the same usages")

    def _parts(self, named: pl.DataFrame, also: list[str]) -> list[pl.DataFrame]:
        """Usages in parts, with their observations or none; neighbours stay together, as they lie in the store."""
        left = pl.DataFrame({"usage": also}, schema={"usage": pl.String})
        every = pl.concat([named, left], how="diagonal")
        ids = every.select(pl.col("usage").unique(maintain_order=True))
        parts = max(ceil(ids.height / PART), min(WORKERS, ids.height // PART_MIN), 1)
        numbers = ids.with_columns(part=pl.int_range(pl.len()) * parts // max(1, ids.height))
        return every.join(numbers, on="usage", maintain_order="left").partition_by(
            "part", maintain_order=True, include_key=False
        )

    def _settled(self, part: pl.DataFrame) -> list[str]:
        """Merge, judge and save the usages that something is new of; the ids of those that somebody else has changed."""
        ids = part["usage"].unique(maintain_order=True).to_list()
        sample = self._store.load(ids[:SAMPLE], ["packed"])
        held = len(loosened(sample).numbers) / max(1, sample.height)
        pieces = max(1, round(len(ids) * held / MERGED))
        step = -(-len(ids) // pieces)
        merged = [self._merged(part, ids[start : start + step]) for start in range(0, len(ids), step)]
        every = pl.concat(merged, rechunk=True)
        return self._save(self._judging(every)) if every.height else []

    def _merged(self, part: pl.DataFrame, ids: list[str]) -> pl.DataFrame:
        """Of these usages those that something is new of, merged."""
        usages = self._store.load(ids, KEPT)
        held = loosened(usages)
        if len(ids) < part["usage"].n_unique():
            part = part.filter(pl.col("usage").is_in(ids))
        also = part.filter(pl.col("id").is_null())["usage"]
        new = fresh(arrived(part.drop_nulls("id")), held, usages["id"])
        touched = pl.concat([new["usage"], also])
        stays = usages["id"].is_in(touched.implode())
        if not stays.all():
            usages, held = usages.filter(stays), held.of_documents(stays.to_numpy())
        arriving = new.select(pl.col("usage").alias("id"), "unit", "subject")
        pairs = pl.concat([usages.select("id", "unit", "subject"), arriving]).unique()
        return merge_packed(usages, held, new, self._decisions(pairs))

    def _save(self, judged: pl.DataFrame) -> list[str]:
        outcomes = pl.Series("outcome", self._store.save(judged), dtype=pl.String)
        if (outcomes == "later").any():
            raise SourceUnavailableError("the store is busy")
        if (outcomes == "refused").any():
            raise ValueError("the store refuses a document")
        return judged["id"].filter(outcomes == "conflict").to_list()

    def _checked(self, position: int, frame: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
        """Runs of rows that can be observations, with the number of their first row; the rest is buried."""
        frame = completed(frame)
        if frame.schema == MANIFEST.schema:
            keep_manifests(self._shelf, frame)
            return
        if frame.schema != OBSERVATION.schema:
            self._bury(position, 0, "neither observations nor manifests", frame)
            return
        named = frame.with_row_index("place").with_columns(_problem().alias("problem"))
        for (problem,), rows in named.filter(pl.col("problem").is_not_null()).group_by("problem", maintain_order=True):
            self._bury(position, rows["place"][0], str(problem), rows.select(OBSERVATION.names))
        good = named.filter(pl.col("problem").is_null())
        if good.height:
            yield int(good["place"][0]), good.select(OBSERVATION.names)

    def _bury(self, position: int, start: int, reason: str, frame: pl.DataFrame) -> None:
        head = json.dumps({"topic": OBSERVATIONS, "position": position, "reason": reason})
        key = f"{OBSERVATIONS}/{position:012d}/{start:06d}"
        self._shelf.put(DEAD, [Item(key, 0, head.encode() + b"\n" + encode(frame))])

    def dead_letters(self) -> list[DeadLetter]:
        """All dead letters in order of their place."""
        return [_letter(item) for item in self._shelf.items(DEAD)]

    def redrive(self) -> int:
        """Try all dead letters again; gives how many rows were taken. Those that fail again stay."""
        taken = 0
        for letter in self.dead_letters():
            self._shelf.drop(DEAD, [letter.key])
            taken += self.take([(letter.position, letter.frame)])
        return taken


def _letter(item: Item) -> DeadLetter:
    head, _, frame = item.body.partition(b"\n")
    return DeadLetter(item.key, frame=decode(frame), **json.loads(head))


def _problem() -> pl.Expr:
    """What is wrong with an observation, as one sentence; null when nothing is. It never says the value."""
    required = [column.name for column in OBSERVATION.columns if column.required]
    names = pl.col("features").list.eval(pl.element().struct.field("name").is_in(FEATURE_NAMES)).list.all()
    checks = {
        f"one of {', '.join(required)} is missing": pl.any_horizontal(pl.col(required).is_null()),
        "unit is no unit code": ~pl.col("unit").str.contains(_UNIT),
        "subject is no subject": ~pl.col("subject").str.contains(_SUBJECT),
        "id is no id": ~pl.col("id").str.contains(_ID),
        "signal is unknown": ~pl.col("signal").is_in(SIGNALS),
        "features has an unknown name": ~names.fill_null(value=True),
        "revision is negative": pl.col("revision") < 0,
    }
    return pl.coalesce(pl.when(wrong).then(pl.lit(sentence)) for sentence, wrong in checks.items())
