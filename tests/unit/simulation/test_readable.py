"""The connectors read every record of the made-up state."""

import gzip
import importlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from schemas.connector import Options
from schemas.settings import SiteSettings, SourceSettings

SIGNAL = dict.fromkeys(("squid", "zeek", "suricata", "paloalto"), "network")
SIGNAL |= dict.fromkeys(("ocds", "xrechnung"), "procurement") | dict.fromkeys(("glpi", "cyclonedx", "nmap"), "assets")


def read(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def parsed(connector: ModuleType, path: Path, options: Options) -> pl.DataFrame:
    if connector.SHAPE == "document":
        with path.open("rb") as document:
            return pl.concat(connector.read(document, options))
    content = read(path)
    lines = pl.DataFrame({"line": content.decode().split("\n")}).with_row_index("place", offset=1)
    lines = lines.with_columns(pl.col("place").cast(pl.Int64))
    found = lines.filter(lines.select(connector.records(lines)).to_series())
    layout = connector.layout(content[:65_536], options)
    return connector.parse(found, layout)


def sources(state: Path, connector: str) -> Iterator[tuple[Path, SourceSettings]]:
    for file in sorted(state.glob("sites/*/site.toml")):
        settings = SiteSettings.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        for source in settings.source:
            if source.connector == connector:
                yield from ((path, source) for pattern in source.path for path in sorted(file.parent.glob(pattern)))


@pytest.mark.parametrize("name", SIGNAL)
def test_nothing_is_rejected(state: Path, name: str) -> None:
    try:
        connector = importlib.import_module(f"connectors.{SIGNAL[name]}.{name}")
    except ModuleNotFoundError:
        pytest.skip(f"there is no connector {name} yet")
    files = 0
    for path, source in sources(state, name):
        events = parsed(connector, path, Options(timezone=source.timezone and ZoneInfo(source.timezone)))
        assert events.height
        assert not events["rejected"].drop_nulls().unique().to_list(), path.name
        files += 1
    assert files
