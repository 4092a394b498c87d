"""Purchases that look like a case and are none; see lures.py."""

from datetime import date
from decimal import Decimal

from simulation.acts import LURE, Award, Case, Invoice
from simulation.suppliers import HOHENLOHE, KRAICHGAU, LAND_IT, NECKARTAL, OSTALB, RHEINAUE

_CONTRACT = "im-2026-rv-017"
_FRAMEWORK = "mwk-2026-rv-004"


def _monthly(number: int) -> Invoice:
    month = (number + 10) % 12 + 1
    year = 2025 if month == 12 else 2026
    return Invoice(
        f"KS-{year}{month:02d}-017",
        date(year, month, 14),
        KRAICHGAU,
        (("Systempflege laut Vertrag, Monat", 1, Decimal("9500.00"), "72253000"),),
        syntax="ubl" if number % 2 else "cii",
        contract=_CONTRACT,
        months=1,
    )


PURCHASES = (
    Case(
        "twelve-invoices-of-one-contract",
        "im",
        KRAICHGAU.subjects("72253000")[0],
        LURE,
        "One contract from an open procedure, invoiced every month: together above the threshold.",
        awards=(
            Award(
                _CONTRACT,
                date(2025, 11, 24),
                "Systempflege",
                "72253000",
                KRAICHGAU,
                (114_000,),
                method="open",
                tag="contract",
                months=12,
            ),
        ),
        invoices=tuple(_monthly(n) for n in range(1, 13)),
        subjects=KRAICHGAU.subjects("72253000"),
    ),
    Case(
        "framework-of-another-ministry",
        "mwk",
        RHEINAUE.subjects("72250000")[0],
        LURE,
        "The framework agreement itself, from an open procedure; other ministries call off from it.",
        awards=(
            Award(
                _FRAMEWORK,
                date(2026, 1, 20),
                "Rahmenvertrag Betreuung Fachverfahren",
                "72250000",
                RHEINAUE,
                (900_000,),
                method="open",
                tag="contract",
                months=36,
                is_framework=True,
            ),
        ),
        subjects=RHEINAUE.subjects("72250000"),
    ),
    Case(
        "call-offs",
        "um/lbn",
        RHEINAUE.subjects("72250000")[0],
        LURE,
        "Three call-offs from a framework that another ministry bought, together above the threshold.",
        awards=tuple(
            Award(
                f"um-lbn-2026-abruf-{number}",
                date(2026, month, 11),
                "Abruf Betreuung Fachverfahren",
                "72250000",
                RHEINAUE,
                (48_000,),
                tag="contract",
                framework=_FRAMEWORK,
            )
            for number, month in ((1, 4), (2, 7), (3, 10))
        ),
        subjects=RHEINAUE.subjects("72250000"),
    ),
    Case(
        "resellers-unrelated-goods",
        "im/ldv",
        OSTALB.subjects("30200000")[0],
        LURE,
        "A reseller delivers screens, chairs and cables: different goods, each far below the threshold.",
        awards=(
            Award("im-ldv-2026-07", date(2026, 2, 10), "Bildschirme", "30231300", OSTALB, (52_000,)),
            Award("im-ldv-2026-19", date(2026, 6, 16), "Bürostühle", "39112000", OSTALB, (38_000,)),
            Award("im-ldv-2026-33", date(2026, 9, 22), "Netzwerkkabel", "32421000", OSTALB, (27_000,)),
        ),
        invoices=(
            Invoice(
                "OA-77120",
                date(2026, 11, 12),
                OSTALB,
                (
                    ("Bildschirm 27 Zoll", 20, Decimal("219.00"), "30231300"),
                    ("Dockingstation USB-C", 20, Decimal("129.00"), "30237000"),
                    ("Tastatur und Maus", 20, Decimal("32.50"), "30237410"),
                ),
            ),
        ),
        subjects=tuple(s for cpv in ("302", "391", "324", "-") for s in OSTALB.subjects(cpv)),
    ),
    Case(
        "one-award-below-the-threshold",
        "um/lfg",
        HOHENLOHE.subjects("80533000")[0],
        LURE,
        "One direct award below the threshold is lawful.",
        awards=(Award("um-lfg-2026-015", date(2026, 5, 6), "Schulung Messdaten", "80533000", HOHENLOHE, (82_000,)),),
        subjects=HOHENLOHE.subjects("80533000"),
    ),
    Case(
        "different-suppliers",
        "jum/lvj",
        HOHENLOHE.subjects("72268000")[0],
        LURE,
        "Three suppliers, one award each below the threshold, for the same kind of work.",
        awards=(
            Award("jum-lvj-2026-11", date(2026, 3, 3), "Softwarelieferung", "72268000", HOHENLOHE, (61_000,)),
            Award("jum-lvj-2026-24", date(2026, 6, 9), "Softwarelieferung", "72268000", OSTALB, (58_000,)),
            Award("jum-lvj-2026-41", date(2026, 10, 13), "Softwarelieferung", "72268000", NECKARTAL, (63_000,)),
        ),
        subjects=tuple(s for who in (HOHENLOHE, OSTALB, NECKARTAL) for s in who.subjects("72268000")),
    ),
    Case(
        "lots-of-one-procedure",
        "um/lfg",
        NECKARTAL.subjects("30213000")[0],
        LURE,
        "Three lots of one open procedure go to the same supplier.",
        awards=(
            Award(
                "um-lfg-2026-048",
                date(2026, 9, 9),
                "Arbeitsplatzrechner",
                "30213000",
                NECKARTAL,
                (70_000, 64_000, 52_000),
                method="open",
            ),
        ),
        subjects=NECKARTAL.subjects("30213000"),
    ),
    Case(
        "in-house-orders",
        "im",
        LAND_IT.subjects("72500000")[0],
        LURE,
        "Two orders with the state's own IT provider, without a market, together above the threshold.",
        awards=(
            Award("im-2026-ih-1", date(2026, 3, 18), "Betrieb", "72500000", LAND_IT, (90_000,), in_house=True),
            Award("im-2026-ih-2", date(2026, 10, 14), "Betrieb", "72500000", LAND_IT, (85_000,), in_house=True),
        ),
        subjects=LAND_IT.subjects("72500000"),
    ),
    Case(
        "more-than-twelve-months-apart",
        "um/lbn",
        RHEINAUE.subjects("72262000")[0],
        LURE,
        "Two direct orders to one supplier, sixteen months apart.",
        awards=(
            Award("um-lbn-2025-09", date(2025, 6, 4), "Anpassung Bodenkarte", "72262000", RHEINAUE, (66_000,)),
            Award("um-lbn-2026-52", date(2026, 10, 8), "Anpassung Bodenkarte", "72262000", RHEINAUE, (59_000,)),
        ),
        subjects=RHEINAUE.subjects("72262000"),
    ),
)
