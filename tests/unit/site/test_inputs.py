"""Archives that are cut, joined or followed by something; marks, closed streams, pipes and names that open nothing."""

import gzip
import lzma
import os
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

import pytest
import state
import zstandard

from schemas.errors import ConfigurationError, InputError
from streams.embedded import ledgers
from streams.site import inputs

TEXT = b"".join(b"line %d of a log that is long enough for more than one page\n" % n for n in range(9000))
PACKERS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "zst": zstandard.compress, "xz": lzma.compress}


def unpacked(path: Path, data: bytes) -> bytes:
    path.write_bytes(data)
    with inputs.opened(str(path)) as stream:
        return stream.read()


@pytest.mark.parametrize("kind", PACKERS)
def test_members_one_after_the_other_are_one_text(tmp_path: Path, kind: str) -> None:
    pack = PACKERS[kind]
    assert unpacked(tmp_path / "a", pack(TEXT[:99]) + pack(b"") + pack(TEXT[99:])) == TEXT


def read_on(opened: AbstractContextManager[IO[bytes]]) -> tuple[bytes, str]:
    """What a stream gives before it breaks off, and what it says then."""
    found = b""
    try:
        with opened as stream:
            while piece := stream.read(1 << 12):
                found += piece
    except InputError as error:
        return found, str(error)
    return found, ""


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("end", [7, 20, 900, -1])
def test_a_cut_archive_says_so_after_what_it_held(tmp_path: Path, kind: str, end: int) -> None:
    (tmp_path / "a").write_bytes(PACKERS[kind](TEXT)[:end])
    found, said = read_on(inputs.opened(str(tmp_path / "a")))
    assert said.startswith("a: the archive is damaged or cut off")
    assert TEXT.startswith(found)
    assert len(found) > 400_000 or end != -1


@pytest.mark.parametrize("kind", PACKERS)
def test_what_follows_an_archive_is_not_passed_over(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InputError, match="damaged"):
        unpacked(tmp_path / "a", PACKERS[kind](TEXT) + b"and then something else")


def test_zeros_behind_an_archive_are_padding(tmp_path: Path) -> None:
    assert unpacked(tmp_path / "a", lzma.compress(TEXT) + bytes(512)) == TEXT
    assert unpacked(tmp_path / "a", gzip.compress(TEXT) + bytes(512)) == TEXT


def test_a_bomb_of_zstd_is_stopped_in_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "READ_FREE", 1 << 20)
    with pytest.raises(InputError, match="refused as an archive bomb"):
        unpacked(tmp_path / "a", zstandard.compress(bytes(64 << 20)))


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    assert unpacked(tmp_path / "a", b"\xef\xbb\xbf1792641801.901") == b"1792641801.901"
    assert unpacked(tmp_path / "a", gzip.compress(b"\xef\xbb\xbfx")) == b"x"
    xml = b"\xef\xbb\xbf<?xml version='1.0'?>"
    assert unpacked(tmp_path / "a", xml) == xml


def test_names_that_open_nothing(tmp_path: Path) -> None:
    for name, sentence in (("none", "No such file"), ("", "holds no files"), ("a\0b", "no name of a file")):
        with pytest.raises(ConfigurationError, match=sentence), inputs.opened(f"{tmp_path}/{name}"):
            pass


def test_closed_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(ConfigurationError, match="standard input is closed"), inputs.opened("-"):
        pass


def test_a_pipe_is_gone_once_it_was_read(tmp_path: Path) -> None:
    assert inputs.stands_still(__file__)
    assert inputs.stands_still(str(tmp_path / "none"))
    assert not inputs.stands_still("-")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert not inputs.stands_still(str(pipe))


def test_a_document_from_a_pipe_is_read_as_from_a_file(tmp_path: Path) -> None:
    from streams.site.twice import documents

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(gzip.compress(TEXT)[:-4],))
    writer.start()
    with documents(str(pipe)) as opened:
        writer.join()
        for _ in range(2):
            found, said = read_on(opened())
            assert found == TEXT
            assert "cut off" in said


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_lines_in_utf_16_are_refused_with_what_to_do(
    tmp_path: Path, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "a.log").write_bytes(pack("\ufeff".encode(encoding) + TEXT.decode().encode(encoding)))
    report = state.run(tmp_path / "d", str(tmp_path / "a.log"))
    assert report.problems[0].startswith("a.log: is written in UTF-16; convert it and read it again")
    assert (report.exit_code(1), ledgers(tmp_path / "d")) == (2, [])
    with inputs.opened(str(tmp_path / "a.log")) as stream:
        assert stream.read(2) in {b"\xff\xfe", b"\xfe\xff"}, "a document may be in UTF-16"
