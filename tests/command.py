"""What the tests of the command line hand around."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]
"""Runs a command of these words."""
Written = Callable[..., Path]
"""Writes a log of these lines."""
