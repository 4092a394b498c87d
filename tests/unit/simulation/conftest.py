import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small made-up state, written by the command."""
    out = tmp_path_factory.mktemp("state")
    subprocess.run([sys.executable, "-m", "simulation", "--out", str(out)], check=True, capture_output=True)
    return out
