"""Real files of ../shared, read in place."""

import json
import os
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from connectors import registry
from schemas.connector import Options
from schemas.errors import NotThisFormatError
from schemas.events import NETWORK

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("LEITPLANKE_SHARED", ROOT.parent / "shared")) / "data/network"
HEAD = 1_000_000

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the real files of ../shared are not here"),
]


def read(name: str, data: bytes) -> pl.DataFrame:
    """Rows of all records; the contract is checked on the way."""
    connector = registry.get(name)
    layout = connector.layout(data[:HEAD], Options(timezone=ZoneInfo("Europe/Berlin")))
    texts = data.decode("utf-8", errors="replace").removesuffix("\n").split("\n")
    places = pl.int_range(1, len(texts) + 1, dtype=pl.Int64, eager=True)
    lines = pl.DataFrame({"place": places, "line": texts})
    lines = lines.filter(connector.records(lines))
    rows = connector.parse(lines, layout)
    assert rows["place"].equals(lines["place"])
    assert rows.schema == NETWORK.schema
    assert NETWORK.problems(events(rows)) == []
    return rows


def events(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("at").is_not_null())


def of(name: str, path: str) -> pl.DataFrame:
    return read(name, (SHARED / path).read_bytes())


def raws(path: str, kind: str = "observed_line") -> bytes:
    """Sample lines quoted in a JSON file."""
    found = [json.loads(line) for line in (SHARED / path).read_text(encoding="utf-8").splitlines()]
    return "\n".join(sample["raw"].strip() for sample in found if sample["kind"] == kind).encode()


@pytest.mark.parametrize(("log", "names"), [("dns", 823), ("ssl", 220)])
def test_wrccdc_is_read_whole(log: str, names: int) -> None:
    rows = of("zeek", f"zeek-wrccdc/tsv/{log}.log")
    assert rows.height == 14_992
    assert events(rows).height == 14_992
    # not among the hosts: unset, and of dns `*` and a name with blanks, of ssl two addresses
    assert rows["host"].n_unique() - 1 == {"dns": names - 3, "ssl": names - 3}[log]


@pytest.mark.parametrize("log", ["dns", "ssl"])
def test_wrccdc_is_the_same_in_json_and_tsv(log: str) -> None:
    tsv = of("zeek", f"zeek-wrccdc/tsv/{log}.log").drop("place").head(8_000)
    in_json = of("zeek", f"zeek-wrccdc/json/{log}.json").drop("place")
    assert [name for name in tsv.columns if not tsv[name].equals(in_json[name])] == []


def test_wrccdc_names_and_actions() -> None:
    rows = of("zeek", "zeek-wrccdc/tsv/ssl.log")
    assert rows.filter(host="ise.wrccdc.org").height == 1_345
    assert rows.filter(action="allowed").height == 3_886
    assert rows.filter(host="10.47.1.208").height == 0
    dns = of("zeek", "zeek-wrccdc/tsv/dns.log")
    assert dns.filter(action="allowed").height == 11_444 - 156, "NOERROR without those that the server rejected"


@pytest.mark.parametrize("path", sorted((SHARED / "zeek-btest").glob("*")), ids=lambda path: path.stem)
def test_btest_is_read_or_refused_with_a_sentence(path: Path) -> None:
    if "json" in path.name or "ascii-options" in path.name:
        with pytest.raises(NotThisFormatError, match="expected "):
            read("zeek", path.read_bytes())
        return
    rows = read("zeek", path.read_bytes())
    assert events(rows).height == 0, "times are made unreadable in these files"
    known = path.stem.rpartition("__")[2] in {"conn", "dns", "http", "ssl"}
    assert rows["rejected"].null_count() == (0 if known else rows.height)


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("test18-ctu-sme-11-labelled/conn.log.labeled", 766),
        ("test18-ctu-sme-11-labelled/dns.log.labeled", 22),
        ("test18-ctu-sme-11-labelled/ssl.log.labeled", 2),
        ("test18-ctu-sme-11-labelled/quic.log.labeled", 2),
        ("test18-ctu-sme-11-labelled/dhcp.log.labeled", 0),
        ("test9-mixed/conn.log", 576),
        ("test9-mixed/dns.log", 239),
        ("test9-mixed/http.log", 516),
        ("test9-mixed/ssl.log", 205),
        ("test9-mixed/x509.log", 0),
    ],
)
def test_slips_counts(path: str, count: int) -> None:
    rows = of("zeek", f"zeek-slips/{path}")
    assert events(rows).height == count
    assert rows["rejected"].null_count() == rows.height


def test_records_keyed_by_their_kind_are_refused() -> None:
    with pytest.raises(NotThisFormatError, match="one object a line with ts"):
        of("zeek", "zeek-metron/bro_raw.jsonl")


def test_slips_eve() -> None:
    rows = of("suricata", "suricata/slips-test6-eve.json")
    assert rows.height == 2_500
    assert rows["rejected"].null_count() == 2_500
    found = dict(events(rows)["evidence"].value_counts().iter_rows())
    assert found == {"flow": 1_012, "dns": 680, "http": 56, "tls": 1}
    answers = events(rows).filter(evidence="dns", action="allowed")
    assert answers.height == 340
    assert answers["address"].null_count() == 0


@pytest.mark.parametrize("path", ["sample-wrccdc-2018/alerts-only.json", "sample-honeypot-2018/alerts-only.json"])
def test_an_array_of_alerts_is_refused(path: str) -> None:
    with pytest.raises(NotThisFormatError, match="one JSON document over several lines"):
        of("suricata", f"suricata/{path}")


def test_eve_behind_syslog() -> None:
    rows = read("suricata", raws("sc4s/suricata.jsonl"))
    assert events(rows)["evidence"].to_list() == ["flow", "dns", "http", "tls"]
    assert rows["rejected"].null_count() == rows.height


def test_crowdsec_eve() -> None:
    rows = of("suricata", "crowdsec-hub/suricata-logs-evelog/suricata-logs-evelog.log")
    assert (rows.height, events(rows).height, rows["rejected"].count()) == (8, 2, 0)


def test_squid_as_metron_reads_it() -> None:
    rows = of("squid", "squid/metron_squid_raw.log").to_dicts()
    texts = (SHARED / "squid/metron_squid_parsed.jsonl").read_text(encoding="utf-8").splitlines()
    for row, other in zip(rows, map(json.loads, texts), strict=True):
        assert row["at"].timestamp() * 1000 == other["timestamp"]
        assert row["duration"] * 1000 == other["elapsed"]
        assert (row["client_raw"], row["address"]) == (other["ip_src_addr"], other["ip_dst_addr"])
        assert (row["host"], row["method"]) == (other["full_hostname"], other["method"])
        assert (row["bytes_down"], row["action"]) == (other["bytes"], "allowed")


def test_squid_with_single_blanks() -> None:
    rows = of("squid", "squid/metron_squid_docker.log")
    assert events(rows)["host"].to_list() == [
        "www.cnn.com",
        "www.nba.com",
        "www.aliexpress.com",
        "www.help.1and1.co.uk",
        "www.pravda.ru",
    ]


def test_metron_panos() -> None:
    rows = of("paloalto", "paloalto/metron_panos_raw.log")
    assert (rows.height, events(rows).height, rows["rejected"].count()) == (100, 50, 0)
    assert events(rows)["evidence"].unique().to_list() == ["flow"]
    assert events(rows).filter(action="blocked").height == 1


def test_panos_samples_of_many_versions() -> None:
    rows = events(read("paloalto", raws("sc4s/palo_alto.jsonl")))
    pages = rows.filter(evidence="proxy")
    assert pages["host"].to_list() == ["litetopdetect.cn", "geocode.arcgis.com", "subdomain.domain.com"]
    assert pages["method"].to_list() == [None, "GET", "OPTIONS"]
    assert rows.filter(evidence="flow")["bytes_up"].to_list() == [276, 1_111, 78, 24_629]
    threats = of("paloalto", "crowdsec-hub/palo-alto-threat/palo-alto-threat.log")
    assert (threats.height, events(threats).height, threats["rejected"].count()) == (2, 0, 0)
