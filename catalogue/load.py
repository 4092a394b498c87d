"""Reads a catalogue folder: one YAML file a thing (units and parameters may be lists), in folders by kind.

What was read without a problem is kept in the user's cache, with the tables of identifiers that matching makes of it.
"""

from pathlib import Path

from catalogue import compiled
from catalogue.snapshot import SECTIONS, Snapshot
from catalogue.suffixes import LIST
from schemas.errors import ConfigurationError

BUNDLED = Path(__file__).parent
"""The catalogue that comes with Leitplanke."""

_CODE = (BUNDLED, BUNDLED.parent / "schemas")
"""Folders of the code that reads a catalogue."""
_FILES = frozenset({".yaml", ".yml"})
_NAMED = 5
"""Problems that the error of `load` names; `check` gives all."""


def load(path: Path | None = None) -> Snapshot:
    """The snapshot of a catalogue folder, by default the bundled one.

    Raises ConfigurationError that names file, line and key of the first problems.
    """
    root = path or BUNDLED
    code = (file for folder in _CODE for file in folder.glob("*.py"))
    key = compiled.key_of([LIST], code, compiled.below(root, _FILES))
    known = compiled.kept("catalogue", key) if root.is_dir() else None
    if known is not None and known.keys() >= SECTIONS.keys():
        return Snapshot.written(known)
    snapshot = _read(root)
    compiled.keep("catalogue", key, _parts(snapshot))
    return snapshot


def _read(root: Path) -> Snapshot:
    from catalogue.gather import gathered

    placed, problems = gathered(root, _shown(root))
    if problems:
        rest = len(problems) - _NAMED
        more = [f"... and {rest} more; `leitplanke catalogue check` lists them"] if rest > 0 else []
        raise ConfigurationError("\n".join([*problems[:_NAMED], *more]))
    return Snapshot.of(item.record for item in placed)


def _parts(snapshot: Snapshot) -> dict[str, bytes]:
    from catalogue.known import Known
    from catalogue.never import KINDS

    tables = {"known": Known.made(snapshot), "never": Known.made(snapshot, KINDS)}
    return snapshot.sections() | {name: table.written() for name, table in tables.items()}


def check(path: Path | None = None) -> list[str]:
    """All problems of a catalogue folder as one sentence each, by file and line; empty when it can be loaded."""
    from catalogue.gather import gathered

    root = path or BUNDLED
    return gathered(root, _shown(root))[1]


def _shown(root: Path) -> Path:
    """How the folder is called in sentences: the place of the program says nothing."""
    return Path(root.name) if root == BUNDLED else root
