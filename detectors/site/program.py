"""Is a user agent a program's, not a browser's?

Reads     events with signal network: user agents as written (http, proxy)
Says      true for sync clients, scripts and libraries; not for what fetches updates, packages or certificate lists, nor for
          what opens other people's links; features program_days
Score     none: it is a yes or no a sighting, summed as days
Answer    none of its own; a program on 3 days is use
Source    RFC 9110, 10.1.5; user agents of vendors' manuals
Blind to  programs that call themselves a browser; traffic whose user agent no sensor reads (TLS, DNS)
"""

import polars as pl

SINCE = "2026-01-01"
MERGE = "union"
"""Merge of the feature: days are united."""

FOLLOWS = r"outlook|thunderbird|existence discovery|proofpoint|barracuda|mimecast|mailscanner|urlscan|linkscan|link check|safelinks|mailguard"
"""Mail programs and mail gateways: they open what somebody else has sent, and use nothing themselves."""
FETCHES = r"updat|upgrad|\bomaha|sparkle|squirrel|delivery[ -]?optimi|\bbits/|install|inno ?setup|nsis|winget|chocolatey|\bapt-|\baptitude|libdnf|\bdnf/|\byum/|zypp|urlgrabber|\bpip/|\bnpm/|\byarn/|\bpnpm/|maven|gradle|\bcargo/|nuget|composer/|\bconda/|bundler/|cryptoapi|trustd|ocspd|\bncsi|captivenetworksupport|antivir|liveupdate"
"""Updaters, package managers and certificate checks: they look for something new on their own, and give nothing away."""
BROWSER = r"^(mozilla|opera)/|^(lynx|w3m|links|elinks|dillo|netsurf)\b"
"""How browsers begin."""
INSIDE = r"electron/|compatible; (?:[^m]|m[^s]|ms[^i])|bot\b|crawler|spider|\b(?:slack|teams|dropbox|onedrive|notion|discord|obsidian|postmanruntime|insomnia|signal|element|figma|linear|code|cursor|zoom|webex|whatsapp|microsoft office)(?:[_ -]?(?:desktop|client|app))?/"
"""Product tokens of programs that carry a browser inside."""


def is_program(agents: pl.Series) -> pl.Series:
    """Same height and order, never null; distinct values are enough. No user agent is false: nothing is known."""
    agent = _folded()
    browser = agent.str.contains(BROWSER) & ~agent.str.contains(INSIDE)
    nothing = agent.is_null() | agent.is_in(["", "-"])
    program = ~nothing & ~browser & ~agent.str.contains(FOLLOWS) & ~agent.str.contains(FETCHES)
    return agents.to_frame("agent").select(program.fill_null(value=False).alias("program"))["program"]


def follows_links(agents: pl.Series) -> pl.Series:
    """Does it open what somebody else has sent? Whoever runs it uses nothing himself. Same height and order, never null."""
    opens = _folded().str.contains(FOLLOWS).fill_null(value=False).alias("follows")
    return agents.to_frame("agent").select(opens)["follows"]


def _folded() -> pl.Expr:
    return pl.col("agent").str.to_lowercase().str.strip_chars()
