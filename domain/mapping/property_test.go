package mapping_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/settings"
)

// Where Magento rounds tax.
const (
	perPiece = iota
	perRow
	onTotal
)

// till draws one order of a shop and invoices it as Magento would.
type till struct {
	method   int
	hasTax   bool // shelf prices and discounts contain tax
	currency money.Currency
	carry    map[string]money.Amount
	invoice  commerce.Invoice
	// hidden is the tax in each line's discount, which no field of the invoice has.
	hidden []money.Amount
	// hiddenInShipping is the same of the carriage.
	hiddenInShipping money.Amount
}

// invoices draws realistic invoices of shops with any tax settings.
func invoices(currencies ...money.Currency) *rapid.Generator[commerce.Invoice] {
	return rapid.Custom(func(t *rapid.T) commerce.Invoice {
		b := ring(t, currencies)
		b.total()
		return b.invoice
	})
}

func ring(t *rapid.T, currencies []money.Currency) *till {
	b := &till{
		method:   rapid.IntRange(perPiece, onTotal).Draw(t, "method"),
		hasTax:   rapid.Bool().Draw(t, "prices contain tax"),
		currency: rapid.SampledFrom(currencies).Draw(t, "currency"),
		carry:    map[string]money.Amount{},
	}
	b.invoice = commerce.Invoice{
		MagentoID: 1, IncrementID: "000000001", OrderIncrementID: "000000001", Currency: b.currency,
		State: commerce.InvoicePaid, CreatedAt: time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC),
		Customer: commerce.Customer{MagentoID: 1, FirstName: "Ada"},
	}
	coupon := rapid.SampledFrom([]int64{0, 0, 0, 5, 10, 15, 33, 100}).Draw(t, "coupon")
	for range rapid.IntRange(1, 6).Draw(t, "rows") {
		b.sell(t, coupon)
	}
	b.ship(t)
	return b
}

func (b *till) sell(t *rapid.T, coupon int64) {
	price := money.Minor(rapid.Int64Range(5, 60_000).Draw(t, "price"), 2)
	qty := money.Int(rapid.Int64Range(1, 12).Draw(t, "pieces"))
	if rapid.IntRange(1, 8).Draw(t, "by length") == 1 {
		qty = money.Minor(rapid.Int64Range(250, 9_999).Draw(t, "length"), 3)
	}
	rate := money.Of(rapid.SampledFrom([]string{"20", "20", "5", "0"}).Draw(t, "rate"))
	row := price.Mul(qty).RoundHalfUp(2)
	discount := row.Percent(money.Int(coupon)).RoundHalfUp(2)
	before, after := b.tax("before"+rate.String(), price, row, qty, money.Zero, rate), b.tax("after"+rate.String(), price, row, qty, discount, rate)

	hidden := money.Zero
	line := commerce.Line{SKU: rate.String(), Name: "Thing", Qty: qty, UnitPrice: price, Subtotal: row, Tax: after}
	if b.hasTax {
		line.Subtotal = row.Sub(before)
		line.UnitPrice = line.Subtotal.Quo(qty, 2)
		hidden = before.Sub(after)
	}
	line.Total = line.Subtotal.Add(line.Tax).Sub(discount)
	b.invoice.Lines, b.hidden = append(b.invoice.Lines, line), append(b.hidden, hidden)
	b.invoice.DiscountAmount = b.invoice.DiscountAmount.Sub(discount)
}

// tax is a row's tax after the discount, rounded where the shop rounds.
func (b *till) tax(key string, price, row, qty, discount, rate money.Amount) money.Amount {
	in := func(a money.Amount) money.Amount {
		if b.hasTax {
			return a.Mul(rate).Quo(rate.Add(money.Int(100)), 10)
		}
		return a.Percent(rate)
	}
	switch b.method {
	case perPiece:
		return in(price.Sub(discount.Quo(qty, 10))).RoundHalfUp(2).Mul(qty).RoundHalfUp(2)
	case perRow:
		return in(row.Sub(discount)).RoundHalfUp(2)
	}
	due := in(row.Sub(discount)).Add(b.carry[key])
	b.carry[key] = due.Sub(due.RoundHalfUp(2))
	return due.RoundHalfUp(2)
}

func (b *till) ship(t *rapid.T) {
	if rapid.Bool().Draw(t, "is shipped") {
		b.invoice.ShippingAmount = money.Minor(rapid.Int64Range(100, 2_500).Draw(t, "shipping"), 2)
	}
	if rapid.Bool().Draw(t, "shipping is taxed") {
		b.invoice.ShippingTaxAmount = b.invoice.ShippingAmount.Percent(money.Int(20)).RoundHalfUp(2)
	}
}

func (b *till) total() {
	i := &b.invoice
	i.TaxAmount = i.ShippingTaxAmount
	for _, l := range i.Lines {
		i.Subtotal, i.TaxAmount = i.Subtotal.Add(l.Subtotal), i.TaxAmount.Add(l.Tax)
	}
	i.GrandTotal = money.Sum(append(b.hidden, i.Subtotal, i.TaxAmount, i.ShippingAmount, i.DiscountAmount, b.hiddenInShipping)...)
}

func propertyRequest(t *testing.T) mapping.Request {
	t.Helper()
	ref := defaultReference(t)
	return mapping.Request{
		Settings: settings.Derive(ref), Reference: ref, Capabilities: books.Capabilities{TaxOverride: true},
		StoreCode: "k7w2p9ax", Event: commerce.EventInvoiceCreated,
	}
}

// TestInvoiceIsNeverOffByACent also bends documents out of shape: what does not
// add up is held, never booked with other totals.
func TestInvoiceIsNeverOffByACent(t *testing.T) {
	t.Parallel()
	req := propertyRequest(t)
	drawn := invoices("GBP", "EUR", "JPY")
	rapid.Check(t, func(rt *rapid.T) {
		inv := drawn.Draw(rt, "invoice")
		bend := rapid.SampledFrom([]int64{0, 0, 0, 1, -1, 4, -6, 100}).Draw(rt, "bent by cents")
		inv.GrandTotal = inv.GrandTotal.Add(money.Minor(bend, 2))
		if rapid.IntRange(0, 5).Draw(rt, "tax moves along") == 0 {
			inv.TaxAmount = inv.TaxAmount.Add(money.Minor(bend, 2))
		}
		d := mapping.Invoice(req, inv)
		if d.Fault != nil {
			if d.Fault.Code.Kind() != fault.Held && inv.GrandTotal.Sign() >= 0 {
				rt.Fatalf("refused: %v", d.Fault)
			}
			return
		}
		checkInvoice(rt, d, inv)
	})
}

// TestInvoicesThatAddUpAreBooked keeps the property above from being met by
// holding everything, and from taking one rate for another.
func TestInvoicesThatAddUpAreBooked(t *testing.T) {
	t.Parallel()
	req := propertyRequest(t)
	drawn := invoices("GBP", "EUR")
	const n = 2000
	renderings, misrated := map[string]int{}, 0
	for seed := range n {
		inv := drawn.Example(seed)
		d := mapping.Invoice(req, inv)
		if d.Fault != nil {
			renderings[string(d.Fault.Code)]++
			continue
		}
		renderings[d.Rendering]++
		checkInvoice(t, d, inv)
		for i, l := range inv.Lines {
			// A cent or two of tax on pence may come from any rate.
			if l.Tax.Cmp(money.Of("0.02")) > 0 && !d.Invoice.Lines[i].TaxPercent.Equal(money.Of(l.SKU)) {
				misrated++
			}
		}
	}
	booked := renderings[mapping.RenderingPlain] + renderings[mapping.RenderingExplicitTax]
	if booked < n*995/1000 || misrated > 0 {
		t.Errorf("%d of %d invoices that add up are booked without a rounding line, %d lines misrated: %v", booked, n, misrated, renderings)
	}
	if renderings[mapping.RenderingPlain] == 0 || renderings[mapping.RenderingExplicitTax] == 0 {
		t.Errorf("a rendering is never used: %v", renderings)
	}
}
