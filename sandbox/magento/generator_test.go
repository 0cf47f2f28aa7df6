package magento_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"byte8.io/ledger/sandbox/magento"
)

const (
	seeds         = 500
	salesPerSeed  = 30
	tolerance     = "0.05"
	unitTolerance = "0.01"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func eachSale(t *testing.T, check func(t *testing.T, sale magento.Sale)) {
	t.Helper()
	for seed := range uint64(seeds) {
		generator := magento.NewGenerator(seed, magento.DefaultMix())
		for range salesPerSeed {
			sale := generator.Next(noon)
			check(t, sale)
			if t.Failed() {
				body, _ := json.MarshalIndent(sale.Invoice, "", " ")
				t.Fatalf("seed %d made\n%s", seed, body)
			}
		}
	}
}

func TestInvoiceTotalsAddUp(t *testing.T) {
	t.Parallel()
	eachSale(t, func(t *testing.T, sale magento.Sale) {
		t.Helper()
		i := sale.Invoice
		grand := i.ShippingAmount.Add(i.ShippingTax.Decimal).Add(i.Compensation())
		tax, subtotal, discount := i.ShippingTax.Decimal, decimal.Zero, decimal.Zero
		for _, l := range i.Lines {
			grand = grand.Add(l.LineTotal.Decimal)
			tax = tax.Add(l.LineTax.Decimal)
			subtotal = subtotal.Add(l.LineSubtotal.Decimal)
			discount = discount.Add(l.Discount())
		}
		equal(t, "grand_total", i.GrandTotal.Decimal, grand)
		equal(t, "tax_amount", i.TaxAmount.Decimal, tax)
		equal(t, "subtotal", i.Subtotal.Decimal, subtotal)
		equal(t, "discount_amount", i.DiscountAmount.Decimal, discount.Neg())
		equal(t, "payment", sale.Payment.Amount.Decimal, i.GrandTotal.Decimal)
		if i.DiscountAmount.IsPositive() {
			t.Errorf("discount_amount is %s", i.DiscountAmount)
		}
		if !i.GrandTotal.IsZero() && i.GrandTotal.LessThan(decimal.New(1, 0)) || i.GrandTotal.GreaterThan(decimal.New(900, 0)) {
			t.Errorf("grand_total is %s", i.GrandTotal)
		}
	})
}

func TestAmountsAreWholeCents(t *testing.T) {
	t.Parallel()
	eachSale(t, func(t *testing.T, sale magento.Sale) {
		t.Helper()
		i := sale.Invoice
		for name, amount := range map[string]magento.Number{
			"grand_total": i.GrandTotal, "tax_amount": i.TaxAmount, "shipping_amount": i.ShippingAmount,
		} {
			equal(t, name, amount.Decimal, amount.Round(2))
		}
		for _, l := range i.Lines {
			equal(t, "line_subtotal", l.LineSubtotal.Decimal, l.LineSubtotal.Round(2))
			equal(t, "line_tax", l.LineTax.Decimal, l.LineTax.Round(2))
			equal(t, "line_total", l.LineTotal.Decimal, l.LineTotal.Round(2))
			equal(t, "unit_price", l.UnitPrice.Decimal, l.UnitPrice.Round(4))
			equal(t, "qty", l.Qty.Decimal, l.Qty.Round(4))
			if !l.Qty.IsPositive() {
				t.Errorf("qty is %s", l.Qty)
			}
			gap := l.UnitPrice.Mul(l.Qty.Decimal).Sub(l.LineSubtotal.Decimal).Abs()
			if gap.GreaterThan(decimal.RequireFromString(unitTolerance).Mul(decimal.Max(l.Qty.Decimal, decimal.New(1, 0)))) {
				t.Errorf("%s × %s is far from %s", l.Qty, l.UnitPrice, l.LineSubtotal)
			}
			if l.TaxRate != nil {
				equal(t, "tax_rate", l.TaxRate.Decimal, l.LineTax.DivRound(l.LineSubtotal.Decimal, 4))
			}
		}
	})
}

// An accounting system knows net amounts and rates, and rounds tax on each line.
func TestGrandTotalIsReproducibleLineByLine(t *testing.T) {
	t.Parallel()
	eachSale(t, func(t *testing.T, sale magento.Sale) {
		t.Helper()
		i := sale.Invoice
		total := i.ShippingAmount.Add(i.ShippingTax.Decimal)
		for _, l := range i.Lines {
			net := l.LineSubtotal.Sub(l.Discount()).Add(l.Compensation())
			total = total.Add(net).Add(net.Mul(l.Rate()).Round(2))
		}
		if total.Sub(i.GrandTotal.Decimal).Abs().GreaterThan(decimal.RequireFromString(tolerance)) {
			t.Errorf("books come to %s, the shop to %s", total, i.GrandTotal)
		}
	})
}

// Where a discount includes tax, dividing that tax out gives the net discount to within a cent.
func TestInclusiveDiscountsCanBeRecovered(t *testing.T) {
	t.Parallel()
	seen := 0
	eachSale(t, func(t *testing.T, sale magento.Sale) {
		t.Helper()
		for _, l := range sale.Invoice.Lines {
			if l.Compensation().IsZero() {
				continue
			}
			seen++
			net := l.Discount().DivRound(decimal.New(1, 0).Add(l.Rate()), 2)
			gap := net.Sub(l.Discount().Sub(l.Compensation())).Abs()
			if gap.GreaterThan(decimal.RequireFromString("0.03")) {
				t.Errorf("discount %s at %s: %s net, %s compensated", l.Discount(), l.Rate(), net, l.Compensation())
			}
		}
	})
	if seen == 0 {
		t.Error("no discount included tax")
	}
}

func TestMixWithoutInclusiveDiscounts(t *testing.T) {
	t.Parallel()
	mix := magento.DefaultMix()
	mix.InclusiveDiscount = 0
	generator := magento.NewGenerator(11, mix)
	for range 3000 {
		i := generator.Next(noon).Invoice
		sum := i.ShippingAmount.Add(i.ShippingTax.Decimal)
		for _, l := range i.Lines {
			sum = sum.Add(l.LineTotal.Decimal)
		}
		equal(t, "grand_total of "+i.IncrementID, i.GrandTotal.Decimal, sum)
	}
}

func TestSameSeedSameSales(t *testing.T) {
	t.Parallel()
	first, second := magento.NewGenerator(7, magento.DefaultMix()), magento.NewGenerator(7, magento.DefaultMix())
	for range 200 {
		a, errA := json.Marshal(first.Next(noon))
		b, errB := json.Marshal(second.Next(noon))
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if diff := cmp.Diff(string(a), string(b)); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestEveryTraitOccurs(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	note := func(trait string, has bool) {
		if has {
			seen[trait]++
		}
	}
	orders := map[int]int{}
	generator := magento.NewGenerator(1, magento.DefaultMix())
	const sales = 1000
	for range sales {
		sale := generator.Next(noon)
		i := sale.Invoice
		note("currency "+i.Currency, true)
		note("state "+i.State, true)
		note("guest", i.Customer.MagentoID == 0)
		note("company", i.Customer.Company != "")
		note("purchase order number", i.PONumber != "")
		note("virtual", i.ShippingAddress == nil)
		note("free", i.GrandTotal.IsZero())
		note("discounted", i.DiscountAmount.IsNegative())
		note("discount with tax inside", !i.Compensation().IsZero())
		note("taxed shipping", i.ShippingTax.IsPositive())
		note("untaxed shipping", i.ShippingAmount.IsPositive() && i.ShippingTax.IsZero())
		note("foreign rate", i.BaseToOrderRate != nil && !i.BaseToOrderRate.Equal(decimal.New(1, 0)))
		rates := map[string]bool{}
		drift := decimal.Zero
		for _, l := range i.Lines {
			rates[l.Rate().String()] = true
			net := l.LineSubtotal.Sub(l.Discount()).Add(l.Compensation())
			drift = drift.Add(net.Mul(l.Rate()).Round(2)).Sub(l.LineTax.Decimal)
			note("fractional quantity", !l.Qty.IsInteger())
			note("price of four decimals", !l.UnitPrice.Equal(l.UnitPrice.Round(2)))
			note("zero-money child", l.LineSubtotal.IsZero())
			note("HTML entity", strings.Contains(l.Name, "&") && strings.Contains(l.Name, ";"))
			note("rate "+l.Rate().String(), true)
		}
		note("mixed rates", len(rates) > 1)
		note("tax a cent off line by line", !drift.IsZero())
		orders[i.OrderID]++
		note("split order", orders[i.OrderID] == 2)
	}
	for _, trait := range []string{
		"currency GBP", "currency EUR", "currency USD", "state open", "state paid", "guest", "company",
		"purchase order number", "virtual", "free", "discounted", "discount with tax inside", "taxed shipping",
		"untaxed shipping", "foreign rate", "fractional quantity", "price of four decimals", "zero-money child",
		"HTML entity", "rate 0", "rate 0.05", "rate 0.2", "mixed rates", "tax a cent off line by line", "split order",
	} {
		if seen[trait] == 0 {
			t.Errorf("%s does not occur", trait)
		}
	}
}

func TestAccountsRepeatAndShareNames(t *testing.T) {
	t.Parallel()
	generator := magento.NewGenerator(3, magento.DefaultMix())
	orders := map[int]int{}
	guests := map[string]int{}
	holders := map[string]map[int]bool{}
	for range 400 {
		contact := generator.Next(noon).Invoice.Customer
		if contact.MagentoID == 0 {
			guests[contact.Email]++
			continue
		}
		orders[contact.MagentoID]++
		name := contact.FirstName + " " + contact.LastName
		if holders[name] == nil {
			holders[name] = map[int]bool{}
		}
		holders[name][contact.MagentoID] = true
	}
	hasRepeat, hasNamesake := false, false
	for _, count := range orders {
		hasRepeat = hasRepeat || count > 1
	}
	for _, ids := range holders {
		hasNamesake = hasNamesake || len(ids) > 1
	}
	hasReturningGuest := false
	for _, count := range guests {
		hasReturningGuest = hasReturningGuest || count > 1
	}
	if !hasRepeat || !hasNamesake || !hasReturningGuest {
		t.Errorf("repeat buyers %t, namesakes %t, returning guests %t", hasRepeat, hasNamesake, hasReturningGuest)
	}
}

func TestSplitOrdersShipOnce(t *testing.T) {
	t.Parallel()
	generator := magento.NewGenerator(5, magento.DefaultMix())
	shipped := map[int]int{}
	for range 2000 {
		invoice := generator.Next(noon).Invoice
		if invoice.ShippingAmount.IsPositive() {
			shipped[invoice.OrderID]++
		}
	}
	for order, count := range shipped {
		if count > 1 {
			t.Errorf("order %d is charged shipping %d times", order, count)
		}
	}
}

func TestRefunds(t *testing.T) {
	t.Parallel()
	generator := magento.NewGenerator(9, magento.DefaultMix())
	for n := range 500 {
		invoice := generator.Next(noon).Invoice
		memo := generator.Refund(invoice, n%2 == 1, noon)
		total := memo.ShippingAmount.Add(memo.ShippingTax.Decimal).
			Add(memo.AdjustmentPositive.Decimal).Sub(memo.AdjustmentNegative.Decimal)
		for _, l := range memo.Lines {
			total = total.Add(l.LineTotal.Decimal).Add(l.Compensation())
		}
		equal(t, "grand_total", memo.GrandTotal.Decimal, total)
		if memo.GrandTotal.GreaterThan(invoice.GrandTotal.Decimal) || memo.GrandTotal.IsNegative() {
			t.Errorf("%s refunded of %s", memo.GrandTotal, invoice.GrandTotal)
		}
	}
}

func equal(t *testing.T, what string, got, want decimal.Decimal) {
	t.Helper()
	if !got.Equal(want) {
		t.Errorf("%s is %s, want %s", what, got, want)
	}
}
