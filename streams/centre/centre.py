"""The centre of one state: its bus, its store, and the two halves of `judge` running over them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Self

import polars as pl

from catalogue.snapshot import Snapshot
from connectors.bus import embedded as bus
from connectors.bus.embedded import EmbeddedBus
from connectors.database import Database
from connectors.store import shelf, sqlite
from connectors.store.shelf import Item, Shelf
from connectors.store.sqlite import SqliteStore
from schemas.basis import Basis
from schemas.decision import Decision
from schemas.errors import ConfigurationError
from schemas.observation import OBSERVATION
from schemas.ports import Bus
from schemas.topics import CATALOGUE, DECISIONS, OBSERVATIONS
from streams.centre import document
from streams.centre.intake import DeadLetter, Frames, Intake
from streams.centre.judge import graded, judge
from streams.centre.law import Law
from streams.centre.population import Population
from streams.centre.records import Assembly, frames
from streams.centre.renames import carried, renamed

CONSUMER = "centre"
FILE = "centre.db"
BATCH = 50_000
"""Observations that are taken together."""
_TABLES = f"{bus.TABLES};\n{sqlite.TABLES};\n{shelf.TABLES}"
"""Of all that share the file, made in one transaction."""


class Centre:
    """Reads observations.v1, keeps usages and findings; several may work on one file."""

    def __init__(self, bus: Bus, store: document.UsageStore, shelf: Shelf) -> None:
        """Use `open`; bus, store and shelf belong to the centre from now on."""
        self.bus, self.store, self.shelf = bus, store, shelf
        self._law: tuple[Basis, Law] | None = None
        self._snapshot: tuple[str, Snapshot] | None = None
        self._decided: pl.DataFrame | None = None
        self._reading = Lock()
        self._intake = Intake(store, shelf, self._judging, self._decisions_on)

    @classmethod
    def open(cls, data: Path) -> Self:
        """The centre whose file lies in the folder `data`; created when missing."""
        database = Database(data / FILE, _TABLES)
        return cls(EmbeddedBus(database), SqliteStore(database, document.SUMMARY), Shelf(database))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        for port in (self.bus, self.store, self.shelf):
            close = getattr(port, "close", None)
            if close is not None:
                close()

    # the law book ---------------------------------------------------------------------------------------------------

    def publish_catalogue(self, snapshot: Snapshot, at: datetime | None = None) -> bool:
        """Append the snapshot to catalogue.v1 unless the newest one has its hash; True when it was appended.

        `at` is the time of publication, now if None.
        """
        self._catch_up(CATALOGUE)
        # what was published is what `catalogue` gives: the caller's own need not be read again
        self._snapshot = (snapshot.hash, snapshot)
        if self.shelf.newest_key("snapshot") == snapshot.hash:
            return False
        published = (at or datetime.now(UTC)).astimezone(UTC).isoformat()
        self.append(CATALOGUE, "snapshot", snapshot.hash, json.dumps({"at": published, "snapshot": snapshot.to_json()}))
        return True

    def catalogue(self) -> Snapshot | None:
        """The newest snapshot; None before the first publication."""
        self._catch_up(CATALOGUE)
        newest = self.shelf.newest_key("snapshot")
        return None if newest is None else self.snapshot(newest)

    def snapshot(self, name: str) -> Snapshot | None:
        """The snapshot with this hash."""
        if self._snapshot is None or self._snapshot[0] != name:
            found = self.shelf.items("snapshot", name, name)
            if not found:
                return None
            self._snapshot = (name, Snapshot.from_json(json.loads(found[0].body)["snapshot"]))
        return self._snapshot[1]

    def basis(self) -> Basis | None:
        """The newest basis; None before the first `settle`."""
        self._catch_up(CATALOGUE)
        newest = self.shelf.newest("basis")
        return None if newest is None else Basis.model_validate_json(newest.body)

    def law(self, basis: Basis) -> Law:
        """What a basis stands on."""
        if self._law is None or self._law[0] != basis:
            snapshot = self.snapshot(basis.catalogue)
            stored = self.shelf.newest("population")
            if snapshot is None or stored is None:
                raise ConfigurationError("catalogue.v1 lacks what basis {number} stands on", number=basis.number)
            people = Population.from_json(stored.body.decode())
            self._law = (basis, Law(snapshot, basis.day, people.prevalence, people.agreed))
        return self._law[1]

    # observations ---------------------------------------------------------------------------------------------------

    def drain(self) -> int:
        """Take everything that observations.v1 holds; gives how many observations. Safe to be killed and repeated."""
        self._catch_up(CATALOGUE)
        self._catch_up(DECISIONS)
        taken = 0
        for batch in self._batches():
            taken += self._intake.take(batch)
            self.bus.commit(CONSUMER, OBSERVATIONS, batch[-1][0] + 1)
        return taken

    def _batches(self) -> Iterator[Frames]:
        batch: Frames = []
        for position, frame in self.bus.read(OBSERVATIONS, self.bus.position(CONSUMER, OBSERVATIONS)):
            batch.append((position, frame))
            if sum(held.height for _, held in batch) >= BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _judging(self, merged: pl.DataFrame) -> pl.DataFrame:
        with self._reading:
            basis = self.basis()
            law = None if basis is None else self.law(basis)
        return graded(merged) if basis is None or law is None else judge(merged, basis, law)

    def dead_letters(self) -> list[DeadLetter]:
        """What could not be taken, in order of place."""
        return self._intake.dead_letters()

    def redrive(self) -> int:
        """Try the dead letters again; gives how many rows were taken."""
        return self._intake.redrive()

    # decisions ------------------------------------------------------------------------------------------------------

    def decide(self, decision: Decision) -> None:
        """Append the decision to decisions.v1, then apply it; raises ConfigurationError for a finding that is not there."""
        if self.store.load([decision.finding], ["id"]).is_empty():
            raise ConfigurationError("there is no finding {finding}", finding=decision.finding)
        self.append(DECISIONS, "decision", decision.id, decision.model_dump_json())
        self._catch_up(DECISIONS)

    def decisions(self) -> pl.DataFrame:
        """All decisions, columns document.DECISIONS."""
        if self._decided is None:
            rows = [Decision.model_validate_json(item.body).model_dump() for item in self.shelf.items("decision")]
            self._decided = pl.DataFrame(rows, schema=document.DECISIONS)
        return self._decided

    def _decisions_on(self, usages: pl.DataFrame) -> pl.DataFrame:
        decisions = self.decisions()
        return decisions if decisions.is_empty() else carried(decisions, usages, renamed(self.catalogue()))

    def carry(self) -> None:
        """Bring decisions under the names that the newest catalogue gives; few entries were ever renamed."""
        if self.decisions().is_empty():
            return
        names = renamed(self.catalogue())["base"].unique()
        if names.is_empty():
            return
        for page in self.store.scan(columns=["id", "subject"]):
            base = pl.col("subject").str.split("#").list.first()
            found = page.filter(base.is_in(names.implode()))["id"].to_list()
            if found:
                self._intake.bring(OBSERVATION.empty(), found)

    # records --------------------------------------------------------------------------------------------------------

    def append(self, topic: str, kind: str, name: str, body: str) -> None:
        """Append a record to a topic and take it in."""
        self.bus.publish(topic, frames(kind, name, body))
        self._catch_up(topic)

    def _catch_up(self, topic: str) -> None:
        """Take the records in that the topic holds and the shelf does not."""
        start = self.bus.position(CONSUMER, topic)
        assembly = Assembly(start).read(self.bus.read(topic, start))
        if assembly.position == start:
            return
        for record in assembly.records:
            key = f"{record.name}" if record.kind != "population" else "newest"
            self.shelf.put(record.kind, [Item(key, record.position, record.body.encode())])
        if topic == DECISIONS:
            self._decided = None
            found = {Decision.model_validate_json(r.body).finding for r in assembly.records if r.kind == "decision"}
            if found:
                self._intake.bring(OBSERVATION.empty(), found)
        self.bus.commit(CONSUMER, topic, assembly.position)
