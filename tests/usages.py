"""Observations as a site sends them, for tests of the centre: one function a kind, absent columns null."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from catalogue.snapshot import Snapshot
from schemas.decision import Decision
from schemas.entries import DirectoryEntry, Standard
from schemas.names import content_id, finding_id, observation_id
from schemas.observation import MANIFEST, OBSERVATION
from schemas.record import Bilingual
from schemas.unit import Unit
from streams.centre.document import DECISIONS

DAY = date(2026, 11, 20)
NO_DECISIONS = pl.DataFrame(schema=DECISIONS)


def seen(subject: str, day: date = DAY, unit: str = "im", **more: Any) -> dict[str, Any]:
    """Uploads of twelve devices to a service on a day."""
    place = {"site": "im", "signal": "network", "view": "tls"} | {
        k: more[k] for k in ("site", "signal", "view") if k in more
    }
    identity = (place["site"], unit, subject, place["signal"], place["view"], day.isoformat())
    return {
        "id": observation_id(*identity),
        "unit": unit,
        "subject": subject,
        "day": day,
        "revision": 1000,
        "matched": {"identifier": "share.example", "identifier_kind": "domain", "how": "exact", "confidence": 1.0},
        "events": 100,
        "bytes_up": 40_000_000,
        "bytes_down": 1_000_000,
        "actors": 12,
        "actors_30d": 12,
        "actors_kind": "device",
        "active_days": 5,
        "features": [{"name": "upload_actors", "value": 6.0}],
        **place,
        **more,
    }


def bought(subject: str, view: str, number: str, day: date = DAY, unit: str = "im", **more: Any) -> dict[str, Any]:
    """A purchase document."""
    money = {k: Decimal(more.pop(k)) for k in ("estimated", "committed", "paid") if k in more}
    return {
        "id": observation_id(more.get("site", "im"), unit, subject, "procurement", view, number),
        "site": "im",
        "unit": unit,
        "subject": subject,
        "signal": "procurement",
        "view": view,
        "day": day,
        "revision": 1000,
        "document_id": number,
        "currency": "EUR",
        **money,
        **more,
    }


def withdrawn(row: dict[str, Any], revision: int = 2000) -> dict[str, Any]:
    """The withdrawal of an observation."""
    kept = ("id", "site", "unit", "subject", "signal", "view", "day")
    return {name: row[name] for name in kept} | {"revision": revision, "withdrawn": True}


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """A frame of observations."""
    return pl.DataFrame(list(rows), schema=OBSERVATION.schema)


def manifest(day: date = DAY, revision: int = 1, **more: Any) -> pl.DataFrame:
    """A frame with one manifest."""
    row = {"site": "im", "day": day, "revision": revision, "observations": [], "other": [], **more}
    return pl.DataFrame([row], schema=MANIFEST.schema)


def decided(
    outcome: str, subject: str, unit: str = "im", at: datetime | None = None, due: date | None = None
) -> Decision:
    """A decision of the board."""
    made = at or datetime(2026, 11, 21, 9, tzinfo=UTC)
    return Decision(
        id=content_id(unit, subject, outcome, made.isoformat()),
        finding=finding_id(unit, subject),
        level="board",
        outcome=outcome,
        reason="because",
        by="board",
        due=due,
        at=made,
    )


def entry(subject: str, **more: Any) -> DirectoryEntry:
    """A service of a made-up provider inside the EU."""
    name = subject.partition(":")[2]
    fields = {"kind": "service", "function": "file_sharing", "domains": (f"{name}.example",)}
    return DirectoryEntry(subject=subject, name=Bilingual(de=name, en=name), **(fields | more))


def standard(name: str, verdict: str, *subjects: str, **more: Any) -> Standard:
    """A binding standard of the state, valid since 2020."""
    fields = {"enacted_by": "land", "force": "binding", "valid_from": date(2020, 1, 1), "dimension": "governance"}
    title = Bilingual(de=name, en=name)
    return Standard(id=name, verdict=verdict, subjects=subjects, title=title, source="test", **(fields | more))


def unit(code: str, **more: Any) -> Unit:
    """A bound ministry of 200 people."""
    fields = {"path": code, "name": Bilingual(de=code, en=code), "kind": "ministry", "bound": True, "headcount": 200}
    return Unit(code=code, **(fields | more))


def book(*records: Any) -> Snapshot:
    """A catalogue of a sharing service, two ministries, and more records."""
    return Snapshot.of([entry("service:share"), entry("service:board"), unit("im"), unit("fm"), *records])
