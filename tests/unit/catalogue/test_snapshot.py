"""A snapshot has a hash over content, gives values by day, and travels as JSON."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from catalogue.load import load
from catalogue.snapshot import Snapshot
from schemas.entries import DirectoryEntry
from schemas.record import Bilingual

GOOD = Path(__file__).parents[2] / "fixtures" / "catalogue" / "good"


def test_json_round_trip_keeps_content_and_hash() -> None:
    snapshot = load(GOOD)
    again = Snapshot.from_json(snapshot.to_json())
    assert again == snapshot
    assert again.hash == snapshot.hash
    assert len(snapshot.hash) == 16
    assert again.to_json() == snapshot.to_json()


def test_a_changed_record_changes_the_hash_and_only_its_own_entry_hash() -> None:
    snapshot = load(GOOD)
    zoom = snapshot.directory["service:zoom"]
    changed = zoom.model_copy(update={"domains": ("zoom.us",)})
    other = Snapshot.of([*(e for e in snapshot.directory.values() if e is not zoom), changed])
    assert other.hash != snapshot.hash
    assert other.entry_hash(changed) != snapshot.entry_hash(zoom)
    dropbox = "service:dropbox"
    assert other.entry_hash(other.directory[dropbox]) == snapshot.entry_hash(snapshot.directory[dropbox])
    assert len(snapshot.entry_hash(zoom)) == 12


def test_an_equal_record_has_the_same_entry_hash_whether_it_is_in_the_snapshot_or_not() -> None:
    snapshot = load(GOOD)
    zoom = snapshot.directory["service:zoom"]
    assert snapshot.entry_hash(DirectoryEntry.model_validate(zoom.model_dump())) == snapshot.entry_hash(zoom)


def test_a_parameter_is_the_one_of_the_day_and_scope() -> None:
    snapshot = load(GOOD)

    def value(day: date, scope: str | None = None) -> object:
        found = snapshot.parameter("direct_award_threshold", "land-bw", day, scope)
        return found.value if found else None

    assert value(date(2024, 9, 30)) == Decimal(25000)
    assert value(date(2024, 10, 1)) == Decimal(100000)
    assert value(date(2019, 12, 31)) is None
    assert value(date(2024, 10, 1), "vehicles") == 0
    assert value(date(2024, 10, 1), "books") == Decimal(100000)
    assert snapshot.parameter("direct_award_threshold", "bund", date(2024, 10, 1)) is None


def test_a_unit_without_record_counts_as_a_bound_authority() -> None:
    snapshot = load(GOOD)
    assert snapshot.unit("lfg").path == "um/lfg"
    unknown = snapshot.unit("fm/zentrale")
    assert (unknown.path, unknown.kind, unknown.bound, unknown.headcount) == ("fm/zentrale", "authority", True, None)


def test_a_snapshot_made_by_hand_in_another_order_has_the_same_hash() -> None:
    parameters = load(GOOD).parameters
    assert Snapshot(parameters=parameters[::-1]).hash == Snapshot(parameters=parameters).hash != Snapshot().hash


def test_an_empty_snapshot_has_a_hash() -> None:
    assert Snapshot().hash == Snapshot.from_json(Snapshot().to_json()).hash


def test_kinds_of_records_with_the_same_content_differ_in_hash() -> None:
    name = Bilingual(de="a", en="a")
    entry = DirectoryEntry(subject="service:a", kind="website", name=name)
    assert Snapshot().entry_hash(entry) != Snapshot().entry_hash(name)
