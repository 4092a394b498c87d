"""The data folder: commands that only look at it say so when it is not there."""

from pathlib import Path

from schemas.errors import ConfigurationError


def existing(data: Path) -> Path:
    """The folder. Raises ConfigurationError when it does not exist: it is a slip of the pen more often than a start."""
    if not data.is_dir():
        raise ConfigurationError(f"{data}: there is no such folder; `leitplanke ingest` makes it, --data names it")
    return data
