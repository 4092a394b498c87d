"""Killed at any moment, the centre loses nothing and counts nothing twice. Done for real, with processes."""

import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import usages
from usages import DAY, frame, seen

from schemas.ports import Query
from schemas.topics import OBSERVATIONS
from streams.centre.centre import CONSUMER, Centre
from streams.centre.document import COLUMNS
from streams.centre.read import findings
from streams.centre.settle import settle

ROUNDS = 10
FRAMES, ROWS = 24, 400
WORK = """
import sys
from pathlib import Path
from streams.centre import centre
from streams.centre.settle import settle
centre.BATCH = 400
with centre.Centre.open(Path(sys.argv[1])) as opened:
    print("go", flush=True)
    opened.drain()
    settle(opened)
"""


def published(folder: Path) -> Centre:
    centre = Centre.open(folder)
    centre.publish_catalogue(usages.book())
    for number in range(FRAMES):
        day = DAY - timedelta(days=number % 6)
        rows = (seen(f"service:s{n}", day, ("im", "fm")[n % 2], actors=number + 5) for n in range(ROWS))
        centre.bus.publish(OBSERVATIONS, [frame(*rows)])
    return centre


def content(centre: Centre) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    stored = pl.concat([*centre.store.scan(columns=COLUMNS)]).drop("version", "basis").sort("id")
    return list(findings(centre, Query())), stored.to_dicts()


@pytest.mark.slow
def test_killed_while_draining_and_settling(tmp_path: Path) -> None:
    with published(tmp_path / "whole") as whole:
        settle(whole)
        expected = content(whole)
    published(tmp_path / "killed").close()
    chance = random.Random(7)
    killed = 0
    for _ in range(ROUNDS):
        work = [sys.executable, "-c", WORK, str(tmp_path / "killed")]
        with subprocess.Popen(work, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"go\n"
            time.sleep(chance.uniform(0.02, 0.6))
            killed += process.poll() is None
            process.kill()
    assert killed >= ROUNDS // 2
    with Centre.open(tmp_path / "killed") as centre:
        settle(centre)
        assert centre.bus.position(CONSUMER, OBSERVATIONS) == FRAMES
        assert centre.dead_letters() == []
        assert content(centre) == expected
