package books_test

import (
	"fmt"
	"slices"
	"testing"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/money"
)

func value(v *string) string {
	if v == nil {
		return "none"
	}
	return *v
}

func TestDiff(t *testing.T) {
	t.Parallel()
	invoice := func(change func(*books.Invoice)) books.Written {
		out := books.Invoice{
			Number: "7", Date: books.Date{Year: 2026, Month: 3, Day: 1}, TermsDays: 30, Currency: "EUR", Status: books.StatusAuthorised,
			Lines: []books.Line{
				{Description: "Mug", Quantity: money.Of("2"), UnitAmount: money.Of("19.90"), AccountCode: "200", TaxType: "OUTPUT2"},
				{Description: "Shipping", Quantity: money.Of("1"), UnitAmount: money.Of("5"), AccountCode: "200", TaxType: "OUTPUT2"},
			},
		}
		change(&out)
		return books.Written{Invoice: &out}
	}
	plain := invoice(func(*books.Invoice) {})
	paid := plain
	paid.Payment = &books.Payment{AccountID: "bank", Amount: money.Of("44.80"), Currency: "EUR", Reference: "r"}
	for name, tt := range map[string]struct {
		before, after books.Written
		want          []string
	}{
		"the same": {plain, invoice(func(*books.Invoice) {}), nil},
		"a field of the second line and a text": {
			plain, invoice(func(i *books.Invoice) { i.Number, i.Lines[1].AccountCode = "B-7", "260" }),
			[]string{"invoice.number: 7 -> B-7", "invoice.lines[1].accountCode: 200 -> 260"},
		},
		"numbers": {
			plain, invoice(func(i *books.Invoice) { i.TermsDays, i.Lines[0].UnitAmount = 14, money.Of("19.9001") }),
			[]string{"invoice.termsDays: 30 -> 14", "invoice.lines[0].unitAmount: 19.9 -> 19.9001"},
		},
		"a value that goes": {
			plain, invoice(func(i *books.Invoice) { i.Lines[0].AccountCode = "" }),
			[]string{"invoice.lines[0].accountCode: 200 -> none"},
		},
		"a line less": {
			plain, invoice(func(i *books.Invoice) { i.Lines = i.Lines[:1] }),
			[]string{
				"invoice.lines[1].description: Shipping -> none", "invoice.lines[1].quantity: 1 -> none", "invoice.lines[1].unitAmount: 5 -> none",
				"invoice.lines[1].discount: 0 -> none", "invoice.lines[1].accountCode: 200 -> none", "invoice.lines[1].taxType: OUTPUT2 -> none",
				"invoice.lines[1].taxPercent: 0 -> none",
			},
		},
		"a payment more": {
			plain, paid,
			[]string{"payment.accountId: none -> bank", "payment.amount: none -> 44.8", "payment.currency: none -> EUR", "payment.reference: none -> r"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes, err := books.Diff(tt.before, tt.after)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range changes {
				got = append(got, fmt.Sprintf("%s: %s -> %s", c.Path, value(c.Before), value(c.After)))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n%q, want\n%q", got, tt.want)
			}
		})
	}
}
