"""The command `leitplanke`: words on the line to a command, errors to one sentence and an exit code."""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from errno import ENOSPC
from pathlib import Path
from typing import TextIO

from leitplanke.commands import (
    access_log,
    catalogue,
    coverage,
    dead_letters,
    doctor,
    egress,
    findings,
    formats,
    ingest,
    keys,
    ledger,
    local,
    observations,
    parse,
    quality,
    rejudge,
    report,
    resolve,
    retention,
    settle,
    show,
    site,
    source,
    watch,
)
from leitplanke.help import Help, Language, Parser, add, language
from leitplanke.start import leave, quick
from schemas.errors import LeitplankeError

BUG = 70
"""Exit code of an error that nobody raised on purpose (EX_SOFTWARE)."""
INTERRUPTED = 130

COMMANDS = {
    "ingest": ingest,
    "watch": watch,
    "parse": parse,
    "findings": findings,
    "show": show,
    "observations": observations,
    "egress": egress,
    "report": report,
    "local": local,
    "rejudge": rejudge,
    "settle": settle,
    "ledger": ledger,
    "quality": quality,
    "coverage": coverage,
    "dead-letters": dead_letters,
    "site": site,
    "source": source,
    "formats": formats,
    "catalogue": catalogue,
    "doctor": doctor,
    "retention": retention,
    "access-log": access_log,
    "keys": keys,
    "resolve": resolve,
}
"""Commands in the order of the help."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code: 0 done, 1 part of the input was not taken, 2 nothing was read.

    Without `argv` it is the program itself, runs what the command line says and ends the process.
    """
    if argv is None:
        quick()
        leave(_answered(sys.argv[1:]))
    return _answered(argv)


def _answered(words: Sequence[str]) -> int:
    _lenient_streams()
    try:
        code = _run(words)
        sys.stdout.flush()
    except SystemExit as end:
        return int(end.code or 0)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # the reader had enough; what Python flushes at its end must not complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("LEITPLANKE_DEBUG"):
            raise
        return _told(error, language(words, os.environ))
    return code


def _run(words: Sequence[str]) -> int:
    lang = language(words, os.environ)
    given = Namespace(data=Path(os.environ.get("LEITPLANKE_DATA") or "data"), catalogue=None)
    _parser(lang, words).parse_args(words, given)
    given.lang = lang
    code: int = given.run(given)
    return code


def _parser(lang: Language, line: Sequence[str]) -> Parser:
    """The parser of a command line; of commands that it does not name nothing but the name is needed."""
    words = Help(lang)
    parser = Parser(words=words, key="program", prog="leitplanke")
    parser.add_argument("--version", action="store_const", const=_version, dest="run", help=words("version"))
    commands = parser.nested()
    commands.required = False
    parser.set_defaults(run=lambda _: _helped(parser))
    for name, module in COMMANDS.items():
        command = add(commands, words, name, name.replace("-", "_"), bare=name not in line)
        if name in line:
            command.set_defaults(run=getattr(module, "run", None))
            module.arguments(command, words)
    return parser


def _helped(parser: Parser) -> int:
    parser.print_help()
    return 2


def _version(_: Namespace) -> int:
    from importlib.metadata import version

    sys.stdout.write(f"leitplanke {version('leitplanke')}\n")
    return 0


def _told(error: Exception, lang: Language) -> int:
    """Say what is wrong on stderr; gives the exit code."""
    from leitplanke.output import say
    from leitplanke.sentences import sentence, told

    for line in told(sentence(error), lang).splitlines():
        say(line)
    if isinstance(error, LeitplankeError):
        return error.exit_code
    if isinstance(error, OSError) and error.strerror:
        return 1 if error.errno == ENOSPC else 2
    return 1 if type(error).__module__ == "sqlite3" else BUG


def _lenient_streams() -> None:
    """A terminal that lacks a character shows its number; what goes to a closed stream goes nowhere."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
