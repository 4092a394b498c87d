"""What every bus promises. A second implementation is one more parameter of `bus`."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread

import polars as pl
import pytest

from connectors.bus.embedded import UNDECODABLE, EmbeddedBus
from schemas.ports import Bus
from schemas.topics import OBSERVATIONS, TOPICS

Opened = Callable[[], Bus]


def embedded(folder: Path) -> Opened:
    return lambda: EmbeddedBus(folder / "centre.db")


@pytest.fixture(params=[embedded])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """Opens the same bus each time."""
    return request.param(tmp_path)


@pytest.fixture
def bus(opened: Opened) -> Bus:
    return opened()


def numbered(*numbers: int) -> pl.DataFrame:
    return pl.DataFrame({"number": [*numbers]})


def test_positions_rise_from_zero_in_each_topic(bus: Bus) -> None:
    for topic in TOPICS:
        assert bus.publish(topic, [numbered(1), numbered(2)]) == [0, 1]
        assert bus.publish(topic, [numbered(3)]) == [2]


def test_frames_come_back_in_order_from_any_position(bus: Bus) -> None:
    frames = [numbered(n, n + 1) for n in range(40)]
    bus.publish(OBSERVATIONS, frames)
    read = list(bus.read(OBSERVATIONS, 7))
    assert [position for position, _ in read] == list(range(7, 40))
    assert all(frame.equals(frames[position]) for position, frame in read)
    assert list(bus.read(OBSERVATIONS, 40)) == []


def test_reading_ends_where_the_topic_ended_when_it_began(bus: Bus) -> None:
    bus.publish(OBSERVATIONS, [numbered(n) for n in range(50)])
    reader = bus.read(OBSERVATIONS, 0)
    next(reader)
    bus.publish(OBSERVATIONS, [numbered(50)])
    assert [position for position, _ in reader] == list(range(1, 50))


def test_positions_of_consumers_are_their_own_and_survive(bus: Bus, opened: Opened) -> None:
    bus.publish(OBSERVATIONS, [numbered(1), numbered(2)])
    assert bus.position("centre", OBSERVATIONS) == 0
    bus.commit("centre", OBSERVATIONS, 2)
    assert bus.position("other", OBSERVATIONS) == 0
    again = opened()
    assert again.position("centre", OBSERVATIONS) == 2
    assert [position for position, _ in again.read(OBSERVATIONS, 0)] == [0, 1]


def test_writers_at_the_same_time_lose_nothing(opened: Opened) -> None:
    def write(start: int) -> None:
        mine = opened()
        for number in range(start, start + 20):
            mine.publish(OBSERVATIONS, [numbered(number)])

    threads = [Thread(target=write, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    read = list(opened().read(OBSERVATIONS, 0))
    assert [position for position, _ in read] == list(range(60))
    assert {frame["number"][0] for _, frame in read} == {*range(20), *range(100, 120), *range(200, 220)}


def test_bytes_that_are_no_frame_do_not_stop_the_stream(tmp_path: Path) -> None:
    bus = EmbeddedBus(tmp_path / "centre.db")
    bus.publish(OBSERVATIONS, [numbered(1), numbered(2)])
    with bus._database.writing() as connection:
        connection.execute("UPDATE log SET frame = ? WHERE position = 0", (b"junk",))
    (_, broken), (_, whole) = bus.read(OBSERVATIONS, 0)
    assert broken.columns == [UNDECODABLE]
    assert whole.equals(numbered(2))
