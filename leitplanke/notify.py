"""Tells systemd how the process does (sd_notify), where it asks for it; without systemd nothing happens."""

import os
import socket


def told(state: str) -> None:
    """Send `READY=1`, `WATCHDOG=1`, `STOPPING=1`; a manager that does not listen is no error."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            out.connect("\0" + address[1:] if address.startswith("@") else address)
            out.send(state.encode())
    except OSError:
        return


def watchdog() -> float | None:
    """Seconds within which systemd wants to hear of the process; None where it does not."""
    micros = os.environ.get("WATCHDOG_USEC", "")
    return int(micros) / 1e6 if micros.isdigit() and int(micros) else None
