package mapping_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/money"
)

// TestGoldenInvariants holds every case to what no golden may drift past.
func TestGoldenInvariants(t *testing.T) {
	t.Parallel()
	for _, g := range goldens(t) {
		t.Run(g.name(), func(t *testing.T) {
			t.Parallel()
			d := g.decide(t)
			again := g.decide(t)
			if a, b := marshal(t, d), marshal(t, again); !bytes.Equal(a, b) {
				t.Errorf("the same input gave\n%s\nand then\n%s", a, b)
			}
			checkOneOutcome(t, d)
			if len(d.Trace) == 0 {
				t.Error("the decision has no trace")
			}
			if d.Invoice == nil {
				return
			}
			inv, err := commerce.DecodeInvoice(g.files[fileMagento])
			if err != nil {
				t.Fatal(err)
			}
			checkTotals(t, d, inv)
			checkLines(t, d)
			checkNoFloat(t, marshal(t, d.Invoice))
			checkNoFloat(t, marshal(t, d.Contact))
			if n := len(d.Contact.Number); n == 0 || n > 50 {
				t.Errorf("the contact number has %d characters: %q", n, d.Contact.Number)
			}
		})
	}
}

func checkOneOutcome(t *testing.T, d mapping.Decision) {
	t.Helper()
	n := 0
	for _, is := range []bool{d.Invoice != nil && d.Contact != nil && d.Rendering != "", d.Skip != "", d.Fault != nil} {
		if is {
			n++
		}
	}
	if n != 1 || (d.Invoice == nil) != (d.Contact == nil) {
		t.Errorf("the decision is not one of document, skip and fault: %+v", d)
	}
}

// checkTotals compares with the document itself, not with what mapping says of it.
func checkTotals(t rapid.TB, d mapping.Decision, inv commerce.Invoice) {
	t.Helper()
	totals, tax := d.Invoice.Totals(), money.Zero
	for _, l := range d.Invoice.Lines {
		tax = tax.Add(l.Tax(inv.Currency))
	}
	switch {
	case !totals.Gross.Equal(inv.GrandTotal):
		t.Errorf("gross %s, Magento has %s", totals.Gross, inv.GrandTotal)
	case !totals.Tax.Equal(inv.TaxAmount) || !tax.Equal(inv.TaxAmount):
		t.Errorf("tax %s, by line %s, Magento has %s", totals.Tax, tax, inv.TaxAmount)
	case !totals.Net.Equal(inv.GrandTotal.Sub(inv.TaxAmount)):
		t.Errorf("net %s, Magento has %s", totals.Net, inv.GrandTotal.Sub(inv.TaxAmount))
	case !totals.Equal(d.MagentoTotals):
		t.Errorf("MagentoTotals %+v differ from the document's %+v", d.MagentoTotals, totals)
	}
}

// checkLines holds every line to the provider's limits.
func checkLines(t rapid.TB, d mapping.Decision) {
	t.Helper()
	if len(d.Invoice.Lines) == 0 {
		t.Error("the invoice has no lines")
	}
	for _, l := range d.Invoice.Lines {
		net := l.Net(d.Invoice.Currency)
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
