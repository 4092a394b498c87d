"""leitplanke watch: follow the files of a site, send what is new, until it is stopped."""

import os
import signal
import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from leitplanke.help import Help, Parser
from leitplanke.output import say

if TYPE_CHECKING:
    from leitplanke.help import Language
    from schemas.settings import SiteSettings, SourceSettings
    from streams.watching import Status

EVERY = 60.0
"""Seconds between two plain lines."""
SOON = 1.0
"""Seconds between two looks of the line on a terminal."""
LEAST, MOST = 0.0, 3600.0


def arguments(parser: Parser, words: Help) -> None:
    """What it takes."""
    parser.add_argument("--config", metavar=words("file"), required=True, help=words("watch.config"))
    parser.add_argument("--once", action="store_true", help=words("watch.once"))
    parser.add_argument(
        "--send-after", metavar=words("seconds"), type=float, default=3.0, help=words("watch.send_after")
    )


def run(given: Namespace) -> int:
    """Do it."""
    # lines come little by little: one thread reads them, and more of polars' own would only take memory
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    from threading import Event

    from leitplanke.folder import possible
    from leitplanke.law import named
    from leitplanke.notify import told as notify
    from leitplanke.sentences import speaker
    from leitplanke.start import started
    from leitplanke.texts import t
    from schemas.errors import ConfigurationError
    from streams.site.due import Due
    from streams.watching import Run, Status, watch

    config = _Config(Path(given.config), given.lang)
    if not config.sources:
        raise ConfigurationError("{file}: there is no [[source]] with a path to follow", file=given.config)
    if not LEAST <= given.send_after <= MOST:
        raise ConfigurationError("--send-after takes seconds from {least} to {most}", least=0, most=int(MOST))
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    told = _Told(config.settings, given.lang)
    started()
    status = Status()
    while True:
        watch(
            Run(
                possible(given.data), config.settings, config.sources, named(given.catalogue),
                config.find, speaker(given.lang), stop, told, once=given.once,
                due=Due(soon=given.send_after), status=status, changed=config.changed,
            )
        )  # fmt: skip
        if not status.changed:
            break
        say(t("cli.watch.changed", given.lang, file=given.config))
    notify("STOPPING=1")
    told.end()
    _print(status, given.lang)
    if given.once and (status.tally.rejected or status.tally.dead_letter):
        say(t("cli.ingest.not_taken", given.lang, n=status.tally.rejected + status.tally.dead_letter))
        return 1
    return 0


class _Config:
    """The settings as they are now, and the sources of them that may be read."""

    def __init__(self, path: Path, lang: "Language") -> None:
        """Raises ConfigurationError for settings that do not hold."""
        self.path, self.lang = path, lang
        self._seen: tuple[int, int] | None = None
        self._read()

    def find(self, source: "SourceSettings") -> list[str]:
        """Files that the path of a source names now."""
        from leitplanke.settings import files

        return files(self.settings, source)[0]

    def changed(self) -> bool:
        """True once when other settings hold. Those that do not hold are told, and the ones before go on to hold."""
        from leitplanke.sentences import sentence, told
        from schemas.errors import ConfigurationError

        before = self.settings
        try:
            if self._stand() == self._seen:
                return False
            self._read()
        except (ConfigurationError, OSError) as error:
            for line in told(sentence(error), self.lang).splitlines():
                say(line)
            return False
        return self.settings != before

    def _read(self) -> None:
        from leitplanke.sentences import told
        from leitplanke.settings import load
        from streams.site.agreed import agreed

        if self.path.exists():
            self._seen = self._stand()
        settings = load(self.path)
        self.settings = settings
        self.sources, refused = agreed(settings, [source for source in settings.source if source.path])
        for sentence in refused:
            say(told(sentence, self.lang))

    def _stand(self) -> tuple[int, int]:
        found = self.path.stat()
        return found.st_mtime_ns, found.st_size


def _print(status: "Status", lang: "Language") -> None:
    from leitplanke.texts import t

    tally = status.tally
    numbers = {name: getattr(tally, name) for name in ("counted", "duplicate", "rejected", "dead_letter")}
    sys.stdout.write(t("cli.ingest.records", lang, n=tally.received, **numbers) + "\n")
    sys.stdout.write(t("cli.ingest.sent", lang, n=status.sent) + "\n")


class _Told:
    """Tells how it goes: one line on a terminal, a plain one now and then elsewhere, and systemd."""

    def __init__(self, settings: "SiteSettings", lang: "Language") -> None:
        from leitplanke.notify import watchdog
        from leitplanke.progress import plain

        self.site, self.lang, self.plain = settings.site, lang, plain()
        self.next, self.dog = 0.0, watchdog()
        self.barked, self.ready = 0.0, False

    def __call__(self, status: "Status") -> None:
        from leitplanke.notify import told
        from leitplanke.texts import t

        now = time.monotonic()
        if not self.ready:
            self.ready = True
            told("READY=1")
        if self.dog is not None and now - self.barked > self.dog / 3:
            self.barked = now
            told("WATCHDOG=1")
        if now < self.next:
            return
        self.next = now + (EVERY if self.plain else SOON)
        line = t(
            "cli.watch.status", self.lang, site=self.site, files=status.files, received=status.tally.received,
            counted=status.tally.counted, rejected=status.tally.rejected + status.tally.dead_letter, sent=status.sent,
        )  # fmt: skip
        sys.stderr.write(f"{line}\n" if self.plain else f"\r\x1b[K{line}")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the terminal's line."""
        if not self.plain:
            sys.stderr.write("\n")
