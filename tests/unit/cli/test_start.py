"""The program ends at once and says what it had to say first; commands that are called by others leave them alone."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from leitplanke import start


@pytest.mark.parametrize(("words", "code"), [(["--version"], 0), (["ledger", "--frob"], 2), ([], 2)])
def test_the_exit_code_and_the_output_arrive(words: list[str], code: int) -> None:
    done = subprocess.run([sys.executable, "-m", "leitplanke", *words], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "leitplanke" in (done.stderr if words and code else done.stdout)


def test_a_full_standard_output_is_one_sentence() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "leitplanke", "formats"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1


def test_what_nobody_put_off_is_left_as_it_is() -> None:
    usual, frozen = gc.get_threshold(), gc.get_freeze_count()
    start.started()
    assert (gc.get_threshold(), gc.get_freeze_count()) == (usual, frozen)
