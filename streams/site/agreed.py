"""What the works agreements of a site allow: which sources are read, and which detectors may speak of what they gave.

As soon as one source has an agreement, only what one names runs: a source without, a signal or a detector that it does
not name is not agreed. Without any agreement everything runs, and findings and `doctor` say so.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.registry import describe
from detectors.known import known
from schemas.sentence import Sentence, said
from schemas.settings import Agreement, SiteSettings, SourceSettings
from streams.site.file import SiteFile


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the agreement of one source allows."""

    signal: str
    refusal: Sentence | None = None
    """Why the source is not read; None when it is."""
    detectors: tuple[str, ...] | None = None
    """Detectors that may speak of what it gave; None without an agreement: all."""
    lacking: tuple[str, ...] = ()
    """Detectors for its signal that are not agreed."""

    def runs(self, detector: str) -> bool:
        """Whether a detector may look at what the source gives."""
        return self.detectors is None or detector in self.detectors


def allowed(settings: SiteSettings, source: SourceSettings) -> Allowed:
    """What is agreed of a source; one that only the command line names has no agreement."""
    signal, agreement = describe(source.connector).signal, source.agreement
    if agreement is None and not any(other.agreement for other in settings.source):
        return Allowed(signal)
    every = tuple(name for name, detector in known().items() if signal in detector.signals)
    if agreement is None:
        refusal = said(
            "source {source}: not agreed: other sources have a works agreement, this one has none; it is not read",
            source=source.name,
        )
        return Allowed(signal, refusal, (), every)
    if signal not in agreement.signals:
        refusal = said(
            "source {source}: not agreed: {reference} does not name the signal {signal}; it is not read",
            source=source.name,
            reference=agreement.reference,
            signal=signal,
        )
        return Allowed(signal, refusal, (), every)
    named = detectors(agreement)
    return Allowed(signal, None, named, tuple(name for name in every if name not in named))


def agreed(
    settings: SiteSettings, sources: Sequence[SourceSettings]
) -> tuple[tuple[SourceSettings, ...], list[Sentence]]:
    """The sources that may be read, and a sentence for each of the others."""
    what = [(source, allowed(settings, source).refusal) for source in sources]
    return tuple(source for source, refusal in what if refusal is None), [r for _, r in what if r is not None]


def detectors(agreement: Agreement) -> tuple[str, ...]:
    """Detectors that it allows: those it names, else those of its signals that were in the program on its day."""
    if agreement.detectors:
        return tuple(sorted(set(agreement.detectors)))
    signals = set(agreement.signals)
    return tuple(name for name, one in known().items() if one.since <= agreement.date and signals & set(one.signals))


def noted(settings: SiteSettings, source: SourceSettings) -> dict[str, Any]:
    """What the manifest says of a source."""
    what, agreement, about = allowed(settings, source), source.agreement, describe(source.connector)
    views = (source.view,) if source.view else about.views
    return {
        "name": source.name,
        "signal": what.signal,
        "actors_kind": source.actor,
        "purpose": source.purpose,
        "legal_basis": source.legal_basis,
        "agreement": agreement and agreement.reference,
        "agreed_on": agreement and agreement.date.isoformat(),
        "views": views and [*views],
        "detectors": None if what.detectors is None else [*what.detectors],
    }


def current_notes(file: SiteFile) -> dict[str, dict[str, Any]]:
    """Of a site's file: `current` by the settings of its last start."""
    settings = file.settings()
    notes: dict[str, dict[str, Any]] = json.loads(file.meta("sources") or "{}")
    return notes if settings is None else current(settings, notes)


def current(settings: SiteSettings, notes: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Notes of sources by name as the settings of today have them; a source that they do not name keeps its own.

    One that was read before anything was agreed, and is named nowhere since, is not agreed.
    """
    by_name = {source.name: source for source in settings.source}
    agreed = any(source.agreement for source in settings.source)
    found = {}
    for name, note in notes.items():
        none: dict[str, Any] = {"detectors": []} if agreed and not note.get("agreement") else {}
        found[name] = noted(settings, by_name[name]) if name in by_name else note | none
    return found
