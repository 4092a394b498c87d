"""Sends again what a site had sent: for a centre that lost it, or that was put back from an older backup."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from catalogue.snapshot import Snapshot
from schemas.topics import OBSERVATIONS
from streams.centre.centre import Centre
from streams.centre.settle import SettleReport, settle
from streams.embedded import Say, opened
from streams.site import guard, outbox
from streams.site.site import Law


@dataclass(frozen=True)
class Resent:
    """What a `site resend` did."""

    settled: SettleReport
    sent: dict[str, int] = field(default_factory=dict)
    """Observations that went out again, by site."""


def resend(data: Path, sites: Sequence[str], first: date, snapshot: Snapshot, say: Say) -> Resent:
    """Send what had been sent of days from `first` on, with the same ids and revisions, and settle.

    Nothing is counted anew. `snapshot` is published when the centre has no catalogue yet.
    """
    with Centre.open(data) as centre:
        current = centre.catalogue()
        if current is None:
            centre.publish_catalogue(snapshot)
            current = snapshot
        sent = {}
        for name in sites:
            guard.unwatched(data, name)
            with opened(data, name, Law.of(current), say) as site:
                guard.unsent(site, first)
                sent[name] = outbox.send(site.file, lambda frames: centre.bus.publish(OBSERVATIONS, frames))
        return Resent(settle(centre), sent)
