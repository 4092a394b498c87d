"""Is software installed whose maker no longer mends it?

Reads     usages with signal assets (versions and devices); catalogue: directory (release cycles, also of distributions)
Says      end_of_life_software, with the ended cycles, the day each ended, and the devices that have them
Score     devices with an ended cycle / devices whose version is known, 0 to 1; none where no number of devices is known
Answer    update, replace, or name who pays for extended support
Source    BSI Grundschutz++ ASST.7.1; CIS Controls v8, 2.2; catalogue: directory, releases
Blind to  versions that no inventory names; paid extended support; packages whose version does not name the release of
          the distribution that mends them
"""

import polars as pl

from detectors.context import Context
from detectors.say import ratio, say
from schemas.usage import REASON

DIMENSION = "sovereignty"
VERSION = "1.1"
SINCE = "2026-01-01"
ANSWER = "update_or_replace"

CYCLES = pl.Schema({"base": pl.String, "cycle": pl.String, "eol": pl.Date})
EPOCH = r"^[0-9]+:"
"""What packages of Debian write before a version when its numbering began anew."""
DISTRIBUTIONS = {
    "software:debian/debian": (r"deb([0-9]+)",),
    "software:canonical/ubuntu": (r"ubuntu.*~([0-9]{2}\.[0-9]{2})", r"ubuntu[0-9]*\.([0-9]{2}\.[0-9]{2})"),
    "software:redhat/enterprise-linux": (r"\.el([0-9]+)",),
}
"""Marks of a distribution's release in the version of its package: the distribution mends it as long as that lasts."""
PACKAGED = r"(?i)ubuntu|debian|deb[0-9]|dfsg|bpo[0-9]|\.(?:el|fc)[0-9]|\.amzn|(?:lp|bp)15|suse|-[0-9]+(?:\.[0-9]+)*$"
"""Versions of packages of a distribution: the upstream number says nothing of the fixes in them."""


def reasons(usages: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Rows of (unit, subject, code, score, params); no row where there is nothing to say."""
    if not (usages["releases"].list.len() > 0).any():
        return pl.DataFrame(schema=REASON)
    ended = pl.col("eol") < context.day
    rows = (
        _installed(usages, context)
        .group_by("unit", "subject", maintain_order=True)
        .agg(
            pl.struct("cycle", "eol", "devices")
            .filter(ended)
            .sort_by(pl.struct("eol", "cycle").filter(ended))
            .alias("ended"),
            _known_sum(pl.col("devices").filter(ended)).alias("devices"),
            _known_sum(pl.col("devices")).alias("known"),
            pl.col("eol").filter(ended).min().alias("eol"),
        )
        .filter(pl.col("ended").list.len() > 0)
    )
    score = ratio(pl.col("devices"), pl.col("known"))
    return say(rows, "end_of_life_software", score, pl.col("ended", "devices", "known", "eol"))


def _cycles(context: Context) -> pl.DataFrame:
    directory = context.snapshot.directory
    bases = context.subjects["base"].unique().sort().to_list()
    found = [(b, r.cycle, r.eol) for b in bases if b in directory for r in directory[b].releases]
    return pl.DataFrame(found, schema=CYCLES, orient="row")


def _installed(usages: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Devices of each cycle; versions without a cycle stay with null, versions nobody knows do not."""
    cycles = _cycles(context)
    rows = (
        usages.select("unit", "subject", "grade", "releases")
        .filter(pl.col("grade").is_in(["use", "reliance"]), pl.col("releases").list.len() > 0)
        .with_columns(pl.col("subject").str.split("#").list.first().alias("base"))
        .join(cycles, on="base", how="semi")
        .select("unit", "subject", "base", "releases")
        .explode("releases")
        .unnest("releases")
        .drop_nulls("version")
    )
    matched = _mended(_longest(rows.select("base", "version").unique(), cycles), context)
    rows = rows.join(matched, on=["base", "version"], how="left")
    return (
        rows.group_by("unit", "subject", "cycle", "eol")
        .agg(_known_sum(pl.col("devices")))
        .sort("unit", "subject", "cycle")
    )


def _known_sum(devices: pl.Expr) -> pl.Expr:
    """The sum of numbers that are known; null where none is, for nothing is not zero."""
    return pl.when(devices.count() > 0).then(devices.sum())


def _longest(versions: pl.DataFrame, cycles: pl.DataFrame) -> pl.DataFrame:
    """The cycle that is the longest leading part of each version: `3.8.10` is of `3.8`, not of `3`; `10` is not of `1`."""
    upstream = pl.col("version").str.replace(EPOCH, "")
    rest = upstream.str.strip_prefix(pl.col("cycle"))
    leading = upstream.str.starts_with(pl.col("cycle")) & ~rest.str.contains(r"^[0-9]")
    pairs = versions.join(cycles, on="base").filter(leading)
    return pairs.sort(pl.col("cycle").str.len_chars(), descending=True).unique(["base", "version"], keep="first")


def _mended(matched: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The same rows; a package of a distribution ends with the release of the distribution that its version names.

    Its cycle names that release too: `1.1 (Debian 9)`. No end is known where the version names no release, or one that
    the directory does not have.
    """
    release, end = pl.lit(None, dtype=pl.String), pl.lit(None, dtype=pl.Date)
    for subject, marks in DISTRIBUTIONS.items():
        entry = context.snapshot.directory.get(subject)
        if entry is None:
            continue
        number = pl.coalesce(pl.col("version").str.extract(mark) for mark in marks)
        ends = {r.cycle: r.eol for r in entry.releases}
        release = pl.coalesce(release, pl.format(" ({} {})", pl.lit(entry.name.en), number))
        end = pl.coalesce(end, number.replace_strict(ends, default=None, return_dtype=pl.Date))
    packaged = pl.col("version").str.contains(PACKAGED)
    return matched.with_columns(
        pl.when(packaged).then(pl.concat_str("cycle", release.fill_null(""))).otherwise("cycle").alias("cycle"),
        pl.when(packaged).then(end).otherwise("eol").alias("eol"),
    )
