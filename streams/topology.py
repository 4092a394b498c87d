"""The whole graph on one screen: which step reads what and gives what. `embedded.py` runs it; other runners will too.

in the ministry (streams/site)                                        at the centre (streams/centre)
raw files -> parse -> reduce -> windows -> emit -> observations.v1 -> merge -> judge -> store
"""

from dataclasses import dataclass

from schemas.topics import CATALOGUE, DECISIONS, OBSERVATIONS


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a function of (frame, state), where it runs, what it reads and what it gives."""

    name: str
    place: str
    """`site` or `centre`."""
    function: str
    """Module and name of the function."""
    reads: tuple[str, ...]
    gives: tuple[str, ...]


TOPOLOGY = (
    Step("parse", "site", "connectors.registry:get", ("raw files",), ("events",)),
    Step("reduce", "site", "streams.site.reduce:reduce", ("events",), ("windows", "names")),
    Step("keep purchases", "site", "streams.site.purchases:keep", ("events",), ("documents",)),
    Step("keep inventories", "site", "streams.site.inventories:keep", ("events",), ("installs",)),
    Step("emit network", "site", "streams.site.emit:network", ("windows", "names"), ("sent",)),
    Step("emit purchases", "site", "streams.site.purchases:observations", ("documents",), ("sent",)),
    Step("emit inventories", "site", "streams.site.installed:observations", ("installs",), ("sent",)),
    Step("send", "site", "streams.site.outbox:send", ("sent",), (OBSERVATIONS,)),
    Step("merge", "centre", "streams.centre.merge:merge", (OBSERVATIONS, DECISIONS), ("usages",)),
    Step("judge", "centre", "streams.centre.judge:judge", ("usages", CATALOGUE), ("findings",)),
    Step("settle", "centre", "streams.centre.settle:settle", ("usages",), (CATALOGUE,)),
)
"""Every step in the order in which data passes it."""
