"""Nmap scans in XML (-oX).

Format    one XML document a scan; an item is a host; a host that is up has a row, and one for each open port
Gives     at device_raw product version cpe asset ports
Lacks     vendor and publisher; guesses of the operating system, host names and script output are not read
Source    nmap.org, nmap.dtd 1.04 and 1.05; python-libnmap
Blind to  hosts that do not answer, ports outside the scanned range; what listens, where the scan did not ask (-sV)
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

import polars as pl

from connectors.documents import RejectedError, Row, Source, complete, number, stated, text
from connectors.xml_items import Node, items
from schemas.connector import Options
from schemas.events import ASSETS

SHAPE = "document"
MAX_BYTES = 1_000_000_000
GIVES = ("at", "device_raw", "product", "version", "cpe", "asset", "ports")
LACKS = "vendor and publisher; guesses of the operating system, host names and script output are not read"

_EXPECTED = "a scan in Nmap's XML expected: root element nmaprun"
_OUTPUTS = {"-oX", "-oN", "-oG", "-oA", "-oS", "--stylesheet", "--datadir", "--resume"}
_FIRST_YEAR = 946_684_800
"""2000-01-01 in Unix seconds; Nmap is younger than most clocks that were never set."""
_LAST_YEAR = 4_102_444_800
_PORT_MAX = 65_535
_PASSED_OVER = frozenset({"taskbegin", "taskend", "taskprogress", "hosthint"})


class _Scan:
    """A scan; its root is there as soon as the first host comes."""

    def __init__(self, document: BinaryIO, options: Options) -> None:
        self.source = Source(document, MAX_BYTES)
        self._options = options
        self.root: Node | None = None

    def rows(self) -> Iterator[Row]:
        """Rows of the hosts in order. Raises RejectedError where the scan breaks off."""
        place = 0
        for path, node in items(self.source, _EXPECTED, self.known, _PASSED_OVER | {"host"}):
            if path == "host":
                place += 1
                yield from self._host(node, place)

    def known(self, root: Node) -> bool:
        """Whether the root is a scan's; keeps it."""
        self.root = root
        return root.name == "nmaprun"

    def _host(self, host: Node, place: int) -> list[Row]:
        states = [status.attributes.get("state") for status in host.all("status")]
        if states == ["down"]:
            return [{"place": place}]
        try:
            return self._up(host, place, states)
        except RejectedError as error:
            return [{"place": place, "rejected": str(error)}]

    def _up(self, host: Node, place: int, states: list[str | None]) -> list[Row]:
        if states != ["up"]:
            raise RejectedError("host/status/state: up or down expected")
        addresses = {node.attributes.get("addrtype"): node.attributes.get("addr") for node in host.all("address")}
        device = text(addresses.get("ipv4") or addresses.get("ipv6") or addresses.get("mac"))
        run = self.root.attributes if self.root else {}
        at = _seconds(host.attributes.get("endtime") or host.attributes.get("starttime") or run.get("start"))
        told = {"place": place, "at": stated(at, self._options), "device_raw": device}
        ports = [port for port in host.all("ports/port") if _open(port)]
        numbers = [_port(port) for port in ports]
        services = [
            {**told, "asset": "service", "ports": [one], **_service(port)}
            for one, port in zip(numbers, ports, strict=True)
        ]
        return [{**told, "asset": "host", "ports": sorted(set(numbers)) or None}, *services]


def read(document: BinaryIO, options: Options) -> Iterator[pl.DataFrame]:
    """Rows of all hosts, or the one that rejects the scan: one that broke off must not replace a whole one."""
    yield from complete(_Scan(document, options).rows(), ASSETS)


def scope(document: BinaryIO, options: Options) -> str | None:
    """What was scanned and how: the arguments without those that name output files; None where unreadable."""
    scan = _Scan(document, options)
    try:
        for _ in items(scan.source, _EXPECTED, scan.known, frozenset({"host"})):
            break
    except RejectedError:
        return None
    return _arguments(scan.root.attributes.get("args")) if scan.root else None


def _arguments(written: str | None) -> str | None:
    words = iter((text(written) or "").split()[1:])
    kept = []
    for word in words:
        if word in _OUTPUTS:
            next(words, None)
        else:
            kept.append(word)
    return " ".join(kept) or None


def _seconds(written: str | None) -> datetime | None:
    if written is None:
        return None
    seconds = number(written)
    if seconds is None or not _FIRST_YEAR <= seconds < _LAST_YEAR:
        raise RejectedError("host/endtime: Unix seconds of a time since 2000 expected")
    return datetime.fromtimestamp(seconds, UTC)


def _open(port: Node) -> bool:
    return any(state.attributes.get("state") == "open" for state in port.all("state"))


def _port(port: Node) -> int:
    written = number(port.attributes.get("portid"))
    if written is None or not 0 <= written <= _PORT_MAX or written != int(written):
        raise RejectedError("port/portid: a port number expected")
    return int(written)


def _service(port: Node) -> Row:
    """Product, version and CPE of the program; its own CPE comes before that of its system."""
    for service in port.all("service"):
        names = [name for name in (text(cpe.text) for cpe in service.all("cpe")) if name]
        own = [name for name in names if name.startswith(("cpe:/a:", "cpe:2.3:a:"))]
        return {
            "product": text(service.attributes.get("product")),
            "version": text(service.attributes.get("version")),
            "cpe": next(iter(own + names), None),
        }
    return {}
