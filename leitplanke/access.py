"""Who looked at what, when and why: one line a look, kept in the ministry beside the data."""

import json
import os
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path

FILE = "access.ndjson"


def noted(data: Path, what: str, about: str, reason: str | None) -> None:
    """Write down that somebody looks, before anything is shown."""
    line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "who": getuser(), "what": what, "about": about}
    handle = os.open(data / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        file.write(json.dumps(line | {"reason": reason}, ensure_ascii=False) + "\n")
