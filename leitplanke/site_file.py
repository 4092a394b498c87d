"""A commented site.toml, from a few answers. What is not known stands there as a comment, with what to enter."""

import json
import tomllib
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalogue.snapshot import Snapshot
from connectors.registry import describe
from leitplanke.texts import Lang, t
from schemas.settings import SiteSettings
from streams.site.limits import SIGNALS

BASELINE = "baseline_days"
"""A key that newer settings have."""
BASELINE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of a new site."""

    site: str
    unit: str
    format: str | None = None
    """None: no source yet."""
    path: str | None = None
    timezone: str = "Europe/Berlin"
    agreement: str | None = None
    """How the works agreement is cited; None: none on file."""
    agreed_on: date | None = None


def rendered(answers: Answers, snapshot: Snapshot, lang: Lang) -> str:
    """The text of site.toml; it is valid, and `doctor --config` says what is still missing."""
    lines = [
        *_note("head", lang),
        f"site = {_text(answers.site)}",
        *_note("group_size", lang),
        "group_size = 5",
        *_baseline(lang),
        *_note("own_domains", lang),
        '# own_domains = ["landesverwaltung.example"]',
        "",
        *_source(answers, lang),
        "",
        *_units(answers, snapshot, lang),
        "",
        *_note("excluded", lang),
        "# [[excluded]]",
        '# ranges = ["10.16.4.250/32"]',
        f"# reason = {_text(t('init.toml.reason', lang))}",
    ]
    text = "\n".join(lines) + "\n"
    SiteSettings.model_validate(tomllib.loads(text))
    return text


def _baseline(lang: Lang) -> list[str]:
    return [*_note(BASELINE, lang), f"{BASELINE} = {BASELINE_DAYS}"] if BASELINE in SiteSettings.model_fields else []


def _source(answers: Answers, lang: Lang) -> list[str]:
    """One source; as a comment where nobody knows a format yet."""
    name = answers.format or "squid"
    signal = describe(name).signal
    keys: list[tuple[str, Any]] = [
        ("name", name),
        ("connector", name),
        ("path", [answers.path or "logs/access.log*"]),
        ("timezone", answers.timezone),
        ("unit", answers.unit),
        ("purpose", t("init.toml.purpose_value", lang)),
        ("retention_days", SIGNALS[signal]),
    ]
    lines = [*_note("source", lang), "[[source]]"]
    for key, value in keys:
        lines += [*_note(f"source.{key}", lang), f"{key} = {_value(value)}"]
    lines += [*_note("source.legal_basis", lang), '# legal_basis = "..."']
    lines += [*_note("source.agreement", lang), *_agreement(answers, signal)]
    if answers.format is not None:
        return lines
    return [line if line.startswith("#") else f"# {line}" for line in lines]


def _agreement(answers: Answers, signal: str) -> list[str]:
    cited = _text(answers.agreement or "...")
    on = answers.agreed_on or date(2026, 5, 12)
    line = f"agreement = {{ reference = {cited}, date = {on}, signals = [{_text(signal)}], detectors = [] }}"
    return [line if answers.agreement else f"# {line}"]


def _units(answers: Answers, snapshot: Snapshot, lang: Lang) -> list[str]:
    """The unit map: the unit itself, and as comments all that the catalogue has below it."""
    root = snapshot.unit(answers.unit)
    below = sorted(
        (unit for unit in snapshot.units.values() if unit.path.startswith(f"{root.path}/")), key=lambda unit: unit.path
    )
    lines = [*_note("unit", lang), "[[unit]]", f"unit = {_text(answers.unit)}"]
    lines += [
        '# ranges = ["10.16.0.0/16"]',
        '# accounts = ["im-*"]',
        '# buyer_ids = ["..."]',
        '# leitweg_ids = ["..."]',
    ]
    for unit in below:
        lines += ["", f"# [[unit]]  # {getattr(unit.name, lang)}", f"# unit = {_text(unit.code)}", "# ranges = []"]
    return lines


def _note(key: str, lang: Lang) -> list[str]:
    return [f"# {line}" for line in t(f"init.toml.{key}", lang).splitlines()]


def _value(value: Any) -> str:
    return f"[{', '.join(map(_text, value))}]" if isinstance(value, list) else _text(value)


def _text(value: Any) -> str:
    """A value of TOML; JSON's texts are TOML's, but for one character that no name has."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
