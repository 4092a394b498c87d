"""An organisational unit: a stable code with dated facts."""

from datetime import date
from typing import Literal

from pydantic import PositiveInt

from schemas.record import Bilingual, Record, UnitCode

UNIT_KINDS = (
    "state",
    "ministry",
    "authority",
    "court",
    "prosecution",
    "university",
    "school",
    "municipality",
    "parliament",
    "audit_office",
    "data_protection",
    "other",
)
Exposure = Literal["normal", "local_only", "excluded"]


class Unit(Record):
    """A ministry, an authority below it, a court; codes and history stay when ministries are re-cut."""

    code: UnitCode
    """Stable code; used in every id."""
    path: UnitCode
    """Place in the tree today: `im` is a ministry, `im/lka` an authority below it."""
    name: Bilingual
    """Official name."""
    kind: str
    """One of UNIT_KINDS."""
    bound: bool
    """True when state standards bind the unit; a municipality or parliament is not bound."""
    headcount: PositiveInt | None = None
    """People at workplaces; None when unknown. A unit under 20 is reported with its parent."""
    exposure: Exposure = "normal"
    """`local_only` units are judged at the site only; `excluded` ones are dropped before storing."""
    sensitive: bool = False
    """Works on security-relevant or otherwise sensitive data."""
    data_classes: tuple[str, ...] = ()
    """Classes of data the unit handles: personal, tax, social, health, police, justice."""
    leitweg_ids: tuple[str, ...] = ()
    """Leitweg-IDs under which the unit receives invoices."""
    buyer_ids: tuple[str, ...] = ()
    """Identifiers under which the unit buys."""
    was: tuple[UnitCode, ...] = ()
    """Former paths."""
    valid_from: date | None = None
    """First day of the facts."""
    valid_to: date | None = None
    """Last day of the facts."""


def without_record(path: str) -> Unit:
    """A unit that no record describes: its path is its code; counts as authority, bound, normal, headcount unknown."""
    return Unit(code=path, path=path, name=Bilingual(de=path, en=path), kind="authority", bound=True)
