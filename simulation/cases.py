"""The planted cases: each must become a finding of its unit. The lures are in lures.py."""

from datetime import date
from decimal import Decimal

from simulation.acts import Case, Invoice, Visits
from simulation.cases_documents import ABROAD, ASSETS, BANNED, PURCHASES, UNLISTED
from simulation.lures import LURES
from simulation.suppliers import PLANORADO

NETWORK = (
    Case(
        "file-sharing-by-twelve",
        "im/lsp",
        "service:dropbox",
        ABROAD,
        "Twelve people share files; more than 1 GB goes up. Proxy and TLS sensor see the same visits.",
        visits=(
            Visits("www.dropbox.com", 12, days=14, a_day=1, up=9_000_000, down=900_000),
            Visits("client.dropbox.com", 12, days=10, up=60_000, down=40_000),
        ),
    ),
    Case(
        "generative-ai-six-percent",
        "um/lfg",
        "service:chatgpt",
        ("generative_ai", *ABROAD),
        "Six of a hundred people use a generative AI; 1.5 GB of texts and files go up.",
        visits=(Visits("chatgpt.com", 6, days=18, a_day=2, up=9_000_000, down=1_500_000),),
    ),
    Case(
        "generative-ai-claude",
        "jum",
        "service:claude",
        ("generative_ai", *ABROAD),
        "Nine people of a ministry use another generative AI.",
        visits=(Visits("claude.ai", 9, days=12, up=1_400_000, down=700_000),),
    ),
    Case(
        "generative-ai-deepseek",
        "um",
        "service:deepseek",
        BANNED,
        "Eight people use a generative AI from outside the EU.",
        visits=(Visits("chat.deepseek.com", 8, days=9, up=1_200_000, down=500_000),),
    ),
    Case(
        "messenger",
        "im",
        "service:whatsapp",
        BANNED,
        "Fourteen people keep a private messenger open in the browser.",
        visits=(Visits("web.whatsapp.com", 14, days=13, up=150_000, down=300_000),),
    ),
    Case(
        "messenger-telegram",
        "jum/lvj",
        "service:telegram",
        ABROAD,
        "Eight people use a messenger outside the jurisdiction.",
        visits=(Visits("web.telegram.org", 8, days=10, up=200_000, down=400_000),),
    ),
    Case(
        "remote-access-program",
        "um/lbn",
        "service:anydesk",
        BANNED,
        "Six machines run a remote access program; plain HTTP shows its user agent.",
        visits=(
            Visits("boot.net.anydesk.com", 6, days=11, agent="AnyDesk/9.0.4", plain=True, path="/relay", down=9_000),
            Visits("relay-2f1b.net.anydesk.com", 6, days=11, up=2_200_000, down=1_000_000, agent="AnyDesk/9.0.4"),
        ),
    ),
    Case(
        "remote-access-label",
        "mwk",
        "service:teamviewer",
        UNLISTED,
        "Seven machines run a remote access program; the firewall names it.",
        visits=(
            Visits(
                "router12.teamviewer.com",
                7,
                days=9,
                up=1_500_000,
                agent="TeamViewer/15.60",
                application="teamviewer-base",
            ),
        ),
    ),
    Case(
        "project-tool-in-two-ministries-1",
        "im/ldv",
        "service:trello",
        ABROAD,
        "Nine people plan projects in a foreign tool; the environment ministry does the same.",
        visits=(Visits("trello.com", 9, days=12, a_day=2, up=90_000, down=500_000),),
    ),
    Case(
        "project-tool-in-two-ministries-2",
        "um",
        "service:trello",
        ABROAD,
        "Ten people plan projects in a foreign tool; the interior ministry does the same.",
        visits=(Visits("trello.com", 10, days=12, up=90_000, down=500_000),),
    ),
    Case(
        "two-sensors-count-once",
        "im",
        "service:slack",
        ABROAD,
        "Eleven people chat; proxy (accounts), TLS and flow sensor (devices) see the same eleven.",
        visits=(Visits("app.slack.com", 11, days=12, a_day=2, up=120_000, down=600_000),),
    ),
    Case(
        "whiteboard-label",
        "mwk",
        "service:miro",
        ABROAD,
        "Fifteen people draw on a whiteboard; the firewall names the application.",
        visits=(Visits("miro.com", 15, days=10, up=300_000, down=900_000, application="miro"),),
    ),
    Case(
        "large-files",
        "mwk/lfd",
        "service:wetransfer",
        BANNED,
        "Nine people send large files every other day.",
        visits=(Visits("wetransfer.com", 9, days=11, up=25_000_000, down=800_000, application="wetransfer"),),
    ),
    Case(
        "low-code",
        "mwk",
        "service:airtable",
        ABROAD,
        "Eight people built an application on a foreign low-code platform.",
        visits=(Visits("airtable.com", 8, days=12, up=400_000, down=900_000),),
    ),
    Case(
        "form-builder",
        "mwk/lfd",
        "service:jotform",
        ABROAD,
        "Seven people collect citizens' data with a foreign form builder.",
        visits=(Visits("www.jotform.com", 7, days=10, up=200_000, down=700_000),),
    ),
    Case(
        "notes",
        "jum/lvj",
        "service:notion",
        ABROAD,
        "Nine people keep notes in a foreign service.",
        visits=(Visits("www.notion.so", 9, days=13, a_day=2, up=150_000, down=600_000),),
    ),
    Case(
        "scheduling",
        "jum",
        "service:doodle",
        UNLISTED,
        "Nine people find dates with a foreign service.",
        visits=(Visits("doodle.com", 9, days=8, up=40_000, down=300_000),),
    ),
    Case(
        "hosted-edition",
        "um/lbn",
        "service:nextcloud#cloud",
        UNLISTED,
        "Seven people store files with a hoster; only the edition in the state's own data centre is approved.",
        visits=(Visits("nx4711.your-storageshare.de", 7, days=12, up=4_000_000, down=800_000),),
    ),
    Case(
        "file-storage",
        "um/lbn",
        "service:google-drive",
        ABROAD,
        "Nine people keep maps in a foreign cloud store.",
        visits=(Visits("drive.google.com", 9, days=13, up=5_000_000, down=1_000_000),),
    ),
)

CANDIDATES = (
    Case(
        "candidate-by-uploads",
        "um/lbn",
        "domain:klecksplan-cloud.de",
        UNLISTED,
        "Eight people upload plans to a service nobody has described.",
        visits=(Visits("app.klecksplan-cloud.de", 8, days=11, up=4_000_000, down=600_000),),
    ),
    Case(
        "candidate-survey-by-uploads",
        "jum",
        "domain:umfragehafen.eu",
        UNLISTED,
        "Seven people upload tables to a survey tool nobody has described.",
        visits=(Visits("eu1.umfragehafen.eu", 7, days=9, up=3_000_000, down=500_000),),
    ),
    Case(
        "candidate-by-program",
        "um/lfg",
        "domain:pegelfunk-api.net",
        UNLISTED,
        "Programs on seven machines fetch gauge data from an interface on many days.",
        visits=(
            Visits(
                "data.pegelfunk-api.net",
                7,
                days=9,
                up=4_000,
                down=90_000,
                agent="python-requests/2.32.5",
                plain=True,
                path="/v2/levels?station=all",
            ),
        ),
    ),
    Case(
        "candidate-by-label",
        "mwk",
        "domain:fragebogenwerk.net",
        UNLISTED,
        "The firewall names an application that no directory entry knows.",
        visits=(Visits("www.fragebogenwerk.net", 9, days=8, up=60_000, down=500_000, application="fragebogenwerk"),),
    ),
    Case(
        "candidate-by-purchase",
        "um/lfg",
        "domain:planorado.de",
        UNLISTED,
        "Ten people use a service that the unit has also been invoiced for under the same name.",
        visits=(Visits("app.planorado.de", 10, days=11, up=40_000, down=700_000),),
        invoices=(
            Invoice(
                "RE-2026-3391",
                date(2026, 10, 27),
                PLANORADO,
                (("Planorado Team, Jahreslizenz, 10 Nutzer", 10, Decimal("96.00"), "48000000"),),
                months=12,
            ),
        ),
    ),
)

PLANTED = NETWORK + CANDIDATES + ASSETS + PURCHASES
CASES = PLANTED + LURES
"""Everything that is acted; truth.py turns it into truth.jsonl."""
