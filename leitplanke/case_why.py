"""The lines of a finding that say why it matters, what it weighs, and what the reader can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from leitplanke.case_candidate import same_name, why_candidate
from leitplanke.case_inventory import concerned, cycle_name
from leitplanke.case_lines import sentences, signals
from leitplanke.case_names import entry, kind, offered_by
from leitplanke.texts import Lang, joined, listed, t

if TYPE_CHECKING:
    from leitplanke.case import Case

Params = Mapping[str, Any]

OPTIONS = {
    "use_alternative": ("use_alternative", "initiative", "stop", "covered", "guest"),
    "adopt_register_or_stop": ("use_alternative", "standard", "initiative", "stop", "covered", "guest"),
    "migrate_register_or_stop": ("use_alternative", "migrate", "initiative", "stop", "covered", "guest"),
    "check_transfer": ("use_alternative", "transfer", "initiative", "stop", "covered", "guest"),
    "check_aggregation": ("checked", "separate", "covered"),
    "update_or_replace": ("update", "replace", "support"),
    "name_edition": ("edition", "use_alternative", "initiative", "stop", "covered", "guest"),
}
"""What a reader can answer, by the proposed answer; `stimmt nicht` and `mehr Zeit` always follow."""


def why(case: Case, lang: Lang) -> str | None:
    """A sentence or more a reason; that nobody has looked at it is said where no reason says more."""
    reasons = [r for r in case.finding["reasons"] if r["code"] in _WHY]
    special = [r for r in reasons if r["code"] != "unlisted_service"]
    return sentences(*(_WHY[r["code"]](case, r["params"], lang) for r in special or reasons))


def _unlisted(case: Case, params: Params, lang: Lang) -> str:
    if params.get("candidate"):
        return why_candidate(case, lang)
    return t("reason.unlisted_service", lang, thing=t(f"thing.{kind(case)}", lang))


def _edition(_case: Case, _params: Params, lang: Lang) -> str:
    return t("reason.edition_unknown", lang)


def _generative(_case: Case, _params: Params, lang: Lang) -> str:
    return t("reason.generative_ai", lang)


def _prohibited(_case: Case, params: Params, lang: Lang) -> str:
    return t("reason.prohibited_service" + (".ended" if params.get("ended") else ""), lang)


def _outside(_case: Case, params: Params, lang: Lang) -> str:
    seat, parent, places = params.get("provider_seat"), params.get("parent_seat"), params.get("processed_in")
    parts = []
    family = "reason.outside_jurisdiction"
    if seat and parent and seat != parent:
        parts.append(t(f"{family}.seat_and_parent", lang, seat=seat, parent=parent))
    elif seat:
        parts.append(t(f"{family}.seat", lang, seat=seat))
    elif parent:
        parts.append(t(f"{family}.parent", lang, parent=parent))
    if places:
        parts.append(t(f"{family}.processed", lang, places=_countries(places, lang)))
    elif not seat:
        parts.append(t(f"{family}.unknown.provider_seat", lang))
    text = t(family, lang, facts=" ".join(parts))
    disputed = params.get("disputed")
    return f"{text} {t(f'{family}.disputed', lang, places=_countries(disputed, lang))}" if disputed else text


def _countries(codes: list[str], lang: Lang) -> str:
    return joined([t("country.plain", lang, country=code) for code in codes], lang)


def _split(_case: Case, params: Params, lang: Lang) -> str | None:
    disputed, unknown = params.get("disputed"), params.get("unknown")
    named = {**params, "documents": listed(params["documents"], lang)}
    return sentences(
        t(f"reason.split_award.sum.{params['money']}", lang, **named),
        t("reason.split_award", lang, **named),
        t("reason.split_award.unknown", lang, n=unknown) if unknown else None,
        _disputed(disputed, lang) if disputed else None,
    )


def _disputed(sources: str, lang: Lang) -> str:
    """What the sources say is written in German only."""
    family = "reason.split_award.disputed"
    return t(family, lang, disputed=sources) if lang == "de" else t(f"{family}.plain", lang)


def _ended(case: Case, params: Params, lang: Lang) -> str | None:
    ended = [{**cycle, "cycle": cycle_name(entry(case), cycle["cycle"])} for cycle in params["ended"]]
    cycles = [t("reason.end_of_life_software.cycle", lang, **cycle) for cycle in ended]
    return sentences(
        t("reason.end_of_life_software", lang, cycles=listed(cycles, lang)),
        concerned(case, params.get("devices"), params.get("known"), lang),
    )


_WHY: dict[str, Callable[[Case, Params, Lang], str | None]] = {
    "unlisted_service": _unlisted,
    "edition_unknown": _edition,
    "generative_ai": _generative,
    "prohibited_service": _prohibited,
    "outside_jurisdiction": _outside,
    "split_award": _split,
    "end_of_life_software": _ended,
}


def points(case: Case, lang: Lang) -> str | None:
    """Each part with its points, and the sum."""
    parts = [t("part.line", lang, part=_part(part, lang), points=part["points"]) for part in case.finding["parts"]]
    return f"{' · '.join(parts)} = {case.finding['urgency']}" if parts else None


def _part(part: Params, lang: Lang) -> str:
    params = part.get("params") or {}
    if part["name"] == "share":
        return t(f"part.share.{params['actors_kind']}", lang, **params)
    sent = part["name"] == "upload" and params.get("uploads") is False
    return t("part.sent" if sent else f"part.{part['name']}", lang, **params)


def alternative(case: Case) -> str | None:
    """Approved subject that does the same: the finding's, else what a reason proposes."""
    proposed = (r["params"].get("alternative") or r["params"].get("successor") for r in case.finding["reasons"])
    return case.finding.get("alternative") or next((p for p in proposed if p), None)


def instead(case: Case, lang: Lang) -> str | None:
    """What the state offers, in the words of the standard that approves it."""
    if kind(case) in {"purchases", "domain"} or case.finding.get("answer") == "update_or_replace":
        return None
    subject = alternative(case)
    offer = entry(case, subject) if subject else None
    if subject is None or offer is None:
        return t("instead.none", lang)
    name = getattr(offer.name, lang)
    full = offered_by(name, offer.provider, lang)
    short = name.partition(" (")[0]
    approved = (s for s in case.snapshot.standards if s.verdict == "approved" and _covers(s.subjects, subject))
    title = next((str(getattr(s.title, lang)) for s in approved), None)
    if title is None:
        said = f"{full}."
    else:
        said = full + title.removeprefix(short) if title.startswith(f"{short} ") else f"{full}: {title}"
    return f"{said} {t('instead.access', lang)}"


def _covers(subjects: tuple[str, ...], subject: str) -> bool:
    return subject in subjects or subject.split("#", maxsplit=1)[0] in subjects


def others(case: Case, lang: Lang) -> str | None:
    """How many more units, and which initiatives one could join."""
    what = kind(case)
    if what == "purchases":
        return None
    base, day = str(case.finding["subject"]).split("#")[0], case.basis.day
    running = [
        i
        for i in case.snapshot.initiatives
        if i.subject.split("#")[0] == base and i.valid_from <= day <= i.valid_to and case.finding["unit"] not in i.units
    ]
    joined_in = [
        t(
            "others.initiative",
            lang,
            day=i.valid_to,
            units=joined([getattr(case.snapshot.unit(u).name, lang) for u in i.units], lang),
        )
        for i in running
    ]
    units = t("others.units", lang, n=case.others, thing=t(f"thing.{what}", lang)) if case.others else None
    return sentences(units, *joined_in)


def answers(case: Case, lang: Lang) -> str | None:
    """What the reader can choose from; the proposed answer first."""
    proposed = case.finding.get("answer") or "adopt_register_or_stop"
    subject = alternative(case)
    offer = entry(case, subject) if subject else None
    options = []
    for option in (*OPTIONS[proposed], "untrue", "time"):
        if option == "use_alternative":
            if offer:
                options.append(t("option.use_alternative", lang, alternative=getattr(offer.name, lang)))
        elif option != "guest" or (kind(case) in {"service", "domain"} and "network" in signals(case)):
            options.append(t(f"option.{option}", lang))
    return " · ".join(options)


def settled(case: Case, lang: Lang) -> str:
    """When the finding is done."""
    if kind(case) == "purchases":
        return t("settled.purchases", lang)
    proposed = {"update_or_replace": "settled.versions", "name_edition": "settled.edition"}
    if case.finding.get("answer") in proposed:
        return t(proposed[case.finding["answer"]], lang)
    seen = signals(case)
    if seen == ["procurement"]:
        return t("settled.bought", lang)
    if kind(case) == "software" or seen == ["assets"]:
        return t("settled.software", lang)
    if len(seen) == 1 or same_name(case):
        return t("settled.use", lang)
    return t("settled.several", lang, ended=joined([t(f"settled.part.{signal}", lang) for signal in seen], lang))
