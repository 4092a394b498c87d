"""What reaches the centre is stored, known already, or a dead letter; the stream goes on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
import usages
from usages import DAY, entry, frame, manifest, seen, withdrawn

from schemas.names import finding_id
from schemas.topics import CATALOGUE, OBSERVATIONS
from streams.centre import judge as judging
from streams.centre.centre import CONSUMER, Centre
from streams.centre.coverage import coverage, manifests, sources
from streams.centre.merge import usage_ids
from streams.centre.settle import settle

Arrive = Callable[..., int]
SHARE = "service:share"


def held(centre: Centre, subject: str = SHARE) -> list[dict[str, Any]]:
    stored = centre.store.load([finding_id("im", subject)])
    return stored["observations"][0].to_list() if stored.height else []


def test_observations_are_committed_once_stored(centre: Centre, arrive: Arrive) -> None:
    assert arrive(frame(seen(SHARE)), frame(seen("service:board"))) == 2
    assert centre.bus.position(CONSUMER, OBSERVATIONS) == 2
    assert centre.drain() == 0
    assert [o["actors"] for o in held(centre)] == [12]


@pytest.mark.parametrize("first", [5, 7])
def test_of_two_contents_under_one_revision_the_same_one_stays(centre: Centre, arrive: Arrive, first: int) -> None:
    arrive(frame(seen(SHARE, events=first)))
    arrive(frame(seen(SHARE, events=12 - first)))
    assert [o["events"] for o in held(centre)] == [7]


def test_what_is_known_already_changes_nothing(centre: Centre, arrive: Arrive) -> None:
    arrive(frame(seen(SHARE)))
    before = centre.store.load([finding_id("im", SHARE)])
    assert arrive(frame(seen(SHARE)), frame(seen(SHARE, revision=999, actors=1))) == 2
    assert centre.store.load([finding_id("im", SHARE)]).equals(before)


def test_a_higher_revision_replaces_and_a_withdrawal_stays(centre: Centre, arrive: Arrive) -> None:
    row = seen(SHARE)
    arrive(frame(row, seen(SHARE, revision=1001, actors=33)))
    assert [o["actors"] for o in held(centre)] == [33]
    arrive(frame(withdrawn(row)))
    arrive(frame(seen(SHARE, revision=1500, actors=44)))
    (stone,) = held(centre)
    assert {name for name, value in stone.items() if value is not None} == {
        "id", "site", "unit", "subject", "signal", "view", "day", "revision", "withdrawn",
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": None},
        {"unit": "IM Haus"},
        {"subject": "person:x"},
        {"signal": "gossip"},
        {"id": "two\nlines"},
        {"revision": -1},
        {"features": [{"name": "mood", "value": 1.0}]},
    ],
)
def test_a_row_that_is_no_observation_stands_alone(centre: Centre, arrive: Arrive, wrong: dict[str, Any]) -> None:
    assert arrive(frame(seen("service:board"), seen(SHARE) | wrong)) == 1
    assert len(held(centre, "service:board")) == 1
    (letter,) = centre.dead_letters()
    assert (letter.position, letter.frame.height) == (0, 1)
    assert str(next(iter(wrong.values()))) not in letter.reason


def test_a_frame_of_another_shape_is_one_dead_letter(centre: Centre, arrive: Arrive) -> None:
    assert arrive(pl.DataFrame({"x": [1, 2]}), frame(seen(SHARE))) == 1
    (letter,) = centre.dead_letters()
    assert letter.frame.to_dict(as_series=False) == {"x": [1, 2]}


def test_a_usage_that_cannot_be_judged_is_found_by_halving(
    centre: Centre, arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = judging.told

    def fails(rows: pl.DataFrame, *args: Any, **more: Any) -> pl.DataFrame:
        if "service:culprit" in rows["subject"]:
            raise RuntimeError("a bug")
        return real(rows, *args, **more)

    monkeypatch.setattr(judging, "told", fails)
    rows = [seen(f"service:s{n}") for n in range(20)]
    rows.insert(7, seen("service:culprit"))
    assert arrive(frame(*rows), frame(seen("service:after"))) == 21
    assert held(centre, "service:s19")
    (letter,) = centre.dead_letters()
    assert letter.frame["subject"].to_list() == ["service:culprit"]
    assert letter.reason == "cannot be judged: RuntimeError"
    assert centre.redrive() == 0
    assert len(centre.dead_letters()) == 1
    monkeypatch.undo()
    assert centre.redrive() == 1
    assert centre.dead_letters() == []
    assert held(centre, "service:culprit")


def test_a_conflict_is_merged_again(centre: Centre, arrive: Arrive, monkeypatch: pytest.MonkeyPatch) -> None:
    arrive(frame(seen(SHARE)))
    real, other = centre.store.load, []

    def load(ids: Any, *columns: Any) -> pl.DataFrame:
        found = real(ids, *columns)
        if not other and columns and "decisions" in columns[0]:
            other.append(True)
            with Centre.open(centre.store._database.path.parent) as rival:  # type: ignore[attr-defined]
                rival._intake.bring(frame(seen(SHARE, DAY - timedelta(days=1))))
        return found

    monkeypatch.setattr(centre.store, "load", load)
    arrive(frame(seen(SHARE, DAY - timedelta(days=2))))
    assert other
    assert len(held(centre)) == 3


def test_ids_of_usages_are_finding_ids() -> None:
    pairs = pl.DataFrame({"unit": ["im", "um/lfg", "im"], "subject": [SHARE, "service:äö", "domain:x.example"]})
    assert usage_ids(pairs).to_list() == [finding_id(*row) for row in pairs.iter_rows()]
    assert usage_ids(pairs.head(0)).to_list() == []


def test_manifests_are_kept_by_revision_and_tell_the_coverage(centre: Centre, arrive: Arrive) -> None:
    def covered(records: int, unit: str = "im") -> list[dict[str, Any]]:
        return [{"unit": unit, "signal": "network", "view": "tls", "records": records}]

    feed = {"name": "zeek", "signal": "network", "agreement": "DV 7"}
    arrive(manifest(coverage=covered(5), revision=2, sources=[feed]))
    arrive(manifest(coverage=covered(0), revision=1))
    arrive(
        manifest(DAY - timedelta(days=1), coverage=covered(3)), manifest(DAY - timedelta(days=40), coverage=covered(9))
    )
    assert manifests(centre.shelf, DAY, DAY)["revision"].to_list() == [2]
    assert [(c.signal, c.view, c.days) for c in coverage(centre.shelf, ["im"], DAY)] == [("network", "tls", 2)]
    assert coverage(centre.shelf, ["fm"], DAY) == []
    assert sources(centre.shelf, DAY).select("site", "name", "agreement").row(0) == ("im", "zeek", "DV 7")


def test_a_catalogue_larger_than_a_frame_travels_in_parts(centre: Centre) -> None:
    big = usages.book(*(entry(f"service:s{n}", names=tuple(f"name {n} {i}" for i in range(60))) for n in range(200)))
    before = len(list(centre.bus.read(CATALOGUE, 0)))
    assert centre.publish_catalogue(big)
    assert not centre.publish_catalogue(big)
    assert len(list(centre.bus.read(CATALOGUE, 0))) > before + 1
    found = centre.catalogue()
    assert found is not None
    assert found.hash == big.hash


def test_an_older_catalogue_can_be_published_again(centre: Centre, arrive: Arrive) -> None:
    old = usages.book()
    arrive(frame(seen(SHARE)))
    for book in (usages.book(entry("service:new")), old):
        assert centre.publish_catalogue(book)
        basis = settle(centre).basis
        assert basis is not None
        assert basis.catalogue == book.hash
