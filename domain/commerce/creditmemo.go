package commerce

import (
	"time"

	"byte8.io/ledger/domain/money"
)

// CreditMemo is a Magento credit memo. It carries no store id, order number or
// subtotal; the event's envelope has the store id.
type CreditMemo struct {
	MagentoID   int64
	IncrementID string
	// InvoiceID is 0 when the refund was made from the order, as it always is
	// for offline methods.
	InvoiceID          int64
	InvoiceIncrementID string
	WebsiteID          int64
	Currency           money.Currency
	Customer           Customer
	Lines              []Line
	// AdjustmentPositive is an extra refund; it raises the total.
	AdjustmentPositive money.Amount
	// AdjustmentNegative is a fee; it lowers the total.
	AdjustmentNegative money.Amount
	GrandTotal         money.Amount
	ShippingAmount     money.Amount
	ShippingTaxAmount  money.Amount
	Reason             string
	CreatedAt          time.Time
	InvoiceCreatedAt   time.Time
	BaseToOrderRate    *money.Amount
}

// DecodeCreditMemo reads the answer of GET /V1/byte8/creditmemo/{id}.
func DecodeCreditMemo(raw []byte) (CreditMemo, error) {
	const what = "credit memo"
	var w struct {
		MagentoID          whole                `json:"magento_id"`
		IncrementID        text                 `json:"increment_id"`
		InvoiceID          whole                `json:"invoice_id"`
		InvoiceIncrementID text                 `json:"invoice_increment_id"`
		WebsiteID          whole                `json:"website_id"`
		Currency           text                 `json:"currency"`
		Customer           object[customerWire] `json:"customer"`
		Lines              []lineWire           `json:"lines"`
		AdjustmentPositive number               `json:"adjustment_positive"`
		AdjustmentNegative number               `json:"adjustment_negative"`
		GrandTotal         number               `json:"grand_total"`
		ShippingAmount     number               `json:"shipping_amount"`
		ShippingTaxAmount  number               `json:"shipping_tax_amount"`
		Reason             text                 `json:"reason"`
		CreatedAt          text                 `json:"created_at"`
		InvoiceCreatedAt   text                 `json:"invoice_created_at"`
		BaseToOrderRate    number               `json:"base_to_order_rate"`
	}
	if err := decode(raw, what, &w); err != nil {
		return CreditMemo{}, err
	}
	currency, ok := money.ParseCurrency(string(w.Currency))
	switch {
	case w.MagentoID.n <= 0:
		return CreditMemo{}, missing(what, "magento_id")
	case clean(w.IncrementID) == "":
		return CreditMemo{}, missing(what, "increment_id")
	case !ok:
		return CreditMemo{}, missing(what, "currency")
	case !w.GrandTotal.set:
		return CreditMemo{}, missing(what, "grand_total")
	}
	lines, err := decodeLines(what, w.Lines)
	if err != nil {
		return CreditMemo{}, err
	}
	return CreditMemo{
		MagentoID: w.MagentoID.n, IncrementID: clean(w.IncrementID),
		InvoiceID: w.InvoiceID.n, InvoiceIncrementID: clean(w.InvoiceIncrementID),
		WebsiteID: w.WebsiteID.n, Currency: currency, Customer: w.Customer.value.customer(), Lines: lines,
		AdjustmentPositive: w.AdjustmentPositive.Amount, AdjustmentNegative: w.AdjustmentNegative.Amount,
		GrandTotal: w.GrandTotal.Amount, ShippingAmount: w.ShippingAmount.Amount, ShippingTaxAmount: w.ShippingTaxAmount.Amount,
		Reason: clean(w.Reason), CreatedAt: instant(w.CreatedAt), InvoiceCreatedAt: instant(w.InvoiceCreatedAt),
		BaseToOrderRate: w.BaseToOrderRate.optional(),
	}, nil
}
