"""One purchase has many documents; its money counts once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from usages import DAY, NO_DECISIONS, bought, frame

from streams.centre.merge import empty, merge
from streams.centre.numbers import numbers

SUBJECT = "purchases:acme/480"


def row(*documents: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    rows = [
        bought(SUBJECT, view, number, DAY + timedelta(days=i), **more)
        for i, (view, number, more) in enumerate(documents)
    ]
    return numbers(merge(empty(), frame(*rows), NO_DECISIONS)).row(0, named=True)


def money(*documents: tuple[str, str, dict[str, Any]]) -> tuple[Any, ...]:
    told = row(*documents)
    return told["estimated"], told["committed"], told["paid"]


def test_twelve_invoices_of_one_contract_are_one_purchase() -> None:
    invoices = [("invoice", f"R-{n}", {"references": ["C-1"], "paid": "100"}) for n in range(12)]
    assert money(("contract", "C-1", {"committed": "1200"}), *invoices) == (None, Decimal(1200), Decimal(1200))


def test_documents_of_one_purchase_describe_the_same_money() -> None:
    told = money(
        ("tender", "T-1", {"process_id": "ocds-1", "estimated": "316000"}),
        ("award", "A-1", {"process_id": "ocds-1", "committed": "762223.60"}),
        ("contract", "C-1", {"process_id": "ocds-1", "committed": "390200"}),
    )
    assert told == (Decimal(316000), Decimal("762223.60"), None)


def test_a_chain_of_references_joins_over_any_length() -> None:
    chain = [("order", f"O-{n}", {"references": [f"O-{n + 1}"], "estimated": "5"}) for n in range(40)]
    assert money(*chain)[0] == Decimal(5)


def test_purchases_that_share_no_number_add_up() -> None:
    assert money(("order", "O-1", {"committed": "10"}), ("order", "O-2", {"committed": "20"}))[1] == Decimal(30)


def test_lots_of_one_procedure_add_up_below_the_procedure() -> None:
    lots = [
        ("award", f"A-{n}", {"process_id": "p", "lot": f"{n}", "committed": "40", "estimated": "50"}) for n in (1, 2)
    ]
    assert money(*lots)[:2] == (Decimal(100), Decimal(80))
    assert money(("tender", "T", {"process_id": "p", "estimated": "130"}), *lots)[0] == Decimal(130)


def test_call_offs_of_a_framework_are_part_of_it() -> None:
    calls = [("call_off", f"K-{n}", {"framework_of": "F-1", "committed": "30"}) for n in (1, 2)]
    assert money(*calls)[1] == Decimal(60)
    assert money(("contract", "F-1", {"committed": "100"}), *calls)[1] == Decimal(100)


def test_an_amendment_states_the_changed_value() -> None:
    first = ("contract", "C-1", {"committed": "100"})
    second = ("amendment", "M-1", {"amends": "C-1", "committed": "150"})
    third = ("amendment", "M-2", {"amends": "C-1", "committed": "120"})
    assert money(first, second, third)[1] == Decimal(120)
    assert money(second)[1] == Decimal(150)


def test_credit_notes_are_taken_off_whatever_their_sign() -> None:
    for paid in ("30", "-30"):
        assert money(("invoice", "R-1", {"paid": "100"}), ("credit_note", "G-1", {"paid": paid}))[2] == Decimal(70)


def test_the_same_document_seen_by_two_sites_counts_once() -> None:
    both = [("invoice", "R-1", {"paid": "100", "site": site}) for site in ("im", "fm")]
    assert money(*both)[2] == Decimal(100)


def test_other_currencies_are_listed_but_not_added() -> None:
    told = row(("order", "O-1", {"committed": "10"}), ("order", "O-2", {"committed": "20", "currency": "USD"}))
    assert told["committed"] == Decimal(10)
    assert [p["committed"] for p in told["purchases"]] == [Decimal(10), Decimal(20)]


def test_documents_are_listed_by_day_and_number() -> None:
    told = row(("order", "O-2", {}), ("order", "O-1", {}))
    assert [p["document_id"] for p in told["purchases"]] == ["O-2", "O-1"]
    assert told["committed"] is None


def test_whose_contract_it_is() -> None:
    own, call, house = (
        ("contract", "C-1", {}),
        ("call_off", "K-1", {"framework_of": "F-9"}),
        ("order", "O-1", {"in_house": True}),
    )
    assert row(own)["mode"] == row(own, call)["mode"] == "own_contract"
    assert row(call)["mode"] == row(house)["mode"] == "through"
    assert row(call, ("invoice", "R-1", {"references": ["K-1"]}))["mode"] == "through"
    assert row(("tender", "T-1", {}))["mode"] == "unknown"
