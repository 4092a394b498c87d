"""Finds detectors: one file each in `detectors/rules`; nothing is registered."""

import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Literal

import polars as pl

from detectors import rules as package
from detectors.context import Context

Dimension = Literal["sovereignty", "transformation", "governance", "workplace", "green"]
Reasons = Callable[[pl.DataFrame, Context], pl.DataFrame]

LEADING = ("prohibited_service", "split_award", "generative_ai", "unlisted_service")
"""Whose answer a finding proposes when several detectors speak; others follow by name."""


@dataclass(frozen=True, slots=True)
class Detector:
    """One question asked of usages."""

    name: str
    """Name of the file, and code of its reasons."""
    version: str
    """Rises when the same usages may give another reason."""
    card: str
    """Docstring of the file: the page in the documentation and the help text."""
    dimension: Dimension
    """Dimension of the IT strategy."""
    answer: str
    """Code of the sentence with the proposed answer."""
    reasons: Reasons
    """`reasons(usages, context)`: rows of (unit, subject, code, score, params)."""

    @property
    def question(self) -> str:
        """First line of the card."""
        return self.card.splitlines()[0]


@cache
def rules() -> list[Detector]:
    """All detectors on usages, sorted by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return [_load(name) for name in names]


def answer(codes: Iterable[str]) -> str | None:
    """The answer proposed for a finding with these reasons; None without any."""
    known = {rule.name: rule.answer for rule in rules()}
    present = sorted(set(codes) & set(known), key=lambda c: (LEADING.index(c) if c in LEADING else len(LEADING), c))
    return known[present[0]] if present else None


def _load(name: str) -> Detector:
    module = import_module(f"{package.__name__}.{name}")
    card = (module.__doc__ or "").strip()
    return Detector(name, module.VERSION, card, module.DIMENSION, module.ANSWER, module.reasons)
