"""What leaves: numbers from the group size on, bands below it, candidates only with a second sign, nothing of some units."""

from pathlib import Path
from typing import Any

import pytest
import state

from schemas.settings import SiteSettings
from streams.embedded import settled
from streams.site import border
from streams.site.differences import at_least, at_most


def only(data: Path, subject: str, day: int = 0) -> dict[str, Any]:
    at = state.FIRST.toordinal() + day
    (row,) = [o for o in state.observations(data) if o["subject"] == subject and o["day"].toordinal() == at]
    return row


def subjects(data: Path) -> set[str]:
    return {o["subject"] for o in state.observations(data)}


def test_exact_from_the_group_size_on(tmp_path: Path) -> None:
    state.run(tmp_path, state.written(tmp_path / "a", state.people(5, 0, "www.share.example.com")))
    row = only(tmp_path, "service:share")
    assert (row["actors"], row["actors_30d"], row["band"], row["events"], row["bytes_down"]) == (5, 5, None, 5, 25_000)
    assert row["matched"]["identifier"] == "share.example.com"
    assert row["actors_kind"] == "account"


def test_band_below_the_group_size(tmp_path: Path) -> None:
    state.run(tmp_path, state.written(tmp_path / "a", state.people(4, 0, "share.example.com")))
    row = only(tmp_path, "service:share")
    assert (row["actors"], row["actors_30d"], row["band"], row["events"], row["bytes_down"]) == (
        None,
        None,
        "1-4",
        10,
        100_000,
    )
    assert row["active_days"] is None


def test_the_group_may_come_together_over_thirty_days(tmp_path: Path) -> None:
    lines = [line for n in range(5) for line in state.people(1, n * 7, "share.example.com", start=n)]
    state.run(tmp_path, state.written(tmp_path / "a", lines))
    assert [only(tmp_path, "service:share", 7 * n)["actors_30d"] for n in range(5)] == [None, None, None, None, 5]
    assert only(tmp_path, "service:share", 28)["actors"] == 1


def test_thirty_days_later_the_first_is_forgotten(tmp_path: Path) -> None:
    lines = [
        *state.people(1, 0, "share.example.com"),
        *state.people(5, 29, "share.example.com", start=3),
        *state.people(5, 30, "share.example.com", start=3),
    ]
    state.run(tmp_path, state.written(tmp_path / "a", lines))
    assert only(tmp_path, "service:share", 29)["actors_30d"] == 6
    assert only(tmp_path, "service:share", 30)["actors_30d"] == 5
    assert only(tmp_path, "service:share", 30)["active_days"] == 2


def test_domains_of_a_service_are_not_joined(tmp_path: Path) -> None:
    lines = [*state.people(6, 0, "share.example.com"), *state.people(5, 0, "sharecdn.com", start=20)]
    state.run(tmp_path, state.written(tmp_path / "a", lines))
    row = only(tmp_path, "service:share")
    assert (row["actors"], row["events"]) == (6, 11)


def test_blocked_attempts_are_counted_apart(tmp_path: Path) -> None:
    lines = [state.squid(0, f"user{n}", "share.example.com", status="TCP_DENIED/403") for n in range(7)]
    state.run(tmp_path, state.written(tmp_path / "a", [*lines, *state.people(5, 0, "share.example.com", start=50)]))
    row = only(tmp_path, "service:share")
    assert (row["actors"], row["events"], row["blocked"]) == (5, 5, 7)


def test_websites_and_strangers_are_one_number(tmp_path: Path) -> None:
    lines = [*state.people(9, 0, "news.de"), *state.people(9, 0, "stranger.com")]
    state.run(tmp_path, state.written(tmp_path / "a", lines))
    assert subjects(tmp_path) == set()


@pytest.mark.parametrize(("up", "leaves"), [(border.UPLOAD, True), (border.UPLOAD - 1, False)])
def test_an_upload_makes_a_candidate(tmp_path: Path, up: int, leaves: bool) -> None:  # noqa: FBT001
    lines = [
        record
        for n in range(5)
        for record in (
            state.eve("tls", 0, f"10.1.0.{n}", n, tls={"sni": "www.stranger.com"}),
            state.eve(
                "flow", 0, f"10.1.0.{n}", n, flow={"bytes_toserver": up if n == 0 else 10, "bytes_toclient": 3 * up}
            ),
        )
    ]
    state.run(tmp_path, state.written(tmp_path / "a", lines), source="suricata")
    assert subjects(tmp_path) == ({"domain:stranger.com"} if leaves else set())


def test_an_upload_by_a_small_group_stays(tmp_path: Path) -> None:
    lines = [
        record
        for n in range(4)
        for record in (
            state.eve("tls", 0, f"10.1.0.{n}", n, tls={"sni": "stranger.com"}),
            state.eve("flow", 0, f"10.1.0.{n}", n, flow={"bytes_toserver": 9_000_000, "bytes_toclient": 1}),
        )
    ]
    state.run(tmp_path, state.written(tmp_path / "a", lines), source="suricata")
    assert subjects(tmp_path) == set()


@pytest.mark.parametrize(("days", "leaves"), [(2, False), (3, True)])
def test_a_program_on_three_days_makes_a_candidate(tmp_path: Path, days: int, leaves: bool) -> None:  # noqa: FBT001
    lines = [
        state.eve(
            "http",
            day,
            f"10.1.0.{n}",
            http={"hostname": "api.stranger.com", "http_user_agent": "StrangerSync/2.1", "http_method": "GET"},
        )
        for day in range(days)
        for n in range(5)
    ]
    state.run(tmp_path, state.written(tmp_path / "a", lines), source="suricata")
    assert subjects(tmp_path) == ({"domain:stranger.com"} if leaves else set())


@pytest.mark.parametrize(
    ("agent", "actors"), [("Barracuda Sentinel (EE)", None), ("Mozilla/5.0 (Windows NT 10.0) Firefox/128.0", 9)]
)
def test_a_mail_gateway_that_follows_links_is_nobody(tmp_path: Path, agent: str, actors: int | None) -> None:
    lines = [
        state.eve("http", 0, f"10.1.0.{n}", http={"hostname": "share.example.com", "http_user_agent": agent})
        for n in range(9)
    ]
    state.run(tmp_path, state.written(tmp_path / "a", lines), source="suricata")
    seen = only(tmp_path, "service:share")
    assert (seen["actors"], seen["band"]) == (actors, None)


def test_own_domains_are_never_candidates(tmp_path: Path) -> None:
    lines = [
        state.eve("http", day, f"10.1.0.{n}", http={"hostname": "api.own-office.de", "http_user_agent": "Sync/2.1"})
        for day in range(4)
        for n in range(9)
    ]
    settings = SiteSettings(site="im", own_domains=("own-office.de",))
    state.run(tmp_path, state.written(tmp_path / "a", lines), source="suricata", settings=settings)
    assert subjects(tmp_path) == set()


def test_dns_alone_never_makes_a_candidate(tmp_path: Path) -> None:
    lines = [
        state.eve("dns", day, f"10.1.0.{n}", dns={"type": "query", "rrname": "stranger.com"})
        for day in range(9)
        for n in range(9)
    ]
    state.run(tmp_path, state.written(tmp_path / "a", lines), source="suricata")
    assert subjects(tmp_path) == set()


def test_small_units_are_reported_with_their_parent(tmp_path: Path) -> None:
    state.run(tmp_path, state.written(tmp_path / "a", state.people(5, 0, "share.example.com")), unit="im/klein")
    assert only(tmp_path, "service:share")["unit"] == "im"


def test_local_only_units_stay(tmp_path: Path) -> None:
    state.run(tmp_path, state.written(tmp_path / "a", state.people(9, 0, "share.example.com")), unit="gericht")
    assert state.observations(tmp_path) == []
    assert state.findings(tmp_path) == []


def test_a_flow_takes_the_host_of_its_connection(tmp_path: Path) -> None:
    tls = [state.eve("tls", 0, f"10.1.0.{n}", n, tls={"sni": "share.example.com"}) for n in range(6)]
    flow = [
        state.eve("flow", 0, f"10.1.0.{n}", n, flow={"bytes_toserver": 1000, "bytes_toclient": 2000}) for n in range(6)
    ]
    state.run(
        tmp_path / "1", state.written(tmp_path / "a", tls), state.written(tmp_path / "b", flow), source="suricata"
    )
    state.run(tmp_path / "2", str(tmp_path / "b"), source="suricata")
    assert state.observations(tmp_path / "2") == []
    state.run(tmp_path / "2", str(tmp_path / "a"), source="suricata")
    assert state.observations(tmp_path / "1") == state.observations(tmp_path / "2")
    views = {o["view"]: o for o in state.observations(tmp_path / "1")}
    assert set(views) == {"tls", "flow"}
    assert (views["flow"]["bytes_up"], views["flow"]["actors"]) == (6000, 6)


def test_ranges_count_where_no_host_is_known(tmp_path: Path) -> None:
    flow = [
        state.eve("flow", 0, f"10.1.0.{n}", n, dest_ip="203.0.113.9", flow={"bytes_toserver": 1, "bytes_toclient": 2})
        for n in range(6)
    ]
    state.run(tmp_path, state.written(tmp_path / "a", flow), source="suricata")
    assert only(tmp_path, "service:board")["actors"] == 6


def test_a_shared_actor_has_no_number(tmp_path: Path) -> None:
    state.run(tmp_path, state.written(tmp_path / "a", state.people(9, 0, "share.example.com")), actor="shared")
    row = only(tmp_path, "service:share")
    assert (row["actors"], row["actors_30d"], row["band"], row["actors_kind"], row["events"]) == (
        None,
        None,
        None,
        "shared",
        10,
    )


@pytest.mark.parametrize("actor", [None, "account"])
def test_who_comes_with_and_without_an_account_counts_once(tmp_path: Path, actor: str | None) -> None:
    lines = [
        state.squid(day, who, "share.example.com", client=f"10.1.0.{person}")
        for day in range(3)
        for person in range(3)
        for who in (f"user{person}", "-")
    ]
    state.run(tmp_path / "d", state.written(tmp_path / "a", lines), actor=actor)
    assert {(o["band"], o["actors"], o["actors_30d"]) for o in state.observations(tmp_path / "d")} == {
        ("1-4", None, None)
    }


def test_powers_of_ten() -> None:
    import polars as pl

    numbers = [None, 0, 1, 2, 9, 10, 11, 100, 101, 999_999_999_999]
    frame = pl.DataFrame({"n": pl.Series(numbers, dtype=pl.Int64)})
    assert frame.select(at_most("n"))["n"].to_list() == [None, 0, 10, 10, 10, 10, 100, 100, 1000, 10**12]
    assert frame.select(at_least("n"))["n"].to_list() == [None, 0, 1, 1, 1, 10, 10, 100, 100, 10**11]


def test_names_beyond_two_hundred_count_as_their_domain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from streams.site import blocks, windows

    long = [state.squid(0, "u1", f"tracking-{n:04d}-{n * 7919 % 10_007}.board.org") for n in range(900)]
    short = [state.squid(0, f"u{n}", "x.board.org") for n in range(6)]
    state.run(tmp_path / "1", state.written(tmp_path / "a", [*long, *short]))
    monkeypatch.setattr(blocks, "BLOCK", 4096)
    monkeypatch.setattr(windows, "LOOSE", 300)
    monkeypatch.setattr(windows, "SLICE", 100)
    state.run(tmp_path / "2", state.written(tmp_path / "b", [*long[:500], *short, *long[500:]]))
    hosts = state.hosts(tmp_path / "1")
    assert len(hosts) <= 201
    assert {"x.board.org", "board.org"} <= hosts
    narrow = state.snapshot((*state.DIRECTORY, state.entry("service:x", "x.board.org")))
    for data in ("1", "2"):
        settled(tmp_path / data, narrow, lambda _: None)
        assert only(tmp_path / data, "service:x")["actors"] == 6
        assert only(tmp_path / data, "service:board")["events"] == 1000
    assert state.observations(tmp_path / "1") == state.observations(tmp_path / "2")
