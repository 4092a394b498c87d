"""Canaries in everything raw: none outside, none in the centre's file; what is never reported leaves no byte."""

import json
from pathlib import Path

import pytest
import state

from schemas.errors import BorderError
from schemas.observation import OBSERVATION
from schemas.settings import Excluded, SiteSettings
from streams.centre.centre import Centre
from streams.embedded import outside
from streams.site import outbox

COUNT = 10_000 // 8


def canary(n: int) -> str:
    return f"zq{n:05d}canary"


def raw(n: int) -> list[str]:
    """Lines of EVE with canaries in host label, path, query, user agent, user and address parts."""
    word = canary(n)
    host = "share.example.com" if n % 2 else "board.org"
    return [
        state.eve(
            "http", n % 3, f"10.1.{n % 9}.{n % 200}", n,
            http={
                "hostname": f"{word}.deep.er.{host}", "url": f"/{word}/file?q={word}", "http_user_agent": f"{word}/1.0",
                "http_method": "POST",
            },
        ),
        state.eve("tls", n % 3, f"10.1.{n % 9}.{n % 200}", n, tls={"sni": f"{word}.stranger.com", "subject": f"CN={word}"}),
    ]  # fmt: skip


def test_no_canary_leaves(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    eve = [line for n in range(COUNT) for line in raw(n)]
    squid = [
        f"{1788249600 + n}.000 1 {canary(n)} TCP_MISS/200 5 POST http://{canary(n)}.board.org/{canary(n)}?x={canary(n)} {canary(n)} HIER_DIRECT/1.2.3.4 -"
        for n in range(COUNT)
    ]
    inventory = {
        "action": "inventory", "deviceid": canary(1), "itemtype": "Computer",
        "content": {
            "hardware": {"name": canary(2), "lastloggeduser": canary(3)}, "versionclient": "GLPI-Agent_v1.7",
            "softwares": [{"name": "Writer 2.1", "publisher": "Acme", "version": "2.1"}], "users": [{"login": canary(4)}],
        },
    }  # fmt: skip
    state.run(tmp_path, state.written(tmp_path / "e", eve), source="suricata")
    state.run(tmp_path, state.written(tmp_path / "s", squid))
    device = tmp_path / "device.json"
    device.write_text(json.dumps(inventory))
    state.run(tmp_path, str(device), source="glpi", at=state.datetime(2026, 9, 2, tzinfo=state.BERLIN))
    assert {o["signal"] for o in state.observations(tmp_path)} == {"network", "assets"}
    seen = [repr(row) for row in (*state.observations(tmp_path), *state.findings(tmp_path))]
    seen += [path.read_bytes().decode("latin-1") for path in tmp_path.glob("centre.db*")]
    with Centre.open(tmp_path) as centre:
        seen += [
            repr(frame.to_dicts())
            for topic in ("observations.v1", "catalogue.v1", "decisions.v1")
            for _, frame in centre.bus.read(topic, 0)
        ]
    out, err = capfd.readouterr()
    for text in (*seen, out, err):
        assert "canary" not in text
        assert "10.1." not in text


def test_the_site_keeps_no_name_of_a_person(tmp_path: Path) -> None:
    lines = [state.squid(0, canary(n), "share.example.com", client=f"10.9.8.{n}") for n in range(30)]
    state.run(tmp_path, state.written(tmp_path / "s", lines))
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("site-im.db*"))
    assert b"canary" not in stored
    assert b"10.9.8." not in stored


def test_never_and_excluded_leave_no_byte(tmp_path: Path) -> None:
    settings = SiteSettings(site="im", excluded=(Excluded(ranges=("10.66.0.0/16",), reason="Personalrat"),))
    lines = [
        *(state.squid(0, f"u{n}", "www.union.org") for n in range(20)),
        *(state.squid(0, f"u{n}", "help.reader.org") for n in range(20)),
        *(state.squid(0, f"u{n}", f"council{n}.board.org", client=f"10.66.1.{n}") for n in range(20)),
        *state.people(5, 0, "share.example.com"),
    ]
    report = state.run(tmp_path, state.written(tmp_path / "s", lines), settings=settings)
    assert report.tally.dropped == 60
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("*.db*"))
    for word in (b"www.union", b"help.reader", b"council"):
        assert word not in stored
    assert state.hosts(tmp_path) == {"share.example.com"}


def test_two_destinations_of_one_account_cannot_be_joined(tmp_path: Path) -> None:
    hosts = ("share.example.com", "board.org", "stranger.com", "news.de")
    lines = [state.squid(day, f"user{n}", host) for n in range(8) for day in range(3) for host in hosts]
    state.run(tmp_path, state.written(tmp_path / "s", lines))
    from streams.site.file import SiteFile
    from streams.site.keys import SiteKey
    from streams.site.windows import Windows

    with SiteFile(tmp_path / "site-im.db", writing=True) as file:
        windows = Windows(file, SiteKey.open(tmp_path / "keys", "im"))
        rows = windows.rows()
    actors = rows.group_by("name").agg("actor")["actor"].to_list()
    sets = [set(actor) for actor in actors]
    assert [len(one) for one in sets] == [8] * len(hosts)
    assert len(set().union(*sets)) == 8 * len(hosts)
    differences = [{a ^ b for a in one for b in two} for one in sets for two in sets if one is not two]
    assert all(len(found) == 64 for found in differences)


def test_the_sender_refuses_other_columns() -> None:
    frame = OBSERVATION.empty()
    assert outbox.checked(frame) is frame
    with pytest.raises(BorderError):
        outbox.checked(frame.with_columns(account_raw=None))


@pytest.mark.parametrize("text", ["ann@example.org", "00:1b:44:11:3a:b7", "https://x.org/a?b=c"])
def test_the_scanner_keeps_contact_data_inside(tmp_path: Path, text: str) -> None:
    state.run(tmp_path, state.written(tmp_path / "s", state.people(5, 0, "share.example.com")))
    (frame,) = list(outside(tmp_path))
    assert not outbox.scanned(frame).any()
    import polars as pl

    assert outbox.scanned(frame.with_columns(title=pl.lit(f"Lizenz {text} 2026"))).all()
