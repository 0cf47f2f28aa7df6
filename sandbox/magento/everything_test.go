package magento_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"byte8.io/ledger/sandbox/magento"
)

func raiseEverything(t *testing.T, b *bench, invoices int, seed uint64) {
	t.Helper()
	if _, err := b.shop.RaiseBatch(magento.Batch{Invoices: invoices, Seed: &seed, Everything: true}); err != nil {
		t.Fatal(err)
	}
}

func TestEverythingOccurs(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	const invoices = 300
	raiseEverything(t, b, invoices, 4)
	seen := map[string]int{}
	note := func(trait string, has bool) {
		if has {
			seen[trait]++
		}
	}
	for _, d := range b.shop.Documents() {
		note(string(d.Kind), d.Announced)
		note("odd "+string(d.Oddity), d.Announced && d.Oddity != "")
		note("long sku", d.Announced && d.Kind == magento.KindProduct && len(d.IncrementID) > 30)
		if invoice, ok := b.shop.Invoice(d.ID); ok && d.Kind == magento.KindInvoice {
			note("ordinary invoice", d.Oddity == "")
			note("free invoice", d.Total.IsZero())
			note("shipping discount", invoice.ShippingDiscount().IsPositive())
			if d.Oddity != "" && d.State != magento.StateOpen {
				t.Errorf("odd invoice %d is %s", d.ID, d.State)
			}
		}
		if memo, ok := b.shop.CreditMemo(d.ID); ok && d.Kind == magento.KindCreditMemo {
			note("memo of an invoice", d.InvoiceID != 0)
			note("memo of an order", d.InvoiceID == 0)
			note("fee", memo.AdjustmentNegative.IsPositive())
			note("extra", memo.AdjustmentPositive.IsPositive())
			note("adjustment alone", memo.AdjustmentPositive.Equal(d.Total.Decimal))
			note("memo with compensation", !memo.Compensation().IsZero())
			note("memo with shipping discount", memo.ShippingDiscount().IsPositive())
		}
	}
	keys := map[string]bool{}
	for _, row := range b.shop.Outbox() {
		if keys[row.IdempotencyKey] {
			t.Errorf("%s is in the outbox twice", row.IdempotencyKey)
		}
		keys[row.IdempotencyKey] = true
	}
	for _, trait := range []string{
		"invoice", "payment", "creditmemo", "customer", "product", "odd rate", "odd currency", "odd late", "odd old", "odd composite",
		"long sku", "free invoice", "shipping discount", "memo of an invoice", "memo of an order", "fee", "extra", "adjustment alone",
		"memo with compensation", "memo with shipping discount",
	} {
		if seen[trait] == 0 {
			t.Errorf("%s does not occur", trait)
		}
	}
	if seen["ordinary invoice"] != invoices {
		t.Errorf("%d ordinary invoices of %d asked for", seen["ordinary invoice"], invoices)
	}
}

func TestSmallBatchesHaveEveryOddity(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		b := newPairedBench(t, magento.Options{})
		raiseEverything(t, b, 1, seed)
		odd := map[magento.Oddity]int{}
		for _, d := range b.shop.Documents() {
			if d.Announced {
				odd[d.Oddity]++
			}
		}
		for _, oddity := range []magento.Oddity{
			magento.OddityRate, magento.OddityCurrency, magento.OddityLate, magento.OddityOld, magento.OddityComposite,
		} {
			if odd[oddity] != 1 {
				t.Errorf("seed %d: %d of %s", seed, odd[oddity], oddity)
			}
		}
	}
}

func TestOddInvoices(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	raiseEverything(t, b, 100, 8)
	for _, d := range b.shop.Documents(magento.KindInvoice) {
		invoice, _ := b.shop.Invoice(d.ID)
		made, err := time.Parse(time.RFC3339, invoice.CreatedAt)
		if err != nil {
			t.Fatal(err)
		}
		days := int(noon.Sub(made).Hours() / 24)
		hasFormerRate := false
		for _, line := range invoice.Lines {
			hasFormerRate = hasFormerRate || line.Rate().Equal(decimal.RequireFromString("0.175"))
		}
		got := []bool{hasFormerRate, d.Currency == "SEK", days > 60 && days < 365, days > 365}
		want := []bool{
			d.Oddity == magento.OddityRate, d.Oddity == magento.OddityCurrency, d.Oddity == magento.OddityLate, d.Oddity == magento.OddityOld,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("invoice %d, odd by %q: %s", d.ID, d.Oddity, diff)
		}
	}
}

func TestEverythingAddsUp(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		b := newPairedBench(t, magento.Options{})
		raiseEverything(t, b, 150, seed)
		refunded := map[int]decimal.Decimal{}
		for _, d := range b.shop.Documents(magento.KindInvoice) {
			invoice, _ := b.shop.Invoice(d.ID)
			checkInvoice(t, invoice)
		}
		for _, d := range b.shop.Documents(magento.KindCreditMemo) {
			memo, _ := b.shop.CreditMemo(d.ID)
			checkMemo(t, memo)
			refunded[memo.InvoiceID] = refunded[memo.InvoiceID].Add(memo.GrandTotal.Decimal)
		}
		delete(refunded, 0)
		for id, sum := range refunded {
			if invoice, _ := b.shop.Invoice(id); invoice.State != magento.StatePaid || sum.GreaterThan(invoice.GrandTotal.Decimal) {
				t.Errorf("seed %d: %s refunded of invoice %d over %s, which is %s", seed, sum, id, invoice.GrandTotal, invoice.State)
			}
		}
	}
}

// checkInvoice adds an invoice up as Magento does.
func checkInvoice(t *testing.T, i magento.Invoice) {
	t.Helper()
	tax, subtotal, discount := i.ShippingTax.Decimal, decimal.Zero, i.ShippingDiscount()
	grand := i.ShippingAmount.Add(i.ShippingTax.Decimal).Sub(i.ShippingDiscount()).Add(i.Compensation())
	for _, l := range i.Lines {
		grand, tax = grand.Add(l.LineTotal.Decimal), tax.Add(l.LineTax.Decimal)
		subtotal, discount = subtotal.Add(l.LineSubtotal.Decimal), discount.Add(l.Discount())
	}
	equal(t, "grand_total", i.GrandTotal.Decimal, grand)
	equal(t, "tax_amount", i.TaxAmount.Decimal, tax)
	equal(t, "subtotal", i.Subtotal.Decimal, subtotal)
	equal(t, "discount_amount", i.DiscountAmount.Decimal, discount.Neg())
}

// checkMemo holds a memo against what Magento says of one, and its lines against their rates.
func checkMemo(t *testing.T, memo magento.CreditMemo) {
	t.Helper()
	shipping := memo.ShippingAmount.Add(memo.ShippingTax.Decimal).Sub(memo.ShippingDiscount())
	adjustment := memo.AdjustmentPositive.Sub(memo.AdjustmentNegative.Decimal)
	total := shipping.Add(adjustment).Add(memo.Compensation())
	books := shipping.Add(adjustment)
	for _, l := range memo.Lines {
		total = total.Add(l.LineTotal.Decimal)
		net := l.LineSubtotal.Sub(l.Discount()).Add(l.Compensation())
		books = books.Add(net).Add(net.Mul(l.Rate()).Round(2))
		if l.LineSubtotal.IsNegative() || l.LineTax.IsNegative() || l.Discount().IsNegative() || l.Qty.IsNegative() {
			t.Errorf("memo %d has the line %+v", memo.MagentoID, l)
		}
	}
	equal(t, "grand_total", memo.GrandTotal.Decimal, total)
	if !memo.GrandTotal.IsPositive() {
		t.Errorf("memo %d comes to %s", memo.MagentoID, memo.GrandTotal)
	}
	if books.Sub(total).Abs().GreaterThan(decimal.RequireFromString(tolerance)) {
		t.Errorf("memo %d: books come to %s, the shop to %s", memo.MagentoID, books, total)
	}
}

func TestRefundsInPartsComeToTheInvoice(t *testing.T) {
	t.Parallel()
	parted := 0
	for seed := range uint64(100) {
		generator := magento.NewGenerator(seed, magento.DefaultMix())
		for n := range 20 {
			invoice := generator.Next(noon).Invoice
			if invoice.GrandTotal.IsZero() {
				continue
			}
			sum := decimal.Zero
			memos := generator.RefundInParts(invoice, 2+n%4, noon)
			for _, memo := range memos {
				checkMemo(t, memo)
				sum = sum.Add(memo.GrandTotal.Decimal)
			}
			equal(t, "the sum of the parts", sum, invoice.GrandTotal.Decimal)
			if len(memos) > 2 {
				parted++
			}
			if t.Failed() {
				t.Fatalf("seed %d, invoice %d", seed, n)
			}
		}
	}
	if parted == 0 {
		t.Error("no invoice is refunded in more than two parts")
	}
}

func TestEverythingIsTheSameInAnyShop(t *testing.T) {
	t.Parallel()
	var bodies [2][]string
	for n := range bodies {
		b := newPairedBench(t, magento.Options{Seed: uint64(n + 1)})
		raiseEverything(t, b, 60, 12)
		for _, d := range b.shop.Documents() {
			_, body := b.get("/" + string(d.Kind) + "/" + strconv.Itoa(d.ID))
			bodies[n] = append(bodies[n], body)
		}
		for _, row := range b.shop.Outbox() {
			bodies[n] = append(bodies[n], row.IdempotencyKey+" "+row.Payload)
		}
	}
	if diff := cmp.Diff(bodies[0], bodies[1]); diff != "" {
		t.Error(diff)
	}
}

func TestEverythingInItsTime(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	status, body := b.do(http.MethodPost, "/_sandbox/raise", "", map[string]any{"invoices": 40, "seed": 3, "perSecond": 10, "everything": true})
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	if len(b.shop.Documents(magento.KindInvoice)) != 0 || b.shop.Stats().Scheduled < 45 {
		t.Fatalf("%d occurrences are scheduled", b.shop.Stats().Scheduled)
	}
	b.clock.Advance(time.Minute)
	b.runOnce()
	if n := b.shop.Stats().Scheduled; n != 0 {
		t.Errorf("%d occurrences are left", n)
	}
	announced := map[string]int{}
	for n, row := range b.shop.Outbox() {
		announced[row.IdempotencyKey] = n
	}
	for _, d := range b.shop.Documents(magento.KindPayment) {
		id := strconv.Itoa(d.ID)
		paid, isPaid := announced["invoice.paid:"+id]
		if isPaid != d.Announced || isPaid && paid < announced["invoice.created:"+id] {
			t.Errorf("payment %d: announced %t, at %d", d.ID, isPaid, paid)
		}
	}
	for _, d := range b.shop.Documents(magento.KindCreditMemo) {
		if announced["creditmemo.created:"+strconv.Itoa(d.ID)] < announced["invoice.paid:"+strconv.Itoa(d.InvoiceID)] {
			t.Errorf("memo %d is announced before invoice %d is paid", d.ID, d.InvoiceID)
		}
	}
}

func TestRefundingFromTheOrderAndInParts(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	if _, err := b.shop.Raise(5); err != nil {
		t.Fatal(err)
	}
	status, body := b.do(http.MethodPost, "/_sandbox/invoices/1/refund", "", map[string]any{"fromOrder": true})
	var memo magento.CreditMemo
	if err := json.Unmarshal([]byte(body), &memo); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s %v", status, body, err)
	}
	invoice, _ := b.shop.Invoice(1)
	if memo.InvoiceID != 0 || memo.InvoiceIncrementID != "" || memo.InvoiceCreatedAt != "" {
		t.Errorf("the memo names an invoice: %s", body)
	}
	equal(t, "grand_total", memo.GrandTotal.Decimal, invoice.GrandTotal.Decimal)

	_, body = b.do(http.MethodPost, "/_sandbox/invoices/2/refund", "", map[string]any{"parts": 3})
	var memos []magento.CreditMemo
	if err := json.Unmarshal([]byte(body), &memos); err != nil {
		t.Fatalf("%s %v", body, err)
	}
	sum := decimal.Zero
	for _, part := range memos {
		sum = sum.Add(part.GrandTotal.Decimal)
	}
	invoice, _ = b.shop.Invoice(2)
	equal(t, "the sum of the parts", sum, invoice.GrandTotal.Decimal)

	_, body = b.do(http.MethodGet, "/_sandbox/documents?kind=creditmemo", "", nil)
	var list []magento.DocumentSummary
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 1+len(memos) || list[1].InvoiceID != 2 || !list[1].Announced || list[1].Kind != magento.KindCreditMemo {
		t.Errorf("%+v", list)
	}
}

func TestSummariesOfVerbatimDocuments(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	for kind, body := range map[magento.Kind]string{
		magento.KindCreditMemo: `{"increment_id":"CM-7","currency":"EUR","grand_total":"12.5","invoice_id":3}`,
		magento.KindPayment:    `{"invoice_increment_id":"7","currency":"EUR","amount":4,"invoice_id":7,"method":"checkmo"}`,
		magento.KindCustomer:   `{"magento_id":"poison"}`,
	} {
		if err := b.shop.PutDocument(kind, 7, json.RawMessage(body)); err != nil {
			t.Fatal(err)
		}
	}
	total := func(amount string) magento.Number { return magento.Number{Decimal: decimal.RequireFromString(amount)} }
	want := []magento.DocumentSummary{
		{Kind: magento.KindCustomer, ID: 7, Total: total("0")},
		{Kind: magento.KindCreditMemo, ID: 7, IncrementID: "CM-7", Currency: "EUR", Total: total("12.5"), InvoiceID: 3},
		{Kind: magento.KindPayment, ID: 7, IncrementID: "7", Currency: "EUR", Total: total("4"), InvoiceID: 7, PaymentMethod: "checkmo"},
	}
	got := b.shop.Documents(magento.KindCustomer, magento.KindCreditMemo, magento.KindPayment)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
