"""What goes wrong outside: full disks, second writers, bombs, other formats. A sentence each, nothing lost or half-written."""

import gzip
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import state

LINES = [
    state.squid(n % 9, f"user{n % 50}", f"h{n}.share.example.com", client=f"10.1.{n % 7}.{n % 200}")
    for n in range(4000)
]


def words(data: Path, source: str, *files: str) -> list[str]:
    given = ("--data", str(data), "ingest", "--site", "im", "--unit", "im", "--source", source)
    return [sys.executable, "-m", "leitplanke", *given, *files]


def ingest(
    data: Path, *files: str, source: str = "squid", before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words(data, source, *files), check=False, capture_output=True, text=True, timeout=120, preexec_fn=before
    )  # no threads here


def test_a_full_disk_keeps_what_was_written_and_goes_on_later(tmp_path: Path) -> None:
    files = [state.written(tmp_path / f"{n}.log", LINES[n::20]) for n in range(20)]
    good = ingest(tmp_path / "good", *files)
    assert good.returncode == 0, good.stderr
    whole = state.observations(tmp_path / "good")

    def small() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    full = ingest(tmp_path / "d", *files, before=small)
    assert full.returncode == 1, "what is unread now is read by the same command later"
    assert "disk is full" in full.stderr or "disk I/O error" in full.stderr  # a limit on file sizes is the latter
    assert "Traceback" not in full.stderr
    again = ingest(tmp_path / "d", *files)
    assert again.returncode == 0, again.stderr
    assert state.observations(tmp_path / "d") == whole


def test_a_second_writer_waits_and_says_so(tmp_path: Path) -> None:
    from streams.site.file import SiteFile

    path = state.written(tmp_path / "a.log", LINES[:50])
    (tmp_path / "d").mkdir()
    with SiteFile(tmp_path / "d" / "site-im.db", writing=True):
        second = subprocess.Popen(
            words(tmp_path / "d", "squid", path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        time.sleep(3)
        assert second.poll() is None
    _, err = second.communicate(timeout=60)
    assert second.returncode == 0
    assert "waiting" in err


@pytest.mark.parametrize(
    ("name", "content", "code", "word"),
    [
        ("bomb.gz", lambda: gzip.compress(b"0" * 400_000_000, 9), 1, "bomb"),
        ("a.zip", lambda: b"PK\x03\x04" + b"0" * 99, 1, "zip"),
        ("picture.jpg", lambda: b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40, None, ""),
        (
            "other.log",
            lambda: b"".join(b"this is no access log %d\n" % n for n in range(1200)),
            2,
            "none of the first 1000 records",
        ),
    ],
)
def test_odd_inputs_get_a_sentence(
    tmp_path: Path, name: str, content: Callable[[], bytes], code: int | None, word: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content())
    result = ingest(tmp_path / "d", str(path))
    assert "Traceback" not in result.stderr
    assert word in result.stderr + result.stdout
    assert result.returncode == code if code is not None else result.returncode in {1, 2}
    if code == 2:
        from streams.embedded import ledgers

        assert [row for row in ledgers(tmp_path / "d") if row[2].received] == []


def test_a_cut_archive_is_read_to_its_break_and_whole_later(tmp_path: Path) -> None:
    text = "".join(line + "\n" for line in LINES).encode()
    packed = gzip.compress(text)
    (tmp_path / "cut.gz").write_bytes(packed[: len(packed) // 2])
    cut = ingest(tmp_path / "d", str(tmp_path / "cut.gz"))
    assert cut.returncode == 1
    assert "cut off" in cut.stderr
    assert " 0 counted" not in cut.stdout, "what it held is counted, and said"
    (tmp_path / "whole.gz").write_bytes(packed)
    assert ingest(tmp_path / "d", str(tmp_path / "whole.gz")).returncode == 0
    (tmp_path / "plain").write_bytes(text)
    ingest(tmp_path / "fresh", str(tmp_path / "plain"))
    assert state.observations(tmp_path / "d") == state.observations(tmp_path / "fresh")


def test_poison_becomes_dead_letters_and_the_stream_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors.network import squid
    from streams.embedded import ledgers, redrive

    parse = squid.parse

    def poisoned(lines: object, layout: object) -> object:
        if lines["line"].str.contains("poison").any():  # type: ignore[index]  # a frame
            raise ZeroDivisionError
        return parse(lines, layout)  # type: ignore[arg-type]  # as above

    monkeypatch.setattr(squid, "parse", poisoned)
    monkeypatch.setattr(squid, "quick", lambda _layout: None)
    lines = [*LINES[:40], state.squid(1, "poison", "share.example.com"), *LINES[40:80]]
    report = state.run(tmp_path / "d", state.written(tmp_path / "a", lines))
    assert (report.tally.counted, report.tally.dead_letter) == (80, 1)
    monkeypatch.setattr(squid, "parse", parse)
    assert redrive(tmp_path / "d", lambda _: None) == (1, 1)
    ((_, _, tally),) = ledgers(tmp_path / "d")
    assert (tally.received, tally.counted, tally.dead_letter) == (81, 81, 0)
    state.run(tmp_path / "fresh", str(tmp_path / "a"))
    assert state.observations(tmp_path / "d") == state.observations(tmp_path / "fresh")


def test_poison_in_quick_reading_is_found_the_long_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors.network import squid
    from streams.embedded import redrive

    asked = squid._asked

    def poisoned(urls: pl.Series) -> pl.DataFrame:
        if urls.str.contains("poison").any():
            raise ZeroDivisionError
        return asked(urls)

    monkeypatch.setattr(squid, "_asked", poisoned)
    monkeypatch.setattr(squid, "_TUNNEL", "^share")
    lines = [*LINES[:40], state.squid(1, "user1", "poison.example.com"), *LINES[40:80]]
    report = state.run(tmp_path / "d", state.written(tmp_path / "a", lines))
    assert (report.tally.counted, report.tally.dead_letter) == (80, 1)
    assert len(report.problems) == 1
    monkeypatch.setattr(squid, "_asked", asked)
    assert redrive(tmp_path / "d", lambda _: None) == (1, 1)
    state.run(tmp_path / "fresh", str(tmp_path / "a"))
    assert state.observations(tmp_path / "d") == state.observations(tmp_path / "fresh")
