"""Examples of what leaves, from the outboxes below a data folder, and what their scanner says."""

from pathlib import Path
from typing import Any

from leitplanke.contract import Field, fields
from schemas.observation import MANIFEST
from streams.site import egress
from streams.site.egress import Scan
from streams.site.file import SiteFile
from streams.site.site import file_of, sites


def examples(data: Path, only: str | None = None) -> dict[tuple[str, str], Any]:
    """Of each field (record, name) what it said in the last week: newest first, sites by name; `only` is one site."""
    found: dict[tuple[str, str], Any] = {}
    every = [*fields()]
    for name in sites(data) if only is None else [only]:
        with SiteFile(file_of(data, name), writing=False) as file:
            told = egress.manifest(file)
            _take(found, [f for f in every if f.record == MANIFEST.name], [told] if told else [])
            of_observation = [f for f in every if f.record != MANIFEST.name]
            for page in egress.week(file):
                _take(found, of_observation, page)
                if all((f.record, f.name) in found for f in of_observation):
                    break
    return found


def outside(data: Path) -> list[Scan]:
    """The scanner's result for every site."""
    return [egress.scan(data, name) for name in sites(data)]


def _take(found: dict[tuple[str, str], Any], wanted: list[Field], records: list[dict[str, Any]]) -> None:
    for field in wanted:
        key = (field.record, field.name)
        if key not in found:
            value = next((v for v in map(field.value, records) if v is not None), None)
            found |= {} if value is None else {key: value}
