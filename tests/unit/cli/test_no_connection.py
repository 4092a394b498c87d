"""Nothing is connected to and no name is looked up, whatever the command."""

import subprocess
import sys
from pathlib import Path

GUARDED = """
import sys
FORBIDDEN = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind", "urllib.Request")
def refuse(event, _):
    if event in FORBIDDEN:
        sys.stderr.write("CONNECTED " + event + "\\n")
        raise SystemExit(99)
sys.addaudithook(refuse)
if sys.argv[1] == "connect":
    import socket
    socket.create_connection(("127.0.0.1", 9))
from leitplanke.cli import main
sys.exit(main(sys.argv[1:]))
"""


def guarded(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", GUARDED, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_guard_catches() -> None:
    assert guarded("connect").returncode == 99


def test_ingest_and_findings(state: Path, tmp_path: Path) -> None:
    for words in (["ingest", "--config", state / "sites/jum/site.toml"], ["findings"], ["settle"]):
        done = guarded("--data", tmp_path, *words)
        assert done.returncode == 0, done.stderr
        assert "CONNECTED" not in done.stderr
