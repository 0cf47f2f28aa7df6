package xero

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/ports"
)

// invoiceIn is an invoice as it is answered.
type invoiceIn struct {
	documentIn
	InvoiceID     string
	InvoiceNumber string
	AmountDue     money.Amount
	URL           string `json:"Url"`
}

func (i invoiceIn) id() string { return i.InvoiceID }

func (i invoiceIn) number() string { return i.InvoiceNumber }

func (i invoiceIn) isSale() bool {
	return i.Type == salesInvoice && i.InvoiceID != "" && i.InvoiceID != nobody
}

func (i invoiceIn) entity(at pages) ports.BookEntity {
	return ports.BookEntity{
		ID: i.InvoiceID, Number: i.InvoiceNumber, Status: i.Status,
		URL: at.link("/AccountsReceivable/View.aspx?InvoiceID=", "/AccountsReceivable/Edit.aspx?InvoiceID=", i.InvoiceID),
	}
}

// FindInvoices looks sales invoices up by number, up to 50 a call, with what is
// due on them and their payments. A number that a removed and a standing
// invoice share leads to the standing one. Xero names a payment's account only
// sometimes.
func (p *Provider) FindInvoices(ctx context.Context, session ports.Session, numbers []string) (map[string]ports.FoundInvoice, error) {
	wanted := slices.Compact(slices.Sorted(slices.Values(numbers)))
	found, err := findByNumber[invoiceIn](ctx, p, session, invoiceCollection, wanted, invoiceFilters(wanted))
	if err != nil {
		return nil, err
	}
	out := make(map[string]ports.FoundInvoice, len(found))
	for number, i := range found {
		out[number] = ports.FoundInvoice{
			Entity: i.entity(p.pages(session)), Reference: i.Reference, SourceURL: i.URL, ContactID: i.Contact.ContactID,
			Currency: i.CurrencyCode, Totals: i.totals(), IsGone: i.isGone(),
			TakesPayments: i.takesPayments(), AmountDue: i.AmountDue, Payments: i.payments(),
		}
	}
	return out, nil
}

// invoiceFilters are the queries for the numbers. A comma parts the numbers of
// a list, so that a number with one is asked for in a clause of its own.
func invoiceFilters(numbers []string) []url.Values {
	var plain, odd []string
	for _, n := range numbers {
		switch {
		case n == "":
		case strings.Contains(n, ",") || n != strings.TrimSpace(n):
			odd = append(odd, n)
		default:
			plain = append(plain, n)
		}
	}
	var out []url.Values
	for list := range portions(plain, batchSize, longestFilter, func(n string) int { return len(url.QueryEscape(n)) + 3 }) {
		out = append(out, url.Values{"InvoiceNumbers": {strings.Join(list, ",")}})
	}
	return append(out, equalities("InvoiceNumber", odd)...)
}
