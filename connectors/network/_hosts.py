"""Names and addresses of servers in canonical form: all rows by one pattern, the odd ones by distinct value."""

import ipaddress
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import polars as pl

from connectors.lines import by_distinct, put

PLAIN_NAME = r"^(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{0,62}[a-z]$"
"""A name that needs no change; one that ends with a digit goes the long way."""
PLAIN_ADDRESS = r"^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])$"
_AMONG = (
    r"(?:^|[\[\",])((?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})"
    r"|[0-9a-fA-F]{0,4}:[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]*)(?:[\]\",]|$)"
)
"""An address that is one whole item of a list."""
LONGEST_NAME = 253
LONGEST_LABEL = 63
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")
_DOTS = "\u3002\uff0e\uff61"
"""Full stops of other scripts, which separate labels too (UTS 46)."""
_PORTS = 65_536
_PART = pl.Schema({"host": pl.String, "address": pl.String, "port": pl.Int32})


def servers(
    names: pl.Series, addresses: pl.Series | None = None, ports: pl.Series | None = None, *, bare: bool = True
) -> pl.DataFrame:
    """Columns host, address, port of what logs write as a name: `Name.`, `name:443`, `[::1]:443`, `user@name`, IDN.

    An address in place of the name is never a host; it becomes the address where there is none. A port in the name
    counts where there is none. What cannot be a host name (blanks, control characters, too long) is null. `bare`
    says that few names have a port.
    """
    read = _bare_names(names) if bare else by_distinct(names, read_names)
    addresses = read["address"] if addresses is None else canonical_addresses(addresses)
    if read["address"].null_count() < len(names):
        addresses = addresses.zip_with(addresses.is_not_null(), read["address"])
    ports = read["port"] if ports is None else ports.zip_with(ports.is_not_null(), read["port"])
    return pl.DataFrame({"host": read["host"], "address": addresses, "port": ports})


def _bare_names(written: pl.Series) -> pl.DataFrame:
    """As `read_names`, of names of which nearly all are plain: a pattern is cheaper than finding the distinct ones."""
    plain = _are_plain(written)
    empty = written.clear(len(written))
    frame = pl.DataFrame({"host": written, "address": empty, "port": empty.cast(pl.Int32)})
    return _with_odd(frame, ~plain & written.is_not_null(), written, _read_names)


def read_names(written: pl.Series) -> pl.DataFrame:
    """Columns host, address, port of distinct names: the plain ones by one pattern, the odd ones one by one."""
    pair = written.str.splitn(":", 2).struct
    names, behind = pair.field("field_0"), pair.field("field_1")
    stated = behind.cast(pl.UInt16, strict=False).cast(pl.Int32)
    plain = (behind.is_null() | stated.is_not_null()) & _are_plain(names)
    frame = pl.DataFrame({"host": names, "address": written.clear(len(written)), "port": stated})
    return _with_odd(frame, ~plain.fill_null(value=True), written, _read_names)


def _are_plain(names: pl.Series) -> pl.Series:
    return names.str.contains(PLAIN_NAME) & (names.str.len_bytes() <= LONGEST_NAME)


def _with_odd(
    frame: pl.DataFrame, odd: pl.Series, written: pl.Series, read: Callable[[pl.Series], pl.DataFrame]
) -> pl.DataFrame:
    """The frame with its odd rows read one distinct value at a time."""
    odd = odd.fill_null(value=False)
    if not odd.any():
        return frame
    again = by_distinct(written.filter(odd), read)
    return pl.DataFrame([put(column, odd, again[column.name]) for column in frame])


def canonical_addresses(addresses: pl.Series) -> pl.Series:
    """IPv4 as written, IPv6 in its shortest form, null for anything else."""
    odd = ~addresses.str.contains(PLAIN_ADDRESS)
    frame = _with_odd(addresses.alias("address").to_frame(), odd, addresses, _read_addresses)
    return frame["address"]


def first_address(answers: pl.Series) -> pl.Series:
    """First address among answers, in a list with commas or in JSON; null where no answer is one."""
    several = ~answers.str.contains(PLAIN_ADDRESS).fill_null(value=True)
    if not several.any():
        return answers
    return put(answers, several, answers.filter(several).str.extract(_AMONG))


def _read_addresses(values: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"address": [address_of(value[:64]) for value in values]}, {"address": pl.String})


def _read_names(values: pl.Series) -> pl.DataFrame:
    return pl.DataFrame([name_of(value[:1024]) for value in values], _PART, orient="row")


@lru_cache(maxsize=65_536)
def address_of(text: str) -> str | None:
    """An address in its shortest form, without zone; null when it is none."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


@lru_cache(maxsize=65_536)
def name_of(text: str) -> tuple[str | None, str | None, int | None]:
    """Name, address and port of what stands between `//` and `/` of a URL; at most one of name and address."""
    for end in "/?#":
        text = text.partition(end)[0]
    text = text.rpartition("@")[2].lower()
    if text.startswith("["):
        inside, _, behind = text[1:].partition("]")
        return None, address_of(inside), _port_of(behind.removeprefix(":"))
    name, colon, behind = text.partition(":")
    if ":" in behind:
        return None, address_of(text), None
    port = _port_of(behind)
    if colon and behind and port is None:
        return None, None, None
    address = address_of(name)
    if address is not None:
        return None, address, port
    return _host_of(name), None, port


def _port_of(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) < len(str(_PORTS)) + 1):
        return None
    return int(text) if int(text) < _PORTS else None


def _host_of(name: str) -> str | None:
    if not name.isascii():
        for dot in _DOTS:
            name = name.replace(dot, ".")
        name = ".".join(_label_of(label) for label in unicodedata.normalize("NFKC", name).lower().split("."))
    name = name.removesuffix(".")
    labels = name.split(".")
    right = all(0 < len(label) <= LONGEST_LABEL and _LETTERS.issuperset(label) for label in labels)
    return name if right and len(name) <= LONGEST_NAME and not labels[-1].isdigit() else None


def _label_of(label: str) -> str:
    """Unicode's A-label (UTS 46 without transition: `ß` stays); empty where a sign is no letter, mark or digit."""
    if label.isascii():
        return label
    if any(unicodedata.category(sign)[0] not in "LMN" and sign != "-" for sign in label):
        return ""
    return "xn--" + label.encode("punycode").decode("ascii")
