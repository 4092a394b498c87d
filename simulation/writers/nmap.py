"""Nmap -oX: a scan of a unit's server network with versions (-sV)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from pathlib import Path
from xml.sax.saxutils import quoteattr

from simulation.acts import Listener
from simulation.world import Unit


def write(folder: Path, unit: Unit, listeners: Iterable[Listener], taken: date) -> None:
    """Write one scan; each listener has its servers at the top of the unit's address range."""
    start = int(datetime.combine(taken, time(4, 15), UTC).timestamp())
    prefix = unit.network.rsplit(".", 1)[0]
    hosts, last = [], 200
    for listener in listeners:
        for _ in range(listener.servers):
            last += 1
            hosts.append(_host(f"{prefix}.{last}", f"srv-{last}.{unit.short}", listener, start))
    args = f"nmap -sV -oX scan.xml {prefix}.200-254"
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<?xml-stylesheet href="file:///usr/share/nmap/nmap.xsl" type="text/xsl"?>
<!-- Nmap 7.95 scan initiated as: {args.replace("--", "- -")} -->
<nmaprun scanner="nmap" args="{args}" start="{start}" startstr="{datetime.fromtimestamp(start, UTC):%a %b %d %H:%M:%S %Y}" version="7.95" xmloutputversion="1.05">
<scaninfo type="syn" protocol="tcp" numservices="1000" services="1-1000"/>
<verbose level="0"/>
<debugging level="0"/>
{"".join(hosts)}<runstats><finished time="{start + 95}" timestr="" elapsed="95.00" summary="Nmap done" exit="success"/><hosts up="{len(hosts)}" down="{55 - len(hosts)}" total="55"/>
</runstats>
</nmaprun>
"""
    path = folder / "nmap" / f"{unit.short}.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _host(address: str, name: str, what: Listener, start: int) -> str:
    service = f"name={quoteattr(what.service)} product={quoteattr(what.product)} version={quoteattr(what.version)}"
    return f"""<host starttime="{start}" endtime="{start + 60}"><status state="up" reason="syn-ack" reason_ttl="63"/>
<address addr="{address}" addrtype="ipv4"/>
<hostnames>
<hostname name="{name}" type="PTR"/>
</hostnames>
<ports><extraports state="closed" count="999"><extrareasons reason="reset" count="999" proto="tcp"/></extraports>
<port protocol="tcp" portid="{what.port}"><state state="open" reason="syn-ack" reason_ttl="63"/><service {service} method="probed" conf="10"><cpe>{what.cpe}</cpe></service></port>
</ports>
<times srtt="812" rttvar="301" to="100000"/>
</host>
"""
