"""The order of files changes nothing, and a snapshot that travelled matches the same."""

import random
import tempfile
from pathlib import Path

import polars as pl
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.load import FOLDERS, load
from catalogue.match import Directory
from catalogue.never import Never
from catalogue.snapshot import Snapshot

GOOD = Path(__file__).parents[1] / "fixtures" / "catalogue" / "good"


def pieces(folder: Path) -> list[object]:
    """The things of a folder as YAML gives them, everything as text."""
    found: list[object] = []
    for file in sorted(folder.rglob("*.y*ml")):
        value = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - texts only
        found += value if isinstance(value, list) else [value]
    return found


PIECES = {name: pieces(GOOD / name) for name in FOLDERS}
SNAPSHOT = load(GOOD)


def written(seed: int, root: Path) -> Snapshot:
    """The good folder again, its things in other files, folders, orders and with other orders of keys."""
    chance = random.Random(seed)
    for name, things in PIECES.items():
        (root / name / "deep").mkdir(parents=True)
        shuffled = chance.sample(things, len(things))
        while shuffled:
            many = chance.randint(1, len(shuffled))
            part, shuffled = shuffled[:many], shuffled[many:]
            mixed = [dict(chance.sample(list(thing.items()), len(thing))) for thing in part if isinstance(thing, dict)]
            file = root / name / chance.choice([".", "deep"]) / f"{chance.random()}.yaml"
            file.write_text(yaml.safe_dump(mixed, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return load(root)


@settings(max_examples=20, deadline=None)
@given(st.integers(min_value=0))
def test_order_of_files_things_and_keys_does_not_change_the_hash(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        again = written(seed, Path(folder))
    assert again.hash == SNAPSHOT.hash
    assert again.to_json() == SNAPSHOT.to_json()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([*SNAPSHOT.directory]), unique=True), st.randoms(use_true_random=False))
def test_a_snapshot_that_travelled_recognises_the_same(subjects: list[str], chance: random.Random) -> None:
    some = [SNAPSHOT.directory[subject] for subject in subjects]
    snapshot = Snapshot.of(some)
    again = Snapshot.from_json(snapshot.to_json())
    assert again.hash == snapshot.hash == Snapshot.of(chance.sample(some, len(some))).hash
    frame = pl.DataFrame(
        {
            "host": [
                "x.zoom.us",
                "land.zoom.us",
                "a.google.com",
                "forms.google.com",
                "verdi.de",
                None,
                "www.dropbox.com",
            ],
            "address": [None, None, None, None, None, "192.0.2.130", None],
            "application": [None, "dropbox", "dropbox", None, None, None, "zoom-meeting"],
        }
    )
    assert Directory(again).network(frame).equals(Directory(snapshot).network(frame))
    assert Never(again).network(frame).equals(Never(snapshot).network(frame))
