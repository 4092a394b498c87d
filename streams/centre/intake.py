"""Observations into the store: checked, merged, judged, saved. What cannot be taken becomes a dead letter."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
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
from streams.centre.merge import HEAVY, merge, usage_ids
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
            merged = [part for part in spread(self._merged, self._parts(named, left)) if part.height]
            conflicts = set(chain(*spread(self._save, self._judged(merged))))
            if not conflicts:
                return
            named = named.filter(pl.col("usage").is_in(conflicts))
            left = [name for name in left if name in conflicts]
        raise SourceUnavailableError("the store keeps changing under the same usages")

    def _parts(self, named: pl.DataFrame, also: list[str]) -> list[tuple[pl.DataFrame, list[str]]]:
        """Observations and ids in parts that share no usage; neighbours stay together, as they lie in the store."""
        ids = pl.concat([named["usage"], pl.Series("usage", also, dtype=pl.String)]).unique(maintain_order=True)
        sample = self._store.load(ids.head(SAMPLE).to_list(), ["observations"])["observations"].list.len()
        held = int(sample.sum()) / max(1, len(sample))
        parts = max(1, round(named.height * (1 + held) / PART), min(WORKERS, named.height // PART_MIN))
        numbers = ids.to_frame().with_row_index("part").with_columns(pl.col("part") * parts // max(1, len(ids)))
        rows = named.join(numbers, on="usage", maintain_order="left").partition_by(
            "part", as_dict=True, include_key=False
        )
        named_also = numbers.filter(pl.col("usage").is_in(also)).partition_by("part", as_dict=True)
        nothing = named.clear()
        return [
            (rows.get(key, nothing), named_also[key]["usage"].to_list() if key in named_also else [])
            for key in sorted({*rows, *named_also})
        ]

    def _merged(self, part: tuple[pl.DataFrame, list[str]]) -> pl.DataFrame:
        """The usages that something is new of, merged."""
        named, also = part
        usages = self._store.load(sorted({*named["usage"].unique().to_list(), *also}), KEPT)
        new = fresh(named, usages)
        touched = pl.concat([new["usage"], pl.Series("usage", also, dtype=pl.String)]).unique()
        if len(touched) < usages.height:
            usages = usages.filter(pl.col("id").is_in(touched.implode()))
        arriving = new.select(pl.col("usage").alias("id"), "unit", "subject")
        pairs = pl.concat([usages.select("id", "unit", "subject"), arriving]).unique()
        return merge(usages, new, self._decisions(pairs))

    def _judged(self, merged: list[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The usages judged all at once, without the observations, which judging does not read."""
        if not merged:
            return
        judged = self._judging(pl.concat([part.drop(HEAVY) for part in merged], rechunk=True))
        start = 0
        for part in merged:
            yield judged[start : start + part.height].with_columns(part.select(HEAVY).get_columns())
            start += part.height

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
