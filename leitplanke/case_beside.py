"""Why no standard covers a subject that a standard names: another edition, other units, or its time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catalogue.applies import LAND, announced, holds, rules_of
from leitplanke.case_names import edition_name
from leitplanke.texts import Lang, joined

if TYPE_CHECKING:
    from leitplanke.case import Case


def beside(case: Case, lang: Lang) -> tuple[str, dict[str, Any]] | None:
    """Message and parameters of the nearest standard that names the subject; None where none does."""
    base = str(case.finding["subject"]).split("#")[0]
    named = [rule for s in case.snapshot.standards for subject, rule in rules_of(s) if subject == base]
    day = case.basis.day
    valid = [rule for rule in named if holds(rule.standard, day) and not announced(rule.standard, day)]
    path = case.snapshot.unit(case.finding["unit"]).path
    here = [rule for rule in valid if any(_below(case, path, code) for code in rule.standard.units)]
    editions = sorted({edition for rule in here for edition in rule.editions or ()})
    if editions:
        return "verdict.beside.edition", {"editions": joined([edition_name(e, lang) for e in editions], lang)}
    if valid and not here:
        codes = sorted({code for rule in valid for code in rule.standard.units})
        names = [getattr(case.snapshot.unit(code).name, lang) for code in codes]
        return "verdict.beside.unit", {"units": joined(names, lang)}
    over = [rule.standard for rule in named if rule.standard.valid_to is not None and rule.standard.valid_to < day]
    if over and not valid:
        last = max(over, key=lambda standard: (standard.valid_to, standard.id))
        return "verdict.beside.ended", {"id": last.id, "day": last.valid_to}
    return None


def _below(case: Case, path: str, code: str) -> bool:
    """The unit with this path is the named one or lies below it."""
    other = case.snapshot.unit(code).path
    return code == LAND or path == other or path.startswith(f"{other}/")
