"""The generated parts of docs/datenschutz.md: `python -m leitplanke.privacy` writes them anew, from schemas and settings.

A part lies between `<!-- NAME -->` and `<!-- /NAME -->`; everything else in the file is written by people.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from catalogue.load import load
from connectors import registry
from detectors.known import known
from leitplanke.contract import fields
from leitplanke.markdown import table
from leitplanke.texts import t
from schemas.settings import SiteSettings
from streams.access import KEPT as LOOKS
from streams.site.border import SMALL_UNIT
from streams.site.limits import ACTORS, CONNECTIONS, REJECTS, SIGNALS
from streams.site.rejects import KEPT

FILE = Path(__file__).parents[1] / "docs" / "datenschutz.md"
LEGAL = (
    *("gdpr-5", "gdpr-6", "gdpr-25", "gdpr-30", "gdpr-32", "gdpr-35", "gdpr-88"),
    *("ldsg-bw-4", "ldsg-bw-15", "lpvg-bw-75", "lpvg-bw-85"),
)
"""Legal bases of the catalogue that the drafts cite."""
_PART = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- /\2 -->)", re.DOTALL)


def written(text: str) -> str:
    """The document with its parts made anew."""
    return _PART.sub(lambda found: found[1] + "".join(f"{line}\n" for line in PARTS[found[2]]()) + found[3], text)


def _observation() -> Iterator[str]:
    yield from _fields("observation")


def _manifest() -> Iterator[str]:
    yield from _fields("manifest")


def _fields(record: str) -> Iterator[str]:
    rows = (
        (f"`{field.name}`", field.meaning("de").replace("`", ""), field.why("de"), t(f"who.{record}", "de"))
        for field in fields()
        if field.record == record
    )
    for line in table(("Feld", "Was es sagt", "Wozu", "Wer es sieht"), rows):
        yield line.replace("\\`", "`")


def _sources() -> Iterator[str]:
    """What each format gives of people, and what becomes of it."""
    rows = []
    for name in registry.names():
        about = registry.describe(name)
        person = [f"`{column}`" for column in about.gives if column in PERSONAL]
        rows.append((name, t(f"signal.{about.signal}", "de"), ", ".join(person), SIGNALS[about.signal]))
    for line in table(("Format", "Signal", "Angaben mit Bezug zu Personen", "Tage, höchstens"), rows):
        yield line.replace("\\`", "`")


def _becomes() -> Iterator[str]:
    rows = [(f"`{name}`", t(f"personal.{name}", "de")) for name in PERSONAL]
    for line in table(("Angabe im Protokoll", "Was daraus wird"), rows):
        yield line.replace("\\`", "`")


def _stored() -> Iterator[str]:
    """What lies at the site, for how long, and who sees it."""
    numbers = {
        "connections": CONNECTIONS,
        "actors": ACTORS,
        "looks": LOOKS,
        "days": REJECTS,
        "kept": KEPT,
        "network": SIGNALS["network"],
        "assets": SIGNALS["assets"],
    }
    numbers |= {"procurement": SIGNALS["procurement"], "small": SMALL_UNIT}
    numbers |= {"group": SiteSettings(site="x").group_size}
    rows = ((t(f"stored.{name}.{part}", "de", **numbers) for part in ("what", "why", "kept", "who")) for name in STORED)
    yield from table(("Was am Standort liegt", "Wozu", "Wie lange", "Wer es sieht"), (list(row) for row in rows))


def _detectors() -> Iterator[str]:
    rows = []
    for name, one in known().items():
        signals = ", ".join(t(f"signal.{signal}", "de") for signal in one.signals)
        rows.append((f"`{name}`", t(f"detector.{name}", "de"), signals, one.since.strftime("%d.%m.%Y")))
    for line in table(("Detektor", "Frage", "Signale", "im Programm seit"), rows):
        yield line.replace("\\`", "`")


def _legal() -> Iterator[str]:
    snapshot = load(None)
    found = [snapshot.legal[name] for name in LEGAL]
    rows = ((one.citation, one.content.de, one.checked_on.strftime("%d.%m.%Y"), one.url) for one in found)
    yield from table(("Fundstelle", "Inhalt in einem Satz", "zuletzt geprüft", "Quelle"), rows)


PERSONAL = (
    "account_raw",
    "client_raw",
    "device_raw",
    "agent_raw",
    "host",
    "address",
    "buyer_name",
    "supplier_name",
    "title",
)
"""Columns of events that are about people or may be."""
STORED = (
    *("windows", "actors", "waiting", "documents", "inventories", "outbox", "rejects", "ledger", "seen", "keys"),
    *("shares", "looks", "settings"),
)
PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "observation": _observation,
    "manifest": _manifest,
    "sources": _sources,
    "becomes": _becomes,
    "stored": _stored,
    "detectors": _detectors,
    "legal": _legal,
}

if __name__ == "__main__":
    FILE.write_text(written(FILE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{FILE.name}\n")
