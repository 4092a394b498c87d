"""A new site: its settings with comments and its key. What is there already is left as it is."""

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from catalogue.snapshot import Snapshot
from connectors import registry
from leitplanke import sites
from leitplanke.law import named
from leitplanke.output import say
from leitplanke.recognise import recognised
from leitplanke.sentences import told
from leitplanke.settings import expanded
from leitplanke.site_file import Answers, rendered
from leitplanke.texts import Lang, t
from schemas.errors import ConfigurationError, LeitplankeError
from streams.site.keys import SiteKey

FILE = "site.toml"
TRIED = 3
"""Files of a folder or pattern that are looked at."""
UNIT = "im"
"""Proposed where nobody names one."""
_ZONE = "Europe/Berlin"

Ask = Callable[[str, str, Callable[[str], object]], str]
"""Question, what is proposed, and a check that raises: gives an answer that holds."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was written."""

    settings: Path
    key: Path
    answers: Answers


def made(given: Namespace) -> Made:
    """Write settings and key. Raises ConfigurationError where the settings are there, or an answer is no answer."""
    path = _place(given)
    if path.exists():
        raise ConfigurationError("{path}: is there already; nothing was changed", path=path)
    snapshot = named(given.catalogue)
    answers = _answered(given, snapshot, path.parent)
    text = rendered(answers, snapshot, given.lang)
    key = SiteKey.path(given.data / "keys", answers.site)
    SiteKey.open(given.data / "keys", answers.site)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return Made(path, key, answers)


def _place(given: Namespace) -> Path:
    if given.config is not None and given.folder is not None:
        raise ConfigurationError("give a folder or --config, not both")
    return Path(given.config) if given.config is not None else Path(given.folder or ".") / FILE


def _answered(given: Namespace, snapshot: Snapshot, folder: Path) -> Answers:
    """Options first; with `--wizard` the rest is asked for, else it is as proposed."""
    ask = partial(_ask, given.lang) if given.wizard else _proposed
    if given.wizard:
        _ministries(snapshot, given.lang)
    unit = sites.unit(given.unit or ask("unit", UNIT, sites.unit))
    site = sites.name(given.site or ask("site", unit.replace("/", "-"), sites.name))
    path = given.path or ask("path", "", str)
    if path and given.source is None and not given.wizard and not expanded(path):
        raise ConfigurationError(
            "{path}: there is no such file; --source names the format of one that comes later", path=path
        )
    zone = sites.zone(given.timezone or _ZONE)
    form = given.source or (_format(path, zone, given, ask) if path else "")
    if given.timezone is None:
        zone = sites.zone(ask("timezone", _ZONE, sites.zone))
    reference = given.agreement or ask("agreement", "", str)
    today = str(datetime.now(UTC).date())
    signed = given.agreed_on or (ask("agreed_on", today, _day) if reference else today)
    name = registry.describe(form).name if form else None
    return Answers(site, unit, name, _from(folder, path), zone.key, reference or None, _day(signed))


def _format(path: str, zone: ZoneInfo, given: Namespace, ask: Ask) -> str:
    """The format that the first files show, or another one that the reader knows."""
    guessed = _guessed(path, zone)
    sys.stdout.write(t("init.guessed" if guessed else "init.unknown", given.lang, format=guessed or "") + "\n")
    return ask("format", guessed or "", lambda name: registry.describe(name) if name else None)


def _day(text: str) -> date:
    return sites.day(text, "--agreed-on")


def _guessed(path: str, zone: ZoneInfo) -> str | None:
    """The format that fits most of the first files best."""
    votes: dict[str, float] = {}
    for file in expanded(path)[:TRIED] if path else ():
        for guess in recognised(file, zone)[:1]:
            votes[guess.format] = votes.get(guess.format, 0) + guess.share
    return max(votes, key=lambda name: votes[name], default=None)


def _from(folder: Path, path: str) -> str | None:
    """The path as the settings name it: relative to their folder where it lies below, else absolute."""
    if not path:
        return None
    whole, here = os.path.abspath(path), os.path.abspath(folder)  # noqa: PTH100  # patterns are no files
    return os.path.relpath(whole, here) if whole.startswith(here + os.sep) else whole


def _proposed(_question: str, default: str, _check: Callable[[str], object]) -> str:
    return default


def _ask(lang: Lang, question: str, default: str, check: Callable[[str], object]) -> str:
    """Ask until the answer holds; an empty line, and the end of the input, take what is proposed."""
    shown = t("init.default", lang, value=default) if default else t("init.no_default", lang)
    while True:
        sys.stdout.write(f"{t(f'init.ask.{question}', lang)} {shown}: ")
        sys.stdout.flush()
        line = sys.stdin.readline()
        answer = line.strip() or default
        try:
            check(answer)
        except LeitplankeError as error:
            if not line:
                raise
            say(told(error.sentence, lang))
            continue
        return answer


def _ministries(snapshot: Snapshot, lang: Lang) -> None:
    for unit in sorted(snapshot.units.values(), key=lambda one: one.path):
        if unit.kind == "ministry":
            sys.stdout.write(f"  {unit.code:<6}{getattr(unit.name, lang)}\n")
