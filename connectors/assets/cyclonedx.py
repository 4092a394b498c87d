"""CycloneDX bills of material, JSON and XML, versions 1.1 to 1.7.

Format    one document a product; an item is a component, nested ones too, or a service; place 0 is the product itself
Gives     at vendor product version purl cpe publisher asset
Lacks     device and port; licences, hashes, vulnerabilities and authors are not read; services inside a service
Source    cyclonedx.org, JSON and XML schemas 1.1 to 1.6; CycloneDX/bom-examples
Blind to  where the product runs; what the tool that wrote the document did not find
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

import polars as pl

from connectors import json_items, xml_items
from connectors.documents import RejectedError, Row, Source, bounded, frames, instant, maker, stated, text
from connectors.xml_items import Node
from schemas.connector import Options
from schemas.errors import NotThisFormatError
from schemas.events import ASSETS

SHAPE = "document"
MAX_BYTES = 512_000_000
GIVES = ("at", "vendor", "product", "version", "purl", "cpe", "publisher", "asset")
LACKS = "device and port; licences, hashes, vulnerabilities and authors are not read; services inside a service"

_EXPECTED = "a CycloneDX bill of materials in JSON or XML expected"
_SPACE = "http://cyclonedx.org/schema/bom/"
_ITEMS = frozenset({"components", "services"})
_UNREAD = frozenset({"vulnerabilities", "dependencies", "annotations"})
"""Members passed over item by item: they can be far larger than the rest."""
_CUT = frozenset(
    {"components/component", "services/service", "vulnerabilities/vulnerability", "dependencies/dependency"}
)
_KINDS = {
    "application": "application",
    "container": "application",
    "machine-learning-model": "application",
    "operating-system": "system",
    "platform": "system",
    "firmware": "system",
    "device": "host",
}
"""Type of a component to kind of asset; everything else is a part of something: a library."""
_TEXTS = ("name", "version", "purl", "cpe", "publisher")
_MAKERS = ("supplier", "manufacturer", "provider")


class _Bill:
    """What a document holds; complete once `rows` has run to its end."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.metadata: dict[str, Any] = {}
        self.serial: str | None = None

    def rows(self) -> Iterator[Row]:
        """Rows of components and services, without time. Raises RejectedError."""
        place = 0
        for member, item in self._xml() if self._source.first() == "<" else self._json():
            for part in _nested(item) if member == "components" else [item]:
                place += 1
                yield _row(part, place, "service" if member == "services" else None)

    def product(self) -> Row:
        """Row of the product; without a name it is nothing that could be judged."""
        described = self._described()
        return _row(described, 0, None) if text(described.get("name")) else {"place": 0}

    def scope(self) -> str | None:
        """Group and name of the product, else the serial number of the bill."""
        described = self._described()
        name = text(described.get("name"))
        return "/".join(filter(None, (text(described.get("group")), name))) if name else self.serial

    def _described(self) -> dict[str, Any]:
        product = self.metadata.get("component")
        return product if isinstance(product, dict) else {}

    def _json(self) -> Iterator[tuple[str, Any]]:
        headed = False
        for member, value in json_items.items(self._source, _EXPECTED, _ITEMS | _UNREAD):
            if member in _ITEMS:
                yield member, value
            elif not member:
                self._header(value)
                headed = True
        if not headed:
            raise NotThisFormatError(_EXPECTED)

    def _header(self, value: Any) -> None:
        if isinstance(value, RejectedError):
            raise value
        if not isinstance(value, dict) or value.get("bomFormat") != "CycloneDX":
            raise NotThisFormatError(_EXPECTED)
        self.serial = text(value.get("serialNumber"))
        metadata = value.get("metadata")
        self.metadata = metadata if isinstance(metadata, dict) else {}

    def _xml(self) -> Iterator[tuple[str, Any]]:
        for path, node in xml_items.items(self._source, _EXPECTED, _known, _CUT):
            member = path.partition("/")[0]
            if member in _ITEMS:
                yield member, _plain(node)
            elif not path:
                self.serial = text(node.attributes.get("serialNumber"))
                described = next(iter(node.all("metadata/component")), None)
                product = _plain(described) if described else None
                self.metadata = {"timestamp": node.value("metadata/timestamp"), "component": product}


def read(document: BinaryIO, options: Options) -> Iterator[pl.DataFrame]:
    """All rows of one time, the product first, or the one that rejects the document."""
    bill = _Bill(Source(document, MAX_BYTES))
    try:
        parts = list(frames(bounded(bill.rows()), ASSETS))
        product = bill.product()
        found = parts if parts and "product" not in product else [*frames([product], ASSETS), *parts]
        if any(frame["asset"].is_not_null().any() for frame in found):
            at = stated(instant(bill.metadata.get("timestamp"), "metadata.timestamp", options), options)
            found = [_dated(frame, at) for frame in found]
    except RejectedError as error:
        found = list(frames([{"place": 0, "rejected": str(error)}], ASSETS))
    yield from found


def scope(document: BinaryIO, options: Options) -> str | None:
    """What the bill speaks for: its product without version, else its serial number; None where unreadable."""
    del options
    bill = _Bill(Source(document, MAX_BYTES))
    try:
        for _ in bounded(bill.rows()):
            pass
    except RejectedError:
        return None
    return bill.scope()


def _known(root: Node) -> bool:
    return root.name == "bom" and root.space.startswith(_SPACE)


def _plain(node: Node) -> dict[str, Any]:
    """A component or service in XML as JSON writes it, as far as it is read."""
    return {
        "type": node.attributes.get("type"),
        "group": node.value("group"),
        **{name: node.value(name) for name in _TEXTS},
        **{role: {"name": node.value(f"{role}/name")} for role in _MAKERS},
        "components": [_plain(part) for part in node.all("components/component")],
    }


def _nested(component: Any) -> Iterator[Any]:
    """A component, then those inside it, in the order of the document."""
    waiting = [component]
    while waiting:
        part = waiting.pop()
        yield part
        inner = part.get("components") if isinstance(part, dict) else None
        waiting.extend(reversed(inner if isinstance(inner, list) else []))


def _row(part: Any, place: int, asset: str | None) -> Row:
    if isinstance(part, RejectedError):
        return {"place": place, "rejected": str(part)}
    name = text(part.get("name")) if isinstance(part, dict) else None
    if name is None:
        return {"place": place, "rejected": "name: the name of a component or service expected"}
    makers = (part.get(role) for role in _MAKERS)
    kind = part.get("type")
    return {
        "place": place,
        "product": name,
        "vendor": next(filter(None, (maker(named.get("name")) for named in makers if isinstance(named, dict))), None),
        "version": text(part.get("version")),
        "purl": text(part.get("purl")),
        "cpe": text(part.get("cpe")),
        "publisher": maker(part.get("publisher")),
        "asset": asset or _KINDS.get(kind if isinstance(kind, str) else "", "library"),
    }


def _dated(frame: pl.DataFrame, at: datetime) -> pl.DataFrame:
    return frame.with_columns(at=pl.when(pl.col("asset").is_not_null()).then(pl.lit(at, dtype=ASSETS.schema["at"])))
