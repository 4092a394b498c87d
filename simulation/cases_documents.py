"""Planted cases that inventories, invoices and awards show; those of the network are in cases.py."""

from datetime import date
from decimal import Decimal

from simulation.acts import Award, Case, Component, Installed, Invoice, Listener, Visits
from simulation.suppliers import ALBTAL, FILDERWERK, KRAICHGAU, NECKARTAL, RHEINAUE

UNLISTED = ("unlisted_service",)
ABROAD = ("unlisted_service", "outside_jurisdiction")
BANNED = ("prohibited_service",)
AGED = ("end_of_life_software",)
SPLIT = ("split_award",)


ASSETS = (
    Case(
        "installed-and-used",
        "um/lfg",
        "service:teamviewer",
        UNLISTED,
        "A remote access program is installed on nine machines and used from eight.",
        visits=(Visits("router7.teamviewer.com", 8, days=8, up=1_300_000),),
        installed=(Installed("TeamViewer", "TeamViewer Germany GmbH", "15.60.3", 9),),
    ),
    Case(
        "installed-messenger",
        "mwk/lfd",
        "service:zoom",
        ABROAD,
        "A meeting client from abroad is installed on eleven workplaces.",
        installed=(Installed("Zoom Workplace (64-bit)", "Zoom Communications, Inc.", "6.5.3.7509", 11),),
    ),
    Case(
        "aged-server-glpi",
        "um",
        "software:postgresql/postgresql",
        AGED,
        "A database server of a version without support, in the GLPI inventory.",
        installed=(Installed("PostgreSQL 12", "PostgreSQL Global Development Group", "12.22", 2, "server"),),
    ),
    Case(
        "aged-component-cyclonedx",
        "mwk",
        "software:php/php",
        AGED,
        "An application still runs on a language version without support.",
        components=(
            Component(
                "php", "7.4.33", "pkg:generic/php@7.4.33", "cpe:2.3:a:php:php:7.4.33:*:*:*:*:*:*:*", "application"
            ),
        ),
    ),
    Case(
        "aged-listener-nmap",
        "im/ldv",
        "software:oracle/mysql",
        AGED,
        "Two servers answer with a database version without support.",
        listeners=(Listener(3306, "mysql", "MySQL", "5.7.44", "cpe:/a:mysql:mysql:5.7.44", 2),),
    ),
)

PURCHASES = (
    Case(
        "bought-by-invoice-only",
        "jum/lvj",
        "service:canva",
        ABROAD,
        "A design service is paid for yearly; no sensor sees it.",
        invoices=(
            Invoice(
                "RE-2026-0871",
                date(2026, 11, 3),
                NECKARTAL,
                (("Canva Pro Teams, 5 Plätze, Jahresabo", 5, Decimal("119.99"), "48000000"),),
                syntax="cii",
                months=12,
            ),
        ),
    ),
    Case(
        "bought-and-used",
        "mwk",
        "service:zoom",
        ABROAD,
        "Meetings abroad, paid by an order and used by twelve people.",
        visits=(Visits("us02web.zoom.us", 12, days=13, up=3_000_000, down=5_000_000, application="zoom-meeting"),),
        invoices=(
            Invoice(
                "RE-2026-5520",
                date(2026, 10, 29),
                NECKARTAL,
                (("Zoom Workplace Business, 12 Lizenzen", 12, Decimal("183.00"), "48000000"),),
                order="B-2026-114",
                months=12,
            ),
        ),
    ),
    Case(
        "cloud-edition-by-invoice",
        "im/ldv",
        "service:confluence#cloud",
        ABROAD,
        "The cloud edition is bought, only the self-operated one is approved.",
        invoices=(
            Invoice(
                "RE-2026-6102",
                date(2026, 10, 23),
                NECKARTAL,
                (("Confluence Cloud Standard, 25 Nutzer, 12 Monate", 25, Decimal("66.00"), "48000000"),),
                months=12,
            ),
        ),
    ),
    Case(
        "split-three-orders",
        "im/lsp",
        FILDERWERK.subjects("72262000")[0],
        SPLIT,
        "Three direct orders to one supplier for the same kind of work, each below the threshold, together above.",
        awards=(
            Award(
                "im-lsp-2026-031", date(2026, 3, 12), "Anpassung Lagebild, Teil A", "72262000", FILDERWERK, (45_000,)
            ),
            Award("im-lsp-2026-044", date(2026, 6, 2), "Anpassung Lagebild, Teil B", "72262000", FILDERWERK, (41_500,)),
            Award(
                "im-lsp-2026-078", date(2026, 11, 5), "Anpassung Lagebild, Teil C", "72262000", FILDERWERK, (38_900,)
            ),
        ),
        subjects=FILDERWERK.subjects("72262000"),
    ),
    Case(
        "split-two-orders",
        "um",
        ALBTAL.subjects("72224000")[0],
        SPLIT,
        "Two direct orders for consulting in five weeks, together above the threshold.",
        awards=(
            Award("um-2026-101", date(2026, 9, 28), "Beratung Umweltdaten", "72224000", ALBTAL, (88_000,)),
            Award("um-2026-109", date(2026, 11, 3), "Beratung Umweltdaten, Fortsetzung", "72224000", ALBTAL, (61_000,)),
        ),
        subjects=ALBTAL.subjects("72224000"),
    ),
    Case(
        "split-contracts",
        "mwk/lfd",
        RHEINAUE.subjects("48000000")[0],
        SPLIT,
        "Four direct contracts for parts of one application.",
        awards=tuple(
            Award(
                f"mwk-lfd-2026-{number:03d}",
                date(2026, month, 17),
                f"Denkmaldatenbank, Baustein {part}",
                "48000000",
                RHEINAUE,
                (amount,),
                tag="contract",
            )
            for number, month, part, amount in (
                (12, 2, 1, 29_800),
                (27, 5, 2, 34_200),
                (55, 8, 3, 31_000),
                (81, 11, 4, 27_500),
            )
        ),
        subjects=RHEINAUE.subjects("48000000"),
    ),
    Case(
        "split-tenders",
        "jum",
        KRAICHGAU.subjects("72253000")[0],
        SPLIT,
        "Two direct awards for support, estimated values together above the threshold.",
        awards=(
            Award("jum-2026-020", date(2026, 4, 9), "Betreuung Arbeitsplätze", "72253000", KRAICHGAU, (72_000,)),
            Award("jum-2026-063", date(2026, 10, 20), "Betreuung Arbeitsplätze II", "72253000", KRAICHGAU, (54_000,)),
        ),
        subjects=KRAICHGAU.subjects("72253000"),
    ),
)
