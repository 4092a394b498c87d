"""All signals of a site as one emission: what of the network, of inventories and of purchases may be outside."""

import polars as pl

from catalogue.match import Directory
from streams.site import installed, inventories, purchases
from streams.site.border import Egress
from streams.site.emit import Emission, network
from streams.site.file import SiteFile
from streams.site.keys import SiteKey
from streams.site.windows import Windows


def everything(file: SiteFile, key: SiteKey, windows: Windows, directory: Directory, egress: Egress) -> Emission:
    """What the settings of `egress` let out of what is stored."""
    bought = pl.concat([purchases.words(file), inventories.words(file, windows)]).unique()
    seen = network(windows, directory, egress, bought)
    found, coverage = installed.observations(windows, key, directory, egress)
    documents = purchases.observations(file, key, directory, egress)
    return Emission(
        pl.concat([seen.observations, found, documents]),
        seen.other,
        pl.concat([seen.coverage, coverage, purchases.coverage(documents)], how="diagonal_relaxed"),
    )
