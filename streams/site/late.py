"""What comes for a day whose people retention has let go: it cannot be counted rightly, so it counts as dropped."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from streams.site.flows import Waiting

if TYPE_CHECKING:
    from streams.site.reduce import Runs


def without(runs: "Runs", last: date | None) -> "Runs":
    """Runs without what is of a day up to `last`; its records count as dropped."""
    if last is None:
        return runs
    flows = runs.flows.flows
    windows, waiting = (rows.filter(pl.col("day") > last) for rows in (runs.windows, flows))
    if windows.height == runs.windows.height and waiting.height == flows.height:
        return runs
    late = sum(
        int(rows.select((pl.col("events") + pl.col("blocked")).sum()).item())
        for rows in (runs.windows.filter(pl.col("day") <= last), flows.filter(pl.col("day") <= last))
    )
    # a host has no day of its own; its pseudonym is that of a window row
    hosts = runs.flows.hosts.join(windows.select("actor").unique(), on="actor", how="semi", nulls_equal=True)
    needed = pl.concat([rows["name"] for rows in (windows, waiting, hosts)]).unique()
    names = runs.names.filter(pl.col("name").is_in(needed.implode()))
    return replace(runs, windows=windows, names=names, flows=Waiting(waiting, hosts), dropped=runs.dropped + late)
