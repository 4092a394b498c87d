"""A program's user agent is told from a browser's."""

import polars as pl
import pytest

from detectors.site.program import follows_links, is_program

PROGRAMS = [
    "curl/8.5.0",
    "python-requests/2.32.3",
    "Go-http-client/2.0",
    "okhttp/4.12.0",
    "Java/17.0.9",
    "Apache-HttpClient/4.5.14 (Java/17.0.9)",
    "Dropbox/201.4.5551 (Windows 10)",
    "rclone/v1.66.0",
    "Wget/1.21.4",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.38.125 Chrome/124.0.6367.243 Electron/30.1.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Obsidian/1.5.12 Chrome/120.0 Electron/28.2.3 Safari/537.36",
    "Mozilla/5.0 (compatible; Nextcloud-sync 3.13)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) mirall/3.13.0stable-Win64 (Nextcloud, windows-10.0) Teams/1.5",
    "PostmanRuntime/7.37.3",
]
OTHERS = [
    None,
    "",
    "-",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.68",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)",
    "Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.18",
    "Lynx/2.9.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.12.0",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17628; Pro)",
    "Mozilla/5.0 (compatible; MailScanner link check)",
    "Microsoft-CryptoAPI/10.0",
    "Windows-Update-Agent/10.0.10011.16384 Client-Protocol/2.50",
    "Microsoft-Delivery-Optimization/10.1",
    "Google Update/1.3.36.372;winhttp",
    "NSIS_Inetc (Mozilla)",
    "Debian APT-HTTP/1.3 (2.6.1)",
    "pip/24.2 {...}",
    "AcmeUpdater/2.0",
    "com.apple.trustd/3.0",
]


@pytest.mark.parametrize("agent", PROGRAMS)
def test_program(agent: str | None) -> None:
    assert is_program(pl.Series([agent])).to_list() == [True]


@pytest.mark.parametrize("agent", OTHERS)
def test_no_program(agent: str | None) -> None:
    assert is_program(pl.Series([agent], dtype=pl.String)).to_list() == [False]


def test_height_and_order_are_kept() -> None:
    agents = pl.Series([*OTHERS, *PROGRAMS], dtype=pl.String)
    assert is_program(agents).to_list() == [False] * len(OTHERS) + [True] * len(PROGRAMS)
    assert is_program(agents.clear()).to_list() == []


def test_who_opens_what_others_sent() -> None:
    agents = pl.Series(
        ["Mozilla/5.0 (compatible; MailScanner link check)", "Proofpoint URL Defense", "curl/8.5.0", None]
    )
    assert follows_links(agents).to_list() == [True, True, False, False]
