"""The terms of an EN 16931 invoice as written, whichever of the syntaxes wrote them."""

from dataclasses import dataclass

from connectors.xml_items import Node

_PROJECT_OR_TENDER = "50"
"""UNTDID 1001: an additional document is the tender or lot (BT-17); in a UBL credit note the project (BT-11)."""
_RENAMED = {
    "HeaderExchangedDocument": "ExchangedDocument",
    "SpecifiedSupplyChainTradeTransaction": "SupplyChainTradeTransaction",
    "ApplicableSupplyChainTradeAgreement": "ApplicableHeaderTradeAgreement",
    "ApplicableSupplyChainTradeSettlement": "ApplicableHeaderTradeSettlement",
    "SpecifiedSupplyChainTradeAgreement": "SpecifiedLineTradeAgreement",
    "SpecifiedSupplyChainTradeDelivery": "SpecifiedLineTradeDelivery",
    "SpecifiedSupplyChainTradeSettlement": "SpecifiedLineTradeSettlement",
}
"""Names of ZUGFeRD 1.0 and what CII calls them since."""


@dataclass(frozen=True, slots=True)
class Party:
    """Buyer or supplier: name, and the elements that identify it by kind."""

    name: str | None
    own: list[Node]
    legal: list[Node]
    vat: list[Node]
    tax: list[Node]
    endpoint: list[Node]


@dataclass(frozen=True, slots=True)
class Line:
    """One line (BG-25)."""

    text: str | None
    net: str | None
    codes: list[tuple[str | None, str | None]]
    """Classifications as (list, code)."""
    quantity: str | None
    price: str | None
    price_quantity: str | None
    start: str | None
    end: str | None


@dataclass(frozen=True, slots=True)
class Invoice:
    """The header of an invoice."""

    number: str | None
    type: str | None
    issued: str | None
    currency: str | None
    net: str | None
    buyer_reference: str | None
    contract: str | None
    order: str | None
    project: str | None
    tender: str | None
    preceding: list[str | None]
    start: str | None
    end: str | None
    buyer: Party
    supplier: Party


def ubl_line(node: Node) -> Line:
    """A UBL InvoiceLine or CreditNoteLine."""
    return Line(
        text=node.value("Item/Name", "Item/Description"),
        net=node.value("LineExtensionAmount"),
        codes=[
            (code.attributes.get("listID"), code.text)
            for code in node.all("Item/CommodityClassification/ItemClassificationCode")
        ],
        quantity=node.value("InvoicedQuantity", "CreditedQuantity"),
        price=node.value("Price/PriceAmount"),
        price_quantity=node.value("Price/BaseQuantity"),
        start=node.value("InvoicePeriod/StartDate"),
        end=node.value("InvoicePeriod/EndDate"),
    )


def ubl(root: Node) -> Invoice:
    """A UBL Invoice or CreditNote."""
    extra = [
        node.value("ID")
        for node in root.all("AdditionalDocumentReference")
        if node.value("DocumentTypeCode") == _PROJECT_OR_TENDER
    ]
    return Invoice(
        number=root.value("ID"),
        type=root.value("InvoiceTypeCode", "CreditNoteTypeCode"),
        issued=root.value("IssueDate"),
        currency=root.value("DocumentCurrencyCode"),
        net=root.value("LegalMonetaryTotal/TaxExclusiveAmount"),
        buyer_reference=root.value("BuyerReference"),
        contract=root.value("ContractDocumentReference/ID"),
        order=root.value("OrderReference/ID"),
        project=root.value("ProjectReference/ID") or next(iter(extra), None),
        tender=root.value("OriginatorDocumentReference/ID"),
        preceding=[node.text for node in root.all("BillingReference/InvoiceDocumentReference/ID")],
        start=root.value("InvoicePeriod/StartDate"),
        end=root.value("InvoicePeriod/EndDate"),
        buyer=_ubl_party(root, "AccountingCustomerParty/Party"),
        supplier=_ubl_party(root, "AccountingSupplierParty/Party"),
    )


def _ubl_party(root: Node, path: str) -> Party:
    taxes = [
        (node.value("TaxScheme/ID"), number)
        for node in root.all(f"{path}/PartyTaxScheme")
        for number in node.all("CompanyID")
    ]
    return Party(
        name=root.value(f"{path}/PartyLegalEntity/RegistrationName", f"{path}/PartyName/Name"),
        own=root.all(f"{path}/PartyIdentification/ID"),
        legal=root.all(f"{path}/PartyLegalEntity/CompanyID"),
        vat=[number for scheme, number in taxes if scheme == "VAT"],
        tax=[number for scheme, number in taxes if scheme != "VAT"],
        endpoint=root.all(f"{path}/EndpointID"),
    )


def cii_line(node: Node) -> Line:
    """A CII IncludedSupplyChainTradeLineItem."""
    _rename(node)
    agreement, settlement = "SpecifiedLineTradeAgreement", "SpecifiedLineTradeSettlement"
    return Line(
        text=node.value("SpecifiedTradeProduct/Name", "SpecifiedTradeProduct/Description"),
        net=node.value(
            f"{settlement}/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount",
            f"{settlement}/SpecifiedTradeSettlementMonetarySummation/LineTotalAmount",
        ),
        codes=[
            (code.attributes.get("listID"), code.text)
            for code in node.all("SpecifiedTradeProduct/DesignatedProductClassification/ClassCode")
        ],
        quantity=node.value("SpecifiedLineTradeDelivery/BilledQuantity"),
        price=node.value(f"{agreement}/NetPriceProductTradePrice/ChargeAmount"),
        price_quantity=node.value(f"{agreement}/NetPriceProductTradePrice/BasisQuantity"),
        start=node.value(f"{settlement}/BillingSpecifiedPeriod/StartDateTime/DateTimeString"),
        end=node.value(f"{settlement}/BillingSpecifiedPeriod/EndDateTime/DateTimeString"),
    )


def cii(root: Node) -> Invoice:
    """A CII CrossIndustryInvoice, or the CrossIndustryDocument of ZUGFeRD 1.0."""
    _rename(root)
    agreement = "SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement"
    settlement = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement"
    tenders = [
        node.value("IssuerAssignedID")
        for node in root.all(f"{agreement}/AdditionalReferencedDocument")
        if node.value("TypeCode") == _PROJECT_OR_TENDER
    ]
    referenced = "{0}/IssuerAssignedID", "{0}/ID"
    return Invoice(
        number=root.value("ExchangedDocument/ID"),
        type=root.value("ExchangedDocument/TypeCode"),
        issued=root.value("ExchangedDocument/IssueDateTime/DateTimeString"),
        currency=root.value(f"{settlement}/InvoiceCurrencyCode"),
        net=root.value(
            f"{settlement}/SpecifiedTradeSettlementHeaderMonetarySummation/TaxBasisTotalAmount",
            f"{settlement}/SpecifiedTradeSettlementMonetarySummation/TaxBasisTotalAmount",
        ),
        buyer_reference=root.value(f"{agreement}/BuyerReference"),
        contract=root.value(*(path.format(f"{agreement}/ContractReferencedDocument") for path in referenced)),
        order=root.value(*(path.format(f"{agreement}/BuyerOrderReferencedDocument") for path in referenced)),
        project=root.value(f"{agreement}/SpecifiedProcuringProject/ID"),
        tender=next(iter(tenders), None),
        preceding=[
            node.value("IssuerAssignedID", "ID") for node in root.all(f"{settlement}/InvoiceReferencedDocument")
        ],
        start=root.value(f"{settlement}/BillingSpecifiedPeriod/StartDateTime/DateTimeString"),
        end=root.value(f"{settlement}/BillingSpecifiedPeriod/EndDateTime/DateTimeString"),
        buyer=_cii_party(root, f"{agreement}/BuyerTradeParty"),
        supplier=_cii_party(root, f"{agreement}/SellerTradeParty"),
    )


def _cii_party(root: Node, path: str) -> Party:
    taxes = root.all(f"{path}/SpecifiedTaxRegistration/ID")
    return Party(
        name=root.value(f"{path}/Name", f"{path}/SpecifiedLegalOrganization/TradingBusinessName"),
        own=[*root.all(f"{path}/ID"), *root.all(f"{path}/GlobalID")],
        legal=root.all(f"{path}/SpecifiedLegalOrganization/ID"),
        vat=[node for node in taxes if node.attributes.get("schemeID") == "VA"],
        tax=[node for node in taxes if node.attributes.get("schemeID") != "VA"],
        endpoint=root.all(f"{path}/URIUniversalCommunication/URIID"),
    )


def _rename(node: Node) -> None:
    for child in node.children:
        child.name = _RENAMED.get(child.name, child.name)
        if child.name == "SupplyChainTradeTransaction":
            _rename(child)
