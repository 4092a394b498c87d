"""When a running site sends."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.site.due import SHARE, Due

DAY = date(2026, 11, 20)


def test_what_is_new_waits_for_seconds_and_the_rest_for_minutes() -> None:
    due = Due(soon=3, rest=600)
    assert not due.now(0, DAY)
    due.came(10, new=False)
    assert not due.now(609, DAY)
    assert due.now(610, DAY)
    due.came(100, new=True)
    due.came(102, new=True)
    assert not due.now(102.9, DAY)
    assert due.now(103, DAY)
    due.sent(103, 103, DAY)
    assert not due.waits
    assert not due.now(1000, DAY)


def test_a_day_that_has_ended_is_due_once() -> None:
    due = Due()
    assert not due.now(0, DAY)
    assert due.now(1, DAY + timedelta(days=1))
    due.sent(1, 2, DAY + timedelta(days=1))
    assert not due.now(600, DAY + timedelta(days=1))


@given(st.lists(st.floats(0.01, 100), min_size=20, max_size=20))
def test_sending_never_takes_more_than_its_share(lengths: list[float]) -> None:
    due, now, sending = Due(soon=0), 0.0, 0.0
    for length in lengths:
        due.came(now, new=True)
        while not due.now(now, DAY):
            now += 0.2
        due.sent(now, now + length, DAY)
        now += length
        sending += length
    assert sending <= (now + lengths[-1] * (1 / SHARE - 1)) * (SHARE + 1e-9)
