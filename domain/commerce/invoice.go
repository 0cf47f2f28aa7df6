package commerce

import (
	"time"

	"byte8.io/ledger/domain/money"
)

// InvoiceState is the state of a Magento invoice.
type InvoiceState string

// The states of an invoice. The shop maps states it does not know to open.
const (
	InvoiceOpen      InvoiceState = "open"
	InvoicePaid      InvoiceState = "paid"
	InvoiceCancelled InvoiceState = "cancelled"
)

// Invoice is a Magento invoice. Amounts are in the order's currency.
type Invoice struct {
	MagentoID        int64
	IncrementID      string
	OrderID          int64
	OrderIncrementID string
	WebsiteID        int64
	StoreID          int64
	Currency         money.Currency
	State            InvoiceState
	Customer         Customer
	Lines            []Line
	// Subtotal is net, before discount.
	Subtotal money.Amount
	// TaxAmount is all tax, shipping's included.
	TaxAmount money.Amount
	// ShippingAmount is net, before any discount on shipping.
	ShippingAmount    money.Amount
	ShippingTaxAmount money.Amount
	// DiscountAmount is zero or negative. It also holds the discount on
	// shipping, which stands nowhere else.
	DiscountAmount money.Amount
	GrandTotal     money.Amount
	// CreatedAt is zero when the shop could not read it.
	CreatedAt       time.Time
	PaymentMethod   string
	BillingAddress  *Address
	ShippingAddress *Address
	PONumber        string
	// BaseToOrderRate is order amount divided by base amount, at order time.
	BaseToOrderRate *money.Amount
}

// Line is a line of an invoice or a credit memo. Children of configurable and
// bundle products stand beside their parents, usually without money.
type Line struct {
	SKU  string
	Name string
	Qty  money.Amount
	// UnitPrice is net, before discount.
	UnitPrice money.Amount
	// Subtotal is the row net, before discount.
	Subtotal money.Amount
	Tax      money.Amount
	// Total is Subtotal + Tax - discount.
	Total money.Amount
	// TaxRate is the shop's ratio of tax to the undiscounted row: too low on a
	// discounted line. Nil when the shop left it out.
	TaxRate     *money.Amount
	ProductType string
}

// Discount is what the line's totals say was taken off, zero or positive. With
// a tax-inclusive catalogue it may contain tax.
func (l Line) Discount() money.Amount { return l.Subtotal.Add(l.Tax).Sub(l.Total) }

// HasMoney reports whether the line moves any amount.
func (l Line) HasMoney() bool {
	return !l.Subtotal.IsZero() || !l.Tax.IsZero() || !l.Total.IsZero()
}

// DecodeInvoice reads the answer of GET /V1/byte8/invoice/{id}.
func DecodeInvoice(raw []byte) (Invoice, error) {
	var w invoiceWire
	if err := decode(raw, "invoice", &w); err != nil {
		return Invoice{}, err
	}
	return w.invoice()
}

type lineWire struct {
	SKU         text   `json:"sku"`
	Name        text   `json:"name"`
	Qty         number `json:"qty"`
	UnitPrice   number `json:"unit_price"`
	Subtotal    number `json:"line_subtotal"`
	Tax         number `json:"line_tax"`
	Total       number `json:"line_total"`
	TaxRate     number `json:"tax_rate"`
	ProductType text   `json:"product_type"`
}

func (w lineWire) line() Line {
	return Line{
		SKU: clean(w.SKU), Name: clean(w.Name), Qty: w.Qty.Amount, UnitPrice: w.UnitPrice.Amount,
		Subtotal: w.Subtotal.Amount, Tax: w.Tax.Amount, Total: w.Total.Amount,
		TaxRate: w.TaxRate.optional(), ProductType: clean(w.ProductType),
	}
}

func decodeLines(what string, wire []lineWire) ([]Line, error) {
	lines := make([]Line, 0, len(wire))
	for _, w := range wire {
		switch {
		case !w.Qty.set:
			return nil, missing(what, "lines.qty")
		case !w.Subtotal.set:
			return nil, missing(what, "lines.line_subtotal")
		case !w.Total.set:
			return nil, missing(what, "lines.line_total")
		}
		lines = append(lines, w.line())
	}
	return lines, nil
}

type invoiceWire struct {
	MagentoID         whole                `json:"magento_id"`
	IncrementID       text                 `json:"increment_id"`
	OrderID           whole                `json:"order_id"`
	OrderIncrementID  text                 `json:"order_increment_id"`
	WebsiteID         whole                `json:"website_id"`
	StoreID           whole                `json:"store_id"`
	Currency          text                 `json:"currency"`
	State             text                 `json:"state"`
	Customer          object[customerWire] `json:"customer"`
	Lines             []lineWire           `json:"lines"`
	Subtotal          number               `json:"subtotal"`
	TaxAmount         number               `json:"tax_amount"`
	ShippingAmount    number               `json:"shipping_amount"`
	ShippingTaxAmount number               `json:"shipping_tax_amount"`
	DiscountAmount    number               `json:"discount_amount"`
	GrandTotal        number               `json:"grand_total"`
	CreatedAt         text                 `json:"created_at"`
	PaymentMethod     text                 `json:"payment_method"`
	BillingAddress    object[addressWire]  `json:"billing_address"`
	ShippingAddress   object[addressWire]  `json:"shipping_address"`
	PONumber          text                 `json:"po_number"`
	BaseToOrderRate   number               `json:"base_to_order_rate"`
}

func (w invoiceWire) invoice() (Invoice, error) {
	const what = "invoice"
	currency, ok := money.ParseCurrency(string(w.Currency))
	switch {
	case w.MagentoID.n <= 0:
		return Invoice{}, missing(what, "magento_id")
	case clean(w.IncrementID) == "":
		return Invoice{}, missing(what, "increment_id")
	case !ok:
		return Invoice{}, missing(what, "currency")
	case !w.GrandTotal.set:
		return Invoice{}, missing(what, "grand_total")
	}
	lines, err := decodeLines(what, w.Lines)
	if err != nil {
		return Invoice{}, err
	}
	state := InvoiceState(clean(w.State))
	if state != InvoicePaid && state != InvoiceCancelled {
		state = InvoiceOpen
	}
	return Invoice{
		MagentoID: w.MagentoID.n, IncrementID: clean(w.IncrementID),
		OrderID: w.OrderID.n, OrderIncrementID: clean(w.OrderIncrementID),
		WebsiteID: w.WebsiteID.n, StoreID: w.StoreID.n, Currency: currency, State: state,
		Customer: w.Customer.value.customer(), Lines: lines,
		Subtotal: w.Subtotal.Amount, TaxAmount: w.TaxAmount.Amount,
		ShippingAmount: w.ShippingAmount.Amount, ShippingTaxAmount: w.ShippingTaxAmount.Amount,
		DiscountAmount: w.DiscountAmount.Amount, GrandTotal: w.GrandTotal.Amount,
		CreatedAt: instant(w.CreatedAt), PaymentMethod: clean(w.PaymentMethod),
		BillingAddress: w.BillingAddress.value.address(), ShippingAddress: w.ShippingAddress.value.address(),
		PONumber: clean(w.PONumber), BaseToOrderRate: w.BaseToOrderRate.optional(),
	}, nil
}
