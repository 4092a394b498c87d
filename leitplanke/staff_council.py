"""The staff council's report on one site: from its real settings and what is stored, as Markdown."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from connectors.registry import describe
from detectors.known import known
from leitplanke.contract import fields
from leitplanke.egress import examples
from leitplanke.markdown import cell, table
from leitplanke.sentences import told
from leitplanke.texts import Lang, t
from schemas.observation import OBSERVATION
from schemas.settings import SiteSettings, SourceSettings
from streams import access
from streams.access import Access
from streams.site import egress, ledger
from streams.site.agreed import Allowed, allowed
from streams.site.egress import Scan
from streams.site.file import SiteFile
from streams.site.ledger import Tally
from streams.site.limits import REJECTS, SIGNALS
from streams.site.past import Past, past
from streams.site.site import file_of

COUNTED = ("received", "counted", "duplicate", "rejected", "dead_letter", "dropped")


@dataclass(frozen=True)
class Facts:
    """What a report stands on."""

    settings: SiteSettings
    day: date
    stored: bool = False
    """The site has read something."""
    tallies: list[tuple[str, Tally]] = field(default_factory=list)
    examples: dict[tuple[str, str], Any] = field(default_factory=dict)
    scan: Scan | None = None
    past: Past = field(default_factory=Past)
    access: Access | None = None
    """The access log of the data folder."""

    @property
    def agreed(self) -> list[tuple[SourceSettings, Allowed]]:
        """Every source with what its agreement allows."""
        return [(source, allowed(self.settings, source)) for source in self.settings.source]


def facts(data: Path, settings: SiteSettings, day: date) -> Facts:
    """The facts of a site; without a file of its own only what its settings say."""
    if not file_of(data, settings.site).exists():
        return Facts(settings, day)
    with SiteFile(file_of(data, settings.site), writing=False) as file:
        tallies, seen = ledger.read(file.db), past(file)
    shown = examples(data, settings.site)
    scan = egress.scan(data, settings.site)
    return Facts(settings, day, True, list(tallies), shown, scan, seen, access.read(data))  # noqa: FBT003  # the fact


def report(given: Facts, lang: Lang) -> str:
    """The report. It names no person, and it can name none."""
    head = [f"# {t('council.title', lang, site=given.settings.site)}", "", t("council.as_of", lang, day=given.day), ""]
    parts = (_sources, _not_agreed, _leaves, _protected, _counted, _deleted, _looked)
    lines = list(head) + t("council.summary", lang, group=given.settings.group_size).splitlines()
    for part in parts:
        name = part.__name__.strip("_")
        lines += ["", f"## {t(f'council.{name}', lang)}", "", *part(given, lang)]
    return "\n".join([*lines, "", t("council.end", lang)]) + "\n"


def _sources(given: Facts, lang: Lang) -> Iterator[str]:
    if not given.settings.source:
        yield t("council.no_source", lang)
        return
    titles = ("source", "reads", "purpose", "legal_basis", "agreement", "counts", "kept", "state")
    yield from table(
        [t(f"council.column.{name}", lang) for name in titles], (_source(s, w, lang) for s, w in given.agreed)
    )


def _source(source: SourceSettings, what: Allowed, lang: Lang) -> list[Any]:
    agreement = source.agreement
    cited = agreement and t("council.cited", lang, reference=agreement.reference, day=agreement.date)
    state = "not_agreed" if what.refusal else "runs" if agreement else "no_agreement"
    kind = f"{t(f'signal.{what.signal}', lang)}: {describe(source.connector).name}"
    actor = t(f"council.actor.{source.actor or 'each'}", lang) if what.signal == "network" else None
    most = SIGNALS[what.signal]
    days = t("council.days", lang, n=min(source.retention_days or most, most))
    basis = [source.purpose, source.legal_basis]
    return [source.name, kind, *basis, cited, actor, days, t(f"council.state.{state}", lang)]


def _not_agreed(given: Facts, lang: Lang) -> Iterator[str]:
    """What the program could do and nobody has agreed to."""
    lines = []
    for source, what in given.agreed:
        if what.refusal is not None:
            lines.append(f"- {cell(told(what.refusal, lang))}")
        elif source.agreement is None:
            lines.append(f"- {t('doctor.agreement', lang, site=given.settings.site, source=source.name)}")
        elif what.lacking:
            names = ", ".join(f"`{name}`" for name in what.lacking)
            lines.append(f"- {t('council.lacking', lang, source=source.name, detectors=names)}")
        named = [n for n in what.detectors or () if n in known() and what.signal in known()[n].signals]
        if named:
            names = ", ".join(f"`{name}`" for name in named)
            lines.append(f"- {t('council.allowed', lang, source=source.name, detectors=names)}")
    yield from lines or [t("council.nothing", lang)]


def _leaves(given: Facts, lang: Lang) -> Iterator[str]:
    yield from t("council.leaves_text", lang, group=given.settings.group_size).splitlines()
    yield ""
    titles = [t(f"council.column.{name}", lang) for name in ("field", "meaning", "why", "example")]
    rows = (
        (f"{field.name}", field.meaning(lang), field.why(lang), given.examples.get((field.record, field.name)))
        for field in fields()
        if "." not in field.name
        and (field.record == OBSERVATION.name or field.name in {"coverage", "other", "sources"})
    )
    yield from table(titles, rows)
    yield ""
    if given.scan is None or not given.scan.passed:
        yield t("cli.egress.nothing", lang)
        return
    scan = given.scan
    counts = {"passed": scan.passed, "kept": scan.kept, "waiting": scan.waiting, "week": scan.week, "found": scan.found}
    yield t("cli.egress.scanned", lang, site=scan.site, **counts)


def _protected(given: Facts, lang: Lang) -> Iterator[str]:
    for excluded in given.settings.excluded:
        yield f"- {t('council.excluded', lang, reason=cell(excluded.reason), n=len(excluded.ranges))}"
    if not given.settings.excluded:
        yield f"- {t('council.no_excluded', lang)}"
    yield from (f"- {line}" for line in t("council.never", lang).splitlines())


def _counted(given: Facts, lang: Lang) -> Iterator[str]:
    if not given.tallies:
        yield t("cli.empty", lang)
        return
    titles = [t("council.column.source", lang), *(t(f"council.column.{name}", lang) for name in COUNTED)]
    yield from table(titles, ([name, *(getattr(tally, part) for part in COUNTED)] for name, tally in given.tallies))


def _deleted(given: Facts, lang: Lang) -> Iterator[str]:
    yield t("council.retention", lang, days=REJECTS)
    yield ""
    deletions = given.past.deletions
    if not deletions:
        yield t("council.no_deletion", lang)
        return
    rows = [(at, t(f"retention.kind.{kind}", lang), number) for at, kind, number in deletions]
    yield from table([t(f"council.column.{name}", lang) for name in ("at", "kind", "number")], rows)


def _looked(given: Facts, lang: Lang) -> Iterator[str]:
    log, resolutions = given.access, given.past.resolutions
    if log is None or not log.lines:
        yield f"- {t('council.no_looks', lang)}"
    else:
        yield f"- {t('council.looks', lang, n=len(log.lines))}"
        if log.broken is not None:
            yield f"- **{t('access.broken', lang, number=log.broken)}**"
        yield from (f"- `{what}`: {count}" for what, count in log.kinds.items())
    yield f"- {t('council.resolutions', lang, asked=resolutions[0], n=resolutions[1])}"
