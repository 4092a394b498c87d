"""XRechnung 3.0: one XML file an invoice, in UBL or CII."""

from calendar import monthrange
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

from simulation.acts import Invoice
from simulation.world import Unit

_GUIDELINE = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
_PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
_CII = "urn:un:unece:uncefact:data"


def write(folder: Path, unit: Unit, invoice: Invoice) -> None:
    """Write the invoice to the unit's inbox."""
    text = _ubl(unit, invoice) if invoice.syntax == "ubl" else _cii(unit, invoice)
    path = folder / "xrechnung" / f"{invoice.number}_{invoice.syntax}.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def net(invoice: Invoice) -> Decimal:
    """Net total."""
    return sum((quantity * price for _, quantity, price, _ in invoice.lines), Decimal(0))


def _period(invoice: Invoice) -> tuple[date, date] | None:
    if not invoice.months:
        return None
    month = invoice.day.month + invoice.months - 1
    year, month = invoice.day.year + (month - 1) // 12, (month - 1) % 12 + 1
    return invoice.day.replace(day=1), date(year, month, monthrange(year, month)[1])


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _ubl(unit: Unit, invoice: Invoice) -> str:
    total, period = net(invoice), _period(invoice)
    tax = (total * Decimal("0.19")).quantize(Decimal("0.01"))
    term = (
        f"""
    <cac:InvoicePeriod>
        <cbc:StartDate>{period[0]}</cbc:StartDate>
        <cbc:EndDate>{period[1]}</cbc:EndDate>
    </cac:InvoicePeriod>"""
        if period
        else ""
    )
    order = f"\n    <cac:OrderReference><cbc:ID>{invoice.order}</cbc:ID></cac:OrderReference>" if invoice.order else ""
    contract = (
        f"\n    <cac:ContractDocumentReference><cbc:ID>{invoice.contract}</cbc:ID></cac:ContractDocumentReference>"
        if invoice.contract
        else ""
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ubl:Invoice xmlns:ubl="{_UBL}:Invoice-2"
             xmlns:cac="{_UBL}:CommonAggregateComponents-2"
             xmlns:cbc="{_UBL}:CommonBasicComponents-2">
    <cbc:CustomizationID>{_GUIDELINE}</cbc:CustomizationID>
    <cbc:ProfileID>{_PROFILE}</cbc:ProfileID>
    <cbc:ID>{invoice.number}</cbc:ID>
    <cbc:IssueDate>{invoice.day}</cbc:IssueDate>
    <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
    <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
    <cbc:BuyerReference>{unit.leitweg_id}</cbc:BuyerReference>{term}{order}{contract}
    <cac:AccountingSupplierParty>{_ubl_supplier(invoice)}
    </cac:AccountingSupplierParty>
    <cac:AccountingCustomerParty>
        <cac:Party>
            <cbc:EndpointID schemeID="EM">rechnung@{unit.short}.landesverwaltung.example</cbc:EndpointID>
            <cac:PostalAddress>
                <cbc:CityName>{unit.town}</cbc:CityName>
                <cbc:PostalZone>70173</cbc:PostalZone>
                <cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country>
            </cac:PostalAddress>
            <cac:PartyLegalEntity><cbc:RegistrationName>{escape(unit.name)}</cbc:RegistrationName></cac:PartyLegalEntity>
        </cac:Party>
    </cac:AccountingCustomerParty>
    <cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode></cac:PaymentMeans>
    <cac:TaxTotal>
        <cbc:TaxAmount currencyID="EUR">{_money(tax)}</cbc:TaxAmount>
        <cac:TaxSubtotal>
            <cbc:TaxableAmount currencyID="EUR">{_money(total)}</cbc:TaxableAmount>
            <cbc:TaxAmount currencyID="EUR">{_money(tax)}</cbc:TaxAmount>
            <cac:TaxCategory>
                <cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
            </cac:TaxCategory>
        </cac:TaxSubtotal>
    </cac:TaxTotal>
    <cac:LegalMonetaryTotal>
        <cbc:LineExtensionAmount currencyID="EUR">{_money(total)}</cbc:LineExtensionAmount>
        <cbc:TaxExclusiveAmount currencyID="EUR">{_money(total)}</cbc:TaxExclusiveAmount>
        <cbc:TaxInclusiveAmount currencyID="EUR">{_money(total + tax)}</cbc:TaxInclusiveAmount>
        <cbc:PayableAmount currencyID="EUR">{_money(total + tax)}</cbc:PayableAmount>
    </cac:LegalMonetaryTotal>{"".join(_ubl_line(n, line) for n, line in enumerate(invoice.lines, 1))}
</ubl:Invoice>
"""


def _ubl_supplier(invoice: Invoice) -> str:
    who = invoice.supplier
    return f"""
        <cac:Party>
            <cbc:EndpointID schemeID="EM">rechnung@anbieter.example</cbc:EndpointID>
            <cac:PartyName><cbc:Name>{escape(who.name)}</cbc:Name></cac:PartyName>
            <cac:PostalAddress>
                <cbc:CityName>{escape(who.town)}</cbc:CityName>
                <cbc:PostalZone>70000</cbc:PostalZone>
                <cac:Country><cbc:IdentificationCode>{who.country}</cbc:IdentificationCode></cac:Country>
            </cac:PostalAddress>
            <cac:PartyTaxScheme>
                <cbc:CompanyID>{who.vat}</cbc:CompanyID>
                <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
            </cac:PartyTaxScheme>
            <cac:PartyLegalEntity>
                <cbc:RegistrationName>{escape(who.name)}</cbc:RegistrationName>
                <cbc:CompanyID>{who.register}</cbc:CompanyID>
            </cac:PartyLegalEntity>
            <cac:Contact><cbc:Name>Rechnungsstelle</cbc:Name></cac:Contact>
        </cac:Party>"""


def _ubl_line(number: int, line: tuple[str, int, Decimal, str]) -> str:
    text, quantity, price, cpv = line
    code = (
        f"""
            <cac:CommodityClassification>
                <cbc:ItemClassificationCode listID="STI">{cpv}</cbc:ItemClassificationCode>
            </cac:CommodityClassification>"""
        if cpv
        else ""
    )
    return f"""
    <cac:InvoiceLine>
        <cbc:ID>{number}</cbc:ID>
        <cbc:InvoicedQuantity unitCode="XPP">{quantity}</cbc:InvoicedQuantity>
        <cbc:LineExtensionAmount currencyID="EUR">{_money(quantity * price)}</cbc:LineExtensionAmount>
        <cac:Item>
            <cbc:Name>{escape(text)}</cbc:Name>{code}
            <cac:ClassifiedTaxCategory>
                <cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
            </cac:ClassifiedTaxCategory>
        </cac:Item>
        <cac:Price><cbc:PriceAmount currencyID="EUR">{_money(price)}</cbc:PriceAmount></cac:Price>
    </cac:InvoiceLine>"""


def _cii(unit: Unit, invoice: Invoice) -> str:
    total, period = net(invoice), _period(invoice)
    tax = (total * Decimal("0.19")).quantize(Decimal("0.01"))
    who = invoice.supplier
    order = _referenced("BuyerOrderReferencedDocument", invoice.order)
    contract = _referenced("ContractReferencedDocument", invoice.contract)
    term = (
        f"""
            <ram:BillingSpecifiedPeriod>
                <ram:StartDateTime>{_day(period[0])}</ram:StartDateTime>
                <ram:EndDateTime>{_day(period[1])}</ram:EndDateTime>
            </ram:BillingSpecifiedPeriod>"""
        if period
        else ""
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="{_CII}:standard:CrossIndustryInvoice:100"
                          xmlns:ram="{_CII}:standard:ReusableAggregateBusinessInformationEntity:100"
                          xmlns:udt="{_CII}:standard:UnqualifiedDataType:100">
    <rsm:ExchangedDocumentContext>
        <ram:BusinessProcessSpecifiedDocumentContextParameter><ram:ID>{_PROFILE}</ram:ID></ram:BusinessProcessSpecifiedDocumentContextParameter>
        <ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>{_GUIDELINE}</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter>
    </rsm:ExchangedDocumentContext>
    <rsm:ExchangedDocument>
        <ram:ID>{invoice.number}</ram:ID>
        <ram:TypeCode>380</ram:TypeCode>
        <ram:IssueDateTime>{_day(invoice.day)}</ram:IssueDateTime>
    </rsm:ExchangedDocument>
    <rsm:SupplyChainTradeTransaction>{"".join(_cii_line(n, line) for n, line in enumerate(invoice.lines, 1))}
        <ram:ApplicableHeaderTradeAgreement>
            <ram:BuyerReference>{unit.leitweg_id}</ram:BuyerReference>
            <ram:SellerTradeParty>
                <ram:Name>{escape(who.name)}</ram:Name>
                <ram:SpecifiedLegalOrganization><ram:ID>{who.register}</ram:ID></ram:SpecifiedLegalOrganization>
                <ram:DefinedTradeContact><ram:PersonName>Rechnungsstelle</ram:PersonName></ram:DefinedTradeContact>
                <ram:PostalTradeAddress>
                    <ram:PostcodeCode>70000</ram:PostcodeCode>
                    <ram:CityName>{escape(who.town)}</ram:CityName>
                    <ram:CountryID>{who.country}</ram:CountryID>
                </ram:PostalTradeAddress>
                <ram:URIUniversalCommunication><ram:URIID schemeID="EM">rechnung@anbieter.example</ram:URIID></ram:URIUniversalCommunication>
                <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">{who.vat}</ram:ID></ram:SpecifiedTaxRegistration>
            </ram:SellerTradeParty>
            <ram:BuyerTradeParty>
                <ram:Name>{escape(unit.name)}</ram:Name>
                <ram:PostalTradeAddress>
                    <ram:PostcodeCode>70173</ram:PostcodeCode>
                    <ram:CityName>{unit.town}</ram:CityName>
                    <ram:CountryID>DE</ram:CountryID>
                </ram:PostalTradeAddress>
                <ram:URIUniversalCommunication><ram:URIID schemeID="EM">rechnung@{unit.short}.landesverwaltung.example</ram:URIID></ram:URIUniversalCommunication>
            </ram:BuyerTradeParty>{order}{contract}
        </ram:ApplicableHeaderTradeAgreement>
        <ram:ApplicableHeaderTradeDelivery/>
        <ram:ApplicableHeaderTradeSettlement>
            <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
            <ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>58</ram:TypeCode></ram:SpecifiedTradeSettlementPaymentMeans>
            <ram:ApplicableTradeTax>
                <ram:CalculatedAmount>{_money(tax)}</ram:CalculatedAmount>
                <ram:TypeCode>VAT</ram:TypeCode>
                <ram:BasisAmount>{_money(total)}</ram:BasisAmount>
                <ram:CategoryCode>S</ram:CategoryCode>
                <ram:RateApplicablePercent>19</ram:RateApplicablePercent>
            </ram:ApplicableTradeTax>{term}
            <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
                <ram:LineTotalAmount>{_money(total)}</ram:LineTotalAmount>
                <ram:TaxBasisTotalAmount>{_money(total)}</ram:TaxBasisTotalAmount>
                <ram:TaxTotalAmount currencyID="EUR">{_money(tax)}</ram:TaxTotalAmount>
                <ram:GrandTotalAmount>{_money(total + tax)}</ram:GrandTotalAmount>
                <ram:DuePayableAmount>{_money(total + tax)}</ram:DuePayableAmount>
            </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
        </ram:ApplicableHeaderTradeSettlement>
    </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>
"""


def _day(day: date) -> str:
    return f'<udt:DateTimeString format="102">{day:%Y%m%d}</udt:DateTimeString>'


def _referenced(element: str, number: str) -> str:
    if not number:
        return ""
    return f"\n            <ram:{element}><ram:IssuerAssignedID>{number}</ram:IssuerAssignedID></ram:{element}>"


def _cii_line(number: int, line: tuple[str, int, Decimal, str]) -> str:
    text, quantity, price, cpv = line
    code = f'<ram:DesignatedProductClassification><ram:ClassCode listID="STI">{cpv}</ram:ClassCode></ram:DesignatedProductClassification>'
    return f"""
        <ram:IncludedSupplyChainTradeLineItem>
            <ram:AssociatedDocumentLineDocument><ram:LineID>{number}</ram:LineID></ram:AssociatedDocumentLineDocument>
            <ram:SpecifiedTradeProduct>
                <ram:Name>{escape(text)}</ram:Name>{code if cpv else ""}
            </ram:SpecifiedTradeProduct>
            <ram:SpecifiedLineTradeAgreement>
                <ram:NetPriceProductTradePrice><ram:ChargeAmount>{_money(price)}</ram:ChargeAmount></ram:NetPriceProductTradePrice>
            </ram:SpecifiedLineTradeAgreement>
            <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="XPP">{quantity}</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
            <ram:SpecifiedLineTradeSettlement>
                <ram:ApplicableTradeTax>
                    <ram:TypeCode>VAT</ram:TypeCode>
                    <ram:CategoryCode>S</ram:CategoryCode>
                    <ram:RateApplicablePercent>19</ram:RateApplicablePercent>
                </ram:ApplicableTradeTax>
                <ram:SpecifiedTradeSettlementLineMonetarySummation>
                    <ram:LineTotalAmount>{_money(quantity * price)}</ram:LineTotalAmount>
                </ram:SpecifiedTradeSettlementLineMonetarySummation>
            </ram:SpecifiedLineTradeSettlement>
        </ram:IncludedSupplyChainTradeLineItem>"""
