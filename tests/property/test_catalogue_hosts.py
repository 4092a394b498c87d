"""Hosts on columns agree with one name at a time, also for names that nobody would register."""

import ipaddress

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from publicsuffixlist import PublicSuffixList

from catalogue.hosts import Ends, ascii_labels, canonical, longest_suffix, registrable, split
from catalogue.match import Directory
from catalogue.snapshot import Snapshot
from schemas.entries import DirectoryEntry

LIST = PublicSuffixList()
LABELS = st.sampled_from(
    [
        "a",
        "b",
        "zoom",
        "example",
        "com",
        "uk",
        "co",
        "ck",
        "www",
        "github",
        "io",
        "kobe",
        "city",
        "jp",
        "ZOOM",
        "Us",
        "us",
        "xn--bcher-kva",
        "bücher",
        "\uff5a\uff4f\uff4f\uff4d",
        "公司",
        "cn",
        "-",
        "_dmarc",
        "x y",
        "1",
        "007",
        "",
        "*",
        "ß",
        "İ",
        "a" * 63,
    ]
)
ASSIGNED = st.characters(exclude_categories=["Cn", "Co", "Cs"])
"""Signs that every Unicode version in use knows; polars and Python are not of the same one."""
NAMES = (
    st.lists(LABELS, min_size=1, max_size=9).map(".".join) | st.text(ASSIGNED, max_size=12) | st.ip_addresses().map(str)
)
HOSTS = st.lists(NAMES | st.none(), max_size=60)
CATALOGUED = ["us", "zoom.us", "a.zoom.us", "b.a.zoom.us", "github.io", "example.co.uk", "xn--bcher-kva.com", "com.b"]


def canonical_one(name: str | None) -> str | None:
    """What is a host name, said again in plain Python."""
    if name is None:
        return None
    name = name.lower().removesuffix(".")
    labels = name.split(".")
    bad = "" in labels or ":" in name or name.startswith("[") or len(name.encode()) > 253
    return None if bad or (labels[-1].isascii() and labels[-1].isdecimal()) else name


def registrable_one(name: str | None) -> str | None:
    return None if name is None else LIST.privatesuffix(name)


def longest_one(name: str | None, among: list[str]) -> str | None:
    if name is None:
        return None
    labels = name.split(".")
    suffixes = [".".join(labels[start:]) for start in range(len(labels))]
    return next((suffix for suffix in suffixes if suffix in among), None)


def ascii_one(name: str | None) -> str | None:
    if name is None or name.isascii():
        return name
    try:
        return canonical_one(name.encode("idna").decode())
    except UnicodeError:
        return None


@settings(max_examples=150, deadline=None)
@given(HOSTS)
def test_registrable_domains_agree_with_the_list_one_by_one(hosts: list[str | None]) -> None:
    names = [canonical_one(host) for host in hosts]
    asked = pl.Series(hosts, dtype=pl.String)
    assert canonical(asked).to_list() == names
    assert registrable(asked).to_list() == [registrable_one(name) for name in names]


@settings(max_examples=100, deadline=None)
@given(HOSTS)
def test_split_keeps_at_most_two_labels_before_the_domain(hosts: list[str | None]) -> None:
    asked = pl.Series(hosts, dtype=pl.String)
    for given_name, (host, domain) in zip(hosts, split(asked).iter_rows(), strict=True):
        name = canonical_one(given_name)
        if name is None or registrable_one(name) is None:
            lowered = None if given_name is None else given_name.lower().removesuffix(".")
            assert host == domain == lowered
            continue
        before = name.removesuffix(domain).removesuffix(".").split(".") if name != domain else []
        assert host == ".".join([*before[-2:], domain])


@settings(max_examples=100, deadline=None)
@given(HOSTS)
def test_the_longest_suffix_agrees_with_trying_each(hosts: list[str | None]) -> None:
    names = canonical(pl.Series(hosts, dtype=pl.String))
    found = longest_suffix(names, set(CATALOGUED))
    assert found.to_list() == [longest_one(name, CATALOGUED) for name in names.to_list()]
    assert Ends(CATALOGUED).near(names).filter(found.is_not_null()).all()


def test_few_hosts_are_near() -> None:
    hosts = ["a.b.example.com", "example.com", "xexample.com", "com", "x.com", "printer.local", "local", "localx", None]
    near = Ends(["b.example.com", "local"]).near(pl.Series(hosts)).to_list()
    assert near == [True, True, False, False, False, True, True, False, False]


def entries() -> list[DirectoryEntry]:
    """One entry for each domain, label and range; kinds alternate."""
    made = []
    ranges = [
        "10.0.0.0/8",
        "10.0.0.0/24",
        "10.1.0.0/16",
        "10.1.1.0/24",
        "10.1.1.7/32",
        "2001:db8::/32",
        "2001:db8:1::/48",
    ]
    kinds = ["service", "infrastructure", "website", "never"]
    things = [("domains", d) for d in CATALOGUED] + [("ranges", r) for r in ranges] + [("applications", "app")]
    for number, (field, value) in enumerate(things):
        made.append(
            DirectoryEntry.model_validate(
                {"subject": f"service:s{number}", "kind": kinds[number % 4], "function": "chat", field: [value]}
                | {"name": {"de": f"Name {number}", "en": f"Name {number}"}}
            )
        )
    return made


ENTRIES = entries()
DIRECTORY = Directory(Snapshot.of(ENTRIES))
ADDRESSES = st.sampled_from(
    [
        "10.1.1.7",
        "10.0.0.9",
        "10.1.1.8",
        "10.1.2.1",
        "10.2.0.1",
        "11.0.0.0",
        "9.255.255.255",
        "::ffff:10.1.1.7",
        "2001:db8:1::1",
        "2001:0DB8::1",
        "2001:db9::",
        "10.1.1.07",
        "10.1.1",
        "fe80::1%eth0",
        "",
        "x",
        "256.1.1.1",
        "10.1.1.7.1",
    ]
) | st.ip_addresses().map(str)


def address_one(text: str | None) -> str | None:
    """Subject of the narrowest range, one address at a time."""
    try:
        address = ipaddress.ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    networks = [(ipaddress.ip_network(e.ranges[0]), e.subject) for e in ENTRIES if e.ranges]
    inside = [(n.prefixlen, s) for n, s in networks if n.version == address.version and address in n]
    return max(inside)[1] if inside else None


def network_one(host: str | None, address: str | None, label: str | None) -> str | None:
    suffix = longest_one(ascii_one(canonical_one(host)), CATALOGUED)
    by_host = next((e for e in ENTRIES if suffix in e.domains), None)
    by_label = next((e for e in ENTRIES if label is not None and label.lower() in e.applications), None)
    for found in (by_host, by_label):
        if found is not None and found.kind in {"service", "software", "never", "assistive"}:
            return found.subject
    for found in (by_host, by_label):
        if found is not None:
            return found.subject
    return address_one(address) if not host else None


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(NAMES | st.none(), ADDRESSES | st.none(), st.sampled_from([None, "app", "APP", "other", ""])),
        max_size=40,
    )
)
def test_network_agrees_with_one_row_at_a_time(rows: list[tuple[str | None, str | None, str | None]]) -> None:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("host", "address", "application"), pl.String), orient="row")
    assert DIRECTORY.network(frame)["subject"].to_list() == [network_one(*row) for row in rows]


@settings(max_examples=60, deadline=None)
@given(HOSTS)
def test_a_labels_agree_one_by_one(hosts: list[str | None]) -> None:
    names = canonical(pl.Series(hosts, dtype=pl.String))
    assert ascii_labels(names).to_list() == [ascii_one(name) for name in names.to_list()]
