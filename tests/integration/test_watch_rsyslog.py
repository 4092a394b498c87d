"""rsyslog as the real sender: what devices send ends in the spool of deploy/rsyslog.conf and is followed and deleted."""

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import state
import watched

from simulation.senders import Spool, connected, rsyslog


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """The spool of a running rsyslog."""
    try:
        with rsyslog(tmp_path) as running:
            yield running
    except FileNotFoundError:
        reason = "apt-get cannot fetch rsyslog" if shutil.which("apt-get") else "no Debian package manager"
        pytest.skip(f"rsyslog is not here: {reason}; `make test` sets it up where it can")


def until(what: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "what is waited for does not come"
        time.sleep(0.1)


@pytest.mark.slow
def test_what_devices_send_is_counted_once_and_deleted(spool: Spool, tmp_path: Path) -> None:
    folder, message = spool.folder, spool.message
    lines = [
        state.squid(n % 3, f"user{n % 9}", "www.dropbox.com", client=f"10.1.0.{n % 9}", minute=n) for n in range(500)
    ]
    with connected(message) as out:
        out.sendall("".join(f"<134>Nov 20 10:00:00 proxy squid: {line}\n" for line in lines[:400]).encode())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for line in lines[400:]:
            out.sendto(f"<134>Nov 20 10:00:00 proxy squid: {line}".encode(), ("127.0.0.1", message))
            time.sleep(0.001)  # datagrams are dropped when they come faster than they are taken
    files = [*folder.rglob("*.log")] if folder.exists() else []
    until(lambda: sum(path.read_bytes().count(b"\n") for path in folder.rglob("*.log")) >= len(lines))
    files = sorted(folder.rglob("*.log"))
    read = [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    assert sorted(read) == sorted(lines), "the message as the device wrote it"

    config = watched.settings(tmp_path, f"{folder}/message", "squid", "spool = true")
    old = time.time() - 600
    for path in files:  # the minute is long over
        os.utime(path, (old, old))
    process = watched.watch(tmp_path / "d", config)
    until(lambda: not [*folder.rglob("*.log")])
    watched.stopped(process)
    assert watched.ledger(tmp_path / "d")["counted"] == len(lines)

    state.written(tmp_path / "all", lines)
    watched.ingest(tmp_path / "whole", config, tmp_path / "all")
    assert watched.outcome(tmp_path / "d") == watched.outcome(tmp_path / "whole")


@pytest.mark.slow
def test_the_raw_message_keeps_its_header(spool: Spool) -> None:
    folder = spool.folder
    with connected(spool.raw) as out:
        out.sendall(b"<134>Nov 20 10:00:00 fw 1,2026/11/20 10:00:00,0,TRAFFIC,end\n")
    until(lambda: [*folder.rglob("*.log")])
    (path,) = folder.rglob("*.log")
    until(path.read_bytes)
    assert path.parent.relative_to(folder) == Path("raw/127.0.0.1")
    assert path.read_text(encoding="utf-8") == "Nov 20 10:00:00 fw 1,2026/11/20 10:00:00,0,TRAFFIC,end\n"
