"""Bombs, foreign entities, endless tags: refused quickly, without opening anything."""

import io
import sys
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from schemas.connector import Options

OPENED: list[str] = []
WATCHED = {"open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"}
MODULES = {"xrechnung": "procurement", "cyclonedx": "assets", "nmap": "assets"}
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
SUBSETS = {
    "laughs": f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]>',
    "internal": '<!DOCTYPE a [<!ENTITY who SYSTEM "file:///etc/hostname">]>',
    "empty internal": "<!DOCTYPE a []>",
    "system": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">',
    "public": '<!DOCTYPE a PUBLIC "-//A//B" "http://127.0.0.1:9/a.dtd">',
    "parameter": '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>',
}


@contextmanager
def watching() -> Iterator[None]:
    """Collects in OPENED what is opened meanwhile; an audit hook cannot be taken out again, only told to be still."""
    OPENED.clear()
    STATE["on"] = True
    try:
        yield
    finally:
        STATE["on"] = False


def _watch(event: str, _: tuple[object, ...]) -> None:
    if STATE["on"] and event in WATCHED:
        OPENED.append(event)


STATE = {"on": False}
sys.addaudithook(_watch)


def module(name: str) -> ModuleType:
    return import_module(f"connectors.{MODULES[name]}.{name}")


def rejection(name: str, data: bytes) -> str:
    """What the one rejected row says."""
    ((row,),) = [frame.to_dicts() for frame in module(name).read(io.BytesIO(data), Options())]
    assert row["place"] == 0
    return str(row["rejected"])


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("kind", SUBSETS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_a_subset_is_refused_before_anything_in_it_is_read(name: str, kind: str, encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?>{SUBSETS[kind]}<a>&l9;&who;</a>'.encode(encoding)
    rejection(name, data)  # imports and tables of the first call are not the document's cost
    took = []
    for _ in range(3):
        start = time.perf_counter()
        with watching():
            told = rejection(name, data)
        took.append(time.perf_counter() - start)
    assert told == "XML without a DTD subset and without entities expected"
    assert OPENED == []
    assert min(took) < 0.05


def test_the_watch_sees_a_file_opened() -> None:
    with watching(), Path(__file__).open("rb"):
        pass
    assert OPENED == ["open"]


@pytest.mark.parametrize("name", MODULES)
def test_a_bomb_takes_no_memory(name: str) -> None:
    data = f"{SUBSETS['laughs']}<a>&l9;</a>".encode()
    rejection(name, data)
    tracemalloc.start()
    rejection(name, data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16_000_000


class Endless(io.RawIOBase):
    """A head, then the same piece for ever."""

    def __init__(self, head: bytes, piece: bytes) -> None:
        self.head, self.piece, self.given = head, piece, 0

    def read(self, size: int = -1) -> bytes:
        data = self.head or self.piece * (size // len(self.piece))
        self.head = b""
        self.given += len(data)
        assert self.given < 50_000_000, "read on and on"
        return data


INVOICE = b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">'


@pytest.mark.parametrize(
    ("name", "head", "piece"),
    [
        ("nmap", b'<nmaprun args="', b"x"),
        ("nmap", b"<nmaprun ", b"a"),
        ("nmap", b"<nmaprun><!--", b"x"),
        ("xrechnung", INVOICE, b"<a>"),
        ("nmap", b"<nmaprun>", b"<a>"),
    ],
)
def test_an_endless_tag_or_depth_is_refused_early(name: str, head: bytes, piece: bytes) -> None:
    endless = Endless(head, piece)
    ((row,),) = [frame.to_dicts() for frame in module(name).read(endless, Options())]
    assert row["place"] == 0
    assert "at most" in row["rejected"]
    assert endless.given < 10_000_000


def test_brackets_without_end_are_refused_early() -> None:
    endless = Endless(b'{"releases":[', b"[")
    ((row,),) = [frame.to_dicts() for frame in import_module("connectors.procurement.ocds").read(endless, Options())]
    assert "at most 100000 levels" in row["rejected"]
    assert endless.given < 10_000_000


def test_many_broken_items_cost_linear_time() -> None:
    ocds = import_module("connectors.procurement.ocds")

    def seconds(count: int) -> float:
        data = b'{"releases":[' + b",".join([b'{"ocid": tru}'] * count) + b"]}"
        start = time.process_time()
        assert sum(frame.height for frame in ocds.read(io.BytesIO(data), Options())) == count
        return time.process_time() - start

    seconds(100)
    assert seconds(20_000) < 12 * max(seconds(4_000), 0.01)
