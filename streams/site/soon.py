"""Sends what cannot wait for the next look at the whole site: some subjects, as far as they can be counted by themselves."""

from dataclasses import replace

import polars as pl

from streams.site import baseline, inventories, margins, outbox, purchases
from streams.site.border import Egress
from streams.site.emit import Only, network
from streams.site.outbox import Publish
from streams.site.site import Site

_JOINED = ("flow", "dns")
"""Views that flows which wait for their host may still add to."""


def sent(site: Site, only: Only, publish: Publish) -> int:
    """Record and send what changed of some subjects; gives the number of observations.

    Nothing is withdrawn and no manifest made. Of units whose baseline is not known to have ended nothing goes; the newest
    day leaves as of one that is not over.
    """
    egress, file = Egress.of(site.settings, site.law.snapshot), site.file
    bought = pl.concat([purchases.words(file), inventories.words(file, site.windows)]).unique()
    emission = network(site.windows, site.law.directory, egress, bought, only)
    seen = emission.observations
    if file.db.execute("SELECT 1 FROM runs WHERE kind = 'flow' LIMIT 1").fetchone():
        seen = seen.filter(~pl.col("view").is_in(_JOINED))
    if site.settings.baseline_days:
        passed = baseline.remembered(file, site.settings.baseline_days)
        seen = seen.join(passed, on=["unit", "signal"], how="semi")
    emission = margins.open_days(replace(emission, observations=seen))
    outbox.record_some(file, emission.observations)
    return outbox.send(file, publish, emission)
