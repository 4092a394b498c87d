"""What the command line says of a site: settings, units, zones and times, each checked before anything starts."""

from argparse import Namespace
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from leitplanke.folder import existing
from leitplanke.settings import load
from schemas.errors import ConfigurationError
from schemas.record import UnitCode
from schemas.settings import SiteSettings
from streams.site.file import SiteFile
from streams.site.site import file_of, of_a_folder, sites

STATE = ZoneInfo("Europe/Berlin")
"""Zone of a bare date."""


def known(given: Namespace) -> SiteSettings:
    """Settings by `--config`, else those of the last start of `--site`, else none but the name."""
    if given.config is not None:
        settings = load(Path(given.config))
        if given.site not in {None, settings.site}:
            raise ConfigurationError(
                "{file}: site: is {site}, the command line says {other}",
                file=given.config,
                site=settings.site,
                other=given.site,
            )
        return settings
    file = file_of(given.data, given.site)
    if file.exists():
        with SiteFile(file, writing=False) as opened:
            remembered = opened.settings()
        if remembered is not None:
            return remembered
    return SiteSettings(site=name(given.site))


def wanted(given: Namespace) -> list[str]:
    """The site that `--site` names, else all under `--data`. Raises ConfigurationError when there is none."""
    there = sites(existing(given.data))
    if given.site is not None or not there:
        of_a_folder(given.data, given.site or "")
    return there if given.site is None else [given.site]


def name(text: str) -> str:
    """A name of a site."""
    try:
        return SiteSettings(site=text).site
    except ValidationError:
        raise ConfigurationError("--site takes lower-case letters, digits and hyphens, such as im") from None


def unit(text: str) -> str:
    """A code of a unit."""
    try:
        return str(TypeAdapter(UnitCode).validate_python(text))
    except ValidationError:
        raise ConfigurationError("--unit takes a lower-case code, such as im or im/zentrale") from None


def zone(text: str) -> ZoneInfo:
    """A time zone by its IANA name."""
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ConfigurationError("--timezone: {given} is no time zone; one is Europe/Berlin", given=text) from None


_YEARS = range(1900, 3000)
"""Of days that people name; days before and after these can still be counted."""


def day(text: str, option: str) -> date:
    """A date in ISO form."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.year not in _YEARS:
        raise ConfigurationError("{option} takes a date such as 2026-11-20", option=option)
    return found


def instant(text: str, timezone: str | None) -> datetime:
    """UTC instant of `--at`: a bare date begins in the state's zone, a time without zone is in `--timezone`, else there."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError("--at takes a date or a time such as 2026-11-20 or 2026-11-20T08:00+01:00") from None
    if len(text) <= len("2026-11-20"):
        return datetime.combine(read.date(), time(), STATE).astimezone(UTC)
    local = read if read.tzinfo else read.replace(tzinfo=zone(timezone) if timezone else STATE)
    return local.astimezone(UTC)
