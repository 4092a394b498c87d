"""Every detector by name, read without importing it: what an agreement can name, and since when each is in the program."""

import ast
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from schemas.events import SIGNALS

FOLDERS = ("site", "rules", "models")
_HERE = Path(__file__).parent
_WORDS = {"network": "network", "assets": "assets", "procurement": "procurement", "purchase": "procurement"}


@dataclass(frozen=True, slots=True)
class Known:
    """What a detector says of itself."""

    name: str
    """Name of the file; what an agreement calls it."""
    question: str
    """First line of the card."""
    since: date
    """Day it came into the program; an agreement that is older did not know it. Those of the first release count as there
    from the first day of its year: agreements that were signed while it was written saw them."""
    signals: tuple[str, ...]
    """Signals that the card's Reads line names."""


@cache
def known() -> dict[str, Known]:
    """All detectors, of events and of usages, sorted by name."""
    files = [path for folder in FOLDERS for path in (_HERE / folder).glob("[!_]*.py")]
    return {path.stem: _read(path) for path in sorted(files, key=lambda path: path.stem)}


def _read(path: Path) -> Known:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    card = ast.get_docstring(tree) or ""
    reads = next((line for line in card.splitlines() if line.startswith("Reads")), "").partition(";")[0]
    signals = {signal for word, signal in _WORDS.items() if word in reads}
    return Known(path.stem, card.partition("\n")[0], _since(tree, path), tuple(s for s in SIGNALS if s in signals))


def _since(tree: ast.Module, path: Path) -> date:
    for node in tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["SINCE"]:
            return date.fromisoformat(ast.literal_eval(node.value))
    raise AttributeError(f"detector {path.stem} without SINCE")
