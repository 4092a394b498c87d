"""What must not be stored is found generously, whatever else the directory says."""

from pathlib import Path

import polars as pl
import pytest

from catalogue.load import load
from catalogue.never import Never
from catalogue.snapshot import Snapshot
from schemas.entries import DirectoryEntry
from schemas.record import Bilingual

GOOD = load(Path(__file__).parents[2] / "fixtures" / "catalogue" / "good")
NEVER = Never(GOOD)


def test_hosts_and_labels() -> None:
    frame = pl.DataFrame(
        {
            "host": ["verdi.de", "mitglied.verdi.de.", "VERDI.DE", "verdi.de.example.org", "zoom.us", None, None],
            "address": [None, None, None, None, None, "192.0.2.1", None],
            "application": [None, None, None, None, "verdi-app", None, "VERDI-app"],
        }
    )
    assert NEVER.network(frame).to_list() == [True, True, True, False, True, False, True]


@pytest.mark.parametrize(
    ("product", "publisher", "never"),
    [
        ("JAWS 2024", None, True),
        ("JAWS 2024 (64-bit)", "Freedom Scientific BLV Group, LLC", True),
        ("JAWS", "Vispero", True),
        ("FSReader 3.0", "Freedom Scientific Inc.", True),
        ("JAWSBONE", "Somebody", False),
        ("7-Zip", "Igor Pavlov", False),
    ],
)
def test_assistive_software(product: str, publisher: str | None, never: bool) -> None:  # noqa: FBT001 - a table
    row = {"vendor": None, "product": product, "version": None, "purl": None, "cpe": None, "publisher": publisher}
    frame = pl.DataFrame([row], schema=dict.fromkeys(row, pl.String))
    assert NEVER.assets(frame).to_list() == [never]


def test_purchases_by_product_and_supplier() -> None:
    frame = pl.DataFrame(
        {
            "text": ["JAWS Bildschirmleser, Update", "Ersatz für JAWS Bildschirmleser", "Beitrag", "Banken", "Dropbox"],
            "supplier_name": [None, None, "ver.di Landesbezirk Baden-Württemberg", "Freedom Scientific GmbH", None],
        }
    ).with_columns(
        supplier_ids=pl.lit(None, dtype=pl.List(pl.Struct({"scheme": pl.String, "value": pl.String}))),
        cpv=pl.lit(None, dtype=pl.List(pl.String)),
    )
    assert NEVER.purchases(frame).to_list() == [True, True, True, True, False]


def test_other_entries_change_nothing() -> None:
    longer = DirectoryEntry(
        subject="service:union-chat",
        kind="service",
        name=Bilingual(de="Chat", en="Chat"),
        function="chat",
        domains=("chat.verdi.de",),
    )
    changed = Never(Snapshot.of([*GOOD.directory.values(), longer]))
    frame = pl.DataFrame({"host": ["chat.verdi.de", "zoom.us"], "address": None, "application": None}).cast(pl.String)
    assert changed.network(frame).to_list() == NEVER.network(frame).to_list() == [True, False]
