from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import usages

from catalogue.snapshot import Snapshot
from schemas.ports import Query
from schemas.topics import OBSERVATIONS
from streams.centre.centre import Centre
from streams.centre.read import findings
from streams.centre.settle import settle


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A centre whose catalogue knows the service `share` and two ministries."""
    with Centre.open(tmp_path) as opened:
        opened.publish_catalogue(usages.book())
        yield opened


@pytest.fixture
def told(centre: Centre) -> Callable[..., list[dict[str, Any]]]:
    """Findings after these observations came, under this catalogue, on this judging day."""

    def tell(*rows: dict[str, Any], book: Snapshot | None = None, day: date | None = None) -> list[dict[str, Any]]:
        if book is not None:
            centre.publish_catalogue(book)
        if rows:
            centre.bus.publish(OBSERVATIONS, [usages.frame(*rows)])
        settle(centre, day)
        return list(findings(centre, Query()))

    return tell


@pytest.fixture
def arrive(centre: Centre) -> Callable[..., int]:
    """Frames of observations reach the centre; gives how many were taken."""

    def bring(*frames: pl.DataFrame) -> int:
        centre.bus.publish(OBSERVATIONS, frames)
        return centre.drain()

    return bring
