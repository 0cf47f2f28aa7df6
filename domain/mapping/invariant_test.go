package mapping_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/money"
)

// TestGoldenInvariants holds every case to what no golden may drift past.
func TestGoldenInvariants(t *testing.T) {
	t.Parallel()
	for _, k := range kinds() {
		for _, g := range goldens(t, k) {
			t.Run(g.name(k), func(t *testing.T) {
				t.Parallel()
				v := k.decide(t, g)
				again := k.decide(t, g)
				if a, b := v.text(t), again.text(t); a != b {
					t.Errorf("the same input gave\n%s\nand then\n%s", a, b)
				}
				outcomes := 0
				for _, is := range []bool{v.books != nil, v.skip != "", v.fault != nil} {
					if is {
						outcomes++
					}
				}
				if outcomes != 1 {
					t.Errorf("the decision is not one of books, skip and fault: %+v", v)
				}
				if len(v.trace) == 0 {
					t.Error("the decision has no trace")
				}
				checkNoFloat(t, marshal(t, v.books))
				if isKept, ok := invariants()[k.name]; ok && v.books != nil {
					isKept(t, g)
				}
			})
		}
	}
}

// text is the verdict in one piece.
func (v verdict) text(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, f := range v.outcome(t) {
		b.WriteString(f.Name + "\n" + string(f.Data))
	}
	return b.String()
}

// invariants are what holds beyond that for what is put into the books.
func invariants() map[string]func(*testing.T, golden) {
	return map[string]func(*testing.T, golden){
		"invoice": func(t *testing.T, g golden) {
			t.Helper()
			checkInvoice(t, g.invoice(t), decodeAs(t, g.files[fileMagento], commerce.DecodeInvoice))
		},
		"creditmemo": func(t *testing.T, g golden) {
			t.Helper()
			checkCreditNote(t, g.creditMemo(t), decodeAs(t, g.files[fileMagento], commerce.DecodeCreditMemo), read[mapping.Parent](t, g, fileParent))
		},
		"payment": func(t *testing.T, g golden) {
			t.Helper()
			d, invoice := g.payment(t), read[mapping.PayableInvoice](t, g, fileInvoice)
			if d.NothingDue == (d.Payment != nil) {
				t.Fatalf("the decision is not one of payment and nothing due: %+v", d)
			}
			if p := d.Payment; p != nil && (p.Amount.Sign() <= 0 || p.Amount.Cmp(invoice.Due) > 0 || utf8.RuneCountInString(p.Reference) > 255) {
				t.Errorf("a payment of %s on %s due, reference %q", p.Amount, invoice.Due, p.Reference)
			}
		},
		"settlement": func(t *testing.T, g golden) {
			t.Helper()
			checkSettlement(t, g.settlement(t), *read[mapping.CreditState](t, g, fileNote), read[mapping.PayableInvoice](t, g, fileInvoice))
		},
		"item": func(t *testing.T, g golden) {
			t.Helper()
			item := mapping.Item(g.request(t), decodeAs(t, g.files[fileMagento], commerce.DecodeProduct)).Item
			if n := utf8.RuneCountInString(item.Code); n == 0 || n > books.MaxItemCode {
				t.Errorf("an item code of %d characters: %q", n, item.Code)
			}
			if n := utf8.RuneCountInString(item.Name); n == 0 || n > 50 {
				t.Errorf("an item name of %d characters: %q", n, item.Name)
			}
		},
	}
}

// checkInvoice compares with the document itself, not with what mapping says of it.
func checkInvoice(t rapid.TB, d mapping.Decision, inv commerce.Invoice) {
	t.Helper()
	checkTotals(t, inv.Currency, d.Invoice.Lines, inv.GrandTotal, inv.TaxAmount)
	checkLines(t, inv.Currency, d.Invoice.Lines)
	if totals := d.Invoice.Totals(); !totals.Equal(d.MagentoTotals) {
		t.Errorf("MagentoTotals %+v differ from the document's %+v", d.MagentoTotals, totals)
	}
	if n := len(d.Contact.Number); n == 0 || n > 50 {
		t.Errorf("the contact number has %d characters: %q", n, d.Contact.Number)
	}
}

// checkCreditNote also holds the invoice's credit notes to its total.
func checkCreditNote(t rapid.TB, d mapping.CreditMemoDecision, memo commerce.CreditMemo, parent *mapping.Parent) {
	t.Helper()
	want, tax := memo.GrandTotal, memo.ShippingTaxAmount
	if parent != nil {
		want = money.Min(want, parent.Total.Sub(parent.Credited))
	}
	for _, l := range memo.Lines {
		tax = tax.Add(l.Tax)
	}
	checkTotals(t, memo.Currency, d.CreditNote.Lines, want, tax)
	checkLines(t, memo.Currency, d.CreditNote.Lines)
	if off := memo.GrandTotal.Sub(want); off.Cmp(money.Of("0.05")) > 0 || !d.MagentoTotals.Gross.Equal(memo.GrandTotal) {
		t.Errorf("Magento's total %s is recorded as %s, and the note is %s below it", memo.GrandTotal, d.MagentoTotals.Gross, off)
	}
	for _, l := range d.CreditNote.Lines {
		if !l.Discount.IsZero() {
			t.Errorf("line %q has a discount of %s", l.Description, l.Discount)
		}
	}
	if d.Contact == nil || d.Rendering == "" {
		t.Errorf("the credit note has contact %v and rendering %q", d.Contact, d.Rendering)
	}
}

// checkSettlement holds a plan to the money there is.
func checkSettlement(t rapid.TB, p mapping.SettlementPlan, note mapping.CreditState, invoice *mapping.PayableInvoice) {
	t.Helper()
	moved := p.Allocate
	if p.Refund != nil {
		moved = moved.Add(p.Refund.Amount)
		if p.Refund.Amount.Sign() <= 0 || p.Refund.CreditNoteID != note.ID || p.Refund.InvoiceID != "" || p.Refund.AccountID == "" {
			t.Errorf("refund %+v of note %s", p.Refund, note.ID)
		}
	}
	switch {
	case p.Allocate.Sign() < 0 || (p.Allocate.Sign() > 0) != (p.InvoiceID != ""):
		t.Errorf("%s is allocated to invoice %q", p.Allocate, p.InvoiceID)
	case p.Allocate.Sign() > 0 && p.Allocate.Cmp(invoice.Due) > 0:
		t.Errorf("%s is allocated to %s due", p.Allocate, invoice.Due)
	case moved.Cmp(note.Remaining) > 0:
		t.Errorf("%s of %s is moved", moved, note.Remaining)
	case p.Refund != nil && money.Sum(p.Refund.Amount, note.Refunded, invoice.PaidBack).Cmp(invoice.Received) > 0:
		t.Errorf("%s goes back of %s received, after %s and %s", p.Refund.Amount, invoice.Received, note.Refunded, invoice.PaidBack)
	case p.LeaveOpen == moved.Equal(note.Remaining):
		t.Errorf("%s of %s is moved, left open: %t", moved, note.Remaining, p.LeaveOpen)
	}
}

func checkTotals(t rapid.TB, c money.Currency, lines []books.Line, gross, tax money.Amount) {
	t.Helper()
	totals, byLine := books.Simulate(c, lines), money.Zero
	for _, l := range lines {
		byLine = byLine.Add(l.Tax(c))
	}
	switch {
	case !totals.Gross.Equal(gross):
		t.Errorf("gross %s, Magento has %s", totals.Gross, gross)
	case !totals.Tax.Equal(tax) || !byLine.Equal(tax):
		t.Errorf("tax %s, by line %s, Magento has %s", totals.Tax, byLine, tax)
	case !totals.Net.Equal(gross.Sub(tax)):
		t.Errorf("net %s, Magento has %s", totals.Net, gross.Sub(tax))
	}
}

// checkLines holds every line to the provider's limits.
func checkLines(t rapid.TB, c money.Currency, lines []books.Line) {
	t.Helper()
	if len(lines) == 0 {
		t.Error("the document has no lines")
	}
	for _, l := range lines {
		net := l.Net(c)
		switch n := utf8.RuneCountInString(l.Description); {
		case n == 0 || n > 4000:
			t.Errorf("a description of %d characters", n)
		case l.UnitAmount.Places() > 4 || l.Quantity.Places() > 4:
			t.Errorf("%s × %s has more than four decimals", l.Quantity, l.UnitAmount)
		case l.Discount.Sign() < 0 || (!l.Discount.IsZero() && l.Discount.Cmp(l.Quantity.Mul(l.UnitAmount).RoundHalfUp(2)) > 0):
			t.Errorf("a discount of %s on %s × %s", l.Discount, l.Quantity, l.UnitAmount)
		case l.AccountCode == "" || l.TaxType == "":
			t.Errorf("line %q has account %q and tax type %q", l.Description, l.AccountCode, l.TaxType)
		case l.TaxAmount != nil && l.TaxPercent.IsZero():
			t.Errorf("line %q states tax at 0 %%", l.Description)
		case l.TaxAmount != nil && (l.TaxAmount.Abs().Cmp(net.Abs()) > 0 || l.TaxAmount.Sign()*net.Sign() < 0):
			t.Errorf("line %q states tax of %s on %s", l.Description, l.TaxAmount, net)
		}
	}
}

// checkNoFloat reports numbers in JSON that a reader could take for floats.
func checkNoFloat(t *testing.T, raw []byte) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("reading JSON: %v", err)
		}
		if n, ok := token.(json.Number); ok && strings.ContainsAny(n.String(), ".eE") {
			t.Errorf("%s is a float in JSON", n)
		}
	}
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("encoding: %v", err)
	}
	return raw
}
