"""Reads site.toml. What is wrong stops the start and is named by file and key."""

from collections.abc import Iterator
from difflib import get_close_matches
from glob import glob, has_magic
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from connectors import registry
from schemas.errors import ConfigurationError
from schemas.events import EVIDENCE
from schemas.sentence import Sentence, lines, said
from schemas.settings import Alarms, Excluded, SiteSettings, SourceSettings, UnitSettings


def load(path: Path) -> SiteSettings:
    """The settings of a site. Raises ConfigurationError with every problem, one a line: `site.toml: source.2.timezone: ...`."""
    import tomllib

    if not path.name:
        raise ConfigurationError("a name of a file is empty")
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            "{path}: {problem}", path=path, problem=said(error.strerror or type(error).__name__)
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError("{path}: not a text in UTF-8", path=path) from None
    try:
        body = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError("{path}: not TOML: {problem}", path=path, problem=said(str(error))) from None
    problems = [*_zones(body)]
    if body.pop("folder", None) is not None:
        problems.append(said("{key}: {problem}", key="folder", problem=said("unknown key")))
    try:
        settings = SiteSettings.model_validate(_read(body, zones=not problems))
    except ValidationError as error:
        # a value that is none of several types is one problem, not one a type
        found = (_told(_key(problem["loc"]), _sentence(problem)) for problem in error.errors(include_url=False))
        problems += dict.fromkeys(found)
    else:
        problems += [*_sources(settings), *_units(settings)]
    if problems:
        raise ConfigurationError(lines(said("{path}: {problem}", path=path, problem=one) for one in problems))
    return settings.model_copy(update={"folder": path.parent})


def files(settings: SiteSettings, source: SourceSettings) -> tuple[list[str], list[Sentence]]:
    """Files of a source in order of name, and one sentence for each of its paths that names none."""
    found: dict[str, None] = {}
    missing = []
    for path in source.path:
        here = expanded(str((settings.folder or Path()) / path))
        if not here:
            missing.append(
                said(
                    "{site}, source {source}: there is no file {path}",
                    site=settings.site,
                    source=source.name,
                    path=path,
                )
            )
        found |= dict.fromkeys(here)
    return [*found], missing


def expanded(path: str) -> list[str]:
    """Files that a path, a folder or a pattern names, sorted; folders are read with all below."""
    if path in {"-", ""}:  # an empty name would be the folder where the command was given
        return [path]
    named = sorted(glob(path, recursive=True)) if has_magic(path) and not Path(path).exists() else [path]  # noqa: PTH207  # absolute patterns too
    found = []
    for name in named:
        place = Path(name)
        if place.is_dir():
            found += sorted(str(file) for file in place.rglob("*") if file.is_file())
        elif place.exists():
            found.append(name)
    return found


def _zones(body: dict[str, Any]) -> Iterator[Sentence]:
    for n, source in enumerate(_list(body, "source"), 1):
        zone = source.get("timezone")
        try:
            if isinstance(zone, str):
                ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            yield _told(f"source.{n}.timezone", said("{given} is no time zone; one is Europe/Berlin", given=repr(zone)))


def _read(body: dict[str, Any], *, zones: bool) -> dict[str, Any]:
    """The settings as they are checked: one path is a list of one; zones that are told already are left out."""
    sources = body.get("source")
    if not isinstance(sources, list):
        return body
    return {**body, "source": [_source(source, zones=zones) for source in sources]}


def _source(source: Any, *, zones: bool) -> Any:
    if not isinstance(source, dict):
        return source
    path = source.get("path")
    kept = {key: value for key, value in source.items() if zones or key != "timezone"}
    return kept | ({"path": [path]} if isinstance(path, str) else {})


def _list(body: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = body.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _key(location: tuple[int | str, ...]) -> str:
    """`source.2.timezone`: entries of a list are numbered from 1."""
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in location if not _branch(step))


def _branch(step: int | str) -> bool:
    """The names of union members that pydantic adds."""
    return isinstance(step, str) and "[" in step


def _told(key: str, problem: Sentence) -> Sentence:
    return said("{key}: {problem}", key=key, problem=problem)


def _sentence(problem: Any) -> Sentence:
    if problem["type"] == "missing":
        return said("is missing")
    if problem["type"] == "extra_forbidden":
        near = get_close_matches(str(problem["loc"][-1]), _KEYS, 1)
        return said("unknown key; do you mean {near}?", near=near[0]) if near else said("unknown key")
    given = repr(problem["input"])
    if problem["type"].startswith("ip_v"):
        return said("{given} is no range of addresses; one is 10.1.0.0/16", given=given)
    rule = next((words for start, words in _WORDS.items() if problem["type"].startswith(start)), problem["msg"])
    bounds = {name: str(value).replace(" or ", ", ") for name, value in problem.get("ctx", {}).items()}
    return said("{rule}, found {given}", rule=said(rule, **bounds), given=given)


_KEYS = sorted(
    {key for part in (SiteSettings, SourceSettings, UnitSettings, Excluded, Alarms) for key in part.model_fields}
)
_WORDS = {
    "string_too_short": "a name expected",
    "string_pattern": "a name in lower case without blanks expected",
    "string": "a text in quotation marks expected",
    "int": "a whole number expected",
    "greater_than_equal": "at least {ge} expected",
    "greater_than": "more than {gt} expected",
    "tuple": "a list in square brackets expected",
    "model": "a table with keys expected",
    "literal": "one of {expected} expected",
    "date": "a date such as 2026-05-12 expected",
}
"""What was expected, by the beginning of pydantic's kind of error; its own sentences speak of Python."""


def _sources(settings: SiteSettings) -> Iterator[Sentence]:
    seen: dict[str, int] = {}
    known = registry.names()
    for n, source in enumerate(settings.source, 1):
        if source.name in seen:
            told = said("{name} is also the name of source {other}", name=source.name, other=seen[source.name])
            yield _told(f"source.{n}.name", told)
        seen.setdefault(source.name, n)
        if source.connector not in known:
            told = said("{name} is no format; there are {known}", name=source.connector, known=", ".join(known))
            yield _told(f"source.{n}.connector", told)
        elif source.view is not None and registry.describe(source.connector).signal != "network":
            yield _told(f"source.{n}.view", said("only sources of the network have one"))
        elif source.view is not None and source.view not in EVIDENCE:
            told = said("{given} is none of {known}", given=source.view, known=", ".join(EVIDENCE))
            yield _told(f"source.{n}.view", told)


def _units(settings: SiteSettings) -> Iterator[Sentence]:
    """The same range, pattern or identifier for two units: nobody could say which one counts."""
    seen: dict[tuple[str, str], str] = {}
    for n, unit in enumerate(settings.unit, 1):
        for key in ("ranges", "accounts", "buyer_ids", "leitweg_ids"):
            for m, value in enumerate(getattr(unit, key), 1):
                other = seen.setdefault((key, str(value).lower()), unit.unit)
                if other != unit.unit:
                    yield _told(
                        f"unit.{n}.{key}.{m}", said("{given} is also given to {other}", given=value, other=other)
                    )
