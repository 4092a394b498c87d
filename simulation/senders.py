"""The machine's own rsyslog as the sender: started with deploy/rsyslog.conf on free loopback ports, spooling below a folder."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "leitplanke/rsyslog"
"""Where `make test` unpacks the package rsyslog of Debian."""
PATIENCE = 60.0
"""Seconds that a start may take."""


@dataclass(frozen=True, slots=True)
class Spool:
    """A running rsyslog."""

    folder: Path
    """Below it `message` and `raw`, and below these a folder a sender."""
    message: int
    """Port for messages that are kept without the header of syslog."""
    raw: int
    """Port for messages that are kept with it."""


@contextmanager
def rsyslog(home: Path) -> Iterator[Spool]:
    """Start rsyslog with a spool below `home`. Raises FileNotFoundError where it is not installed."""
    start, environment, modules = _program()
    spool = Spool(home / "spool", _free(), _free())
    text = (ROOT / "deploy/rsyslog.conf").read_text(encoding="utf-8")
    text = text.replace("/var/spool/leitplanke", str(spool.folder))
    text = text.replace('fileGroup="adm" dirGroup="adm"', "")
    for written, port in (("5514", spool.message), ("5515", spool.raw)):
        text = text.replace(f'port="{written}"', f'port="{port}"')
    (home / "work").mkdir()
    settings = home / "rsyslog.conf"
    settings.write_text(f'global(workDirectory="{home}/work")\n{text}', encoding="utf-8")
    words = [start, "-n", "-f", str(settings), "-i", str(home / "pid"), *modules]
    process = subprocess.Popen(words, env=os.environ | environment, stderr=subprocess.PIPE)  # noqa: S603  # of this machine, with settings of ours
    try:
        yield spool
    finally:
        process.terminate()
        process.wait(timeout=30)


def connected(port: int, sender: str = "127.0.0.1") -> socket.socket:
    """A connection from a loopback address, as soon as somebody listens. Raises OSError when nobody comes to."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(sender, 0))
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _program() -> tuple[str, dict[str, str], list[str]]:
    """rsyslogd, its environment and where its modules are."""
    unpacked = next(iter(CACHE.glob("usr/sbin/rsyslogd")), None)
    if unpacked is not None:
        libraries = {str(path.parent) for path in CACHE.glob("usr/lib/**/*.so*") if path.parent.name != "rsyslog"}
        modules = next(path.parent for path in CACHE.glob("usr/lib/**/imudp.so"))
        return str(unpacked), {"LD_LIBRARY_PATH": ":".join(sorted(libraries))}, ["-M", str(modules)]
    installed = shutil.which("rsyslogd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if installed is None:
        raise FileNotFoundError("rsyslogd")
    return installed, {}, []


def _free() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
