package mapping

import (
	"strconv"
	"strings"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
)

// Invoice decides what becomes of a Magento invoice.
func Invoice(req Request, inv commerce.Invoice) Decision {
	m := invoiceMapper{
		mapper: newMapper(req, document{
			name: "invoice", incrementID: inv.IncrementID, websiteID: inv.WebsiteID, storeID: inv.StoreID,
			currency: inv.Currency, createdAt: inv.CreatedAt, lines: inv.Lines,
			shippingAmount: inv.ShippingAmount, shippingTaxAmount: inv.ShippingTaxAmount,
		}, inv.GrandTotal, inv.TaxAmount),
		inv: inv,
	}
	out := Decision{MagentoTotals: m.target}
	if out.Skip = m.filter(); out.Skip == "" {
		out.Fault = m.build(&out)
	}
	out.Trace, out.Rendering = m.trail, m.rendering
	return out
}

// invoiceMapper is one invoice on its way to a decision.
type invoiceMapper struct {
	mapper
	inv commerce.Invoice
}

// build fills the decision's document, or says why there is none.
func (m *invoiceMapper) build(out *Decision) *fault.Error {
	number, f := m.number()
	if f != nil {
		return f
	}
	if f := m.checkTotal("an invoice", "a credit note"); f != nil {
		return f
	}
	if f := m.checkCurrency(); f != nil {
		return f
	}
	date, f := m.date()
	if f != nil {
		return f
	}
	m.findGroup(destination(m.inv))
	rows, f := m.rows()
	if f != nil {
		return f
	}
	lines, f := m.render(rows)
	if f != nil {
		return f
	}
	order := m.inv.OrderIncrementID
	if order == "" {
		order = m.inv.IncrementID
	}
	contact := m.contact(m.inv.Customer, m.inv.BillingAddress, m.inv.ShippingAddress, order)
	commercial := m.req.Settings.Commercial
	out.Contact = &contact
	out.Invoice = &books.Invoice{
		Number: number, Reference: reference(m.inv),
		Date: date, DueDate: date.AddDays(commercial.PaymentTermsDays), TermsDays: commercial.PaymentTermsDays,
		Currency: m.inv.Currency, Status: commercial.InitialStatus, Lines: lines, SourceURL: m.sourceURL(),
	}
	return nil
}

// reference marks the document as ours: Order 000000345 · PO 77.
func reference(inv commerce.Invoice) string {
	ref := "Order " + inv.OrderIncrementID
	switch {
	case inv.OrderIncrementID != "":
	case inv.OrderID > 0:
		ref = "Order id " + strconv.FormatInt(inv.OrderID, 10)
	default:
		ref = "Invoice " + inv.IncrementID
	}
	if po := tidy(inv.PONumber); po != "" {
		ref += referenceGap + "PO " + po
	}
	return cut(ref, maxReference)
}

// sourceURL leads to the order in the shop.
func (m *invoiceMapper) sourceURL() string {
	if m.req.StoreURL == "" || m.inv.OrderID <= 0 {
		return ""
	}
	return strings.TrimRight(m.req.StoreURL, "/") + "/sales/order/view/order_id/" + strconv.FormatInt(m.inv.OrderID, 10) + "/"
}
