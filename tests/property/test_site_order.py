"""Any order, any cut, any history of catalogue and group size: the same is outside."""

import random
import tempfile
from pathlib import Path

import state
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalogue.snapshot import Snapshot
from schemas.entries import DirectoryEntry
from schemas.settings import SiteSettings
from streams.embedded import ledgers, reset, settled

QUICK = settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)

HOSTS = (
    "share.example.com",
    "a.share.example.com",
    "sharecdn.com",
    "board.org",
    "x.board.org",
    "stranger.com",
    "up.stranger.com",
    "news.de",
)


@st.composite
def stories(draw: st.DrawFn) -> list[str]:
    """Lines of Squid and EVE's own records, in order of time."""
    seed = draw(st.integers(0, 2**32))
    pick = random.Random(seed)
    people, days = pick.choice((3, 6, 12)), pick.choice((1, 5, 40))
    lines = []
    for _ in range(pick.choice((20, 120))):
        day, person, host = pick.randrange(days), pick.randrange(people), pick.choice(HOSTS)
        connection = pick.randrange(10**9)
        client = f"10.1.0.{person}"
        kind = pick.choice(("tls", "http", "dns", "pair"))
        if kind == "http":
            agent = pick.choice(("Mozilla/5.0 (X11) Firefox/128.0", "Syncer/1.0"))
            lines.append(state.eve("http", day, client, connection, http={"hostname": host, "http_user_agent": agent}))
        elif kind == "dns":
            lines.append(state.eve("dns", day, client, connection, dns={"type": "query", "rrname": host}))
        else:
            lines.append(state.eve("tls", day, client, connection, tls={"sni": host}))
        if kind == "pair":
            up = pick.choice((10, 2_000_000))
            lines.append(
                state.eve("flow", day, client, connection, flow={"bytes_toserver": up, "bytes_toclient": 3000})
            )
    return lines


@QUICK
@given(stories(), st.integers(0, 2**32))
def test_any_order_and_any_cut(lines: list[str], seed: int) -> None:
    pick = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        state.run(home / "whole", state.written(home / "all", lines), source="suricata")
        shuffled = pick.sample(lines, len(lines))
        pieces = []
        while shuffled:
            size = pick.randrange(1, len(shuffled) + 1)
            pieces.append(state.written(home / f"piece-{len(pieces)}", shuffled[:size]))
            shuffled = shuffled[size:]
        for start in range(0, len(pieces), 2):
            state.run(home / "cut", *pieces[start : start + 2], source="suricata")
        assert state.observations(home / "cut") == state.observations(home / "whole")
        assert state.findings(home / "cut") == state.findings(home / "whole")
        assert state.manifests(home / "cut") == state.manifests(home / "whole")
        ((_, _, one),) = ledgers(home / "whole")
        ((_, _, two),) = ledgers(home / "cut")
        assert one == two


def directories() -> st.SearchStrategy[tuple[DirectoryEntry, ...]]:
    stranger = state.entry("service:stranger", "stranger.com")
    narrow = state.entry("service:board-x", "x.board.org")
    site = state.entry("service:board", "board.org", kind="website")
    choices = (state.SHARE, state.BOARD, state.NEWS, stranger, narrow, site)
    return st.lists(st.sampled_from(choices), unique_by=lambda e: e.subject, max_size=5).map(tuple)


@QUICK
@given(stories(), st.lists(st.tuples(directories(), st.integers(2, 7)), min_size=1, max_size=4), st.integers(0, 2**32))
def test_histories_of_catalogue_and_group_size(
    lines: list[str],
    history: list[tuple[tuple[DirectoryEntry, ...], int]],
    seed: int,
) -> None:
    pick = random.Random(seed)
    laws: list[tuple[Snapshot, SiteSettings]] = [
        (state.snapshot((*entries, state.UNION)), SiteSettings(site="im", group_size=size)) for entries, size in history
    ]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        pieces = [lines[i :: len(laws)] for i in range(len(laws))]
        for (law, site), piece in zip(laws, pieces, strict=True):
            repeated = pick.sample(range(len(laws)), pick.randrange(len(laws)))
            files = [state.written(home / f"r{n}", pieces[n]) for n in repeated if pieces[n]]
            state.run(
                home / "lived", *files, state.written(home / "p", piece), source="suricata", law=law, settings=site
            )
        last = [state.written(home / f"l{n}", piece) for n, piece in enumerate(pieces)]
        state.run(home / "lived", *last, source="suricata", law=laws[-1][0], settings=laws[-1][1])
        state.run(home / "fresh", *last, source="suricata", law=laws[-1][0], settings=laws[-1][1])
        assert state.observations(home / "lived") == state.observations(home / "fresh")
        assert state.findings(home / "lived") == state.findings(home / "fresh")


def test_a_new_catalogue_is_matched_against_the_past(tmp_path: Path) -> None:
    path = state.written(tmp_path / "a", state.people(6, 0, "stranger.com"))
    state.run(tmp_path / "d", path)
    assert state.observations(tmp_path / "d") == []
    settled(
        tmp_path / "d",
        state.snapshot((*state.DIRECTORY, state.entry("service:stranger", "stranger.com"))),
        lambda _: None,
    )
    assert {o["subject"] for o in state.observations(tmp_path / "d")} == {"service:stranger"}
    settled(tmp_path / "d", state.snapshot(), lambda _: None)
    assert state.observations(tmp_path / "d") == []


def test_reset_and_a_second_reading_equal_a_fresh_site(tmp_path: Path) -> None:
    path = state.written(tmp_path / "a", [*state.people(6, 0, "share.example.com"), *state.people(6, 1, "board.org")])
    state.run(tmp_path / "d", path, unit="im")
    state.run(tmp_path / "d", state.written(tmp_path / "b", state.people(7, 2, "share.example.com")), unit="im")
    reset(tmp_path / "d", "im", "squid", lambda _: None)
    assert state.observations(tmp_path / "d") == []
    assert state.findings(tmp_path / "d") == []
    state.run(tmp_path / "d", path, unit="im/amt")
    state.run(tmp_path / "fresh", path, unit="im/amt")
    assert state.observations(tmp_path / "d") == state.observations(tmp_path / "fresh")
    assert state.findings(tmp_path / "d") == state.findings(tmp_path / "fresh")
