import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from connectors.assets import cyclonedx
from schemas.connector import Options
from schemas.errors import ConfigurationError, NotThisFormatError

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("LEITPLANKE_SHARED", ROOT.parent / "shared")) / "data/assets/cyclonedx"
AT = Options(at=datetime(2026, 11, 1, tzinfo=UTC))

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real files of ../shared are not here")


def read(data: bytes, options: Options = AT) -> pl.DataFrame:
    return pl.concat(list(cyclonedx.read(io.BytesIO(data), options)))


def bill(**members: object) -> bytes:
    return json.dumps({"bomFormat": "CycloneDX", **members}).encode()


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize(
    ("name", "files", "components", "services"),
    [
        ("SBOM__laravel", 7, 62, 0),
        ("SBOM__dropwizard", 1, 167, 0),
        ("SBOM__cern", 2, 43, 0),
        ("SBOM__proton-bridge", 2, 201, 0),
        ("SaaSBOM", 1, 0, 1),
    ],
)
def test_counts_of_real_bills(name: str, files: int, components: int, services: int) -> None:
    paths = sorted(SHARED.glob(f"{name}*"))
    assert len(paths) == files
    for path in paths:
        items = read(path.read_bytes()).filter(pl.col("place") > 0, pl.col("rejected").is_null())
        assert items["place"].to_list() == list(range(1, items.height + 1)), path.name
        counted = (items.filter(asset="service").height, items.filter(pl.col("asset") != "service").height)
        assert counted == (services, components), path.name


@pytest.mark.shared
@needs_shared
def test_json_and_xml_of_one_bill_give_the_same_rows() -> None:
    for version in ("1.2", "1.3", "1.4"):
        one, other = (
            read((SHARED / f"SBOM__laravel-7.12.0__bom.{version}.{syntax}").read_bytes()) for syntax in ("json", "xml")
        )
        assert one.equals(other), version


def test_a_time_without_zone_needs_one() -> None:
    data = bill(metadata={"timestamp": "2026-07-01T12:00:00"}, components=[{"name": "part"}])
    with pytest.raises(ConfigurationError, match="--at DATE"):
        read(data, Options())
    assert read(data, Options(timezone=ZoneInfo("Europe/Berlin")))["at"][0].hour == 10
    assert read(data)["at"][0] == AT.at


def test_a_bill_without_time_needs_one_only_for_what_it_names() -> None:
    with pytest.raises(ConfigurationError, match="--at DATE"):
        read(bill(components=[{"name": "part"}]), Options())
    assert read(bill(vulnerabilities=[{}]), Options())["at"].to_list() == [None]


@pytest.mark.parametrize(
    ("kind", "asset"),
    [
        ("framework", "library"),
        ("operating-system", "system"),
        ("device", "host"),
        ("invented", "library"),
        (7, "library"),
    ],
)
def test_kinds_of_components(kind: object, asset: str) -> None:
    assert read(bill(components=[{"name": "part", "type": kind}]))["asset"].to_list() == [asset]


def test_parts_come_before_what_stands_beside_their_owner() -> None:
    inner = [{"name": "a-1", "components": [{"name": "a-1-1"}]}, {"name": "a-2"}]
    rows = read(bill(components=[{"name": "a", "components": inner}, {"name": "b"}], services=[{"name": "s"}]))
    assert rows["product"].to_list() == ["a", "a-1", "a-1-1", "a-2", "b", "s"]
    assert rows["place"].to_list() == [1, 2, 3, 4, 5, 6]


def test_the_scope_is_the_product_without_its_version() -> None:
    first = bill(metadata={"component": {"group": "de.example", "name": "app", "version": "1"}}, serialNumber="urn:1")
    later = bill(metadata={"component": {"group": "de.example", "name": "app", "version": "2"}}, serialNumber="urn:2")
    scopes = [cyclonedx.scope(io.BytesIO(data), AT) for data in (first, later, bill(serialNumber="urn:3"), b"{")]
    assert scopes == ["de.example/app", "de.example/app", "urn:3", None]


def test_half_a_bill_replaces_nothing() -> None:
    rows = read(bill(components=[{"name": "part"}] * 3)[:-10])
    assert rows["place"].to_list() == [0]
    assert rows["rejected"].null_count() == 0


@pytest.mark.parametrize(
    "data", [b"{}", b"[]", b'[{"bomFormat": "CycloneDX"}]', b"<bom/>", b"x", b'{"components": []}']
)
def test_another_format_is_refused_with_one_sentence(data: bytes) -> None:
    with pytest.raises(NotThisFormatError, match="a CycloneDX bill of materials"):
        read(data)
