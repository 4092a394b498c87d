"""Columns of events, one table a signal. Events never leave the site.

Exactly one holds for every row that a connector gives: `rejected` is set and all else but `place` is null; or
`rejected` and `at`/`day` are both null (understood, but no event: idle); or it is an event.
"""

import polars as pl

from schemas.table import ID_LIST, INSTANT, MONEY, TEXT_LIST, Column, Table

SIGNALS = ("network", "procurement", "assets")
"""The three signals; also the three folders of connectors that read."""

ACTIONS = ("allowed", "blocked", "unknown")
EVIDENCE = ("dns", "tls", "http", "flow", "proxy")
"""Kinds of network evidence; the view of a network observation."""
DOCUMENTS = ("tender", "award", "contract", "call_off", "order", "invoice", "credit_note", "amendment")
"""Kinds of purchase documents; the view of a procurement observation."""
ASSETS_KINDS = ("application", "library", "system", "service", "extension", "grant", "host")

_PLACE = (
    Column("place", pl.Int64(), "line number (from 1) or the item's ordinal in a document; 0 is the document itself"),
    Column("rejected", pl.String(), "what was expected, when the record cannot be read; never the value itself"),
)

NETWORK = Table(
    "network",
    (
        *_PLACE,
        Column("at", INSTANT, "when it was seen", required=True),
        Column("account_raw", pl.String(), "user name as written; never passes `reduce`"),
        Column("client_raw", pl.String(), "client address or name as written; never passes `reduce`"),
        Column("host", pl.String(), "host name: lower case, no trailing dot, A-labels; an address is never a host"),
        Column("address", pl.String(), "server address; for DNS the first address of the answer, never the resolver"),
        Column("port", pl.Int32(), "server port"),
        Column("action", pl.String(), "what the sensor did", required=True, values=ACTIONS),
        Column("bytes_up", pl.Int64(), "bytes from client to server"),
        Column("bytes_down", pl.Int64(), "bytes from server to client"),
        Column("duration", pl.Float64(), "length of the request or connection in seconds"),
        Column("application", pl.String(), "application label given by the sensor, lower case"),
        Column("agent_raw", pl.String(), "user agent as written; never passes `reduce`"),
        Column("method", pl.String(), "HTTP method, upper case"),
        Column("flow", pl.String(), "the sensor's id of the connection, to join records of one flow"),
        Column("evidence", pl.String(), "kind of evidence", required=True, values=EVIDENCE),
    ),
)

LINES = pl.List(pl.Struct({"text": pl.String, "amount": MONEY, "cpv": pl.String}))

PROCUREMENT = Table(
    "procurement",
    (
        *_PLACE,
        Column("day", pl.Date(), "day of the document as written", required=True),
        Column("document", pl.String(), "kind of document", required=True, values=DOCUMENTS),
        Column("document_id", pl.String(), "number of the document"),
        Column("process_id", pl.String(), "number of the procedure (ocid)"),
        Column("references", TEXT_LIST, "numbers of contracts, orders, projects that the document names"),
        Column("buyer_name", pl.String(), "name of the buying body"),
        Column("buyer_ids", ID_LIST, "identifiers of the buying body; a Leitweg-ID has scheme `leitweg`"),
        Column("contracting_unit", pl.String(), "name of the body that contracts, when it is not the buyer"),
        Column("beneficiaries", TEXT_LIST, "names of bodies that the purchase is for"),
        Column("supplier_name", pl.String(), "name of the supplier"),
        Column("supplier_ids", ID_LIST, "identifiers of the supplier: VAT id, register number and others"),
        Column("cpv", TEXT_LIST, "CPV codes, 8 digits, no check digit"),
        Column("title", pl.String(), "what is bought, in the document's words"),
        Column("lines", LINES, "items: text, net amount, CPV"),
        Column("estimated", MONEY, "estimated value, net"),
        Column("committed", MONEY, "value of the award, contract or order, net"),
        Column("paid", MONEY, "amount invoiced, net; negative for a credit note"),
        Column("currency", pl.String(), "ISO 4217"),
        Column(
            "procedure",
            pl.String(),
            "kind of procedure: open, selective, limited, direct, in the source's words lower case",
        ),
        Column("legal_basis", pl.String(), "law the procedure names"),
        Column("framework_of", pl.String(), "number of the framework agreement that a call-off uses"),
        Column("lot", pl.String(), "number of the lot"),
        Column("in_house", pl.Boolean(), "bought from another public body without a market"),
        Column("quantity", pl.Float64(), "number of units of the first line"),
        Column("unit_price", MONEY, "price of a unit, net"),
        Column("seats", pl.Int64(), "number of licences or users, where the text states it"),
        Column("period_start", pl.Date(), "first day of the term"),
        Column("period_end", pl.Date(), "last day of the term"),
        Column("amends", pl.String(), "number of the document that this one changes"),
        Column("cancelled", pl.Boolean(), "the document says it no longer holds"),
    ),
)

ASSETS = Table(
    "assets",
    (
        *_PLACE,
        Column("at", INSTANT, "when the inventory was taken", required=True),
        Column("device_raw", pl.String(), "name or id of the device; never passes `reduce`"),
        Column("vendor", pl.String(), "maker of the product"),
        Column("product", pl.String(), "name of the product"),
        Column("version", pl.String(), "version as written"),
        Column("purl", pl.String(), "package URL"),
        Column("cpe", pl.String(), "CPE 2.3 or 2.2 name"),
        Column("publisher", pl.String(), "publisher as the inventory writes it"),
        Column("asset", pl.String(), "kind of asset", required=True, values=ASSETS_KINDS),
        Column("ports", pl.List(pl.Int32), "open ports"),
        Column("installed_from", pl.String(), "where the installation came from: store, package manager, file"),
    ),
)

EVENTS = {"network": NETWORK, "procurement": PROCUREMENT, "assets": ASSETS}
"""Table of events by signal."""
