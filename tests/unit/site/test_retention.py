"""What a site must not keep is in none of its files; what had left stands at the centre as it was."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import state

from schemas.errors import BusyError
from schemas.settings import SiteSettings, SourceSettings
from streams.embedded import ledgers, reset, settled
from streams.site import retention, windows
from streams.site.file import SiteFile
from streams.site.keys import SiteKey

TODAY = datetime.now(UTC).date()


def silent(_: str) -> None:
    """Takes what is told."""


def applied(data: Path, days: int) -> dict[str, int]:
    """Retention as of so many days from now; gives the numbers of what was deleted."""
    with SiteFile(data / "site-im.db", writing=True) as file:
        key = SiteKey.open(data / "keys", "im")
        return {each.kind: each.number for each in retention.apply(file, key, TODAY + timedelta(days=days))}


def due(data: Path, days: int) -> dict[str, int]:
    with SiteFile(data / "site-im.db", writing=False) as file:
        return {each.kind: each.number for each in retention.due(file, TODAY + timedelta(days=days))}


def stored(data: Path) -> bytes:
    """All bytes of the site's files."""
    files = [path for path in data.rglob("*") if path.is_file() and not path.name.startswith("centre.db")]
    return b"".join(path.read_bytes() for path in files)


def people(day: int, host: str, count: int = 7) -> list[str]:
    return [state.eve("tls", day, f"10.1.0.{n}", 1000 * day + n, tls={"sni": host}) for n in range(count)]


def flows(day: int, count: int = 7) -> list[str]:
    sums = {"bytes_toserver": 10, "bytes_toclient": 3000}
    return [state.eve("flow", day, f"10.1.0.{n}", 1000 * day + n, flow=sums) for n in range(count)]


def seen(data: Path) -> dict[str, tuple[list[object], list[object]]]:
    """What the manifests say was seen, by day."""
    with SiteFile(data / "site-im.db", writing=False) as file:
        bodies = [json.loads(row[0]) for row in file.db.execute("SELECT body FROM manifests")]
    return {body["day"]: (body["coverage"], body["other"]) for body in bodies}


def story(tmp_path: Path) -> Path:
    """A site that has read a log with names that never left, a device, and lines that cannot be read."""
    data = tmp_path / "d"
    lines = [line for day in range(3) for line in (*people(day, "share.example.com"), *flows(day))]
    lines += [*people(0, "canary-host.canary-domain.com", 2), *people(1, "x.board.org")]
    state.run(data, state.written(tmp_path / "e", [*lines, '{"canary-reject']), source="suricata")
    return data


def test_nothing_of_the_old_period_is_left(tmp_path: Path) -> None:
    data = story(tmp_path)
    before, found = state.observations(data), state.findings(data)
    assert b"canary-host" in stored(data) or state.hosts(data) & {"canary-host.canary-domain.com"}
    shown = due(data, 91)
    gone = applied(data, 91)
    assert gone["windows"] == shown["windows"] > 0
    assert {"rejected", "names"} <= set(gone)
    assert b"canary" not in stored(data)
    assert state.hosts(data) == set()
    with SiteFile(data / "site-im.db", writing=False) as file:
        assert file.db.execute("SELECT count(*) FROM runs WHERE kind <> 'name'").fetchone() == (0,)
        recorded = dict(file.db.execute("SELECT kind, number FROM deleted"))
        assert recorded == gone
    assert applied(data, 91) == {}
    settled(data, state.snapshot(), silent, everything=True)
    assert state.observations(data) == before
    assert state.findings(data) == found


def test_after_35_days_no_pseudonym_is_left_and_counts_stand(tmp_path: Path) -> None:
    data = story(tmp_path)
    before = state.observations(data)
    assert any(row["actors_30d"] == 7 for row in before)
    assert applied(data, 35) == {"connections": 21, "rejected": 1}
    assert applied(data, 35) == {}
    assert applied(data, 36)["pseudonyms"] > 0
    assert due(data, 36) == {}
    with SiteFile(data / "site-im.db", writing=True) as file:
        from streams.site.windows import Windows

        rows = Windows(file, SiteKey.open(data / "keys", "im")).rows()
    assert rows["actor"].null_count() == rows.height > 0
    assert rows["events"].sum() > 0
    state.run(data, state.written(tmp_path / "new", people(90, "board.org")), source="suricata")
    days = {row["day"] for row in before}
    assert [row for row in state.observations(data) if row["day"] in days] == before


def test_flows_keep_the_host_of_their_connection(tmp_path: Path) -> None:
    data = story(tmp_path)
    before = state.observations(data)
    assert applied(data, 7) == {}
    gone = applied(data, 8)
    assert gone["connections"] == 21
    assert "pseudonyms" not in gone
    settled(data, state.snapshot((*state.DIRECTORY, state.entry("service:new", "new.com"))), silent)
    assert state.observations(data) == before


def test_a_frozen_line_is_withdrawn_when_nobody_carries_it(tmp_path: Path) -> None:
    data = story(tmp_path)
    applied(data, 36)
    settled(data, state.snapshot((state.BOARD, state.UNION)), silent)
    assert {row["subject"] for row in state.observations(data)} == {"service:board"}
    settled(data, state.snapshot(), silent)
    assert {row["subject"] for row in state.observations(data)} == {"service:board", "service:share"}


def test_what_is_final_is_not_even_withdrawn_except_by_reset(tmp_path: Path) -> None:
    data = story(tmp_path)
    before, manifests = state.observations(data), seen(data)
    assert all(coverage for coverage, _ in manifests.values())
    applied(data, 91)
    settled(data, state.snapshot((state.UNION,)), silent)
    assert state.observations(data) == before
    assert seen(data) == manifests
    reset(data, "im", "suricata", silent)
    assert state.observations(data) == []


def test_what_is_late_counts_as_dropped(tmp_path: Path) -> None:
    data = story(tmp_path)
    applied(data, 36)
    before = state.observations(data)
    late = [
        *people(2, "late.example.org", 3),
        *people(0, "share.example.com", 40),
        *flows(1, 2),
        *people(3, "share.example.com"),
    ]
    report = state.run(data, state.written(tmp_path / "late", late), source="suricata")
    assert (report.tally.dropped, report.tally.counted) == (45, 52)
    assert "late.example.org" not in state.hosts(data)
    assert [row for row in state.observations(data) if row["day"] < date(2026, 9, 4)] == before
    reset(data, "im", "suricata", silent)
    again = state.run(data, state.written(tmp_path / "again", late), source="suricata")
    assert again.tally.dropped == 0


def test_a_source_may_keep_less(tmp_path: Path) -> None:
    data = tmp_path / "d"
    source = SourceSettings(name="squid", connector="squid", retention_days=10)
    settings = SiteSettings(site="im", source=(source,))
    state.run(data, state.written(tmp_path / "a", state.people(6, 0, "share.example.com")), settings=settings)
    state.run(data, state.written(tmp_path / "e", people(0, "board.org")), source="suricata", settings=settings)
    assert due(data, 10) == {}
    assert applied(data, 11)["windows"] == 6
    assert state.hosts(data) == {"board.org"}


def test_documents_and_inventories(tmp_path: Path) -> None:
    device = (
        '{"action": "inventory", "deviceid": "d", "itemtype": "Computer", "content": {"versionclient": "1.7", "softwares":'
        ' [{"name": "Writer 2.1", "publisher": "Acme", "version": "2.1"}, {"name": "Canary", "publisher": "canary"}]}}'
    )
    data, path = tmp_path / "d", tmp_path / "device.json"
    path.write_text(device)
    at = datetime(2026, 9, 2, tzinfo=state.BERLIN)
    state.run(data, str(path), source="glpi", at=at)
    before = state.observations(data)
    assert before
    assert applied(data, 36)["devices"] == 2
    settled(data, state.snapshot(), silent, everything=True)
    assert state.observations(data) == before
    path.write_text(device.replace("2.1", "2.2"))
    assert state.run(data, str(path), source="glpi", at=at).tally.dropped == 3
    assert applied(data, 91)["inventories"] == 2
    assert b"anary" not in stored(data)
    settled(data, state.snapshot(), silent, everything=True)
    assert state.observations(data) == before


def test_ingest_applies_what_is_due_once_a_day(tmp_path: Path) -> None:
    data = story(tmp_path)
    with SiteFile(data / "site-im.db", writing=True) as file, file.transaction() as db:
        assert file.meta("retained") == TODAY.isoformat()
        db.execute("UPDATE runs SET received = '2026-01-01' WHERE received <> ''")
    state.run(data, state.written(tmp_path / "b", people(4, "board.org")), source="suricata")
    assert due(data, 0)["windows"] > 0
    with SiteFile(data / "site-im.db", writing=True) as file, file.transaction():
        file.remember("retained", (TODAY - timedelta(days=1)).isoformat())
    state.run(data, state.written(tmp_path / "c", people(5, "board.org")), source="suricata")
    assert due(data, 0) == {}
    assert "canary-host.canary-domain.com" not in state.hosts(data)
    assert state.hosts(data) == {"board.org"}


@pytest.mark.parametrize("step", range(1, 12))
def test_killed_in_between_it_is_finished_by_the_next_run(
    tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = story(tmp_path)
    left = step
    whole = SiteFile.transaction

    def cut(file: SiteFile) -> object:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt
        return whole(file)

    with monkeypatch.context() as short, suppress(KeyboardInterrupt):
        short.setattr(SiteFile, "transaction", cut)
        applied(data, 91)
    applied(data, 91)
    assert b"canary" not in stored(data)
    assert state.hosts(data) == set()
    ((_, _, tally),) = ledgers(data)
    assert tally.received == tally.counted + tally.rejected


def test_a_reader_keeps_the_log_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = story(tmp_path)
    monkeypatch.setattr(retention, "_PATIENCE", 1)
    with SiteFile(data / "site-im.db", writing=False) as reader:
        reader.db.execute("BEGIN")
        reader.db.execute("SELECT count(*) FROM runs").fetchone()
        with pytest.raises(BusyError, match="retention --apply"):
            applied(data, 91)
    assert applied(data, 91) == {}
    assert b"canary" not in stored(data)


def test_small_runs_are_brought_together_by_day_of_receipt_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "d"
    for n, day in enumerate(("2026-11-01", "2026-11-02", "")):
        lines = [state.squid(day, f"u{day}", f"h{n}.board.org") for day in range(3)]
        state.run(data, state.written(tmp_path / f"a{n}", lines))
        state.run(data, state.written(tmp_path / f"b{n}", [state.squid(5, "u", f"h{n}.board.org")]))
        if day:
            with SiteFile(data / "site-im.db", writing=True) as file, file.transaction() as db:
                db.execute("UPDATE runs SET received = ? WHERE kind = 'window' AND received > '2026-11-02'", (day,))
    monkeypatch.setattr(windows, "LOOSE", 1)
    before = state.observations(data)
    state.run(data, state.written(tmp_path / "c", [state.squid(6, "u", "h9.board.org")]))
    with SiteFile(data / "site-im.db", writing=True) as file:
        assert file.db.execute(
            "SELECT count(*), count(DISTINCT received) FROM runs WHERE kind = 'window'"
        ).fetchone() == (3, 3)
        key = SiteKey.open(data / "keys", "im")
        (gone,) = [e for e in retention.apply(file, key, date(2026, 11, 1) + timedelta(days=91)) if e.kind == "windows"]
    assert gone.number == 4
    assert state.hosts(data) == {"h1.board.org", "h2.board.org", "h9.board.org"}
    settled(data, state.snapshot(), silent, everything=True)
    days = {row["day"] for row in before}
    assert [row for row in state.observations(data) if row["day"] in days] == before


def test_the_file_gets_smaller(tmp_path: Path) -> None:
    data = tmp_path / "d"
    lines = [state.squid(n % 5, f"u{n}", f"host{n}.board{n % 400}.org") for n in range(20_000)]
    state.run(data, state.written(tmp_path / "a", lines))
    before = (data / "site-im.db").stat().st_size
    applied(data, 91)
    assert (data / "site-im.db").stat().st_size < before / 5
