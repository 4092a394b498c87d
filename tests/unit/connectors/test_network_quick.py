"""The quick reading of what is usual gives what the long reading gives, also where both meet in one column."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.network import _json, _times, squid
from connectors.network._digits import by_form
from connectors.network._hosts import name_of, servers
from schemas.table import INSTANT

FORM = "%Y/%m/%d %H:%M:%S"
ODD = st.sampled_from(["", "-", "x", "+", "9", "0", ".", ":", " ", "Z", "+0200", "-00:30", "T24", "ä"])


@st.composite
def changed(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """A text as it should be, or one with something put in the place of a few characters."""
    text = draw(texts)
    if draw(st.booleans()):
        return text
    place = draw(st.integers(0, len(text)))
    return text[:place] + draw(ODD) + text[place + draw(st.integers(0, 3)) :]


def column(texts: list[str | None]) -> pl.Series:
    return pl.Series("text", texts, dtype=pl.String)


TIMES = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001  # the zone is written behind
    lambda time: time.isoformat(timespec="microseconds") + "+0000"
)
WRITTEN = changed(
    TIMES | st.from_regex(r"\A20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\.123456\+0000\Z")
)


@given(st.lists(st.none() | WRITTEN, max_size=8))
@example(["2026-09-22T08:22:39.578849+0001", "2026-09-22T08:22:39/578849+0000", "2026-09.22T08:22:39.578849+0000"])
def test_times_of_the_usual_form_are_read_as_any_other(texts: list[str | None]) -> None:
    assert _json.instants(column(texts)).equals(_json._instants(column(texts)), null_equal=True)


def test_a_time_of_the_usual_form_needs_no_long_reading() -> None:
    texts = column(["2026-09-22T08:22:39.578849+0000", "2026-02-30T08:22:39.578849+0000", None, "2026-09-22T08:22:39Z"])
    asked: list[str] = []

    def other(odd: pl.Series) -> pl.Series:
        asked.extend(odd)
        return pl.Series([None] * len(odd), dtype=INSTANT)

    read = by_form(texts, "9999-99-99T99:99:99.999999+0000", _times.utc, other)
    assert read.to_list() == [datetime(2026, 9, 22, 8, 22, 39, 578_849, tzinfo=UTC), None, None, None]
    assert asked == ["2026-02-30T08:22:39.578849+0000", "2026-09-22T08:22:39Z"]


SECONDS = st.tuples(st.integers(0, 2**33), st.integers(0, 10**6 - 1), st.sampled_from([3, 6])).map(
    lambda parts: f"{parts[0]:010}.{parts[1]:06}"[: 11 + parts[2]]
)


@given(st.lists(st.none() | changed(SECONDS), max_size=8), st.booleans())
def test_seconds_of_the_usual_form_are_read_as_any_other(texts: list[str | None], millis: bool) -> None:  # noqa: FBT001
    quick, long = _times.epoch(column(texts), millis=millis), _times._epoch(column(texts), millis=millis)
    assert quick.equals(long, null_equal=True)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Africa/Monrovia", "America/St_Johns"])
@pytest.mark.parametrize(
    "day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 4, 5), date(1972, 1, 7), date(1893, 4, 1)]
)
def test_a_minute_stands_for_its_seconds(zone: str, day: date) -> None:
    start = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # a local time
    times = pl.Series([start + timedelta(seconds=second) for second in range(0, 86_400, 7)]).cast(pl.Datetime("us"))
    read = _times.local(times.dt.strftime(FORM), FORM, ZoneInfo(zone))
    assert read.equals(_times._in_zone(times, zone))


def test_seconds_that_a_float_cannot_hold_are_read_as_any_other() -> None:
    texts = column([f"{2**32 + 2_837_467 * step}.{step * 7_919 % 10**6:06}" for step in range(2_000)])
    assert _times.epoch(texts).equals(_times._epoch(texts, millis=False))


LONG = ".".join(["a" * 60] * 5)
NAMES = st.sampled_from(
    ["h0.site13.de", "a.b", "10.0.0.1", "x.example.org.", "Ä.de", "a..b", "1", "h_-.de", "[::1]", "u@h.de", LONG]
)
URLS = changed(
    st.tuples(NAMES, st.sampled_from([":443", ":8443", "", ":0443", ":65536", ":443/", "/x:443"])).map("".join)
    | st.tuples(st.sampled_from(["http://", "https://", "ftp://", "error:", "cache_object://"]), NAMES).map("".join)
)
PEERS = changed(st.sampled_from(["192.0.2.1", "-", "2001:DB8::1", "h.example.org", "192.0.2.1/x", "192.0.2.256"]))


@given(st.lists(st.tuples(URLS, PEERS), min_size=1, max_size=8))
def test_tunnels_and_direct_peers_are_read_as_any_other(rows: list[tuple[str, str]]) -> None:
    urls = column([url for url, _ in rows])
    quick = squid._servers(urls, column([f"HIER_DIRECT/{peer}" for _, peer in rows]))
    long = squid._asked(urls).with_columns(
        squid._servers(urls, column([f"DIRECT/{peer}" for _, peer in rows]))["address"]
    )
    assert quick.select(long.columns).equals(long)


@given(st.lists(st.none() | changed(NAMES), min_size=1, max_size=8))
def test_plain_names_are_read_as_any_other(names: list[str | None]) -> None:
    read = [(None, None, None) if name is None else name_of(name) for name in names]
    assert servers(column(names)).rows() == read
    assert servers(column(names), bare=False).rows() == read
