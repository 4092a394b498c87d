"""One file a command: `arguments` says what it takes, `run` does it. Nothing heavy is imported before `run`."""

from leitplanke.commands import (
    catalogue,
    dead_letters,
    doctor,
    findings,
    formats,
    ingest,
    ledger,
    observations,
    parse,
    rejudge,
    settle,
    show,
    source,
)

COMMANDS = {
    "ingest": ingest,
    "parse": parse,
    "findings": findings,
    "show": show,
    "observations": observations,
    "rejudge": rejudge,
    "settle": settle,
    "ledger": ledger,
    "dead-letters": dead_letters,
    "source": source,
    "formats": formats,
    "catalogue": catalogue,
    "doctor": doctor,
}
"""Commands in the order of the help."""
