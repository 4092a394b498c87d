"""For how many weeks in a row the actors of a usage grew."""

import numpy as np
import polars as pl

from connectors.store.loose import NULL
from streams.centre.windows import Windows, begins

WEEK = 7
WEEKS_MIN = 3
"""Fewest whole weeks of data that growth is told from."""


def growth(windows: Windows, largest: np.ndarray, usages: int) -> pl.Series:
    """Of each usage the weeks in a row, ending on the last day, whose busiest day beat the week before.

    `largest` is the number of each usage's largest view. Null for usages whose largest view has fewer than WEEKS_MIN
    whole weeks of data.
    """
    found = np.full(usages, NULL)
    usage, week, actors = _peaks(windows, largest)
    if len(usage):
        grew = np.zeros(len(usage), bool)
        grew[:-1] = (usage[:-1] == usage[1:]) & (week[:-1] + 1 == week[1:]) & (actors[:-1] > actors[1:])
        first = begins(usage)
        # the oldest week never grew, so that there always is one
        broken = np.minimum.reduceat(np.where(grew, np.iinfo(np.int64).max, week), first)
        weeks = np.diff(np.append(first, len(usage)))
        told = weeks >= WEEKS_MIN
        found[usage[first][told]] = np.where(week[first] == 0, broken, 0)[told]
    return pl.Series("growth_weeks", found).replace(NULL, None)


def _peaks(windows: Windows, largest: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Usage, week before the last day and most actors of a day, of whole weeks with a number, the newest week first."""
    oldest = windows.ago[windows.first[largest]]
    known = windows.views["actors"].is_not_null().to_numpy()[largest]
    chosen = largest[known & (oldest >= WEEKS_MIN * WEEK - 1)]
    if not len(chosen):
        return chosen, chosen, chosen
    start, lengths = windows.first[chosen], (windows.last - windows.first + 1)[chosen]
    places = np.repeat(start - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    usage, week = windows.usage[places], windows.ago[places] // WEEK
    first = begins(usage, week)
    actors = np.maximum.reduceat(windows.rows.numbers["actors"][windows.order[places]], first)
    whole = (week + 1) * WEEK <= np.repeat(windows.ago[start], lengths) + 1
    kept = (actors != NULL) & whole[first]
    usage, week, actors = usage[first][kept], week[first][kept], actors[kept]
    order = np.lexsort((week, usage))
    return usage[order], week[order], actors[order]
