import io
import os
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from connectors import xml_items
from connectors.assets import nmap
from schemas.connector import Options
from schemas.errors import ConfigurationError, NotThisFormatError

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("LEITPLANKE_SHARED", ROOT.parent / "shared")) / "data/assets/nmap"
NONE = Options()

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real files of ../shared are not here")


def read(data: bytes, options: Options = NONE) -> pl.DataFrame:
    return pl.concat(list(nmap.read(io.BytesIO(data), options)))


def scan(hosts: str, start: str = 'start="1770087600"') -> bytes:
    return f"<nmaprun {start}>{hosts}</nmaprun>".encode()


UP = '<host><status state="up"/><address addr="192.0.2.1" addrtype="ipv4"/></host>'


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize(
    ("name", "hosts", "up", "ports"),
    [
        ("defectdojo_nmap_1port", 1, 1, 1),
        ("defectdojo_nmap_multiple_port", 1, 1, 13),
        ("libnmap_1_hosts", 1, 1, 5),
        ("libnmap_2_hosts", 2, 2, 8),
        ("libnmap_2_hosts_achange", 2, 2, 7),
        ("libnmap_1_os_banner_scripts", 1, 1, 8),
        ("libnmap_dionaea_scan", 1, 1, 16),
        ("libnmap_extra_ports", 1, 1, 16),
        ("libnmap_full_sudo5", 256, 4, 11),
        ("libnmap_os_scan5", 256, 4, 11),
    ],
)
def test_counts_of_real_scans(name: str, hosts: int, up: int, ports: int) -> None:
    rows = read((SHARED / f"{name}.xml").read_bytes())
    assert rows["rejected"].null_count() == rows.height
    assert rows["place"].n_unique() == hosts
    seen = rows.filter(asset="host")
    assert seen.height == up
    assert seen["ports"].list.len().sum() == ports
    services = rows.filter(asset="service")
    assert services.height == ports
    assert services["ports"].list.len().unique().to_list() == [1]


@pytest.mark.shared
@needs_shared
def test_the_same_range_scanned_again_has_the_same_scope() -> None:
    scopes = {nmap.scope(io.BytesIO((SHARED / f"libnmap_2_hosts{n}.xml").read_bytes()), NONE) for n in ("", "_achange")}
    assert scopes == {"-sS -vv localhost scanme.nmap.org"}


def test_the_scope_leaves_out_names_of_files() -> None:
    data = scan(UP, 'args="nmap -oX a.xml -sV --stylesheet x -oN b 192.0.2.0/24"')
    assert nmap.scope(io.BytesIO(data), NONE) == "-sV 192.0.2.0/24"
    assert nmap.scope(io.BytesIO(b"<nmaprun"), NONE) is None


def test_a_scan_without_time_needs_one() -> None:
    with pytest.raises(ConfigurationError, match="--at DATE"):
        read(scan(UP, ""))
    at = datetime(2026, 1, 2, tzinfo=UTC)
    assert read(scan(UP, ""), Options(at=at))["at"].to_list() == [at]


@pytest.mark.parametrize("start", ['start="soon"', 'start="1"', 'start="9e99"'])
def test_a_time_that_is_none_rejects_the_host(start: str) -> None:
    assert "since 2000" in read(scan(UP, start))["rejected"][0]


def test_a_broken_host_is_rejected_and_the_rest_goes_on() -> None:
    rows = read(scan('<host><status state="perhaps"/></host>' + UP))
    assert rows.select("place", pl.col("rejected").is_null()).rows() == [(1, False), (2, True)]


def test_a_scan_that_broke_off_replaces_nothing() -> None:
    rows = read(scan(UP * 3)[:-5])
    assert rows["place"].to_list() == [0]
    assert rows["rejected"].null_count() == 0


def test_an_empty_doctype_is_ignored() -> None:
    assert read(b"<!DOCTYPE nmaprun>" + scan(UP))["asset"].to_list() == ["host"]


def test_progress_notes_of_a_long_scan_are_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_items, "NODES_MAX", 100)
    notes = '<taskprogress task="SYN" time="1" percent="1"/>' * 1_000
    assert read(scan(notes + UP))["asset"].to_list() == ["host"]


@pytest.mark.parametrize("data", [b"{}", b"# Nmap 7.94 scan", b"<bom/>"])
def test_another_format_is_refused_with_one_sentence(data: bytes) -> None:
    with pytest.raises(NotThisFormatError, match="root element nmaprun"):
        read(data)
