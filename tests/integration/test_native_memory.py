"""Compiled code never reads or writes outside its memory, whatever a line looks like: built with a checker and run on
mutated lines, on blocks that end anywhere, and on columns of texts."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.native.build import build

ROOT = Path(__file__).parents[2]
CHECKED = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1")
RUN = """
import sys
from pathlib import Path
import connectors.native as native
import connectors.native.library as library
library.LIBRARY = native.LIBRARY = Path(sys.argv[1])
from datetime import UTC, datetime
from zoneinfo import ZoneInfo
import state
from catalogue.never import Never
from mutations import CASES, many, source
from schemas.connector import Options
from streams.site.assign import UnitMap
from streams.site.keys import SiteKey
from streams.site.reduce import Reducer

key = SiteKey(b"a" * 32, b"b" * 32, b"c" * 32)
read = 0
for case in CASES:
    connector, layout, lines = source(case)
    quick = connector.quick(layout)
    if quick is None:
        continue
    reducer = Reducer(key, UnitMap("im"), Never(state.snapshot()))
    data = "\\n".join([*lines, *many(case, 150)]).encode()
    latest = datetime(2026, 11, 20, tzinfo=UTC)
    reducer.read(data + b"\\n\\xff\\xfc\\xe4", quick, latest)
    for end in range(max(0, len(data) - 80), len(data)):
        piece = bytearray(data[end - 200 : end])
        read += reducer.read(bytes(piece), quick, latest).records
print("read", read)
"""


def _sanitizer() -> str | None:
    """The library that has to be loaded first; None where the compiler brings none."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    found = subprocess.run([compiler, "-print-file-name=libasan.so"], capture_output=True, text=True, check=False)
    path = found.stdout.strip()
    return path if Path(path).is_absolute() else None


@pytest.mark.skipif(_sanitizer() is None, reason="no C compiler with an address checker is here")
def test_no_line_leads_outside_of_memory(tmp_path: Path) -> None:
    library = tmp_path / "checked.so"
    assert build(library, *CHECKED) is None
    environment = os.environ | {
        "LD_PRELOAD": str(_sanitizer()),
        "ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        "PYTHONMALLOC": "malloc",
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(library)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout.split()[1]) > 0
