"""Views to one row: inside a view sums add, over views the largest counts."""

from datetime import date, timedelta
from typing import Any

import polars as pl
from usages import DAY, NO_DECISIONS, bought, frame, seen, withdrawn

from schemas.usage import NUMBERS
from streams.centre.merge import empty, merge
from streams.centre.numbers import numbers


def usages_of(*rows: dict[str, Any]) -> pl.DataFrame:
    return merge(empty(), frame(*rows), NO_DECISIONS)


def row(*rows: dict[str, Any], day: date | None = None) -> dict[str, Any]:
    found = numbers(usages_of(*rows), day)
    assert found.columns == NUMBERS.names
    return found.row(0, named=True)


def days(count: int, **more: Any) -> list[dict[str, Any]]:
    return [seen("service:share", DAY - timedelta(days=back), **more) for back in range(count)]


def test_sums_of_a_view_add_over_thirty_days_that_end_on_the_last_day() -> None:
    told = row(*days(40))
    assert (told["events"], told["bytes_up"]) == (3000, 30 * 40_000_000)
    assert (told["first_day"], told["last_day"]) == (DAY - timedelta(days=39), DAY)


def test_over_views_the_largest_counts_and_a_site_has_its_own_view() -> None:
    tls, proxy = days(3, events=10, actors_30d=7), days(3, view="proxy", events=40, actors_30d=6, bytes_up=1)
    there = days(3, site="fm", events=39, actors_30d=5)
    told = row(*tls, *proxy, *there)
    assert (told["events"], told["actors"], told["bytes_up"]) == (120, 7, 3 * 40_000_000)
    views = usages_of(*tls, *proxy, *there)["views"][0]
    assert [(v["view"], v["site"], v["events"]) for v in views] == [
        ("proxy", "im", 120),
        ("tls", "fm", 117),
        ("tls", "im", 30),
    ]


def test_actors_are_those_of_the_views_last_day() -> None:
    assert row(*days(1, actors_30d=4), seen("service:share", DAY - timedelta(days=1), actors_30d=90))["actors"] == 4


def test_a_view_that_ended_before_the_window_says_nothing_of_now() -> None:
    old = seen("service:share", DAY - timedelta(days=30), view="proxy", actors_30d=500, events=9000)
    told = row(old, *days(1))
    assert (told["actors"], told["events"]) == (12, 100)


def test_a_purchase_does_not_move_the_window_of_use() -> None:
    told = row(*days(2), bought("service:share", "invoice", "R-1", DAY + timedelta(days=90), paid="10"))
    assert told["events"] == 200
    assert told["last_day"] == DAY + timedelta(days=90)


def test_below_the_group_size_a_band_stands_for_the_number() -> None:
    hidden = {"actors": None, "actors_30d": None, "band": "1-4", "active_days": None}
    told = row(*days(2, **hidden))
    assert (told["actors"], told["band"], told["active_days"]) == (None, "1-4", None)
    assert row(*days(2, **hidden), *days(1, view="proxy"))["band"] is None


def test_what_is_absent_stays_null_and_is_no_zero() -> None:
    told = row(*days(2, bytes_up=None, features=None))
    assert (told["bytes_up"], told["upload_actors"], told["program_days"], told["blocked"]) == (None,) * 4


def test_features_are_the_largest_day_and_the_last_days_count() -> None:
    early = seen("service:share", DAY - timedelta(days=1), features=features(9, 4))
    told = row(early, seen("service:share", DAY, features=features(2, 5)))
    assert (told["upload_actors"], told["program_days"]) == (9, 5)


def features(uploads: float, programs: float) -> list[dict[str, Any]]:
    return [{"name": "upload_actors", "value": uploads}, {"name": "program_days", "value": programs}]


def test_growth_counts_weeks_in_a_row_and_needs_three_whole_weeks() -> None:
    def weekly(*actors: int) -> list[dict[str, Any]]:
        return [
            seen("service:share", DAY - timedelta(days=7 * week + at), actors=count)
            for week, count in enumerate(reversed(actors))
            for at in range(7)
        ]

    assert row(*weekly(5, 6, 7, 8))["growth_weeks"] == 3
    assert row(*weekly(5, 9, 7, 8))["growth_weeks"] == 1
    assert row(*weekly(5, 6, 7, 7))["growth_weeks"] == 0
    assert row(*weekly(6, 7))["growth_weeks"] is None
    assert row(*weekly(5, 6, 7)[:-1])["growth_weeks"] is None
    assert row(*weekly(1, 5, 6, 7)[:-4])["growth_weeks"] == 2


def test_the_newest_inventory_counts_and_of_two_sites_the_larger() -> None:
    def inventory(day: date, site: str, *versions: tuple[str, int]) -> dict[str, Any]:
        releases = [{"version": version, "devices": devices} for version, devices in versions]
        asset = {"signal": "assets", "view": "glpi", "site": site, "releases": releases, "actors_kind": "device"}
        return seen("software:acme/writer", day, **asset)

    told = row(
        inventory(DAY - timedelta(days=1), "im", ("1.0", 99)),
        inventory(DAY, "im", ("2.0", 3), ("2.1", 5)),
        inventory(DAY - timedelta(days=3), "fm", ("2.0", 8)),
    )
    assert told["releases"] == [{"version": "2.0", "devices": 8}, {"version": "2.1", "devices": 5}]
    assert told["signals"] == ["assets"]


def test_the_most_confident_match_is_shown() -> None:
    def match(identifier: str, confidence: float) -> dict[str, Any]:
        return {"identifier": identifier, "identifier_kind": "domain", "how": "exact", "confidence": confidence}

    old = seen("service:share", DAY - timedelta(days=1), matched=match("certain.example", 1.0))
    told = row(old, seen("service:share", DAY, matched=match("maybe.example", 0.6)))
    assert told["matched"]["identifier"] == "certain.example"
    older = seen("service:share", DAY - timedelta(days=1), matched=match("a.example", 1.0))
    told = row(older, seen("service:share", DAY, matched=match("b.example", 1.0)))
    assert told["matched"]["identifier"] == "b.example"


def test_as_of_a_day_later_observations_do_not_exist() -> None:
    rows = days(10)
    day = DAY - timedelta(days=4)
    assert row(*rows, day=day) == row(*(r for r in rows if r["day"] <= day))
    assert numbers(usages_of(*rows), DAY - timedelta(days=99)).is_empty()


def test_withdrawn_observations_count_for_nothing() -> None:
    rows = days(3)
    assert row(*rows, withdrawn(rows[0]))["events"] == 200
    gone = usages_of(*rows, *map(withdrawn, rows))
    assert numbers(gone).is_empty()
    assert gone.select("first_day", "last_day", "active_days").row(0) == (None, None, None)


def test_the_free_edition_is_a_free_account() -> None:
    assert row(seen("service:share#free"))["mode"] == "free_account"
    assert row(seen("service:share"))["mode"] == "unknown"
