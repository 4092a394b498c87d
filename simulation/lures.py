"""The lures: what looks like a case and must not become a finding. Each sentence of the list in finding.md is here."""

from datetime import date
from decimal import Decimal

from simulation.acts import LURE, Case, Installed, Invoice, Visits
from simulation.background import BACKGROUND
from simulation.lures_purchases import PURCHASES
from simulation.suppliers import HILFSMITTEL, NECKARTAL
from simulation.world import COURT, OWN_DOMAIN

MAIL_GATEWAY = "10.16.4.250"
"""A server that opens every link in arriving mail; site.toml excludes it."""
STAFF_COUNCIL = "10.32.4.224/28"
"""Range of the staff council; site.toml excludes it."""
_LINKED = ("www.dropbox.com", "wetransfer.com", "miro.com", "www.canva.com", "drive.google.com", "padlet.com")


NETWORK = (
    Case(
        "guests-in-a-meeting",
        "um/lfg",
        "service:zoom",
        LURE,
        "Four people join another body's video meeting once or twice; sound and picture flow both ways.",
        visits=(
            Visits("stadt-muster.zoom.us", 4, days=2, up=14_000, down=400_000),
            Visits(
                "media.zoom.us",
                4,
                days=2,
                up=48_000_000,
                down=70_000_000,
                seen="media",
                port=8801,
                address="170.114.45.6",
            ),
        ),
    ),
    Case(
        "guests-behind-the-proxy",
        "im/ldv",
        "service:webex",
        LURE,
        "Three people join another body's meeting once.",
        visits=(Visits("stadt-muster.webex.com", 3, days=1, up=12_000, down=300_000),),
    ),
    Case(
        "links-sent-by-citizens",
        "um",
        "service:wetransfer",
        LURE,
        "Citizens send links; now and then one or two people open one and fetch a file.",
        visits=(Visits("wetransfer.com", 2, days=3, up=4_000, down=2_500_000),),
    ),
    Case(
        "links-sent-by-citizens-2",
        "jum",
        "service:dropbox",
        LURE,
        "One person opens a link from an applicant on two days.",
        visits=(Visits("www.dropbox.com", 1, days=2, up=4_000, down=3_000_000),),
    ),
    Case(
        "mail-gateway",
        "im",
        "service:dropbox",
        LURE,
        "The mail gateway opens every link in arriving mail, on every day, with a program's user agent.",
        visits=tuple(
            Visits(host, days=20, a_day=2, up=2_000, down=900_000, agent="MailScan/4.2", server=MAIL_GATEWAY)
            for host in _LINKED
        ),
        subjects=("service:wetransfer", "service:miro", "service:canva", "service:google-drive", "service:padlet"),
    ),
    Case(
        "mail-gateway-not-configured",
        "mwk/lfd",
        "service:padlet",
        LURE,
        "A gateway that nobody told us of opens links: one address, many services, no uploads.",
        visits=tuple(
            Visits(host, days=15, up=1_500, down=200_000, server="10.48.5.240")
            for host in ("padlet.com", "www.canva.com", "www.surveymonkey.com", "trello.com")
        ),
        subjects=("service:canva", "service:surveymonkey", "service:trello"),
    ),
    Case(
        "blocked-attempts-only",
        "im/lsp",
        "service:whatsapp",
        LURE,
        "Twenty people try a blocked messenger; the proxy refuses every attempt.",
        visits=(Visits("web.whatsapp.com", 20, days=12, a_day=2, blocked=True),),
    ),
    Case(
        "blocked-attempts-at-the-firewall",
        "mwk/lfd",
        "service:dropbox",
        LURE,
        "Fifteen people try a blocked file service; the firewall refuses every attempt.",
        visits=(Visits("www.dropbox.com", 15, days=10, blocked=True, application="dropbox-base"),),
    ),
    Case(
        "union-site",
        "um/lfg",
        "service:never-unions",
        LURE,
        "Thirty people read their union's site and sign petitions there.",
        visits=(Visits("www.verdi.de", 30, days=15, up=1_600_000, down=400_000),),
        subjects=("domain:verdi.de",),
    ),
    Case(
        "banking",
        "im",
        "service:never-banking",
        LURE,
        "Twenty people do their banking in the break.",
        visits=(
            Visits("www.sparkasse.de", 20, days=12, up=30_000, down=400_000),
            Visits("www.bw-bank.de", 12, days=8, up=30_000, down=400_000),
        ),
        subjects=("domain:sparkasse.de", "domain:bw-bank.de"),
    ),
    Case(
        "unit-of-three",
        "im/bhw",
        "service:trello",
        LURE,
        "Three people, the whole unit, use a service every day and upload to it.",
        visits=(Visits("trello.com", 3, days=18, a_day=2, up=1_500_000, down=400_000),),
    ),
    Case(
        "court",
        COURT,
        "service:dropbox",
        LURE,
        "Fourteen people of a court share files: judged at the site only, never outside.",
        visits=(Visits("www.dropbox.com", 14, days=15, up=8_000_000, down=600_000),),
    ),
    Case(
        "approved-edition",
        "um",
        "service:nextcloud",
        LURE,
        "Everybody uses the approved edition in the state's own data centre, with large uploads; it is paid for, too.",
        visits=(
            Visits(f"cloud.{OWN_DOMAIN}", 30, days=18, up=9_000_000, down=2_000_000),
            Visits(f"meet.{OWN_DOMAIN}", 30, days=18, up=20_000_000, down=25_000_000),
        ),
        invoices=(
            Invoice(
                "NK-2026-1177",
                date(2026, 11, 2),
                NECKARTAL,
                (("Nextcloud Enterprise, Pflege, 400 Nutzer", 400, Decimal("36.00"), "48000000"),),
                months=12,
            ),
        ),
        subjects=(f"domain:{OWN_DOMAIN}", "service:jitsi"),
    ),
    Case(
        "approved-edition-of-a-wiki",
        "um/lbn",
        "service:confluence",
        LURE,
        "The self-operated edition is bought, which a standard approves until 2029.",
        invoices=(
            Invoice(
                "NK-2026-1204",
                date(2026, 10, 26),
                NECKARTAL,
                (("Confluence Data Center, 100 Nutzer, 12 Monate", 100, Decimal("84.00"), "48000000"),),
                syntax="cii",
                months=12,
            ),
        ),
    ),
    Case(
        "standard-announced-for-later",
        "mwk",
        "service:telegram",
        LURE,
        "A messenger that a standard prohibits from 2027: nobody may be told today that it is prohibited.",
        visits=(Visits("web.telegram.org", 9, days=9, up=150_000, down=400_000),),
        forbidden=("prohibited_service",),
    ),
    Case(
        "browser-prefetch",
        "um/lbn",
        "service:miro",
        LURE,
        "Browsers look up names of links on a page that everybody reads; nobody follows them.",
        visits=(Visits("miro.com", 25, days=18, a_day=2, seen="lookup"),),
    ),
    Case(
        "browser-prefetch-2",
        "jum/lvj",
        "service:dropbox",
        LURE,
        "Browsers look up names ahead; no connection follows.",
        visits=(Visits("www.dropbox.com", 12, days=15, seen="lookup"),),
    ),
    Case(
        "staff-council",
        "um",
        "service:slack",
        LURE,
        "The staff council's office uses a chat; its range is excluded.",
        visits=tuple(
            Visits("app.slack.com", days=18, a_day=3, up=2_500_000, down=900_000, server=f"10.32.4.{n}")
            for n in range(226, 234)
        ),
    ),
    Case(
        "internal-host",
        "um/lfg",
        "domain:10.32.2.40",
        LURE,
        "Programs write to an internal server, by its name and by its address.",
        visits=(
            Visits(
                f"pegel-db.um.{OWN_DOMAIN}",
                12,
                days=20,
                up=6_000_000,
                down=200_000,
                agent="curl/8.14.1",
                plain=True,
                address="10.32.2.40",
            ),
            Visits("pegel-db", 12, days=20, up=6_000_000, down=200_000, seen="media", port=5432, address="10.32.2.40"),
        ),
        subjects=(f"domain:{OWN_DOMAIN}",),
    ),
    Case(
        "recurring-website",
        "jum",
        "domain:haufe.de",
        LURE,
        "Fifteen people read a publisher's pages every day: recurrence alone is nobody's business.",
        visits=(Visits("www.haufe.de", 15, days=18, up=5_000, down=400_000),),
        subjects=("service:web-legal",),
    ),
)

ASSETS = (
    Case(
        "screen-reader",
        "um/lfg",
        "service:assistive-nvda",
        LURE,
        "A screen reader is bought and installed: assistive technology is a kind that no signal reports.",
        visits=(Visits("www.nvaccess.org", 6, days=6, up=3_000, down=900_000, agent="NVDA/2025.3"),),
        invoices=(
            Invoice(
                "BF-2026-204",
                date(2026, 10, 30),
                HILFSMITTEL,
                (("JAWS Screenreader, Einzelplatz", 1, Decimal("1190.00"), "48000000"),),
            ),
        ),
        installed=(
            Installed("NVDA", "NV Access", "2025.3.1", 6),
            Installed("Freedom Scientific JAWS 2026", "Freedom Scientific", "27.0.102.0", 5),
        ),
        subjects=("service:assistive-jaws", *HILFSMITTEL.subjects("48000000")),
    ),
    Case(
        "supported-server",
        "um",
        "software:debian/debian",
        LURE,
        "A server with a release that still gets security updates.",
        installed=(Installed("nginx", "nginx", "1.30.1", 2, "server"),),
        subjects=("software:nginx/nginx",),
    ),
)

ORDINARY = tuple(
    Case(
        hosts.kind.replace("_", "-"),
        "um/lfg",
        f"domain:{hosts.names[0].split('.', 1)[1]}",
        LURE,
        f"Ordinary traffic everywhere: {hosts.lure}.",
        subjects=tuple(f"domain:{'.'.join(name.split('.')[-2:])}" for name in hosts.names),
    )
    for hosts in BACKGROUND
    if hosts.lure
)
"""Background that is everywhere; the unit named is the largest, truth.jsonl lists them all."""

LURES = NETWORK + PURCHASES + ASSETS + ORDINARY
