"""What comes for a day whose people retention has let go: it cannot be counted rightly, so it counts as dropped."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from streams.site.arrays import Flags, wide
from streams.site.connections import FLOW, Connections
from streams.site.named import Named
from streams.site.table import Table, taken

if TYPE_CHECKING:
    from streams.site.reduce import Runs

_EPOCH = date(1970, 1, 1).toordinal()


def without(runs: "Runs", last: date | None) -> "Runs":
    """Runs without what is of a day up to `last`; its records count as dropped."""
    if last is None:
        return runs
    limit = last.toordinal() - _EPOCH
    dated: list[Table | Connections] = [*runs.windows, *runs.flows]
    if all((part.columns["day"] > limit).all() for part in dated):
        return runs
    late = sum(_records(part, ~_later(part, limit)) for part in dated)
    windows = tuple(_rows(part, meets) for part in runs.windows if (meets := _later(part, limit)).any())
    flows = tuple(_connections(part, meets) for part in runs.flows if (meets := _later(part, limit)).any())
    # a host has no day of its own; its pseudonym is that of a window row
    actors = np.concatenate([np.zeros(0, np.uint64), *(part.columns["actor"] for part in windows)])
    hosts = tuple(
        _connections(part, meets)
        for part in runs.hosts
        if (meets := np.isin(wide(part.columns["actor"], part.rows), actors)).any()
    )
    left: list[Table | Connections] = [*windows, *flows, *hosts]
    needed = np.concatenate([np.zeros(0, np.uint64), *(part.columns["name"] for part in left)])
    here = np.isin(runs.names.words, needed)
    names = Named(runs.names.words[here], runs.names.rows[here], runs.names.known)
    return replace(runs, windows=windows, names=names, flows=flows, hosts=hosts, dropped=runs.dropped + late)


def _later(part: Table | Connections, limit: int) -> Flags:
    """Of each row, whether it is of a day after the limit."""
    later: Flags = (part.columns["day"] > limit)[wide(part.columns["slot"], part.rows)]
    return later


def _records(part: Table | Connections, chosen: Flags) -> int:
    """Records of some rows."""
    return sum(int(wide(part.columns[name], part.rows)[chosen].sum(dtype=np.int64)) for name in ("events", "blocked"))


def _rows(table: Table, chosen: Flags) -> Table:
    if chosen.all():
        return table
    return Table.of(table.units, {name: taken(values, chosen) for name, values in table.spread().items()})


def _connections(part: Connections, chosen: Flags) -> Connections:
    if chosen.all():
        return part
    columns = {name: taken(values, chosen) if name in FLOW else values for name, values in part.columns.items()}
    return Connections(part.units, columns).small()
