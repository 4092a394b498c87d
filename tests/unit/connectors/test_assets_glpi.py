import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from connectors.assets import glpi
from schemas.connector import Options
from schemas.errors import ConfigurationError, InputError, NotThisFormatError

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("LEITPLANKE_SHARED", ROOT.parent / "shared")) / "data/assets/glpi"
AT = Options(at=datetime(2026, 11, 1, tzinfo=UTC))

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real files of ../shared are not here")


def read(data: bytes, options: Options = AT) -> pl.DataFrame:
    return pl.concat(list(glpi.read(io.BytesIO(data), options)))


def inventory(content: dict[str, Any], **members: Any) -> bytes:
    return json.dumps({"deviceid": "pc-1", "content": content, **members}).encode()


@pytest.mark.shared
@needs_shared
def test_counts_of_real_inventories() -> None:
    counts = {}
    for path in sorted((SHARED / "json").glob("*.json")):
        rows = read(path.read_bytes())
        assert rows["rejected"].null_count() == rows.height, path.name
        assert rows["device_raw"].n_unique() == 1
        counts[path.stem] = rows.filter(pl.col("place") > 0).height
    assert len(counts) == 14
    assert (counts["computer_1"], counts["computer_3"], counts["phone_1"]) == (6, 3033, 3)
    assert sum(counts.values()) == 6 + 6 + 3033 + 3


@pytest.mark.shared
@needs_shared
def test_the_xml_of_older_agents_is_refused_with_one_sentence() -> None:
    for path in sorted((SHARED / "fusioninventory-xml").glob("*.xml")):
        with pytest.raises(NotThisFormatError, match="a GLPI inventory in JSON"):
            read(path.read_bytes())


def test_the_agent_writes_local_time() -> None:
    content: dict[str, Any] = {"accesslog": {"logdate": "2026-07-01 12:00:00"}}
    with pytest.raises(ConfigurationError, match="--at DATE"):
        read(inventory(content), Options())
    assert read(inventory(content), Options(timezone=ZoneInfo("Europe/Berlin")))["at"][0].hour == 10
    assert read(inventory(content))["at"][0] == AT.at
    content["operatingsystem"] = {"timezone": {"offset": "-0300"}}
    assert read(inventory(content))["at"][0].hour == 15
    content["operatingsystem"] = {"timezone": {"offset": "summer"}}
    assert read(inventory(content))["at"][0] == AT.at


def test_packages_and_updates_of_the_system_are_libraries() -> None:
    softwares = [
        {"name": "from-apt", "from": "deb"},
        {"name": "hotfix", "from": "WMI", "system_category": "hotfix"},
        {"name": "installed-by-somebody", "from": "registry", "system_category": "application"},
        {"name": "unknown-origin"},
    ]
    kinds = read(inventory({"softwares": softwares})).filter(pl.col("place") > 0)["asset"].to_list()
    assert kinds == ["library", "library", "application", "application"]


def test_a_partial_inventory_speaks_for_nothing_as_a_whole() -> None:
    whole, partial = inventory({}), inventory({}, partial=True)
    assert [glpi.scope(io.BytesIO(data), AT) for data in (whole, partial, whole[:-1])] == ["pc-1", None, None]


@pytest.mark.parametrize("data", [b"[]", b'{"content": []}', b'{"releases": []}', b"<REQUEST/>"])
def test_another_format_is_refused_with_one_sentence(data: bytes) -> None:
    with pytest.raises(NotThisFormatError, match="a GLPI inventory in JSON"):
        read(data)


@pytest.mark.parametrize("data", [b"", b"{", b'{"content": {}}', inventory({}) * 2, inventory({})[:-1]])
def test_a_broken_document_is_one_rejected_record(data: bytes) -> None:
    rows = read(data)
    assert rows["place"].to_list() == [0]
    assert rows["rejected"].null_count() == 0


def test_more_than_the_cap_is_refused() -> None:
    with pytest.raises(InputError, match="larger than 16 MB"):
        read(b'{"a": "' + b"x" * 17_000_000)
