"""leitplanke parse: what a connector sees of a file, in canonical columns. Nothing is stored."""

from argparse import Namespace

from leitplanke import access
from leitplanke.help import Help, Parser


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("file", metavar=words("file"), help=words("parse.file"))
    parser.add_argument("--source", metavar="FORMAT", required=True, help=words("parse.source"))
    parser.add_argument("--timezone", metavar="ZONE", help=words("timezone"))
    parser.add_argument("--at", metavar=words("date"), help=words("at"))
    parser.add_argument("--format", choices=("table", "ndjson", "csv"), default="table", help=words("format"))
    access.argument(parser, words)


def run(given: Namespace) -> int:
    """Do it."""
    from connectors import registry
    from leitplanke.output import say
    from leitplanke.parsing import Printer, frames
    from leitplanke.sentences import told
    from leitplanke.sites import instant, zone
    from leitplanke.texts import t
    from schemas.connector import Options
    from schemas.errors import InputError, NotThisFormatError
    from streams.site.inputs import name_of, named

    connector = registry.get(given.source)
    options = Options(
        timezone=zone(given.timezone) if given.timezone else None,
        at=instant(given.at, given.timezone) if given.at else None,
    )
    access.noted(given.data, "parse", name_of(given.file), given.reason)
    printer = Printer(connector.SIGNAL, given.format, given.lang)
    broken = None
    try:
        for frame in frames(connector, options, given.file):
            printer.add(frame)
    except InputError as error:
        broken = error.sentence
    except NotThisFormatError as error:
        raise NotThisFormatError(named(given.file, error)) from None
    printer.end()
    counts = {"records": printer.records, "rows": printer.rows, "idle": printer.idle, "rejected": printer.rejected}
    say(t("cli.parse.counts", given.lang, **counts))
    if broken is not None:
        say(told(broken, given.lang))
    return 1 if broken is not None or printer.rejected else 0
