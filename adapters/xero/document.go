package xero

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/ports"
)

// nobody is the id in the answer about a document that was not made.
const nobody = "00000000-0000-0000-0000-000000000000"

// documentIn is what invoices and credit notes have in common as they are
// answered.
type documentIn struct {
	Type         string
	Reference    string
	Status       string
	CurrencyCode string
	Contact      contactRef
	SubTotal     money.Amount
	TotalTax     money.Amount
	Total        money.Amount
	Payments     []paymentIn
}

func (d documentIn) isGone() bool { return d.Status == "VOIDED" || d.Status == "DELETED" }

// takesPayments reports that the document is approved; a paid one is approved too.
func (d documentIn) takesPayments() bool { return d.Status == "AUTHORISED" || d.Status == "PAID" }

func (d documentIn) totals() books.Totals {
	return books.Totals{Net: d.SubTotal, Tax: d.TotalTax, Gross: d.Total}
}

// payments are those that stand.
func (d documentIn) payments() []ports.BookPayment {
	var out []ports.BookPayment
	for _, p := range d.Payments {
		if p.Status != "DELETED" {
			out = append(out, ports.BookPayment{ID: p.PaymentID, Amount: p.Amount, Reference: p.Reference, AccountID: p.Account.AccountID})
		}
	}
	return out
}

// numbered is a document that can be found by its number.
type numbered interface {
	number() string
	// isSale reports that it is one of ours to find: purchases have the same
	// collections and may have the same numbers.
	isSale() bool
	isGone() bool
}

// The bounds of a look-up: a page that holds every answer, an address of a
// length that every server on the way takes.
const (
	largestPage   = 1000
	longestFilter = 2000
)

// findByNumber reads the documents that the filters select, by the wanted
// number. A number that a removed and a standing document share leads to the
// standing one. The wanted numbers are sorted.
func findByNumber[T numbered](ctx context.Context, p *Provider, session ports.Session, c collection, wanted []string, filters []url.Values) (map[string]T, error) {
	found := make(map[string]T, len(wanted))
	for _, filter := range filters {
		filter.Set("page", "1")
		filter.Set("pageSize", strconv.Itoa(largestPage))
		filter.Set("unitdp", "4")
		documents, err := readElements[T](ctx, p, session, c, filter)
		if err != nil {
			return nil, err
		}
		for _, d := range documents {
			number, ok := requested(wanted, d.number())
			if !ok || !d.isSale() {
				continue
			}
			if held, known := found[number]; known && (!held.isGone() || d.isGone()) {
				continue
			}
			found[number] = d
		}
	}
	return found, nil
}

// readElements reads the elements of a collection that a filter selects.
func readElements[T any](ctx context.Context, p *Provider, session ports.Session, c collection, filter url.Values) ([]T, error) {
	var answer map[string]json.RawMessage
	if err := p.readList(ctx, session, c.path, filter, &answer); err != nil {
		return nil, err
	}
	var elements []T
	if list, ok := answer[c.plural]; ok {
		if err := json.Unmarshal(list, &elements); err != nil {
			return nil, fault.Wrap(fault.CodeProviderUnavailable, "Xero's answer cannot be read.", err)
		}
	}
	return elements, nil
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

// equalities are where clauses for the values of a property.
func equalities(property string, values []string) []url.Values {
	clauses := make([]string, 0, len(values))
	for _, v := range values {
		if v != "" {
			clauses = append(clauses, property+`=="`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v)+`"`)
		}
	}
	var out []url.Values
	for list := range portions(clauses, batchSize, longestFilter, func(c string) int { return len(url.QueryEscape(c)) + 4 }) {
		out = append(out, url.Values{"where": {strings.Join(list, " OR ")}})
	}
	return out
}
