"""Does the catalogue still carry a line whose people are gone? Its numbers cannot be counted again, but it can be withdrawn."""

from typing import Any

import polars as pl

from catalogue.match import Directory
from streams.site.border import CANDIDATE, Egress, reported_unit
from streams.site.emit import LEAVING


def carried(directory: Directory, egress: Egress, lines: list[dict[str, Any]]) -> list[bool]:
    """Of the texts of observations: is each unit still reported, and each subject still what its identifier says?

    Of a candidate: nobody knows the domain still. An identifier other than a host is believed while its subject has an
    entry that leaves.
    """
    none = pl.lit(None, pl.String)
    hosts = pl.DataFrame({"host": [_host(line) for line in lines]}, schema={"host": pl.String})
    found = directory.network(hosts.with_columns(address=none, application=none))
    entries = egress.snapshot.directory
    stays = []
    for line, host, subject in zip(lines, hosts["host"], found["subject"], strict=True):
        entry = entries.get(line["subject"].partition("#")[0])
        if line["subject"].startswith(CANDIDATE):
            known = subject is None and host not in egress.own_domains
        elif host is not None:
            known = subject == line["subject"] and entry is not None and entry.kind in LEAVING
        else:
            known = entry is not None and entry.kind in LEAVING
        stays.append(known and reported_unit(line["unit"], egress.snapshot) == line["unit"])
    return stays


def _host(line: dict[str, Any]) -> str | None:
    """The host that made the subject known."""
    if line["subject"].startswith(CANDIDATE):
        return str(line["subject"]).removeprefix(CANDIDATE)
    matched = line.get("matched") or {}
    host = matched.get("identifier") if matched.get("identifier_kind") == "domain" else None
    return host if isinstance(host, str) else None
