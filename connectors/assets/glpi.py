"""GLPI inventory, the native JSON of GLPI agent and FusionInventory agent.

Format    one document a device; an item is a piece of software; place 0 is the device itself
Gives     at device_raw vendor product version publisher asset installed_from
Lacks     purl, CPE and ports; users, serial numbers and addresses are never read; databases, virtual machines, peripherals
Source    glpi-project/inventory_format, inventory.schema.json
Blind to  portable programs and browser extensions, which the agent does not list; software of partial inventories
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

import polars as pl

from connectors.documents import RejectedError, Row, Source, complete, instant, maker, stated, text
from connectors.json_items import items
from schemas.connector import Options
from schemas.errors import NotThisFormatError
from schemas.events import ASSETS

SHAPE = "document"
MAX_BYTES = 16_000_000
GIVES = ("at", "device_raw", "vendor", "product", "version", "publisher", "asset", "installed_from")
LACKS = (
    "purl, CPE and ports; users, serial numbers and addresses are never read; databases, virtual machines, peripherals"
)

_EXPECTED = "a GLPI inventory in JSON expected: an object with deviceid and content"
_PACKAGES = {"rpm", "deb", "apk", "pacman"}
"""Package managers of an operating system: what they bring is matched, never a candidate."""
_PARTS = {"system_component", "hotfix", "update", "security_update"}
"""Categories that Windows agents give to parts of the system."""


def read(document: BinaryIO, options: Options) -> Iterator[pl.DataFrame]:
    """Rows of the device and its software, or the one that rejects the document."""
    yield from complete(_rows(document, options), ASSETS)


def scope(document: BinaryIO, options: Options) -> str | None:
    """The device; None for a partial inventory, which ends nothing, and for one that cannot be read."""
    del options
    try:
        inventory = _inventory(document)
    except RejectedError:
        return None
    return None if inventory.get("partial") is True else _device(inventory)


def _rows(document: BinaryIO, options: Options) -> Iterator[Row]:
    inventory = _inventory(document)
    content = inventory["content"]
    device = _device(inventory)
    if device is None:
        raise RejectedError("deviceid: a text expected")
    told = {"at": _at(content, options), "device_raw": device}
    yield {"place": 0, **told, **_itself(content)}
    softwares = content.get("softwares")
    for place, software in enumerate(softwares if isinstance(softwares, list) else [], 1):
        yield _software(software, place, told)


def _inventory(document: BinaryIO) -> dict[str, Any]:
    """The document; a second one behind it is damage."""
    read_items = [value for _, value in items(Source(document, MAX_BYTES), _EXPECTED)]
    first = read_items[0] if read_items else None
    if isinstance(first, RejectedError) or len(read_items) > 1:
        raise RejectedError("one well-formed JSON object expected")
    if not isinstance(first, dict) or not isinstance(first.get("content"), dict):
        raise NotThisFormatError(_EXPECTED)
    return first


def _at(content: dict[str, Any], options: Options) -> datetime:
    written = text(_part(content, "accesslog").get("logdate"))
    offset = text(_part(_part(content, "operatingsystem"), "timezone").get("offset"))
    if written and offset:
        try:
            return stated(instant(written + offset, "accesslog.logdate", options), options)
        except RejectedError:  # the offset is optional: without it the zone of the options holds
            pass
    return stated(instant(written, "accesslog.logdate", options), options)


def _device(inventory: dict[str, Any]) -> str | None:
    content = inventory["content"]
    names = (inventory.get("deviceid"), _part(content, "hardware").get("name"))
    return next(filter(None, map(text, (*names, _part(content, "network_device").get("name")))), None)


def _itself(content: dict[str, Any]) -> Row:
    """The operating system; of a device without one, its make."""
    system, network, bios = (_part(content, name) for name in ("operatingsystem", "network_device", "bios"))
    name = text(system.get("full_name")) or text(system.get("name"))
    if name:
        return {"asset": "system", "product": name, "version": text(system.get("version"))}
    return {
        "asset": "host",
        "vendor": text(network.get("manufacturer")) or text(bios.get("smanufacturer")),
        "product": text(network.get("model")) or text(bios.get("smodel")),
        "version": text(network.get("firmware")),
    }


def _software(software: Any, place: int, told: Row) -> Row:
    name = text(software.get("name")) if isinstance(software, dict) else None
    if name is None:
        return {"place": place, "rejected": "softwares.name: a text expected"}
    origin, category = text(software.get("from")), text(software.get("system_category"))
    part = (origin or "").lower() in _PACKAGES or (category or "").lower() in _PARTS
    return {
        "place": place,
        **told,
        "product": name,
        "version": text(software.get("version")),
        "publisher": maker(software.get("publisher")),
        "asset": "library" if part else "application",
        "installed_from": origin,
    }


def _part(content: dict[str, Any], name: str) -> dict[str, Any]:
    part = content.get(name)
    return part if isinstance(part, dict) else {}
