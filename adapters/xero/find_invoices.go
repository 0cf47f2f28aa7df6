package xero

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"byte8.io/ledger/ports"
)

// The bounds of a look-up: a page that holds every answer, an address of a
// length that every server on the way takes.
const (
	largestPage   = 1000
	longestFilter = 1800
)

// FindInvoices looks sales invoices up by number, up to 50 a call. A number
// that a removed and a standing invoice share leads to the standing one.
func (p *Provider) FindInvoices(ctx context.Context, session ports.Session, numbers []string) (map[string]ports.FoundInvoice, error) {
	wanted := slices.Compact(slices.Sorted(slices.Values(numbers)))
	found := make(map[string]ports.FoundInvoice, len(wanted))
	for _, filter := range invoiceFilters(wanted) {
		filter.Set("page", "1")
		filter.Set("pageSize", strconv.Itoa(largestPage))
		filter.Set("unitdp", "4")
		var answer struct{ Invoices []invoiceIn }
		if err := p.readList(ctx, session, "/Invoices", filter, &answer); err != nil {
			return nil, err
		}
		for _, i := range answer.Invoices {
			number, ok := requested(wanted, i.InvoiceNumber)
			if !ok || i.Type != salesInvoice || !i.exists() {
				continue
			}
			if held, known := found[number]; known && (!held.IsGone || i.isGone()) {
				continue
			}
			found[number] = ports.FoundInvoice{
				Entity: i.entity(session), Reference: i.Reference, SourceURL: i.URL, ContactID: i.Contact.ContactID,
				Currency: i.CurrencyCode, Totals: i.totals(), IsGone: i.isGone(),
			}
		}
	}
	return found, nil
}

// requested is the number as it was asked for; Xero compares without case.
func requested(wanted []string, answered string) (string, bool) {
	if _, ok := slices.BinarySearch(wanted, answered); ok {
		return answered, true
	}
	i := slices.IndexFunc(wanted, func(w string) bool { return strings.EqualFold(w, answered) })
	if i < 0 {
		return "", false
	}
	return wanted[i], true
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

// equalities are where clauses for the values of a property.
func equalities(property string, values []string) []url.Values {
	clauses := make([]string, 0, len(values))
	for _, v := range values {
		clauses = append(clauses, property+`=="`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v)+`"`)
	}
	var out []url.Values
	for list := range portions(clauses, batchSize, longestFilter, func(c string) int { return len(url.QueryEscape(c)) + 4 }) {
		out = append(out, url.Values{"where": {strings.Join(list, " OR ")}})
	}
	return out
}
