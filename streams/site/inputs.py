"""Opens inputs: plain, gz, zst, xz files and standard input, with caps on what a small file may grow to."""

import gzip
import io
import lzma
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

import zstandard

from schemas.errors import InputError, SourceUnavailableError

RATIO_MAX = 400
"""Largest ratio of read to stored bytes once READ_FREE was read; real logs stay below 100."""
READ_FREE = 128 * 1024 * 1024
"""Bytes that any archive may give before its ratio counts."""

_GZIP, _ZSTD, _XZ, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\x00", b"PK\x03\x04"
_BROKEN = (EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError, gzip.BadGzipFile)


class _Archive(Protocol):
    """What the decompressors share: `read1` gives what one read yields, so that a later error takes nothing with it."""

    def read1(self, size: int, /) -> bytes: ...


@contextmanager
def opened(path: str) -> Iterator[io.BufferedReader]:
    """The decompressed bytes of a file, or of standard input for `-`.

    Reading raises InputError for a damaged or truncated archive and for one that unpacks beyond RATIO_MAX;
    SourceUnavailableError when the file cannot be opened.
    """
    if path == "-":
        yield _unpacked(sys.stdin.buffer, "standard input")
        return
    try:
        with Path(path).open("rb") as file:
            yield _unpacked(file, Path(path).name)
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise SourceUnavailableError(f"{path}: {error.strerror}") from None


def _unpacked(file: IO[bytes], name: str) -> io.BufferedReader:
    stored = _Counted(file)
    buffered: io.BufferedReader = io.BufferedReader(stored, 1 << 20)
    head = buffered.peek(6)
    if head.startswith(_ZIP):
        raise InputError(f"{name}: a zip archive is not read; unpack it and give the files")
    if head.startswith(_GZIP):
        return _capped(gzip.GzipFile(fileobj=buffered), stored, name)
    if head.startswith(_ZSTD):
        return _capped(zstandard.ZstdDecompressor().stream_reader(buffered, read_across_frames=True), stored, name)
    if head.startswith(_XZ):
        return _capped(lzma.LZMAFile(buffered), stored, name)
    return buffered


class _Counted(io.RawIOBase):
    """Counts the stored bytes that were read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: a buffer protocol of Python 3.12
        data = self.file.read(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        return len(data)


class _Capped(io.RawIOBase):
    """Turns the errors of a decompressor into sentences and stops bombs."""

    def __init__(self, file: _Archive, stored: _Counted, name: str) -> None:
        self.file, self.stored, self.name = file, stored, name
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: a buffer protocol of Python 3.12
        try:
            data = self.file.read1(len(buffer))
        except _BROKEN as error:
            raise InputError(
                f"{self.name}: the archive is damaged or cut off after {self.count} bytes ({type(error).__name__})"
            ) from None
        buffer[: len(data)] = data
        self.count += len(data)
        if self.count > READ_FREE and self.count > RATIO_MAX * max(self.stored.count, 1):
            raise InputError(
                f"{self.name}: unpacks to more than {RATIO_MAX} times its size; refused as an archive bomb"
            )
        return len(data)


def _capped(file: _Archive, stored: _Counted, name: str) -> io.BufferedReader:
    return io.BufferedReader(_Capped(file, stored, name), 1 << 20)
