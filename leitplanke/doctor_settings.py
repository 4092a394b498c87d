"""What of site.toml would not do what its writer means: checked against the catalogue and against the first files."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from catalogue.load import load as catalogue
from connectors import registry
from detectors.known import known
from leitplanke.help import Language
from leitplanke.law import unknown
from leitplanke.parsing import frames
from leitplanke.sentences import told
from leitplanke.settings import files, load
from leitplanke.texts import t
from schemas.connector import Options
from schemas.errors import LeitplankeError
from schemas.settings import SiteSettings, SourceSettings
from streams.site.agreed import allowed

Found = Iterator[tuple[Literal["good", "hint", "wrong"], str]]


def examined(path: Path, law: Path | None, lang: Language) -> Found:
    """Settings are valid, their paths lead to files of the format, their units are known, their purposes named."""
    settings = load(path)
    yield "good", t("doctor.settings", lang, file=path, n=len(settings.source))
    if not settings.source:
        yield "hint", t("doctor.settings.empty", lang, file=path)
    for source in settings.source:
        yield from _files(settings, source, lang)
        if not (source.purpose and source.legal_basis):
            yield "hint", t("doctor.purpose", lang, source=source.name)
        yield from _agreed(settings, source, lang)
    units = [source.unit for source in settings.source if source.unit] + [unit.unit for unit in settings.unit]
    for code in _unknown(units, law):
        yield "hint", t("doctor.unit", lang, unit=code)


def _agreed(settings: SiteSettings, source: SourceSettings, lang: Language) -> Found:
    """What the works agreement of a source allows; without one everything runs."""
    what = allowed(settings, source)
    if what.refusal is not None:
        yield "wrong", told(what.refusal, lang)
    elif source.agreement is None:
        yield "hint", t("doctor.agreement", lang, site=settings.site, source=source.name)
    elif what.lacking:
        shown = {"source": source.name, "detectors": ", ".join(what.lacking)}
        yield "hint", t("doctor.agreement.detectors", lang, **shown)
    if source.agreement is not None and source.agreement.date > datetime.now(UTC).date():
        yield "hint", t("doctor.agreement.ahead", lang, source=source.name, day=source.agreement.date)
    strange = [name for name in (source.agreement.detectors if source.agreement else ()) if name not in known()]
    if strange:
        yield "hint", t("doctor.agreement.unknown", lang, source=source.name, detectors=", ".join(strange))


def _unknown(units: list[str], law: Path | None) -> list[str]:
    """A catalogue that cannot be read is told by its own check."""
    try:
        return unknown(units, catalogue(law))
    except LeitplankeError:
        return []


def _files(settings: SiteSettings, source: SourceSettings, lang: Language) -> Found:
    if not source.path:
        yield "hint", t("doctor.settings.pathless", lang, source=source.name)
        return
    paths, missing = files(settings, source)
    for sentence in missing:
        yield "wrong", told(sentence, lang)
    unreadable = [path for path in paths if not os.access(path, os.R_OK)]
    if unreadable:
        yield "wrong", t("doctor.settings.unreadable", lang, source=source.name, file=unreadable[0])
    for path in [path for path in paths if Path(path).is_file() and path not in unreadable][:1]:
        yield from _first(source, path, lang)


def _first(source: SourceSettings, path: str, lang: Language) -> Found:
    """The first file of a source is what its format says."""
    zone = ZoneInfo(source.timezone) if source.timezone else None
    try:
        seen = list(islice(frames(registry.get(source.connector), Options(zone, None, source.view), path), 1))
    except LeitplankeError as error:
        yield (
            "wrong",
            t("doctor.settings.first", lang, source=source.name, file=path, problem=told(error.sentence, lang)),
        )
        return
    rejected = pl.concat([frame.filter(pl.col("rejected").is_not_null()) for frame in seen]) if seen else pl.DataFrame()
    if seen and rejected.height == seen[0].height and rejected.height:
        problem = told(rejected["rejected"][0], lang)
        yield "wrong", t("doctor.settings.first", lang, source=source.name, file=path, problem=problem)
