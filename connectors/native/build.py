"""Builds the compiled part: python -m connectors.native.build.

Any C compiler does: the one that CC names, else `cc`, else the one that the package ziglang brings (`make setup` installs
it where there is no other). Exit code 3 when none works.
"""

import os
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from connectors.native import HERE, LIBRARY, fingerprint

FLAGS = ("-std=c11", "-O3", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra")
NO_COMPILER = 3


def compilers() -> list[list[str]]:
    """Commands to try, in order."""
    found = [shlex.split(os.environ["CC"])] if os.environ.get("CC") else [["cc"]]
    return [*found, [sys.executable, "-m", "ziglang", "cc"]] if find_spec("ziglang") else found


def build(target: Path = LIBRARY, *flags: str) -> str | None:
    """Build the library with the first compiler that works; gives its error when none does."""
    error = "no C compiler"
    draft = target.with_suffix(f".{os.getpid()}")
    sources = [str(path) for path in sorted(HERE.glob("*.c"))]
    for command in compilers():
        for more in (["-flto"], []):
            words = [*command, *FLAGS, *more, *flags, f'-DSOURCES="{fingerprint()}"', "-o", str(draft), *sources]
            try:
                done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603  # CC is the user's own
            except OSError as failed:
                error = f"{command[0]}: {failed.strerror}"
                break
            if not done.returncode:
                draft.replace(target)
                return None
            error = done.stderr[-2000:]
    return error


if __name__ == "__main__":
    problem = build()
    if problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(NO_COMPILER)
