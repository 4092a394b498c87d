"""Hosts beside a service that are not the service: pages to read about it, and what other sites fetch from it.

Every service has them under the same few names (help.dropbox.com, static.figma.com), so they follow from its domains.
A host that an entry lists itself stays what that entry says: docs.google.com is Google Docs.
"""

from collections.abc import Container, Iterable, Mapping

import polars as pl

from catalogue.hosts import registrable

LABELS: Mapping[str, tuple[str, ...]] = {
    "service:web-service-sites": (
        "about",
        "blog",
        "careers",
        "community",
        "docs",
        "forum",
        "help",
        "knowledge",
        "press",
        "status",
        "support",
        "trust",
    ),
    "service:infra-static-content": (
        "assets",
        "cdn",
        "embed",
        "fonts",
        "images",
        "img",
        "static",
        "update",
        "updates",
        "widget",
        "widgets",
    ),
}
"""First labels right below a service's registrable domain, by the entry that they belong to. Not among them: www, app,
api and what a service itself may be called (learn, files, download)."""

_FETCHED = r"^(?:.*\.)?[a-z0-9-]*(?:\b(?:assets|cdn|fonts?|static)\d*\b|updates?\b)[a-z0-9-]*\.([a-z0-9-]+\.[a-z]+)$"
"""The same labels with more to them, right below a domain of two labels: `static-web`, `public-assets`, `cdn2`,
`autoupdate`."""
_PLAIN = "static."

_FACTS = ("subject", "kind", "provider", "entry_hash")


class Beside:
    """Domains of the entries in LABELS that follow from the services' own: numbered, and written out when one is met.

    They are the product of labels and services, 32,000 names, of which a log shows some dozens.
    """

    def __init__(self, listed: pl.DataFrame, bases: Iterable[str]) -> None:
        """Take the table of what entries list and the registrable domains that `bases` gave of it."""
        facts = {row[0]: row for row in listed.filter(pl.col("subject").is_in([*LABELS])).select(_FACTS).iter_rows()}
        rows = [(*facts[subject], label) for subject, labels in LABELS.items() if subject in facts for label in labels]
        self._rows = pl.DataFrame(rows, schema=dict.fromkeys((*_FACTS, "label"), pl.String), orient="row")
        self.bases = [*bases]
        self._base = {base: number for number, base in enumerate(self.bases)}
        self._label = {label: number * len(self.bases) for number, label in enumerate(self._rows["label"])}
        self.kinds = self._rows["kind"]
        """Kind of each label's entry."""

    def number(self, host: str) -> int | None:
        """The number of a host that is one of these domains; None for any other."""
        label, _, base = host.partition(".")
        first, rest = self._label.get(label), self._base.get(base)
        return None if first is None or rest is None else first + rest

    def label(self, numbers: pl.Series) -> pl.Series:
        """The place of each domain's label, as in `kinds`."""
        return numbers // max(1, len(self.bases))

    def rows(self, numbers: pl.Series) -> pl.DataFrame:
        """The domains with these numbers as rows of the table of identifiers."""
        facts = self._rows.select(pl.all().gather(self.label(numbers)))
        bases = pl.Series(self.bases, dtype=pl.String).gather(numbers % max(1, len(self.bases)))
        host = pl.select(pl.format("{}.{}", facts["label"], bases)).to_series()
        return facts.with_columns(
            identifier=host, key=host, identifier_kind=pl.lit("domain"), publisher=pl.lit("")
        ).drop("label")


def bases(listed: pl.DataFrame) -> list[str]:
    """Registrable domains of the services in the table of what entries list."""
    domains = (pl.col("kind") == "service") & (pl.col("identifier_kind") == "domain")
    return registrable(listed.filter(domains)["key"]).drop_nulls().unique().sort().to_list()


def fetched(hosts: pl.Series, suffixes: pl.Series, known: Container[str]) -> pl.Series:
    """The longest known suffixes of canonical hosts, seen once more for hosts called like those of LABELS and more.

    `static-web.acme.com` has that of `static.acme.com`, unless it lies below a longer name that is known.
    """
    plain = hosts.str.replace(_FETCHED, _PLAIN + "$1")
    asked = (plain != hosts).arg_true()
    names, found = plain.gather(asked), suffixes.gather(asked)
    beside_it = [
        name if name in known and name == f"{_PLAIN}{suffix}" else suffix
        for name, suffix in zip(names, found, strict=True)
    ]
    return suffixes.scatter(asked, beside_it) if beside_it else suffixes
