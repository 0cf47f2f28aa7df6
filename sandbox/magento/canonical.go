package magento

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"
)

// Address is a postal address inside another document.
type Address struct {
	Kind      string   `json:"kind"`
	Street    []string `json:"street"`
	City      string   `json:"city"`
	Region    string   `json:"region,omitempty"`
	Postcode  string   `json:"postcode,omitempty"`
	CountryID string   `json:"country_id"`
	Telephone string   `json:"telephone,omitempty"`
}

// Contact is a customer; MagentoID is 0 for a guest.
type Contact struct {
	MagentoID int       `json:"magento_id"`
	Email     string    `json:"email"`
	FirstName string    `json:"first_name,omitempty"`
	LastName  string    `json:"last_name,omitempty"`
	Company   string    `json:"company,omitempty"`
	Phone     string    `json:"phone,omitempty"`
	WebsiteID int       `json:"website_id"`
	GroupID   *int      `json:"group_id,omitempty"`
	Addresses []Address `json:"addresses"`
	CreatedAt string    `json:"created_at,omitempty"`
	UpdatedAt string    `json:"updated_at,omitempty"`
}

// Line is one item of an invoice or a credit memo.
type Line struct {
	SKU          string  `json:"sku"`
	Name         string  `json:"name"`
	Qty          Number  `json:"qty"`
	UnitPrice    Number  `json:"unit_price"`
	LineSubtotal Number  `json:"line_subtotal"`
	LineTax      Number  `json:"line_tax"`
	LineTotal    Number  `json:"line_total"`
	TaxRate      *Number `json:"tax_rate,omitempty"`
	TaxClass     string  `json:"tax_class,omitempty"`
	ProductType  string  `json:"product_type,omitempty"`

	rate         decimal.Decimal
	compensation decimal.Decimal
}

// Discount is the item's discount, which has no member of its own on the wire.
func (l Line) Discount() decimal.Decimal {
	return l.LineSubtotal.Add(l.LineTax.Decimal).Sub(l.LineTotal.Decimal)
}

// Rate is the tax rate that was applied, as a ratio. Only generated lines know it.
func (l Line) Rate() decimal.Decimal { return l.rate }

// Compensation is the tax inside a tax-inclusive discount. Magento adds it to the grand total but
// shows it nowhere; only generated lines know it.
func (l Line) Compensation() decimal.Decimal { return l.compensation }

// Invoice is the canonical invoice.
type Invoice struct {
	MagentoID        int      `json:"magento_id"`
	IncrementID      string   `json:"increment_id"`
	OrderID          int      `json:"order_id"`
	OrderIncrementID string   `json:"order_increment_id"`
	WebsiteID        int      `json:"website_id"`
	StoreID          int      `json:"store_id"`
	Currency         string   `json:"currency"`
	State            string   `json:"state"`
	Customer         Contact  `json:"customer"`
	Lines            []Line   `json:"lines"`
	Subtotal         Number   `json:"subtotal"`
	TaxAmount        Number   `json:"tax_amount"`
	ShippingAmount   Number   `json:"shipping_amount"`
	ShippingTax      Number   `json:"shipping_tax_amount"`
	DiscountAmount   Number   `json:"discount_amount"`
	GrandTotal       Number   `json:"grand_total"`
	CreatedAt        string   `json:"created_at"`
	PaymentMethod    string   `json:"payment_method,omitempty"`
	BillingAddress   *Address `json:"billing_address,omitempty"`
	ShippingAddress  *Address `json:"shipping_address,omitempty"`
	PONumber         string   `json:"po_number,omitempty"`
	BaseToOrderRate  *Number  `json:"base_to_order_rate,omitempty"`

	shippingDiscount decimal.Decimal
	oddity           Oddity
}

// Compensation is the hidden tax of all lines.
func (i Invoice) Compensation() decimal.Decimal { return compensation(i.Lines) }

// ShippingDiscount is what coupons took off the shipping. On the wire it shows in the discount and the
// grand total alone; only generated invoices know it.
func (i Invoice) ShippingDiscount() decimal.Decimal { return i.shippingDiscount }

func compensation(lines []Line) decimal.Decimal {
	sum := decimal.Zero
	for _, line := range lines {
		sum = sum.Add(line.compensation)
	}
	return sum
}

// CreditMemo is the canonical credit memo.
type CreditMemo struct {
	MagentoID          int     `json:"magento_id"`
	IncrementID        string  `json:"increment_id"`
	InvoiceID          int     `json:"invoice_id,omitempty"`
	InvoiceIncrementID string  `json:"invoice_increment_id,omitempty"`
	WebsiteID          int     `json:"website_id"`
	Currency           string  `json:"currency"`
	Customer           Contact `json:"customer"`
	Lines              []Line  `json:"lines"`
	AdjustmentPositive Number  `json:"adjustment_positive"`
	AdjustmentNegative Number  `json:"adjustment_negative"`
	GrandTotal         Number  `json:"grand_total"`
	ShippingAmount     Number  `json:"shipping_amount"`
	ShippingTax        Number  `json:"shipping_tax_amount"`
	Reason             string  `json:"reason,omitempty"`
	CreatedAt          string  `json:"created_at"`
	InvoiceCreatedAt   string  `json:"invoice_created_at,omitempty"`
	BaseToOrderRate    *Number `json:"base_to_order_rate,omitempty"`

	shippingDiscount decimal.Decimal
	storeID          int
}

// Compensation is the hidden tax of all lines.
func (m CreditMemo) Compensation() decimal.Decimal { return compensation(m.Lines) }

// ShippingDiscount is the part of the invoice's shipping discount that is not given back. It shows in
// the grand total alone; only generated memos know it.
func (m CreditMemo) ShippingDiscount() decimal.Decimal { return m.shippingDiscount }

// Payment is the canonical payment of one invoice; its id is the invoice's.
type Payment struct {
	MagentoID          int             `json:"magento_id"`
	InvoiceID          int             `json:"invoice_id"`
	InvoiceIncrementID string          `json:"invoice_increment_id"`
	Method             string          `json:"method"`
	Currency           string          `json:"currency"`
	Amount             Number          `json:"amount"`
	CapturedAt         string          `json:"captured_at"`
	GatewayTxnID       string          `json:"gateway_txn_id,omitempty"`
	GatewayMetadata    json.RawMessage `json:"gateway_metadata"`
}

// Product is the canonical product.
type Product struct {
	MagentoID    int     `json:"magento_id"`
	SKU          string  `json:"sku"`
	Name         string  `json:"name"`
	ProductType  string  `json:"product_type"`
	Price        *Number `json:"price,omitempty"`
	SpecialPrice *Number `json:"special_price,omitempty"`
	Cost         *Number `json:"cost,omitempty"`
	Weight       *Number `json:"weight,omitempty"`
	StockQty     *Number `json:"stock_qty,omitempty"`
	ManageStock  bool    `json:"manage_stock"`
	TaxClass     string  `json:"tax_class,omitempty"`
	WebsiteIDs   []int   `json:"website_ids"`
	CreatedAt    string  `json:"created_at,omitempty"`
	UpdatedAt    string  `json:"updated_at,omitempty"`
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
