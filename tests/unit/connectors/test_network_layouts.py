"""What the head of an input says, and how lines are read without a file around them."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from connectors import lines as shared
from connectors import registry
from connectors.network import paloalto, squid, suricata, zeek
from schemas.connector import Options
from schemas.errors import ConfigurationError, NotThisFormatError

ROOT = Path(__file__).parents[3]
BERLIN = Options(timezone=ZoneInfo("Europe/Berlin"))
HEADER = "#separator \\x09\n#unset_field\t-\n#path\t{}\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tid.resp_p\t{}\n"


def frame(*texts: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"place": range(1, len(texts) + 1), "line": texts}, schema={"place": pl.Int64, "line": pl.String}
    )


def test_a_zone_is_required_where_times_have_none() -> None:
    with pytest.raises(ConfigurationError, match="timezone"):
        paloalto.layout(b"", Options())


@pytest.mark.parametrize("head", [b"[\n  {\n", b'{\n "a": 1\n}\n', b"\xef\xbb\xbf[{\n"])
@pytest.mark.parametrize("connector", [suricata, squid, paloalto, zeek])
def test_a_json_document_over_several_lines_is_refused(connector: object, head: bytes) -> None:
    with pytest.raises(NotThisFormatError, match="over several lines"):
        connector.layout(head, BERLIN)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "head", [b"", b"\n\n", b"1|2|3\n", b"#fields\tts\n", b"#separator \n", b'{"msg": 1}\n', b"{torn\n"]
)
def test_what_has_no_header_is_not_zeek(head: bytes) -> None:
    with pytest.raises(NotThisFormatError, match="expected"):
        zeek.layout(head, BERLIN)


@pytest.mark.parametrize(
    ("path", "last", "kind"),
    [
        ("conn", "conn_state", "conn"),
        ("renamed", "conn_state", "conn"),
        ("renamed", "established", "ssl"),
        ("ssh", "auth_success", "other"),
        ("sip", "method", "other"),
    ],
)
def test_the_kind_is_the_path_or_what_only_one_kind_has(path: str, last: str, kind: str) -> None:
    assert zeek.layout(HEADER.format(path, last).encode(), BERLIN).kind == f"tsv/{kind}"


def test_the_likely_kind_of_json_changes_nothing() -> None:
    texts = [
        '{"ts":1.0,"uid":"a","id.orig_h":"10.0.0.1","id.resp_h":"192.0.2.1","conn_state":"SF"}',
        '{"ts":2.0,"uid":"b","id.orig_h":"10.0.0.1","established":true,"server_name":"x.example.org"}',
        '{"_path":"dns","ts":3.0,"uid":"c","id.orig_h":"10.0.0.1","query":"x.example.org"}',
        '{"ts":4.0,"note":"idle"}',
    ]
    heads = [zeek.layout(f"{text}\n".encode(), BERLIN) for text in texts]
    assert [layout.kind for layout in heads] == ["json/conn", "json/ssl", "json/dns", "json/other"]
    first, *others = [zeek.parse(frame(*texts), layout) for layout in heads]
    assert first["evidence"].to_list() == ["flow", "tls", "dns", None]
    assert all(other.equals(first) for other in others)


def test_joined_logs_are_cut_where_a_header_starts() -> None:
    texts = frame("#separator \\x09", "#path\tdns", "1.0\tx", "#separator \\x09", "#close")
    assert texts.select(starts=zeek.split(texts))["starts"].to_list() == [True, False, False, True, False]


def test_comments_and_blank_lines_are_no_records() -> None:
    texts = frame("", "  \t", "#close", "\r", "x", " #x")
    for connector in (squid, suricata, paloalto, zeek):
        assert texts.select(found=connector.records(texts))["found"].to_list() == [False] * 4 + [True, True]


def test_parts_keep_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        f"17688{place:05}.055 1 10.0.0.1 TCP_MISS/200 {place} GET http://h{place % 7}.example.org/ - NONE/- -"
        for place in range(999)
    ]
    layout = squid.layout(b"", BERLIN)
    whole = squid.parse(frame(*texts), layout)
    monkeypatch.setattr(shared, "PART", 10)
    assert squid.parse(frame(*texts), layout).equals(whole)
    assert whole["bytes_down"].to_list() == list(range(999))


def test_the_view_of_a_source_overrides_the_evidence() -> None:
    layout = squid.layout(b"", Options(view="http"))
    row = squid.parse(
        frame("1768810000.055 1 10.0.0.1 TCP_MISS/200 5 GET http://a.example.org/ - NONE/- -", "torn"), layout
    )
    assert row["evidence"].to_list() == ["http", None]


def test_a_time_is_exact_to_the_microsecond() -> None:
    layout = zeek.layout(HEADER.format("conn", "conn_state").encode(), BERLIN)
    rows = zeek.parse(frame("1521911720.865716\tC\t10.0.0.1\t192.0.2.1\t443\tSF", "inf\tC\t-\t-\t-\tSF"), layout)
    assert rows["at"].to_list() == [datetime(2018, 3, 24, 17, 15, 20, 865_716, tzinfo=UTC), None]
    assert rows["rejected"].is_null().to_list() == [True, False]


def test_an_unknown_connector_is_a_sentence() -> None:
    with pytest.raises(ConfigurationError, match="nonsense is no format; there are "):
        registry.get("nonsense")


def test_a_connector_has_only_the_functions_of_its_shape() -> None:
    assert registry.get("zeek").split is not None
    assert registry.get("squid").split is None
    with pytest.raises(AttributeError, match="shape lines and no read"):
        _ = registry.get("squid").read


def test_cards_are_read_without_polars() -> None:
    code = (
        "import sys; from connectors import registry;"
        "cards = [registry.card(name) for name in registry.names()];"
        "assert all('Format' in card for card in cards);"
        "assert not {'polars', 'duckdb', 'pyarrow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
