"""Hosts beside a service that are not the service: pages to read about it, and what other sites fetch from it.

Every service has them under the same few names (help.dropbox.com, static.figma.com), so they follow from its domains.
A host that an entry lists itself stays what that entry says: docs.google.com is Google Docs.
"""

from collections.abc import Container, Mapping

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

_EVERY = pl.DataFrame(
    [(subject, label) for subject, labels in LABELS.items() for label in labels], ["subject", "label"], orient="row"
)


def beside(table: pl.DataFrame) -> pl.DataFrame:
    """Rows to append to the table of identifiers: domains of the entries in LABELS that follow from its services."""
    domains = (pl.col("kind") == "service") & (pl.col("identifier_kind") == "domain")
    bases = registrable(table.filter(domains)["key"]).drop_nulls().unique().sort().rename("base").to_frame()
    facts = table.select("subject", "kind", "provider", "entry_hash").unique("subject")
    host = pl.format("{}.{}", "label", "base")
    rows = _EVERY.join(facts, on="subject", maintain_order="left").join(bases, how="cross", maintain_order="left_right")
    rows = rows.with_columns(identifier=host, key=host, identifier_kind=pl.lit("domain"), publisher=pl.lit(""))
    return rows.select(table.columns)


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
