"""Observations into the store: checked, merged, judged, saved. What cannot be taken becomes a dead letter."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from sqlite3 import OperationalError

import polars as pl

from connectors.store.shelf import Item, Shelf
from schemas.errors import SourceUnavailableError
from schemas.events import SIGNALS
from schemas.observation import FEATURE_NAMES, MANIFEST, OBSERVATION
from schemas.topics import OBSERVATIONS, decode, encode
from streams.centre.coverage import keep_manifests
from streams.centre.document import KEPT, UsageStore
from streams.centre.fresh import fresh
from streams.centre.merge import merge, usage_ids
from streams.centre.spread import WORKERS, spread

DEAD = "dead_letter"
PART = 150_000
"""Stored observations that are merged together: more of them cost memory, fewer cost time."""
PART_MIN = 10_000
"""Arriving observations from which a second worker is worth its start."""
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
            self._bring_all(pl.concat([frame for _, _, frame in checked], rechunk=True))
        except (SourceUnavailableError, OperationalError, OSError, MemoryError):
            raise
        except Exception:  # noqa: BLE001 - whatever one row provokes, the stream goes on without it
            return sum(self._halved(position, start, frame) for position, start, frame in checked)
        return sum(frame.height for _, _, frame in checked)

    def _bring_all(self, observations: pl.DataFrame) -> None:
        """The same as `bring`, in parts that share no usage."""
        named = observations.with_columns(usage_ids(observations))
        sample = self._store.load(named["usage"].head(SAMPLE).to_list(), ["observations"])
        held = sample["observations"].list.len().mean() if sample.height else 0
        by_size = round(named.height * (1 + float(held or 0)) / PART)  # type: ignore[arg-type]
        parts = max(1, by_size, min(WORKERS, named.height // PART_MIN))
        # neighbours stay together: usages that came together lie together in the store
        usages = named.select(pl.col("usage").unique(maintain_order=True)).with_row_index("part")
        usages = usages.with_columns(pl.col("part") * parts // usages.height)
        slices = named.join(usages, on="usage", maintain_order="left").partition_by("part", include_key=False)
        for _ in spread(self.bring, slices):
            pass

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
        also = list(also)
        for _ in range(TRIES):
            named = observations.with_columns(usage_ids(observations))
            ids = sorted({*named["usage"].unique().to_list(), *also})
            usages = self._store.load(ids, KEPT)
            new = fresh(named, usages)
            touched = pl.Series([*{*new["usage"].unique().to_list(), *also}], dtype=pl.String)
            if touched.is_empty():
                return
            if len(touched) < usages.height:
                usages = usages.filter(pl.col("id").is_in(touched.implode()))
            arriving = new.select(pl.col("usage").alias("id"), "unit", "subject")
            pairs = pl.concat([usages.select("id", "unit", "subject"), arriving]).unique()
            merged = merge(usages, new, self._decisions(pairs))
            conflicts = self._save(self._judging(merged))
            if not conflicts:
                return
            observations = named.filter(pl.col("usage").is_in(conflicts)).select(OBSERVATION.names)
            also = [name for name in also if name in conflicts]
        raise SourceUnavailableError("the store keeps changing under the same usages")

    def _save(self, judged: pl.DataFrame) -> list[str]:
        outcomes = pl.Series("outcome", self._store.save(judged), dtype=pl.String)
        if (outcomes == "later").any():
            raise SourceUnavailableError("the store is busy")
        if (outcomes == "refused").any():
            raise ValueError("the store refuses a document")
        return judged["id"].filter(outcomes == "conflict").to_list()

    def _checked(self, position: int, frame: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
        """Runs of rows that can be observations, with the number of their first row; the rest is buried."""
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
