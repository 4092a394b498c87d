"""Any order, any repetition, any split: the same usages, and after settling the same findings to the byte."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import usages
from hypothesis import given, settings
from hypothesis import strategies as st
from usages import DAY, NO_DECISIONS, bought, decided, entry, frame, seen, standard

from schemas.decision import Decision
from schemas.ports import Query
from schemas.topics import DECISIONS, OBSERVATIONS
from streams.centre.centre import Centre
from streams.centre.document import COLUMNS
from streams.centre.merge import empty, merge
from streams.centre.read import findings
from streams.centre.records import frames
from streams.centre.settle import settle

SUBJECTS = ("service:share", "service:board", "purchases:acme/480")
BOOKS = (
    usages.book(),
    usages.book(standard("S-1", "approved", "service:share", valid_from=DAY - timedelta(days=20))),
    usages.book(standard("S-2", "prohibited", "service:board"), entry("service:new")),
)
"""Catalogues that are published one after the other; the last one counts."""


@st.composite
def use(draw: st.DrawFn) -> dict[str, Any]:
    day = DAY - timedelta(days=draw(st.integers(0, 45)))
    row = seen(
        draw(st.sampled_from(SUBJECTS[:2])),
        day,
        draw(st.sampled_from(["im", "fm"])),
        site=draw(st.sampled_from(["im", "fm"])),
        view=draw(st.sampled_from(["tls", "dns"])),
        revision=draw(st.integers(8, 11)),
        actors_30d=draw(st.sampled_from([None, 7, 70])),
        active_days=draw(st.sampled_from([None, 1, 9])),
    )
    return row if draw(st.integers(0, 5)) else usages.withdrawn(row, row["revision"])


@st.composite
def document(draw: st.DrawFn) -> dict[str, Any]:
    number = draw(st.integers(1, 4))
    view = draw(st.sampled_from(["tender", "contract", "call_off", "invoice", "amendment"]))
    return bought(
        SUBJECTS[2],
        view,
        f"D-{number}",
        DAY - timedelta(days=draw(st.integers(0, 200))),
        revision=draw(st.integers(8, 11)),
        references=draw(st.sampled_from([None, ["D-1"], ["D-2", "D-3"]])),
        lot=draw(st.sampled_from([None, "1", "2"])),
        amends=draw(st.sampled_from([None, "D-1"])) if view == "amendment" else None,
        estimated=draw(st.sampled_from(["60000", "90000"])),
        committed=draw(st.sampled_from(["55000", "80000"])),
        paid="10",
    )


ROWS = st.lists(st.one_of(use(), document()), min_size=1, max_size=25)


def whole(stored: pl.DataFrame) -> list[dict[str, Any]]:
    """Compared content leaves out versions and the number of the basis."""
    return stored.drop("version", "basis").sort("id").to_dicts()


def told(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return merge(empty(), frame(*rows), NO_DECISIONS)


@settings(max_examples=25, deadline=None)
@given(ROWS, st.randoms(use_true_random=False), st.integers(1, 6))
def test_merging_in_any_order_repetition_and_split(rows: list[dict[str, Any]], chance: Any, parts: int) -> None:
    again = rows + chance.choices(rows, k=len(rows))
    chance.shuffle(again)
    merged = empty()
    for part in range(parts):
        merged = merge(merged, frame(*again[part::parts]), NO_DECISIONS)
    assert whole(merged) == whole(told(rows))


@st.composite
def choices(draw: st.DrawFn) -> list[Decision]:
    outcomes = draw(st.lists(st.sampled_from(["stop", "migrate", "covered", "guest"]), max_size=2, unique=True))
    return [
        decided(outcome, SUBJECTS[i], at=datetime(2026, 11, 1 + i, tzinfo=UTC), due=draw(st.sampled_from([None, DAY])))
        for i, outcome in enumerate(outcomes)
    ]


def run(folder: Path, steps: list[Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Findings and usages after the steps: frames, decisions, catalogues, and None to settle."""
    with Centre.open(folder) as centre:
        centre.publish_catalogue(BOOKS[0])
        for step in steps:
            if step is None:
                settle(centre)
            elif isinstance(step, pl.DataFrame):
                centre.bus.publish(OBSERVATIONS, [step])
            elif isinstance(step, Decision):
                centre.bus.publish(DECISIONS, frames("decision", step.id, step.model_dump_json()))
            else:
                centre.publish_catalogue(step)
        settle(centre)
        assert centre.dead_letters() == []
        stored = pl.concat([*centre.store.scan(columns=COLUMNS)])
        return [f | {"catalogue": ""} for f in findings(centre, Query())], whole(stored)


@settings(max_examples=6, deadline=None)
@given(ROWS, choices(), st.randoms(use_true_random=False))
def test_one_run_and_many_small_ones_end_equal(rows: list[dict[str, Any]], made: list[Decision], chance: Any) -> None:
    again = rows + chance.choices(rows, k=len(rows))
    chance.shuffle(again)
    small: list[Any] = [frame(*again[at : at + 4]) for at in range(0, len(again), 4)]
    small += [*made, *[None] * 3, BOOKS[1]]
    chance.shuffle(small)
    with tempfile.TemporaryDirectory() as folder:
        once = run(Path(folder, "once"), [BOOKS[1], BOOKS[2], *made, frame(*rows)])
        often = run(Path(folder, "often"), [*small, BOOKS[2]])
    assert once == often


DETECTORS = st.one_of(st.none(), st.lists(st.sampled_from(["unlisted_service", "generative_ai"]), unique=True))
FEEDS = st.lists(
    st.builds(
        lambda view, detectors: {"name": "a", "signal": "network", "views": [view], "detectors": detectors},
        st.sampled_from(["tls", "dns"]),
        DETECTORS,
    ),
    max_size=3,
)


@settings(max_examples=12, deadline=None)
@given(ROWS, st.lists(st.tuples(st.sampled_from(["im", "fm"]), st.integers(1, 4), FEEDS), max_size=4, unique_by=lambda m: m[:2]),
       st.randoms(use_true_random=False))  # fmt: skip
def test_agreements_that_come_in_any_order_give_the_same_findings(
    rows: list[dict[str, Any]], said: list[tuple[str, int, list[dict[str, Any]]]], chance: Any
) -> None:
    """What a site said last of its sources counts, whenever it came."""
    manifests = [usages.manifest(site=site, revision=revision, sources=feeds) for site, revision, feeds in said]
    once = [*manifests, *(frame(row) for row in rows)]
    again = once + chance.choices(once, k=2)
    chance.shuffle(again)
    found = []
    for parts, pause in ((once, False), (again, True)):
        with tempfile.TemporaryDirectory() as folder, Centre.open(Path(folder)) as centre:
            centre.publish_catalogue(BOOKS[0])
            for part in parts:
                centre.bus.publish(OBSERVATIONS, [part])
                if pause and chance.random() < 0.2:
                    settle(centre)
            settle(centre)
            found.append([*findings(centre, Query())])
    assert found[0] == found[1]
