"""One small made-up site, read once by the command itself."""

from pathlib import Path

import pytest
from command import Ran, Run, Written

from leitplanke.cli import main
from simulation.__main__ import generate

DAYS = 8


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("LEITPLANKE_DATA", raising=False)
    monkeypatch.delenv("LEITPLANKE_DEBUG", raising=False)

    def ran(*words: str | Path) -> Ran:
        capsys.readouterr()
        code = main([str(word) for word in words])
        told = capsys.readouterr()
        return Ran(code, told.out, told.err)

    return ran


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw files of the made-up state, eight days."""
    out = tmp_path_factory.mktemp("state")
    generate(out, days=DAYS)
    return out


@pytest.fixture(scope="session")
def data(state: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which one site was read; tests only look at it."""
    folder = tmp_path_factory.mktemp("read") / "data"
    assert main(["--data", str(folder), "ingest", "--config", str(state / "sites/jum/site.toml")]) == 0
    return folder


SQUID = "1792641801.901    837 10.16.4.20 TCP_TUNNEL/200 59387 CONNECT {host}:443 im-011 HIER_DIRECT/185.14.118.178 -\n"


@pytest.fixture
def squid(tmp_path: Path) -> Written:
    """A Squid log with these lines; a bare host becomes a line."""

    def written(*lines: str, name: str = "access.log") -> Path:
        path = tmp_path / name
        text = "".join(line if line.endswith("\n") else SQUID.format(host=line) for line in lines)
        path.write_text(text, encoding="utf-8")
        return path

    return written
