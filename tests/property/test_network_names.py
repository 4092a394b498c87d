"""Names of servers in canonical form."""

import ipaddress

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.network._hosts import canonical_addresses, first_address, name_of, servers

LABEL = st.from_regex(r"\A[a-z0-9_]([a-z0-9_-]{0,20}[a-z0-9_])?\Z")
NAMES = st.builds(
    lambda labels, last: ".".join([*labels, last]), st.lists(LABEL, max_size=4), st.from_regex(r"\A[a-z]{2,9}\Z")
)
ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)
QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def texts(*values: str | None) -> pl.Series:
    return pl.Series(values, dtype=pl.String)


@QUICK
@given(st.lists(st.one_of(NAMES, ADDRESSES, st.none(), st.text(max_size=20)), max_size=20))
def test_each_value_is_read_by_itself(values: list[str | None]) -> None:
    for bare in (True, False):
        together = servers(texts(*values), bare=bare)
        alone = [servers(texts(value), bare=bare).row(0) for value in values]
        assert together.rows() == alone


@QUICK
@given(NAMES, st.integers(0, 65_535))
def test_a_name_stays_whatever_its_case_dot_or_port(name: str, port: int) -> None:
    written = texts(name, name.upper(), f"{name}.", f"{name}:{port}", f"user@{name}", f"{name}/path?a@b")
    for bare in (True, False):
        read = servers(written, bare=bare)
        assert read["host"].to_list() == [name] * len(written)
        assert read["port"].to_list() == [None, None, None, port, None, None]


@QUICK
@given(ADDRESSES)
def test_an_address_is_never_a_host(address: str) -> None:
    written = texts(address, f"[{address}]:443" if ":" in address else f"{address}:443")
    for bare in (True, False):
        read = servers(written, bare=bare)
        assert read["host"].null_count() == len(written)
        assert read["address"].to_list() == [canonical_addresses(texts(address))[0]] * len(written)
        assert read["port"].to_list() == [None, 443]
    assert servers(texts(address), texts("192.0.2.1"))["address"].to_list() == ["192.0.2.1"]


@QUICK
@given(st.ip_addresses(v=6))
def test_all_spellings_of_an_address_are_one(address: ipaddress.IPv6Address) -> None:
    spellings = texts(address.exploded, address.exploded.upper(), address.compressed, f"{address}%eth0")
    assert canonical_addresses(spellings).n_unique() == 1


def test_the_first_address_of_a_list_is_found() -> None:
    answers = {
        "192.0.2.1": "192.0.2.1",
        "edge.example.net,192.0.2.1,192.0.2.2": "192.0.2.1",
        '["edge.example.net","2001:db8::1"]': "2001:db8::1",
        '[{"ttl":580,"rdata":"192.0.2.1"}]': "192.0.2.1",
        "TXT 9 192.0.2.1 x": None,
        "192.0.2.300": None,
        "1.2.3.4.5": None,
        "": None,
    }
    assert first_address(texts(*answers)).to_list() == list(answers.values())


def test_what_is_no_name_is_nothing() -> None:
    for text in (
        "",
        ".",
        "a..b",
        "a b",
        "a\0b",
        "*",
        "10.1.2",
        "host.123",
        "x" * 64,
        ".".join(["x" * 60] * 5),
        "a:b",
        "\u202eb",
    ):
        assert name_of(text)[0] is None, text
    assert name_of("MÜLLER.example.org")[0] == "xn--mller-kva.example.org"
    assert name_of("straße.example.org")[0] == "xn--strae-oqa.example.org"
    assert name_of("bücher。example。org")[0] == "xn--bcher-kva.example.org"
