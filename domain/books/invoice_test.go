package books_test

import (
	"testing"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/money"
)

func line(qty, unit, discount, percent string) books.Line {
	return books.Line{Quantity: money.Of(qty), UnitAmount: money.Of(unit), Discount: money.Of(discount), TaxPercent: money.Of(percent)}
}

func stating(l books.Line, tax string) books.Line {
	a := money.Of(tax)
	l.TaxAmount = &a
	return l
}

func TestSimulate(t *testing.T) {
	t.Parallel()
	pin := line("1", "0.33", "0", "20")
	tests := map[string]struct {
		currency        money.Currency
		lines           []books.Line
		net, tax, gross string
	}{
		"nothing":                      {"GBP", nil, "0", "0", "0"},
		"tax rounds per line, not sum": {"GBP", []books.Line{pin, pin, pin}, "0.99", "0.21", "1.20"},
		"half a cent goes up":          {"GBP", []books.Line{line("1", "0.125", "0", "100")}, "0.13", "0.13", "0.26"},
		"half a cent of a credit":      {"GBP", []books.Line{line("1", "-2.50", "0", "5"), line("1", "3", "0", "0")}, "0.50", "-0.13", "0.37"},
		"discount before tax":          {"GBP", []books.Line{line("2", "12.50", "2.50", "20")}, "22.50", "4.50", "27.00"},
		"four decimals of price":       {"GBP", []books.Line{line("3", "8.3333", "0", "20")}, "25.00", "5.00", "30.00"},
		"stated tax":                   {"GBP", []books.Line{stating(pin, "0.06"), pin}, "0.66", "0.13", "0.79"},
		"stated tax of zero":           {"GBP", []books.Line{stating(pin, "0")}, "0.33", "0", "0.33"},
		"yen have no fractions":        {"JPY", []books.Line{line("1", "1155", "0", "10")}, "1155", "116", "1271"},
		"dinars have three":            {"KWD", []books.Line{line("1", "1.005", "0", "5")}, "1.005", "0.050", "1.055"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := books.Totals{Net: money.Of(test.net), Tax: money.Of(test.tax), Gross: money.Of(test.gross)}
			if got := books.Simulate(test.currency, test.lines); !got.Equal(want) {
				t.Errorf("Simulate = %+v, want %+v", got, want)
			}
			if got := (books.Invoice{Currency: test.currency, Lines: test.lines}).Totals(); !got.Equal(want) {
				t.Errorf("Totals = %+v, want %+v", got, want)
			}
		})
	}
}

func TestTotalsAreEqualOnlyAltogether(t *testing.T) {
	t.Parallel()
	a := books.Totals{Net: money.Of("1"), Tax: money.Of("0.20"), Gross: money.Of("1.20")}
	if !a.Equal(books.Totals{Net: money.Of("1.00"), Tax: money.Of("0.2"), Gross: money.Of("1.2")}) {
		t.Error("the same numbers in other forms are not equal")
	}
	for _, b := range []books.Totals{
		{Net: money.Of("1.01"), Tax: a.Tax, Gross: a.Gross}, {Net: a.Net, Tax: money.Of("0.21"), Gross: a.Gross}, {Net: a.Net, Tax: a.Tax, Gross: money.Of("1.21")},
	} {
		if a.Equal(b) {
			t.Errorf("%+v equals %+v", a, b)
		}
	}
}
