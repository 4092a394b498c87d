"""What a finding says of a candidate: a domain that no entry knows, and why it was taken up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leitplanke.texts import Lang, t
from schemas.observation import SIGNS

if TYPE_CHECKING:
    from leitplanke.case import Case


def signs(case: Case) -> list[str]:
    """Signs that made the domain a candidate, in the order in which they are told; none for what the directory knows."""
    shown = case.numbers.get("shown_by") or []
    return [sign for sign in SIGNS if sign in shown]


def same_name(case: Case) -> bool:
    """True where something of the same name was bought or installed at the unit."""
    return "by_purchase" in signs(case)


def why_candidate(case: Case, lang: Lang) -> str:
    """Each sign, what that makes of the domain, and what nobody knows; that data goes there only where it was measured."""
    days = case.numbers.get("program_days")
    shown = [t(_key(sign, days), lang, n=days) for sign in signs(case)]
    uploads = (case.numbers.get("upload_actors") or 0) > 0 and (case.numbers.get("bytes_up") or 0) > 0
    if uploads and "by_upload" not in signs(case):
        shown.append(t("candidate.data", lang))
    head = [t("candidate.therefore", lang)] if signs(case) else []
    return " ".join([*shown, *head, t("reason.unlisted_service.candidate", lang)])


def _key(sign: str, days: int | None) -> str:
    return f"candidate.{sign}.days" if sign == "by_program" and days else f"candidate.{sign}"
