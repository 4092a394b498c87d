"""Files that hold secrets: whole or not there at all, readable by their owner only, and gone when they are replaced."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def written(path: Path, told: Mapping[str, Any]) -> None:
    """Write a file as JSON in the place of the one before, and zeros over that: keys that are gone should be gone.

    Where the file system or the disk keeps copies, only encryption of the disk helps.
    """
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(told, file)
        file.flush()
        os.fsync(file.fileno())
    old = path.open("r+b") if path.exists() else None
    draft.rename(path)
    if old is not None:
        with old:
            size = os.fstat(old.fileno()).st_size
            old.write(b"\0" * size)
            old.flush()
            os.fsync(old.fileno())
