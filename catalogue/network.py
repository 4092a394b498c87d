"""Recognises hosts, application labels and addresses."""

import polars as pl

from catalogue.addresses import Ranges
from catalogue.beside import fetched
from catalogue.hosts import ascii_labels, canonical, longest_suffix
from catalogue.known import HIT, Known
from catalogue.remember import Remembered

_DECISIVE = ("service", "software", "assistive", "never")
"""Kinds that are an answer. Infrastructure and websites say where a service runs: a label may still say which."""


class Network:
    """Order of precedence, per row:

    1. the longest host suffix, if its entry is a service (software, assistive, never);
    2. the application label, if its entry is one;
    3. the host suffix, then the label, whatever they are;
    4. where there is no host: the narrowest address range.
    """

    def __init__(self, known: Known) -> None:
        self._domains = known.of("domain").select("ref", "key")
        self._suffixes = frozenset(self._domains["key"])
        self._labels = known.of("application").select("key", label="ref")
        self._found = Remembered(self._find_hosts)
        self._ranges = Ranges(known.of("range"))
        self._decisive = known.table["kind"].is_in(_DECISIVE)

    def find(self, frame: pl.DataFrame) -> pl.DataFrame:
        """HIT columns for columns host, address, application."""
        refs = pl.concat([self._hosts(frame["host"]), self._applications(frame["application"])], how="horizontal")
        decisive = {
            name: self._decisive.gather(refs[name]).fill_null(value=False).alias(f"{name}_decides")
            for name in ("host", "label")
        }
        refs = refs.with_columns(*decisive.values(), range=self._addresses(frame))
        how = pl.when("exact").then(pl.lit("exact")).otherwise(pl.lit("suffix"))
        chosen = (
            pl.when("host_decides")
            .then(pl.lit("host"))
            .when("label_decides")
            .then(pl.lit("label"))
            .when(pl.col("host").is_not_null())
            .then(pl.lit("host"))
            .when(pl.col("label").is_not_null())
            .then(pl.lit("label"))
            .when(pl.col("range").is_not_null())
            .then(pl.lit("range"))
        )
        return refs.with_columns(chosen=chosen).select(
            pl.when(pl.col("chosen") == "host")
            .then("host")
            .when(pl.col("chosen") == "label")
            .then("label")
            .when(pl.col("chosen") == "range")
            .then("range")
            .cast(HIT["ref"])
            .alias("ref"),
            pl.when(pl.col("chosen") == "host")
            .then(how)
            .when(pl.col("chosen") == "label")
            .then(pl.lit("application"))
            .when(pl.col("chosen") == "range")
            .then(pl.lit("range"))
            .alias("how"),
        )

    def _hosts(self, hosts: pl.Series) -> pl.DataFrame:
        """Columns host (ref of the longest suffix) and exact."""
        asked = hosts.rename("asked").to_frame()
        distinct = asked.unique().drop_nulls()
        found = pl.concat([distinct, self._found(distinct["asked"])], how="horizontal")
        return asked.join(found, on="asked", how="left", maintain_order="left").select("host", "exact")

    def _find_hosts(self, hosts: pl.Series) -> pl.DataFrame:
        names = ascii_labels(canonical(hosts))
        suffix = fetched(names, longest_suffix(names, self._suffixes), self._suffixes)
        refs = suffix.rename("key").to_frame().join(self._domains, on="key", how="left", maintain_order="left")
        return refs.select(host="ref", exact=suffix == names)

    def _applications(self, labels: pl.Series) -> pl.DataFrame:
        """Column label (ref)."""
        key = labels.str.to_lowercase().rename("key").to_frame()
        return key.join(self._labels, on="key", how="left", maintain_order="left").select("label")

    def _addresses(self, frame: pl.DataFrame) -> pl.Series:
        """Ref of the narrowest range, where there is no host."""
        bare = frame.select((pl.col("host").fill_null("") == "") & pl.col("address").is_not_null()).to_series()
        if not bare.any():
            return pl.repeat(None, frame.height, dtype=HIT["ref"], eager=True)
        found = self._ranges.find(frame["address"].filter(bare))
        return pl.repeat(None, frame.height, dtype=HIT["ref"], eager=True).scatter(bare.arg_true(), found)
