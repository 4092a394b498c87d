"""Recognises hosts, application labels and addresses."""

from functools import cached_property

import polars as pl

from catalogue.addresses import Ranges
from catalogue.beside import fetched
from catalogue.hosts import ascii_labels, canonical, longest_suffix
from catalogue.known import HIT, Domains, Known
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

    def __init__(self, known: Known, *, remembers: bool = True) -> None:
        """Who asks for each host once only needs no memory of answers."""
        self._domains = Domains(known)
        labels = known.of("application").select("key", label="ref")
        self._labels = labels.with_columns(label_decides=known.kinds(labels["label"]).is_in(_DECISIVE))
        self._found = Remembered(self._find_hosts) if remembers else self._find_hosts
        self._known = known

    @cached_property
    def _ranges(self) -> Ranges:
        """Made when a record without a host comes."""
        return Ranges(self._known.of("range"))

    def find(self, frame: pl.DataFrame) -> pl.DataFrame:
        """HIT columns for columns host, address, application."""
        refs = pl.concat([self._hosts(frame["host"]), self._applications(frame["application"])], how="horizontal")
        refs = refs.with_columns(pl.col("host_decides", "label_decides").fill_null(value=False))
        refs = refs.with_columns(range=self._addresses(frame))
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

    @property
    def ends(self) -> frozenset[str] | None:
        """Last two labels of every domain that is known; None where they do not tell."""
        return self._domains.ends

    def _hosts(self, hosts: pl.Series) -> pl.DataFrame:
        """Columns host (ref of the longest suffix), exact, host_decides."""
        asked = hosts.rename("asked").to_frame()
        distinct = asked.unique().drop_nulls()
        found = pl.concat([distinct, self._found(distinct["asked"])], how="horizontal")
        return asked.join(found, on="asked", how="left", maintain_order="left").select("host", "exact", "host_decides")

    def _find_hosts(self, hosts: pl.Series) -> pl.DataFrame:
        every = ascii_labels(canonical(hosts))
        near = self._domains.near(every)
        names = every.filter(near)
        suffix = fetched(names, longest_suffix(names, self._domains), self._domains)
        refs = pl.Series(map(self._domains.ref, suffix.to_list()), dtype=HIT["ref"])
        decides = self._known.kinds(refs).is_in(_DECISIVE)
        found = pl.DataFrame({"host": refs, "exact": suffix == names, "host_decides": decides})
        places = pl.select(pl.when(near).then(near.cum_sum() - 1)).to_series()
        return found.select(pl.all().gather(places))

    def _applications(self, labels: pl.Series) -> pl.DataFrame:
        """Columns label (ref), label_decides."""
        key = labels.str.to_lowercase().rename("key").to_frame()
        return key.join(self._labels, on="key", how="left", maintain_order="left").select("label", "label_decides")

    def _addresses(self, frame: pl.DataFrame) -> pl.Series:
        """Ref of the narrowest range, where there is no host."""
        bare = frame.select((pl.col("host").fill_null("") == "") & pl.col("address").is_not_null()).to_series()
        if not bare.any():
            return pl.repeat(None, frame.height, dtype=HIT["ref"], eager=True)
        found = self._ranges.find(frame["address"].filter(bare))
        return pl.repeat(None, frame.height, dtype=HIT["ref"], eager=True).scatter(bare.arg_true(), found)
