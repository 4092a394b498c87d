"""Ordinary traffic of an office day: what everybody's machine touches and nobody needs to hear of.

Hosts are real ones; their order within a kind is their popularity, which falls off as Zipf's law says.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from simulation.world import OWN_DOMAIN

WINDOWS_UPDATE = "Windows-Update-Agent/10.0.10011.16384 Client-Protocol/2.71"
CRYPTO = "Microsoft-CryptoAPI/10.0"


@dataclass(frozen=True, slots=True)
class Hosts:
    """Hosts of one kind and what a visit to them looks like."""

    kind: str
    """Name of the kind; also of the lure in truth.jsonl, when it is one."""
    share: float
    """Share of all visits."""
    names: tuple[str, ...]
    up: int = 1_800
    """Usual bytes from client to server."""
    down: int = 60_000
    """Usual bytes from server to client."""
    agent: str | None = None
    """Program that calls; None is the person's browser."""
    plain: bool = False
    """HTTP without TLS."""
    application: str = "ssl"
    """Application label of PAN-OS."""
    path: str = "/"
    lure: str = ""
    """Why this kind is a lure; empty: it is not counted as one."""


BACKGROUND = (
    Hosts(
        "own",
        0.26,
        tuple(
            f"{name}.{OWN_DOMAIN}"
            for name in ("intranet", "webmail", "eakte", "konferenz", "zeit", "formulare", "lernen", "reisekosten")
        ),
        up=40_000,
        down=90_000,
    ),
    Hosts(
        "news",
        0.10,
        (
            "www.tagesschau.de",
            "www.spiegel.de",
            "www.swr.de",
            "www.zeit.de",
            "www.faz.net",
            "www.sueddeutsche.de",
            "www.stuttgarter-zeitung.de",
            "www.heise.de",
            "www.zdf.de",
            "www.n-tv.de",
        ),
        down=240_000,
        application="web-browsing",
        lure="news read by everybody every day",
    ),
    Hosts(
        "search",
        0.10,
        ("www.google.de", "www.google.com", "www.bing.com", "duckduckgo.com", "www.ecosia.org", "www.startpage.com"),
        up=2_600,
        application="web-browsing",
        lure="search engines used by everybody every day",
    ),
    Hosts(
        "update_servers",
        0.05,
        (
            "ctldl.windowsupdate.com",
            "download.windowsupdate.com",
            "au.download.windowsupdate.com",
            "definitionupdates.microsoft.com",
        ),
        up=900,
        down=600_000,
        agent=WINDOWS_UPDATE,
        plain=True,
        application="ms-update",
        path="/msdownload/update/v3/static/trustedr/en/authrootstl.cab",
        lure="update servers called by programs on every machine",
    ),
    Hosts(
        "other_updates",
        0.02,
        ("aus5.mozilla.org", "update.googleapis.com", "download.mozilla.org", "deb.debian.org"),
        up=700,
        down=900_000,
        agent="Debian APT-HTTP/1.3 (3.0.3)",
        plain=True,
        application="web-browsing",
        path="/debian/dists/trixie/InRelease",
        lure="update servers of other makers, called by programs",
    ),
    Hosts(
        "certificate_checks",
        0.07,
        (
            "ocsp.digicert.com",
            "ocsp.sectigo.com",
            "crl.microsoft.com",
            "ocsp.globalsign.com",
            "r11.o.lencr.org",
            "ocsp.pki.goog",
            "crl3.digicert.com",
            "ocsp.entrust.net",
        ),
        up=420,
        down=1_600,
        agent=CRYPTO,
        plain=True,
        application="ocsp",
        path="/MFEwTzBNMEswSTAJBgUrDgMCGgUABBQ50otx",
        lure="certificate checks by programs on every machine",
    ),
    Hosts(
        "delivery_networks",
        0.10,
        (
            "ajax.googleapis.com",
            "cdnjs.cloudflare.com",
            "cdn.jsdelivr.net",
            "d1lxhc4jvstzrp.cloudfront.net",
            "a248.e.akamai.net",
            "unpkg.com",
            "code.jquery.com",
            "prod.fastly-edge.com",
            "fonts.gstatic.com",
        ),
        down=110_000,
        lure="content delivery behind other people's pages",
    ),
    Hosts(
        "trackers",
        0.10,
        (
            "www.google-analytics.com",
            "stats.g.doubleclick.net",
            "www.googletagmanager.com",
            "securepubads.g.doubleclick.net",
            "script.ioam.de",
            "static.hotjar.com",
            "bat.bing.com",
            "cdn.cookielaw.org",
            "sdk.privacy-center.org",
        ),
        up=6_000,
        down=5_000,
        lure="trackers embedded in other people's pages; they take small uploads",
    ),
    Hosts(
        "widgets",
        0.05,
        (
            "fonts.googleapis.com",
            "maps.googleapis.com",
            "connect.facebook.net",
            "platform.twitter.com",
            "www.youtube-nocookie.com",
            "platform.linkedin.com",
            "www.gravatar.com",
        ),
        down=70_000,
        lure="widgets embedded in other people's pages",
    ),
    Hosts(
        "public_bodies",
        0.09,
        (
            "www.baden-wuerttemberg.de",
            "www.service-bw.de",
            "www.gesetze-im-internet.de",
            "www.bund.de",
            "www.landesrecht-bw.de",
            "www.destatis.de",
            "www.lubw.baden-wuerttemberg.de",
            "eur-lex.europa.eu",
        ),
        down=180_000,
        application="web-browsing",
        lure="pages of other public bodies",
    ),
    Hosts(
        "everyday",
        0.04,
        (
            "de.wikipedia.org",
            "www.dwd.de",
            "www.bahn.de",
            "www.vvs.de",
            "dict.leo.org",
            "www.duden.de",
            "www.chefkoch.de",
            "www.wetteronline.de",
        ),
        down=150_000,
        application="web-browsing",
        lure="timetables, weather and dictionaries",
    ),
    Hosts(
        "pages_nobody_described",
        0.02,
        (
            "www.kantine-am-schlossgarten.de",
            "www.radlergruppe-filderebene.de",
            "www.fachblatt-gewaesserpflege.de",
            "www.tagungshaus-albblick.de",
            "static.bildarchiv-ufer.net",
        ),
        down=130_000,
        application="web-browsing",
        lure="pages that no directory entry knows, read again and again",
    ),
)


def weighted() -> Iterator[tuple[Hosts, str, float]]:
    """Every host with its kind and its share of all visits, by Zipf's law within the kind."""
    for hosts in BACKGROUND:
        ranks = [1 / (rank + 1) for rank in range(len(hosts.names))]
        for name, rank in zip(hosts.names, ranks, strict=True):
            yield hosts, name, hosts.share * rank / sum(ranks)
