"""Reads a catalogue folder: one YAML file a thing (units and parameters may be lists), in folders by kind.

What was read without a problem is kept in the user's cache, with the tables of identifiers that matching makes of it;
what reads YAML is imported only where nothing is kept.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from catalogue import compiled
from catalogue.snapshot import SECTIONS, Snapshot, typed
from catalogue.suffixes import LIST
from schemas.entries import DirectoryEntry, Initiative, LegalBasis, Parameter, Standard
from schemas.errors import ConfigurationError
from schemas.record import Record
from schemas.sentence import Sentence, lines, said
from schemas.unit import Unit

if TYPE_CHECKING:
    from catalogue.documents import Key, Place

BUNDLED = Path(__file__).parent
"""The catalogue that comes with Leitplanke."""

FOLDERS: dict[str, type[Record]] = {
    "directory": DirectoryEntry,
    "standards": Standard,
    "initiatives": Initiative,
    "parameters": Parameter,
    "legal": LegalBasis,
    "units": Unit,
}
"""What lies in which folder; a folder that is missing is empty."""

_CODE = (BUNDLED, BUNDLED.parent / "schemas")
"""Folders of the code that reads a catalogue."""
_KIND = "catalogue"
_NAMED = 5
"""Problems that the error of `load` names; `check` gives all."""
_SUFFIXES = frozenset({".yaml", ".yml"})


class Placed(NamedTuple):
    """A record and where it was written."""

    place: "Place"
    record: Record


def load(path: Path | None = None) -> Snapshot:
    """The snapshot of a catalogue folder, by default the bundled one.

    Raises ConfigurationError that names file, line and key of the first problems.
    """
    root = path or BUNDLED
    code = (file for folder in _CODE for file in folder.glob("*.py"))
    key = compiled.key_of([LIST], code, compiled.below(root, _SUFFIXES))
    known = compiled.kept(_KIND, key) if root.is_dir() else None
    if known is not None and known.keys() >= SECTIONS.keys():
        return Snapshot.written(known)
    placed, problems = _gather(root)
    if problems:
        rest = len(problems) - _NAMED
        more = [said("... and {rest} more; `leitplanke catalogue check` lists them", rest=rest)] if rest > 0 else []
        raise ConfigurationError(lines([*problems[:_NAMED], *more]))
    snapshot = Snapshot.of(item.record for item in placed)
    compiled.keep(_KIND, key, _parts(snapshot))
    return snapshot


def _parts(snapshot: Snapshot) -> dict[str, bytes]:
    from catalogue.known import Known
    from catalogue.never import KINDS

    tables = {"known": Known.made(snapshot), "never": Known.made(snapshot, KINDS)}
    return snapshot.sections() | {name: table.written() for name, table in tables.items()}


def check(path: Path | None = None) -> list[str]:
    """All problems of a catalogue folder as one sentence each, by file and line; empty when it can be loaded."""
    return _gather(path or BUNDLED)[1]


def _gather(root: Path) -> tuple[list[Placed], list[str]]:
    from catalogue.contradictions import across
    from catalogue.documents import read
    from catalogue.spellings import within

    if not root.is_dir():
        return [], [said("{root}: the catalogue folder does not exist", root=root)]
    shown = Path(root.name) if root == BUNDLED else root
    problems: list[str] = []
    placed: list[Placed] = []
    for folder, kind in FOLDERS.items():
        for file in _files(root / folder):
            for place, value in read(file, str(shown / file.relative_to(root)), problems):
                record = _record(kind, place, value, problems)
                if record is not None:
                    placed.append(Placed(place, record))
                    problems.extend(place.say(path, sentence) for path, sentence in within(record))
    problems.extend(_strays(root, shown))
    problems.extend(across([(item.place, item.record) for item in placed]))
    return placed, sorted(set(problems), key=_by_line)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in _SUFFIXES and file.is_file())


def _strays(root: Path, shown: Path) -> Iterator[str]:
    """YAML files beside the folders would be left out without a word."""
    for item in sorted(root.iterdir()):
        if item.name.startswith(".") or item.name in FOLDERS:
            continue
        for file in [item] if item.is_file() else _files(item):
            if file.suffix.lower() in _SUFFIXES:
                where = shown / file.relative_to(root)
                yield said(
                    "{where}: lies in none of the folders {known} and would not be read",
                    where=where,
                    known=", ".join(FOLDERS),
                )


def _record(kind: type[Record], place: "Place", value: dict[str, Any], problems: list[str]) -> Record | None:
    try:
        record = kind.model_validate(_readable(value, kind))
    except ValidationError as error:
        seen: set[tuple[Key, ...]] = set()
        for problem in error.errors(include_url=False):
            path = _path(problem["loc"], value)
            if path not in seen:
                seen.add(path)
                problems.append(place.say(path, _sentence(problem, kind)))
        return None
    return typed(record) if isinstance(record, Parameter) else record


def _readable(value: dict[str, Any], kind: type[Record]) -> dict[str, Any]:
    """A key without a value says the same as no key; the value of a parameter may be yes or no."""
    present = {key: item for key, item in value.items() if item is not None}
    if kind is Parameter and present.get("value") in {"true", "false"}:
        present["value"] = present["value"] == "true"
    return present


def _path(location: "tuple[Key, ...]", value: Any) -> "tuple[Key, ...]":
    """The location without the names of union branches that pydantic adds at its end."""
    path: list[Key] = []
    for step in location:
        if not isinstance(value, dict | list):
            break
        path.append(step)
        if isinstance(value, dict):
            value = value.get(str(step))
        else:
            value = value[step] if isinstance(step, int) and step < len(value) else None
    return tuple(path)


def _sentence(problem: Any, kind: type[Record]) -> Sentence:
    """Pydantic's error in our words."""
    given, what = problem["input"], problem["type"]
    if what == "missing":
        return said("is missing")
    if what == "extra_forbidden":
        known = ", ".join(kind.model_fields)
        return (
            said("unknown key; known here: {known}", known=known) if len(problem["loc"]) == 1 else said("unknown key")
        )
    if what.startswith("date"):
        return said("{given} is not a date (YYYY-MM-DD)", given=repr(given))
    rule = {
        "literal_error": "{given} is not one of {expected}",
        "string_pattern_mismatch": "{given} does not fit the pattern {pattern}",
        "tuple_type": "{given} is not a list",
        "model_type": "{given} is not a mapping of keys to values",
        "model_attributes_type": "{given} is not a mapping of keys to values",
    }.get(what)
    if rule:
        bounds = {name: str(value).replace(" or ", ", ") for name, value in problem.get("ctx", {}).items()}
        return said(rule, given=repr(given), **bounds)
    return said("{rule}, found {given}", rule=said(problem["msg"]), given=repr(given))


def _by_line(problem: str) -> tuple[str, int, str]:
    found = re.match(r"(.*?):(\d+): ", problem)
    return (found[1], int(found[2]), problem) if found else (problem, 0, problem)
