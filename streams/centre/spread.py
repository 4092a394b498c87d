"""Work on independent parts at the same time: SQLite, numpy and polars all let other threads run."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

WORKERS = min(4, os.cpu_count() or 1)
"""Threads; one writes while the others read and judge, so more than a few gain nothing."""

Part = TypeVar("Part")
Result = TypeVar("Result")


def spread(work: Callable[[Part], Result], parts: Iterable[Part]) -> Iterator[Result]:
    """Results in order of the parts; no more parts are held than there are workers, and one.

    An error ends it as soon as the parts that run are done, whichever raised. The work itself must not spread.
    """
    running: deque[Future[Result]] = deque()
    try:
        for part in parts:
            running.append(_pool().submit(work, part))
            if len(running) > WORKERS:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        for future in running:
            future.cancel()
        wait(running)


@cache
def _pool() -> ThreadPoolExecutor:
    """The same threads for all work: each of them keeps connections open."""
    return ThreadPoolExecutor(WORKERS, "spread")
