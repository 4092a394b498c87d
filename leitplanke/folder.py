"""The data folder: commands that only look at it say so when it is not there."""

from pathlib import Path

from schemas.errors import ConfigurationError


def existing(data: Path) -> Path:
    """The folder. Raises ConfigurationError when it does not exist: it is a slip of the pen more often than a start."""
    if not possible(data).exists():
        raise ConfigurationError(
            "{data}: there is no such folder; `leitplanke ingest` makes it, --data names it", data=data
        )
    return data


def possible(data: Path) -> Path:
    """The folder, there or not yet. Raises ConfigurationError when something else has its name."""
    if data.exists() and not data.is_dir():
        raise ConfigurationError("{data}: is a file; --data names the folder that holds what was read", data=data)
    return data
