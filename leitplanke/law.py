"""The catalogue that the command line names, looked at before anything is matched against it."""

from collections.abc import Iterable
from pathlib import Path

from catalogue.load import load
from catalogue.snapshot import Snapshot
from schemas.errors import ConfigurationError
from schemas.sentence import Sentence, said


def named(path: Path | None) -> Snapshot:
    """The catalogue of `--catalogue`, else the bundled one.

    Raises ConfigurationError for a folder without any entry: with it everything sent so far would be withdrawn.
    """
    snapshot = load(path)
    if not snapshot.holds("directory"):
        raise ConfigurationError(empty(path))
    return snapshot


def empty(path: Path | None) -> Sentence:
    """What to say of a catalogue without entries."""
    return said(
        "{path}: this folder holds no catalogue; its entries lie in directory/, standards/ and so on", path=path
    )


def unknown(units: Iterable[str], snapshot: Snapshot) -> list[str]:
    """Codes among `units` that the catalogue does not have, as written, each once."""
    return [unit for unit in dict.fromkeys(units) if unit not in snapshot.units]
