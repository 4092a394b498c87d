"""The made-up state: complete, repeatable, readable by plain readers, and its truth fits its files."""

import csv
import gzip
import hashlib
import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lxml import etree

from schemas.settings import SiteSettings
from simulation import traffic, world
from simulation.__main__ import generate

SITES = ("im", "um", "mwk", "jum")
LURES_OF_FINDING_MD = {
    "guests in another body's video meeting": "guests-in-a-meeting",
    "links sent by citizens": "links-sent-by-citizens",
    "a mail gateway that opens links": "mail-gateway",
    "blocked attempts": "blocked-attempts-only",
    "twelve invoices of one contract": "twelve-invoices-of-one-contract",
    "call-offs of a framework bought by another ministry": "call-offs",
    "a reseller's unrelated goods": "resellers-unrelated-goods",
    "an approved on-premises edition of a product whose cloud edition is not": "approved-edition",
    "a screen reader": "screen-reader",
    "a union's site": "union-site",
    "a unit of three people": "unit-of-three",
    "a court": "court",
    "a standard announced for later": "standard-announced-for-later",
    "update servers": "update-servers",
    "certificate checks": "certificate-checks",
    "content delivery": "delivery-networks",
    "news": "news",
    "search": "search",
    "embedded widgets": "widgets",
    "trackers": "trackers",
    "browser prefetch": "browser-prefetch",
}


def cases(state: Path) -> list[dict]:
    return [json.loads(line) for line in (state / "truth.jsonl").read_text(encoding="utf-8").splitlines()]


def lines(files: Iterator[Path]) -> list[str]:
    found: list[str] = []
    for file in sorted(files):
        written = file.read_bytes()
        found += (gzip.decompress(written) if file.suffix == ".gz" else written).decode().splitlines()
    return found


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_same_seed_gives_the_same_bytes_and_another_seed_other_people(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("other", 8)):
        generate(tmp_path / name, seed=seed, days=9)
    one, other = digest(tmp_path / "one"), digest(tmp_path / "other")
    assert one == digest(tmp_path / "two")
    packed = list((tmp_path / "one").rglob("*.gz"))
    assert packed
    assert {path.read_bytes()[3:8] for path in packed} == {bytes(5)}, "no name and no time in the header"
    assert one.keys() == other.keys()
    assert one["sites/im/squid/access.log-2026-W47"] != other["sites/im/squid/access.log-2026-W47"]


def test_truth_speaks_of_units_that_the_sites_assign(state: Path) -> None:
    assigned = set()
    for site in SITES:
        with (state / "sites" / site / "site.toml").open("rb") as file:
            settings = SiteSettings.model_validate(tomllib.load(file))
        assert settings.site == site
        assigned |= {unit.unit for unit in settings.unit}
    assert len(assigned) == 12
    for case in cases(state):
        assert set(case["units"]) <= assigned
        assert case["kind"] in {"planted", "lure"}
        assert case["subject"] in case["subjects"]
        assert case["signals"]


def test_at_least_thirty_planted_cases_with_reasons(state: Path) -> None:
    planted = [case for case in cases(state) if case["kind"] == "planted"]
    assert len(planted) >= 30
    assert all(case["codes"] and case["story"] for case in planted)


def test_case_names_are_unique(state: Path) -> None:
    names = [case["case"] for case in cases(state)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("lure", LURES_OF_FINDING_MD.values(), ids=LURES_OF_FINDING_MD)
def test_lure_is_there(state: Path, lure: str) -> None:
    assert {case["case"]: case["kind"] for case in cases(state)}.get(lure) == "lure"


def test_no_lure_is_planted_at_the_same_unit(state: Path) -> None:
    planted = {(case["unit"], case["subject"]) for case in cases(state) if case["kind"] == "planted"}
    for case in cases(state):
        if case["kind"] == "lure":
            assert not planted & {(unit, subject) for unit in case["units"] for subject in case["subjects"]}


def test_every_source_of_every_site_has_files(state: Path) -> None:
    for site in SITES:
        folder = state / "sites" / site
        with (folder / "site.toml").open("rb") as file:
            settings = SiteSettings.model_validate(tomllib.load(file))
        for source in settings.source:
            assert source.purpose
            assert source.legal_basis
            assert all(list(folder.glob(pattern)) for pattern in source.path), source.name


def test_sizes_are_those_of_a_demonstration(state: Path) -> None:
    logs = [*state.glob("sites/*/squid/*"), *state.glob("sites/*/zeek/*/*"), *state.glob("sites/*/*/*W4*")]
    count = len(lines(iter({path for path in logs if path.is_file()})))
    assert 60_000 <= count <= 100_000


def test_squid_has_ten_fields_and_days_of_a_month(state: Path) -> None:
    rows = [line.split() for line in lines(state.glob("sites/im/squid/access.log*"))]
    assert {len(row) for row in rows} == {10}
    days = {datetime.fromtimestamp(float(row[0]), UTC).date() for row in rows}
    assert min(days) >= date(2026, 10, 22)
    assert max(days) == date(2026, 11, 20)
    assert {row[3].split("/")[0] for row in rows} >= {"TCP_TUNNEL", "TCP_MISS", "TCP_MEM_HIT", "TCP_DENIED"}
    assert all(row[6].startswith("http://") or row[6].endswith(":443") for row in rows)


def test_zeek_tables_have_the_columns_of_their_header_and_share_uids(state: Path) -> None:
    uids: dict[str, set[str]] = {}
    for kind in ("conn", "dns", "ssl", "http"):
        text = lines(state.glob(f"sites/um/zeek/*/{kind}.log*"))
        columns = next(line for line in text if line.startswith("#fields")).split("\t")[1:]
        types = next(line for line in text if line.startswith("#types")).split("\t")[1:]
        rows = [line.split("\t") for line in text if not line.startswith("#")]
        assert {len(row) for row in rows} == {len(columns)} == {len(types)}
        uids[kind] = {row[1] for row in rows}
    assert uids["ssl"] < uids["conn"]
    assert uids["http"] < uids["conn"]
    assert not uids["dns"] & uids["conn"]


def test_zeek_json_goes_to_the_proxy_and_names_hosts(state: Path) -> None:
    rows = [json.loads(line) for line in lines(state.glob("sites/im/zeek/*/ssl.log*"))]
    assert {row["id.resp_h"] for row in rows} == {"10.16.0.5"}
    assert all(isinstance(row["ts"], float) and row["server_name"] for row in rows)


def test_suricata_flows_carry_the_ids_of_their_tls_records(state: Path) -> None:
    rows = [json.loads(line) for line in lines(state.glob("sites/jum/suricata/*"))]
    ids = {
        kind: {row["flow_id"] for row in rows if row["event_type"] == kind} for kind in ("flow", "tls", "http", "dns")
    }
    assert ids["tls"]
    assert ids["http"]
    assert ids["dns"]
    assert ids["tls"] | ids["http"] <= ids["flow"]
    assert not ids["dns"] & ids["flow"]


def test_panos_lines_are_csv_with_the_fields_of_their_kind(state: Path) -> None:
    rows = list(csv.reader(lines(state.glob("sites/mwk/paloalto/*"))))
    traffic_rows = [row for row in rows if row[3] == "TRAFFIC"]
    urls = [row for row in rows if row[3] == "THREAT"]
    assert {len(row) for row in traffic_rows} == {65}
    assert {row[4] for row in urls} == {"url"}
    assert len({len(row) for row in urls}) == 1
    assert {row[46].split("/")[0] for row in urls} >= {"Mozilla", "TeamViewer"}
    assert {row[22] for row in urls} <= {row[22] for row in traffic_rows}
    assert all(int(row[31]) == int(row[32]) + int(row[33]) for row in traffic_rows)
    assert {row[30] for row in urls} == {"alert", "block-url"}


def test_documents_are_well_formed(state: Path) -> None:
    for path in state.glob("sites/*/xrechnung/*.xml"):
        assert etree.parse(path).getroot().tag.split("}")[1] in {"Invoice", "CrossIndustryInvoice"}
    for path in state.glob("sites/*/nmap/*.xml"):
        assert etree.parse(path).getroot().tag == "nmaprun"
    releases = [r for path in state.glob("sites/*/ocds/*.json") for r in json.loads(path.read_text())["releases"]]
    assert len({release["ocid"] for release in releases}) == len(releases)
    for path in state.glob("sites/*/glpi/*/*.json"):
        assert json.loads(path.read_text())["content"]["softwares"]
    for path in state.glob("sites/*/cyclonedx/*.json"):
        assert json.loads(path.read_text())["bomFormat"] == "CycloneDX"


def test_a_day_can_be_made_alone_and_follows_office_hours() -> None:
    place = traffic.site("um", 7, "full", world.days(30))
    monday = world.days(30).index(date(2026, 10, 26))
    visits = traffic.day(place, monday)
    assert visits.equals(traffic.day(place, monday))
    hours = visits["at"].dt.convert_time_zone("Europe/Berlin").dt.hour().value_counts()
    busy = dict(zip(hours["at"], hours["count"], strict=True))
    assert busy[9] > 10 * busy.get(19, 0)
    assert set(busy) <= set(range(6, 20))
    sunday = traffic.day(place, monday - 1)
    assert sunday.height < visits.height / 8
    assert visits["at"].is_sorted()


def test_ordinary_hosts_follow_zipf() -> None:
    place = traffic.site("um", 7, "full", world.days(30))
    counts = traffic.day(place, 20)["host"].value_counts(sort=True)
    share = counts["count"][:20].sum() / counts["count"].sum()
    assert 0.5 < share < 0.8


def test_home_office_is_missing() -> None:
    present = world.presence("im", world.days(30), 7)
    working = [i for i, day in enumerate(world.days(30)) if world.is_working(day)]
    assert 0.78 < present[:, working].mean() < 0.86


def test_check_digits_are_valid() -> None:
    leitweg = pytest.importorskip("stdnum.de.leitweg")
    vat = pytest.importorskip("stdnum.de.vat")
    from simulation import suppliers

    assert all(leitweg.is_valid(unit.leitweg_id) for unit in world.units().values())
    companies = [item for item in vars(suppliers).values() if isinstance(item, suppliers.Supplier)]
    assert len({company.vat for company in companies}) == len(companies) >= 8
    assert all(vat.is_valid(company.vat) for company in companies)
