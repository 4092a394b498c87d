"""Addresses in ranges: the narrowest range wins."""

import ipaddress
from bisect import bisect_right

import numpy as np
import polars as pl

Span = tuple[int, int, int]
"""First address, last address, row of the table of identifiers."""
_NONE = -1


class Ranges:
    """Ranges laid flat: which row each stretch of addresses belongs to. Ranges are nested or apart, never crossing."""

    def __init__(self, ranges: pl.DataFrame) -> None:
        """Take rows of `ref` and `key` (CIDR)."""
        four: list[Span] = []
        six: list[Span] = []
        for ref, key in ranges.select("ref", "key").iter_rows():
            network = ipaddress.ip_network(key)
            span = (int(network.network_address), int(network.broadcast_address), int(ref))
            (four if network.version == 4 else six).append(span)  # noqa: PLR2004 - IP version
        starts, refs = flatten(four)
        self._starts, self._refs = np.array(starts, dtype=np.int64), np.array(refs, dtype=np.int64)
        self._six = flatten(six)

    def find(self, addresses: pl.Series) -> pl.Series:
        """Row of the narrowest range of each distinct address; null outside all ranges and for what is no address."""
        four = _four(addresses)
        colons = addresses.str.contains(":", literal=True).fill_null(value=False)
        other = dict(_six(text) for text in addresses.filter(colons).unique())
        mapped = addresses.replace_strict(
            pl.Series([text for text, (version, _) in other.items() if version == 4], dtype=pl.String),  # noqa: PLR2004 - IP version
            pl.Series([number for version, number in other.values() if version == 4], dtype=pl.Int64),  # noqa: PLR2004 - IP version
            default=None,
            return_dtype=pl.Int64,
        )
        found = self._find_four(four.fill_null(mapped))
        texts = [text for text, (version, _) in other.items() if version == 6]  # noqa: PLR2004 - IP version
        rows = [self._find_six(other[text][1]) for text in texts]
        sixes = addresses.replace_strict(
            pl.Series(texts, dtype=pl.String), pl.Series(rows, dtype=pl.UInt32), default=None, return_dtype=pl.UInt32
        )
        return found.fill_null(sixes)

    def _find_four(self, numbers: pl.Series) -> pl.Series:
        if not len(self._starts):
            return pl.Series([None] * len(numbers), dtype=pl.UInt32)
        at = np.searchsorted(self._starts, numbers.fill_null(_NONE).to_numpy(), side="right") - 1
        rows = pl.Series(np.where(at >= 0, self._refs[at], _NONE))
        return rows.set(rows == _NONE, None).cast(pl.UInt32)

    def _find_six(self, number: int) -> int | None:
        starts, refs = self._six
        at = bisect_right(starts, number) - 1
        return None if at < 0 or refs[at] == _NONE else refs[at]


def flatten(spans: list[Span]) -> tuple[list[int], list[int]]:
    """Starts of stretches in order, and the row of the narrowest span over each; -1 where there is none.

    >>> flatten([(0, 9, 1), (2, 3, 2)])
    ([0, 2, 4, 10], [1, 2, 1, -1])
    """
    owner: dict[int, int] = {}
    around: list[Span] = []

    def close_before(start: float) -> None:
        while around and around[-1][1] < start:
            last = around.pop()[1]
            owner[last + 1] = around[-1][2] if around else _NONE

    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        close_before(span[0])
        owner[span[0]] = span[2]
        around.append(span)
    close_before(float("inf"))
    starts = sorted(owner)
    return starts, [owner[start] for start in starts]


def _four(addresses: pl.Series) -> pl.Series:
    """IPv4 addresses as numbers; null for anything else, also for leading zeros (they may mean octal)."""
    text = pl.col("address")
    fields = [text.struct.field(f"field_{n}") for n in range(4)]
    numbers = [pl.col(f"field_{n}").cast(pl.UInt8, strict=False).cast(pl.Int64) for n in range(4)]
    frame = addresses.rename("address").to_frame()
    parts = frame.select(text.str.split_exact(".", 4)).select(*fields, rest=text.struct.field("field_4"))
    value = numbers[0] * 2**24 + numbers[1] * 2**16 + numbers[2] * 2**8 + numbers[3]
    written = pl.concat_str([number.cast(pl.String) for number in numbers], separator=".")
    return parts.select(written.alias("written"), value.alias("value"), "rest").select(
        pl.when(pl.col("rest").is_null() & (pl.col("written") == addresses)).then("value")
    )["value"]


def _six(text: str) -> tuple[str, tuple[int, int]]:
    """The text with version and number of the address in it; an IPv4 address inside IPv6 is the IPv4 address."""
    try:
        address = ipaddress.IPv6Address(text.partition("%")[0])
    except ValueError:
        return text, (0, 0)
    if address.ipv4_mapped is not None:
        return text, (4, int(address.ipv4_mapped))
    return text, (6, int(address))
