import io
import os
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from connectors.procurement import xrechnung
from connectors.procurement._purchases import with_seats
from schemas.connector import Options
from schemas.errors import InputError, NotThisFormatError
from schemas.events import PROCUREMENT

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("LEITPLANKE_SHARED", ROOT.parent / "shared")) / "data/procurement"
FIXTURES = ROOT / "tests/fixtures/connectors/xrechnung"
EMPTY = '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">{}</Invoice>'

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real files of ../shared are not here")


def read(data: bytes) -> list[dict]:
    return pl.concat(list(xrechnung.read(io.BytesIO(data), Options()))).to_dicts()


def invoice(**changes: str) -> dict:
    terms = {"ID": "R-1", "IssueDate": "2026-01-02", "DocumentCurrencyCode": "EUR"}
    terms["LegalMonetaryTotal"] = "<TaxExclusiveAmount>100.00</TaxExclusiveAmount>"
    body = "".join(f"<{name}>{value}</{name}>" for name, value in (terms | changes).items())
    return read(EMPTY.format(body).encode())[0]


@pytest.mark.shared
@needs_shared
def test_the_33_pairs_give_one_event_in_both_syntaxes() -> None:
    pairs = sorted((SHARED / "xrechnung/standard").glob("*_ubl.xml"))
    assert len(pairs) == 33
    suppliers_differ = []
    for ubl in pairs:
        cii = ubl.with_name(ubl.name.replace("_ubl", "_uncefact"))
        one, other = read(ubl.read_bytes())[0], read(cii.read_bytes())[0]
        assert one["rejected"] is None
        if one.pop("supplier_ids") != other.pop("supplier_ids"):
            suppliers_differ.append(ubl.name.partition("-")[0])
        assert one == other, ubl.name
    assert suppliers_differ == ["01.21a"]


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize(
    ("folder", "count"), [("xrechnung/technical", 2), ("en16931/ubl", 8), ("en16931/cii", 8), ("zugferd", 8)]
)
def test_official_examples_are_read(folder: str, count: int) -> None:
    rows = [row for path in sorted((SHARED / folder).glob("*.xml")) for row in read(path.read_bytes())]
    assert len(rows) == count
    assert [row["rejected"] for row in rows] == [None] * count
    assert all(row["paid"] is not None and row["lines"] for row in rows)


@pytest.mark.shared
@needs_shared
def test_no_contact_and_no_mail_address_of_a_real_invoice_is_read() -> None:
    for path in sorted((SHARED / "xrechnung/standard").glob("*.xml")):
        row = read(path.read_bytes())[0]
        kept = repr([row["buyer_ids"], row["supplier_ids"], row["buyer_name"], row["supplier_name"], row["references"]])
        assert "@" not in kept
        assert "Tester" not in kept


def test_both_syntaxes_of_the_fixture_say_the_same() -> None:
    ubl = (FIXTURES / "ubl_invoice/events.jsonl").read_text(encoding="utf-8")
    assert ubl == (FIXTURES / "cii_same_invoice/events.jsonl").read_text(encoding="utf-8")
    assert "never-read" not in ubl


@pytest.mark.parametrize(
    ("written", "paid"),
    [("100", "100.00"), (" 100.005 ", "100.01"), ("-7.5", "-7.50"), ("-0.0", "0.00"), ("1E+2", "100.00")],
)
def test_amounts(written: str, paid: str) -> None:
    row = invoice(LegalMonetaryTotal=f"<TaxExclusiveAmount>{written}</TaxExclusiveAmount>")
    assert row["paid"] == Decimal(paid)


@pytest.mark.parametrize("written", ["1.000,00", "viel", "NaN", "Infinity", "1_000", "9" * 17, "1E+400000", "٣"])
def test_an_unreadable_amount_rejects_the_invoice_without_showing_it(written: str) -> None:
    row = invoice(LegalMonetaryTotal=f"<TaxExclusiveAmount>{written}</TaxExclusiveAmount>")
    assert row["rejected"] == "total without VAT (BT-109): an amount of money expected"
    assert {name for name, value in row.items() if value is not None} == {"place", "rejected"}


@pytest.mark.parametrize(("term", "rule"), [("IssueDate", "BT-2"), ("ID", "BT-1"), ("LegalMonetaryTotal", "BT-109")])
def test_a_missing_term_rejects_the_invoice_and_is_named(term: str, rule: str) -> None:
    assert f"({rule})" in invoice(**{term: ""})["rejected"]


@pytest.mark.parametrize(
    ("code", "document", "amends"),
    [("380", "invoice", None), ("384", "invoice", "R-0"), ("381", "credit_note", "R-0"), ("389", "invoice", None)],
)
def test_types_of_documents(code: str, document: str, amends: str | None) -> None:
    before = "<InvoiceDocumentReference><ID>R-0</ID></InvoiceDocumentReference>"
    row = invoice(InvoiceTypeCode=code, BillingReference=before)
    assert (row["document"], row["amends"], row["references"]) == (document, amends, ["R-0"])
    assert row["paid"] == (Decimal("-100.00") if document == "credit_note" else Decimal("100.00"))


@pytest.mark.parametrize(
    ("reference", "scheme"),
    [("04011000-12345-03", "leitweg"), ("04011000-12345-04", "reference"), ("PO 7", "reference")],
)
def test_a_buyer_reference_is_a_leitweg_id_only_with_its_check_digits(reference: str, scheme: str) -> None:
    assert invoice(BuyerReference=reference)["buyer_ids"] == [{"scheme": scheme, "value": reference.replace(" ", "")}]


@pytest.mark.parametrize(
    ("title", "seats"),
    [
        ("50 Lizenzen Whiteboard", 50),
        ("Zugang für 25 Nutzer", 25),
        ("25 users, yearly", 25),
        ("1.500 Named-User-Lizenzen", 1500),
        ("10 x Lizenz Editor", 10),
        ("12 Monats-Lizenzen", None),
        ("Lizenz für 12 Monate", None),
        ("Version 3.5 Lizenzen", None),
        ("Lizenz", None),
        ("99999999999 Lizenzen", None),
    ],
)
def test_seats_are_read_where_the_text_states_them(title: str, seats: int | None) -> None:
    frame = PROCUREMENT.complete(pl.DataFrame({"place": [1], "title": [title]}))
    assert with_seats(frame)["seats"].to_list() == [seats]
    in_a_line = PROCUREMENT.complete(pl.DataFrame({"place": [1], "lines": [[{"text": title}]]}))
    assert with_seats(in_a_line)["seats"].to_list() == [seats]


@pytest.mark.parametrize("data", [b'{"ocid": 1}', b"%PDF-1.7", b"<html/>", b"<Invoice/>", b'<nmaprun start="1"/>'])
def test_another_format_is_refused_with_one_sentence(data: bytes) -> None:
    with pytest.raises(NotThisFormatError, match="an invoice in XML expected"):
        read(data)


@pytest.mark.parametrize("data", [b"", b" \n", b"<?xml", EMPTY.format("<ID>").encode(), EMPTY.encode() + b"<more/>"])
def test_a_broken_document_is_one_rejected_record(data: bytes) -> None:
    rows = read(data)
    assert [row["place"] for row in rows if row["rejected"]] == [0]


def test_an_attached_file_is_passed_over_however_long() -> None:
    attached = (
        f"<Attachment><EmbeddedDocumentBinaryObject>{'QUJD' * 4_000_000}</EmbeddedDocumentBinaryObject></Attachment>"
    )
    assert invoice(AdditionalDocumentReference=attached)["paid"] == Decimal("100.00")


def test_more_than_the_cap_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xrechnung, "MAX_BYTES", 2_000_000)
    with pytest.raises(InputError, match="larger than 2 MB"):
        read(EMPTY.format("<ID>" + "x" * 3_000_000).encode())
