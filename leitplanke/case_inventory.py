"""What an inventory says of software: installed on devices, part of an application, or a service on a server.

An inventory of devices counts devices. A bill of materials counts none, and a scan of the network counts what answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leitplanke.texts import Lang, joined, listed, t

if TYPE_CHECKING:
    from leitplanke.case import Case
    from schemas.entries import DirectoryEntry

PLACES = {"cyclonedx": "component", "nmap": "server"}
"""What a view of the inventory sees; every other view sees devices."""
BUILD_DOTS = 2
"""Dots in the number of a build, `10.0.19045`; names of versions have fewer."""
ORDER = ("device", "component", "server")


def places(case: Case) -> list[str]:
    """Of ORDER those that the views saw; devices where no view says otherwise."""
    views = {view["view"] for view in case.views if view["signal"] == "assets"}
    found = {PLACES.get(view, "device") for view in views} or {"device"}
    return [place for place in ORDER if place in found]


def installed(case: Case, dates: str, lang: Lang) -> str:
    """Versions, with a number only where one kind of view counted it."""
    found = places(case)
    releases = [r for r in case.numbers.get("releases") or [] if r["version"]]
    where = joined([t(f"place.{place}", lang) for place in found], lang)
    if not releases:
        plain = found == ["device"]
        return (
            t("seen.installed_plain", lang, dates=dates) if plain else t("seen.found", lang, where=where, dates=dates)
        )
    counts = [r["devices"] for r in releases]
    if found == ["component"] or len(found) > 1 or any(count is None for count in counts):
        key = "seen.installed_unknown" if found == ["device"] else "seen.found_versions"
        return t(key, lang, where=where, releases=listed([r["version"] for r in releases], lang))
    shown = [t("seen.release", lang, version=r["version"], n=r["devices"]) for r in releases]
    key = "seen.installed" if found == ["device"] else "seen.served"
    return t(key, lang, n=sum(counts), releases=listed(shown, lang))


def concerned(case: Case, n: int | None, known: int | None, lang: Lang) -> str | None:
    """How many of how many have it; nothing where no number or more than one kind was counted."""
    found = places(case)
    if not n or not known or len(found) > 1 or found == ["component"]:
        return None
    return t(f"reason.end_of_life_software.{found[0]}", lang, n=n, known=known)


def not_seen(case: Case, lang: Lang) -> str:
    """What these inventories could not see."""
    return " ".join(t(f"not_seen.versions.{place}", lang) for place in places(case))


def cycle_name(known: DirectoryEntry | None, cycle: str) -> str:
    """The name of a cycle with its build, where makers name versions one way and inventories another: `22H2 (10.0.19045)`.

    Cycles that end on one day are named in the same order as their builds; where they are not as many, the build stands.
    """
    releases = known.releases if known else ()
    end = next((r.eol for r in releases if r.cycle == cycle), None)
    same = [r.cycle for r in releases if r.eol == end]
    builds = [c for c in same if c.count(".") >= BUILD_DOTS]
    names = [c for c in same if c not in builds and not any(build.startswith(f"{c}.") for build in builds)]
    return f"{names[builds.index(cycle)]} ({cycle})" if cycle in builds and len(names) == len(builds) else cycle
