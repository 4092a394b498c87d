"""leitplanke ingest: read inputs into a site, send what changed, settle."""

import os
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from leitplanke.help import Help, Parser
from leitplanke.output import say

if TYPE_CHECKING:
    from datetime import datetime

    from leitplanke.help import Language
    from schemas.sentence import Sentence
    from schemas.settings import SiteSettings, SourceSettings
    from streams.embedded import Input, Report

ACTORS = ("person", "device", "account", "shared", "unknown")


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("files", nargs="*", metavar=words("files"), help=words("ingest.files"))
    parser.add_argument("--config", metavar=words("file"), help=words("ingest.config"))
    parser.add_argument("--site", metavar="NAME", help=words("ingest.site"))
    parser.add_argument("--unit", metavar="CODE", help=words("ingest.unit"))
    parser.add_argument("--source", metavar="NAME", help=words("ingest.source"))
    parser.add_argument("--at", metavar=words("date"), help=words("at"))
    parser.add_argument("--timezone", metavar="ZONE", help=words("timezone"))
    parser.add_argument("--actor", choices=ACTORS, help=words("ingest.actor"))


def run(given: Namespace) -> int:
    """Do it."""
    # two threads read side by side; more of polars' own for small frames take time from them
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    # compiled code lets go of the interpreter often; whoever comes back should not wait for 5 ms
    sys.setswitchinterval(0.0005)
    from leitplanke.changes import counts, stand
    from leitplanke.folder import possible
    from leitplanke.law import named, unknown
    from leitplanke.progress import told as followed
    from leitplanke.sentences import speaker, told
    from leitplanke.start import started
    from leitplanke.texts import t
    from streams.embedded import ingest
    from streams.handed import over
    from streams.site.agreed import agreed
    from streams.site.guard import watching
    from streams.site.site import file_of

    settings, sources = _settings(given)
    sources, refused = agreed(settings, sources)
    inputs, missing = _inputs(given, settings, sources) if sources else ([], [])
    for sentence in [*refused, *missing]:
        say(told(sentence, given.lang))
    if not inputs and not (refused and file_of(given.data, settings.site).exists()):
        return 2
    possible(given.data)
    snapshot = named(given.catalogue)
    for name in unknown([given.unit] if given.unit else [], snapshot):
        say(t("cli.unit.unknown", given.lang, unit=name))
    started()
    handed = over(given.data, settings.site, inputs) if inputs else None
    if not inputs and watching(given.data, settings.site):
        return 2
    if handed is not None:
        _tally(handed, given.lang)
        sys.stdout.write(t("cli.ingest.handed", given.lang) + "\n")
        return max(handed.exit_code(len(inputs)), 1 if missing or refused else 0)
    before = stand(given.data)
    with followed([item.path for item in inputs], given.lang) as progress:
        report = ingest(given.data, settings, inputs, snapshot, progress, speaker(given.lang))
    code = report.exit_code(len(inputs))
    _print(report, given.lang)
    if report.settled is not None and report.settled.basis is not None:
        shown = {"day": report.settled.basis.day} | counts(before, stand(given.data))
        sys.stdout.write(t("cli.ingest.judged", given.lang, **shown) + "\n")
    if not inputs:
        return 2
    return max(code, 1) if missing or refused else code


def _settings(given: Namespace) -> "tuple[SiteSettings, tuple[SourceSettings, ...]]":
    """Settings of the site and the sources to read; what the command line says goes before site.toml."""
    from leitplanke.sites import known
    from schemas.errors import ConfigurationError

    if given.config is None and given.site is None:
        raise ConfigurationError("ingest needs --config site.toml, or --site, --source and files")
    settings = known(given)
    if given.source is None:
        if given.config is None or given.files:
            raise ConfigurationError("ingest needs --source: a source of site.toml or a format; `leitplanke formats`")
        if not settings.source:
            raise ConfigurationError("{file}: there is no [[source]] to read", file=given.config)
        return settings, tuple(_told(source, given) for source in settings.source)
    named = next((source for source in settings.source if source.name == given.source), None)
    return settings, (_told(named or _bare(given), given),)


def _bare(given: Namespace) -> "SourceSettings":
    """A source that no settings name: its name is the format."""
    from connectors.registry import describe
    from schemas.settings import SourceSettings

    return SourceSettings(name=describe(given.source).name, connector=given.source)


def _told(source: "SourceSettings", given: Namespace) -> "SourceSettings":
    """The source with what the command line says of it."""
    from leitplanke.sites import unit, zone

    said = {"unit": given.unit and unit(given.unit), "actor": given.actor}
    said["timezone"] = given.timezone and zone(given.timezone).key
    return source.model_copy(update={key: value for key, value in said.items() if value is not None})


def _inputs(
    given: Namespace, settings: "SiteSettings", sources: "tuple[SourceSettings, ...]"
) -> "tuple[list[Input], list[Sentence]]":
    """Inputs in order, and a sentence for each path that names no file."""
    from leitplanke.settings import expanded, files
    from leitplanke.sites import instant
    from schemas.errors import ConfigurationError
    from schemas.sentence import said
    from streams.embedded import Input

    at: datetime | None = instant(given.at, given.timezone) if given.at else None
    if given.files:
        # a file that is missing stays in the list: it is counted among the inputs that were not read
        paths = [path for name in given.files for path in expanded(name) or [name]]
        if paths.count("-") > 1:
            raise ConfigurationError("standard input can be read once only")
        return [Input(sources[0], path, at) for path in paths], []
    if given.source is not None and not sources[0].path:
        raise ConfigurationError("source {source} needs files: give them, or a path in site.toml", source=given.source)
    inputs, missing = [], []
    for source in sources:
        if not source.path:
            missing.append(
                said("{site}, source {source}: no path in site.toml", site=settings.site, source=source.name)
            )
        paths, lacking = files(settings, source)
        inputs += [Input(source, path, at) for path in paths]
        missing += lacking
    return inputs, missing


def _print(report: "Report", lang: "Language") -> None:
    from leitplanke.sentences import told
    from leitplanke.texts import t

    if report.settled is None and not report.undelivered:
        for problem in report.problems:
            say(told(problem, lang))
        return
    _tally(report, lang)
    tally = report.tally
    if not report.undelivered:
        sys.stdout.write(t("cli.ingest.sent", lang, n=report.sent) + "\n")
    if tally.rejected or tally.dead_letter:
        say(t("cli.ingest.not_taken", lang, n=tally.rejected + tally.dead_letter))
    if tally.received and tally.rejected == tally.received:
        say(t("cli.ingest.foreign", lang))
    if tally.unassigned:
        say(t("cli.ingest.unassigned", lang, n=tally.unassigned))
    if report.undelivered:
        say(t("cli.ingest.undelivered", lang))


def _tally(report: "Report", lang: "Language") -> None:
    """What was wrong, and what became of the records."""
    from leitplanke.sentences import told
    from leitplanke.texts import t

    for problem in report.problems:
        say(told(problem, lang))
    tally = report.tally
    numbers = {name: getattr(tally, name) for name in ("counted", "duplicate", "rejected", "dead_letter")}
    sys.stdout.write(t("cli.ingest.records", lang, n=tally.received, **numbers) + "\n")
    if tally.idle or tally.unassigned or tally.dropped:
        parts = {"idle": tally.idle, "unassigned": tally.unassigned, "dropped": tally.dropped}
        sys.stdout.write(t("cli.ingest.of_counted", lang, **parts) + "\n")
