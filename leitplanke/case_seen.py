"""The lines of a finding that say what was seen, by what it was recognised, and what was not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leitplanke import case_inventory as inventory
from leitplanke.case_candidate import same_name
from leitplanke.case_lines import sentences, signals
from leitplanke.case_names import bought_from, entry, kind
from leitplanke.texts import Lang, has, listed, t

if TYPE_CHECKING:
    from leitplanke.case import Case


def seen(case: Case, lang: Lang) -> str | None:
    """What was counted, in what it was counted, and the money with its documents."""
    network = _used(case, lang) if "network" in signals(case) else ()
    installed = (inventory.installed(case, _dates(case, lang), lang),) if "assets" in signals(case) else ()
    guest = t("seen.guest", lang) if case.finding["mode"] == "guest" else None
    return sentences(*network, guest, *installed, *_bought(case, lang))


def _dates(case: Case, lang: Lang) -> str:
    first, last = case.finding["first_seen"], case.finding["last_seen"]
    return t("seen.once" if first == last else "seen.dates", lang, first=first, last=last)


def _used(case: Case, lang: Lang) -> tuple[str | None, ...]:
    numbers = case.numbers
    blocked = numbers.get("blocked")
    apart = (
        t("seen.blocked_number", lang, n=blocked) if blocked and not numbers.get("band") else t("seen.blocked", lang)
    )
    return _counted(case, lang), _uploaded(case, lang), apart


def _counted(case: Case, lang: Lang) -> str:
    numbers, dates = case.numbers, _dates(case, lang)
    counted, band, actors = numbers.get("actors_kind"), numbers.get("band"), numbers.get("actors")
    if counted not in {"device", "account", "person"} or (actors is None and band is None):
        return t("seen.unknown", lang, dates=dates)
    thing = t(f"thing.{kind(case)}", lang)
    if actors is None:
        most = int(str(band).rpartition("-")[2]) + 1
        number, count = t("number.fewer", lang, n=most), most
    else:
        known = entry(case)
        several = known is not None and len(known.domains) > 1
        number, count = (t("number.least", lang, n=actors) if several else t("seen.plain", lang, n=actors)), actors
    headcount = case.snapshot.unit(case.finding["unit"]).headcount
    if headcount is None:
        noun = t(f"actors.{counted}", lang, n=count)
        return t("seen.number", lang, number=number, actors=noun, thing=thing, dates=dates, n=count)
    noun = t(f"actors.of.{counted}", lang)
    return t("seen.of", lang, number=number, headcount=headcount, actors=noun, thing=thing, dates=dates, n=count)


def _uploaded(case: Case, lang: Lang) -> str | None:
    sent = case.numbers.get("bytes_up")
    if not sent:
        return None
    uploads = case.numbers.get("upload_actors")
    # many small requests add up, too, and nobody uploaded anything
    word = "seen.upload" if uploads is not None and uploads > 0 else "seen.sent"
    return t(f"{word}_below" if case.numbers.get("band") else word, lang, bytes=sent)


def _bought(case: Case, lang: Lang) -> list[str]:
    """A sentence a kind of money, each with the documents it stands on; kinds are never added to each other."""
    documents = case.numbers.get("purchases") or []
    found = []
    for money in ("estimated", "committed", "paid"):
        amount = case.numbers.get(money)
        of = [_document(d, lang) for d in documents if d.get(money) is not None]
        if amount is not None and of:
            found.append(t(f"seen.{money}", lang, amount=amount, documents=listed(of, lang)))
    if documents and not found:
        shown = listed([_document(d, lang) for d in documents], lang)
        found.append(t("seen.bought", lang, n=len(documents), documents=shown))
    return found


def _document(document: Any, lang: Lang) -> str:
    number = document.get("document_id") or t("document.unnumbered", lang)
    return t(f"document.{document['view']}", lang, number=number, day=document["day"])


def not_seen(case: Case, lang: Lang) -> str | None:
    """What was not and could not be seen."""
    if kind(case) == "purchases":
        return sentences(t("not_seen.purchases", lang), *_partial(case, ["procurement"], lang))
    present = signals(case)
    contract = "network" in present and case.finding["mode"] == "unknown"
    question = "not_seen.same_name" if same_name(case) else "not_seen.contract"
    ended = any(r["code"] == "end_of_life_software" for r in case.finding["reasons"])
    return sentences(
        t("not_seen.network", lang) if "network" in present else None,
        t(question, lang) if contract else None,
        (inventory.not_seen(case, lang) if ended else t("not_seen.assets", lang)) if "assets" in present else None,
        t("not_seen.bought", lang) if present == ["procurement"] else None,
        *_partial(case, [*present, *(signal for signal in case.coverage if signal not in present)], lang),
    )


def _partial(case: Case, wanted: list[str], lang: Lang) -> list[str]:
    """A sentence for each source that did not say all that it says otherwise."""
    return [
        t(f"partial.{one['code']}", lang, source=one["source"], n=one["days"])
        for one in case.partial
        if one["signal"] in wanted
    ]


def recognised(case: Case, lang: Lang) -> str | None:
    """The identifier that matched, in the spelling of its entry."""
    subject = str(case.finding["subject"])
    if kind(case) == "purchases":
        titles = {d.get("title"): None for d in case.numbers.get("purchases") or [] if d.get("title")}
        quoted = listed([t("recognised.title", lang, title=title) for title in titles], lang, most=3)
        where = bought_from(case, lang, "recognised.purchases")
        return f"{where}: {quoted}" if quoted else where
    matched = case.numbers.get("matched")
    if not matched or not matched.get("identifier"):
        return None
    how, identifier, confidence = matched.get("how") or "", matched["identifier"], matched.get("confidence")
    described = t(f"how.{how}", lang, identifier=identifier) if has(f"how.{how}") else how
    known = t("recognised.entry", lang, subject=subject) if entry(case) else t("recognised.no_entry", lang)
    # a name below another one says both in one phrase
    parts = [described, known] if how == "suffix" else [identifier, known, described]
    sure = t("recognised.confidence", lang, confidence=confidence) if confidence is not None else ""
    return ", ".join(part for part in (*parts, sure) if part)
