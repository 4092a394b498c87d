"""Opens inputs: plain, gz, zst, xz files and standard input, with caps on what a small file may grow to."""

import gzip
import io
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

import zstandard

from schemas.errors import ConfigurationError, InputError, LeitplankeError, NotThisFormatError
from schemas.sentence import Sentence, said

RATIO_MAX = 400
"""Largest ratio of read to stored bytes once READ_FREE was read; real logs stay below 100."""
READ_FREE = 128 * 1024 * 1024
"""Bytes that any archive may give before its ratio counts."""

PAGE = 4096
"""Stored bytes unpacked at a time: the densest page of zstd gives 128 MB, a megabyte would take all memory."""
XZ_MEMORY = 256 * 1024 * 1024
"""Most that unpacking xz may take; its strongest preset takes 65 MB."""

_GZIP, _ZSTD, _XZ, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\x00", b"PK\x03\x04"
MARK = b"\xef\xbb\xbf"
"""Byte-order mark of UTF-8; XML reads its own."""
WIDE = (b"\xff\xfe", b"\xfe\xff")
"""Byte-order marks of UTF-16."""
_BROKEN = (EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError, gzip.BadGzipFile)


class _Archive(Protocol):
    """What the decompressors share: `read1` gives what one read yields, so that a later error takes nothing with it."""

    def read1(self, size: int, /) -> bytes | memoryview: ...


class _Member(Protocol):
    """One frame or stream of an archive."""

    def decompress(self, data: bytes, /) -> bytes: ...

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...


@contextmanager
def opened(path: str) -> Iterator[io.BufferedReader]:
    """The decompressed bytes of a file, or of standard input for `-`; without a byte-order mark of UTF-8.

    Opening and reading raise InputError for a damaged or truncated archive and for one that unpacks beyond RATIO_MAX;
    ConfigurationError when there is nothing that can be opened.
    """
    if path == "-":
        if sys.stdin is None:
            raise ConfigurationError("standard input is closed")
        yield _unmarked(_unpacked(sys.stdin.buffer, name_of(path)))
        return
    if not path:
        raise ConfigurationError("a name of a file is empty")
    try:
        file = Path(path).open("rb")  # noqa: SIM115  # closed below; an error of the reader is not one of opening
    except IsADirectoryError:
        raise ConfigurationError("{path}: the folder holds no files", path=path) from None
    except (OSError, ValueError) as error:
        told = said(getattr(error, "strerror", None) or "no name of a file")
        raise ConfigurationError("{path}: {problem}", path=path, problem=told) from None
    with file:
        yield _unmarked(_unpacked(file, name_of(path)))


@contextmanager
def lines(path: str) -> Iterator[io.BufferedReader]:
    """Like `opened`, for an input of lines. Raises NotThisFormatError for UTF-16, whose lines end otherwise."""
    with opened(path) as stream:
        if stream.peek(2).startswith(WIDE):
            raise NotThisFormatError(
                "{name}: is written in UTF-16; convert it and read it again: iconv -f UTF-16 -t UTF-8 OLD > NEW",
                name=name_of(path),
            )
        yield stream


def name_of(path: str) -> Sentence:
    """What people call an input: the name of the file."""
    return said("standard input") if path == "-" else said("{name}", name=Path(path).name)


def named(path: str, error: LeitplankeError) -> Sentence:
    """What an error says, with the name of the input once."""
    name = name_of(path)
    return error.sentence if name in error.sentence else said("{name}: {problem}", name=name, problem=error)


def stands_still(path: str) -> bool:
    """True for what can be opened a second time; standard input and pipes are gone once they were read."""
    return path != "-" and (Path(path).is_file() or not Path(path).exists())


SIGNATURE = 6
"""Bytes that tell an archive."""


def packed(head: bytes) -> bool:
    """True for the first bytes of an archive."""
    return head.startswith((_GZIP, _ZSTD, _XZ, _ZIP))


def _unmarked(stream: io.BufferedReader) -> io.BufferedReader:
    head = stream.peek(len(MARK) + 1)
    if head.startswith(MARK) and not head[len(MARK) :].startswith(b"<"):
        stream.read(len(MARK))
    return stream


def _unpacked(file: IO[bytes], name: str) -> io.BufferedReader:
    stored = _Counted(file, name)
    buffered: io.BufferedReader = io.BufferedReader(stored, 1 << 20)
    head = buffered.peek(6)
    if head.startswith(_ZIP):
        raise InputError("{name}: a zip archive is not read; unpack it and give the files", name=name)
    if head.startswith(_GZIP):
        return _capped(gzip.GzipFile(fileobj=buffered), stored, name)
    if head.startswith(_ZSTD):
        return _capped(_Members(buffered, zstandard.ZstdDecompressor().decompressobj), stored, name)
    if head.startswith(_XZ):
        return _capped(_Members(buffered, lambda: lzma.LZMADecompressor(memlimit=XZ_MEMORY)), stored, name)
    return buffered


class _Members:
    """Frames one after the other. Unlike the libraries' own readers it sees a cut last frame and what follows it."""

    def __init__(self, stored: io.BufferedReader, member: Callable[[], _Member]) -> None:
        self.stored, self.member = stored, member
        self.now: _Member | None = None
        self.page = b""
        self.ready = memoryview(b"")

    def read1(self, size: int, /) -> memoryview:
        """At most `size` bytes of what the next page yields; empty at the end only."""
        while not self.ready:
            self.page = self.page or self.stored.read(PAGE)
            if not self.page and self.now is not None:
                raise EOFError
            if not self.page:
                break
            if self.now is None:
                self.page = self.page.lstrip(b"\0")  # xz pads with zeros
                self.now = self.member() if self.page else None
            if self.now is not None:
                self.ready = memoryview(self.now.decompress(self.page))
                self.page = self.now.unused_data if self.now.eof else b""
                self.now = None if self.now.eof else self.now
        data, self.ready = self.ready[:size], self.ready[size:]
        return data


class _Counted(io.RawIOBase):
    """Counts the stored bytes that were read; a device that fails in between is an error of the input."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self.file, self.name = file, name
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: a buffer protocol of Python 3.12
        try:
            size = int(self.file.readinto(buffer))  # type: ignore[attr-defined]  # every binary file has it
        except OSError as error:
            raise InputError(
                "{name}: breaks off after {count} bytes: {problem}",
                name=self.name,
                count=self.count,
                problem=said(error.strerror or type(error).__name__),
            ) from None
        self.count += size
        return size


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
                "{name}: the archive is damaged or cut off after {count} bytes ({fault})",
                name=self.name,
                count=self.count,
                fault=type(error).__name__,
            ) from None
        buffer[: len(data)] = data
        self.count += len(data)
        if self.count > READ_FREE and self.count > RATIO_MAX * max(self.stored.count, 1):
            raise InputError(
                "{name}: unpacks to more than {most} times its size; refused as an archive bomb",
                name=self.name,
                most=RATIO_MAX,
            )
        return len(data)


def _capped(file: _Archive, stored: _Counted, name: str) -> io.BufferedReader:
    return io.BufferedReader(_Capped(file, stored, name), 1 << 20)
