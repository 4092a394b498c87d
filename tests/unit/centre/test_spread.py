"""Work on parts at the same time: in order, and no thread is left behind."""

import threading
from collections.abc import Iterator

import pytest

from streams.centre.spread import WORKERS, spread


def test_results_come_in_order_of_the_parts() -> None:
    first = threading.Event()

    def work(part: int) -> int:
        # the first part ends last
        if part:
            first.set()
        elif WORKERS > 1:
            assert first.wait(10)
        return part * 2

    assert [*spread(work, range(7))] == [0, 2, 4, 6, 8, 10, 12]


def test_no_more_parts_are_taken_than_can_be_worked_on() -> None:
    taken = []

    def parts() -> Iterator[int]:
        for part in range(20):
            taken.append(part)
            yield part

    results = spread(lambda part: part, parts())
    assert next(results) == 0
    assert len(taken) == WORKERS + 1
    results.close()  # type: ignore[attr-defined]
    assert len(taken) == WORKERS + 1


def test_an_error_ends_it_when_the_parts_that_run_are_done() -> None:
    running, release = threading.Event(), threading.Event()
    done = []

    def work(part: int) -> None:
        if part:
            running.set()
            assert release.wait(10)
            done.append(part)
        elif WORKERS > 1:
            assert running.wait(10)
        if not part:
            threading.Timer(0.1, release.set).start()
            raise ValueError("the first part")

    with pytest.raises(ValueError, match="first part"):
        [*spread(work, range(100))]
    before = [*done]
    assert len(before) in range(min(1, WORKERS - 1), WORKERS + 1)
    assert [*spread(lambda part: part, range(WORKERS))] == [*range(WORKERS)]
    assert done == before
