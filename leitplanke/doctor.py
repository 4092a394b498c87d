"""What is configured, reachable, wrong, and how to mend it: one item a check, nothing is changed."""

import os
import shutil
import sqlite3
import stat
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from leitplanke.help import Language
from leitplanke.sentences import sentence, told
from leitplanke.texts import t
from schemas.errors import LeitplankeError

if TYPE_CHECKING:
    from streams.site.file import SiteFile

State = Literal["good", "hint", "wrong"]

PYTHON = (3, 11)
FREE_BYTES = 2 * 10**9
"""Below this a day's logs may not fit."""
PRIVATE = 0o600
CLOCK_FROM = date(2026, 1, 1)
"""A clock before this was not set."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was looked at."""

    check: str
    state: State
    text: str
    """A sentence; for what is wrong, with how to mend it."""


def examined(given: Namespace) -> list[Item]:
    """Every check in order. One that fails itself is an item too."""
    found: list[Item] = []
    for check in (_program, _native, _clock, _data, _keys, _settings, _catalogue, _sites, _centre):
        name = check.__name__.strip("_")
        try:
            found += [Item(name, state, text) for state, text in check(given, given.lang)]
        except (LeitplankeError, OSError, sqlite3.Error) as error:
            found += [Item(name, "wrong", line) for line in told(sentence(error), given.lang).splitlines()]
    return found


Found = Iterator[tuple[State, str]]
Check = Callable[[Namespace, Language], Found]


def _program(_given: Namespace, lang: Language) -> Found:
    from importlib.metadata import version

    here = ".".join(map(str, sys.version_info[:3]))
    parts = ", ".join(f"{name} {version(name)}" for name in ("polars", "duckdb", "pyarrow"))
    state: State = "good" if sys.version_info >= PYTHON else "wrong"
    yield state, t("doctor.program", lang, version=version("leitplanke"), python=here, parts=parts)


def _native(_given: Namespace, lang: Language) -> Found:
    """Raises what reading a log would raise."""
    from connectors.native.library import library

    library()
    yield "good", t("doctor.native", lang)


def _clock(given: Namespace, lang: Language) -> Found:
    """The judging day comes from the data, but receipt and retention from the clock."""
    now = datetime.now(UTC)
    newest = [file.stat().st_mtime for file in given.data.glob("*.db")] if given.data.is_dir() else []
    ahead = max(newest, default=0) > (now + timedelta(days=1)).timestamp()
    if now.date() < CLOCK_FROM or ahead:
        yield "wrong", t("doctor.clock.wrong", lang, day=now.date())
    else:
        yield "good", t("doctor.clock", lang, day=now.date())


def _data(given: Namespace, lang: Language) -> Found:
    data: Path = given.data
    above = next(folder for folder in (data, *data.absolute().parents) if folder.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        yield "wrong", t("doctor.data.unwritable", lang, folder=above)
        return
    if not data.exists():
        yield "hint", t("doctor.data.missing", lang, folder=data)
        return
    free = shutil.disk_usage(data).free
    yield "good", t("doctor.data", lang, folder=data)
    yield ("wrong" if free < FREE_BYTES else "good"), t("doctor.data.free", lang, free=free, least=FREE_BYTES)


def _keys(given: Namespace, lang: Language) -> Found:
    """Who can read the keys can name pseudonyms."""
    folder: Path = given.data / "keys"
    files = sorted(folder.glob("*")) if folder.is_dir() else []
    open_ones = [file.name for file in files if stat.S_IMODE(file.stat().st_mode) & ~PRIVATE]
    if open_ones:
        yield "wrong", t("doctor.keys.open", lang, files=", ".join(open_ones), folder=folder)
    elif files:
        yield "good", t("doctor.keys", lang, n=len(files))
    from streams.site.keys import SiteKey
    from streams.site.site import sites

    for name in sites(given.data):
        if SiteKey.path(folder, name).exists():
            yield from _told(partial(SiteKey.open, folder, name), lang)
        elif _used(given.data, name):
            yield "wrong", t("doctor.keys.missing", lang, site=name)


def _used(data: Path, name: str) -> bool:
    """True when a site has read something; a damaged file is told by its own check."""
    from streams.embedded import ledgers

    try:
        return any(site == name for site, _, _ in ledgers(data))
    except LeitplankeError:
        return False


def _told(look: Callable[[], object], lang: Language) -> Found:
    """What a look ends with, as an item, so that the looks after it still come."""
    try:
        look()
    except (LeitplankeError, OSError, sqlite3.Error) as error:
        yield "wrong", told(sentence(error), lang)


def _settings(given: Namespace, lang: Language) -> Found:
    if given.config is not None:
        from leitplanke import doctor_settings

        yield from doctor_settings.examined(Path(given.config), given.catalogue, lang)


def _catalogue(given: Namespace, lang: Language) -> Found:
    from catalogue.load import check, load
    from leitplanke.law import empty

    problems = check(given.catalogue)
    if problems:
        yield "wrong", t("doctor.catalogue.problems", lang, n=len(problems), first=told(problems[0], lang))
        return
    snapshot = load(given.catalogue)
    if not snapshot.directory:
        yield "wrong", told(empty(given.catalogue), lang)
        return
    yield "good", t("doctor.catalogue", lang, hash=snapshot.hash, entries=len(snapshot.directory))
    today = datetime.now(UTC).date()
    unchecked = today - timedelta(days=365)
    for legal in snapshot.legal.values():
        if legal.checked_on < unchecked or (legal.valid_to is not None and legal.valid_to < today):
            yield "hint", t("doctor.legal", lang, id=legal.id, day=legal.checked_on)
    # a country that has left is no value that somebody forgot
    names = {(p.name, p.jurisdiction, p.scope) for p in snapshot.parameters if p.unit != "country"}
    for name, jurisdiction, scope in sorted(names, key=str):
        ends = [
            p.valid_to for p in snapshot.parameters if (p.name, p.jurisdiction, p.scope) == (name, jurisdiction, scope)
        ]
        last = max((end for end in ends if end is not None), default=None)
        if None not in ends and last is not None and last < today:
            yield "hint", t("doctor.parameter", lang, name=name, jurisdiction=jurisdiction, day=last)


def _sites(given: Namespace, lang: Language) -> Found:
    from streams.site.site import sites

    for name in sites(given.data):
        found: list[tuple[State, str]] = []
        yield from _told(partial(found.extend, _site(given.data, name, lang)), lang)
        yield from found


def _site(data: Path, name: str, lang: Language) -> Found:
    from streams.site import ledger
    from streams.site.agreed import current_notes
    from streams.site.file import SiteFile
    from streams.site.site import file_of

    with SiteFile(file_of(data, name), writing=False) as file:
        if _torn(file.db):
            yield "wrong", t("doctor.site.torn", lang, site=name)
            return
        yield "good", t("doctor.site", lang, site=name)
        for key, query in _WAITING.items():
            n = file.db.execute(query).fetchone()[0]
            if n:
                yield "hint", t(key, lang, site=name, n=n)
        for source, tally in ledger.read(file.db):
            if tally.unassigned:
                shown = {"n": tally.unassigned, "counted": tally.counted}
                yield "hint", t("doctor.site.unassigned", lang, site=name, source=source, **shown)
        for noted in current_notes(file).values():
            if noted.get("detectors") == []:
                yield "hint", t("doctor.site.not_agreed", lang, site=name, source=noted["name"])
            elif not noted.get("agreement"):
                yield "hint", t("doctor.agreement", lang, site=name, source=noted["name"])
        yield from _quality(file, name, lang)


def _quality(file: "SiteFile", name: str, lang: Language) -> Found:
    from leitplanke.quality import of

    for one in of(file, name, datetime.now(UTC)):
        yield from (("hint", sentence) for sentence in one.sentences(lang))


_WAITING = {
    "doctor.site.waiting": "SELECT count(*) FROM sent WHERE acknowledged = 0",
    "doctor.site.unfinished": "SELECT count(*) FROM inputs",
    "doctor.site.rejects": "SELECT count(*) FROM rejects",
}
"""What a site has left undone, each with the message that says so."""


def _torn(db: sqlite3.Connection) -> bool:
    """True when the file is damaged. SQLite below 3.42 reports NOT NULL columns of WITHOUT ROWID tables wrongly."""
    found = [str(row[0]) for row in db.execute("PRAGMA quick_check")]
    return any(text != "ok" and not text.startswith("NULL value in ") for text in found)


def _centre(given: Namespace, lang: Language) -> Found:
    from streams.centre.centre import FILE, Centre
    from streams.embedded import has_sent

    if not (given.data / FILE).exists():
        if has_sent(given.data):
            yield "wrong", t("cli.lost", lang)
        return
    with Centre.open(given.data) as centre:
        basis = centre.basis()
        if basis is None:
            yield "hint", t("doctor.centre.unsettled", lang)
        else:
            yield "good", t("doctor.centre", lang, number=basis.number, day=basis.day, catalogue=basis.catalogue)
        dead = len(centre.dead_letters())
    if dead:
        yield "wrong", t("doctor.centre.dead", lang, n=dead)
