package xero

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/money"
)

const (
	salesInvoice     = "ACCREC"
	unitPlaces       = 4
	longestLineWords = 4000
)

// invoiceOut is an invoice as it is sent. Of the contact only the id stands in
// it: any other property would change the contact.
type invoiceOut struct {
	Type            string
	Contact         contactRef
	InvoiceNumber   string
	Reference       string `json:",omitempty"`
	Date            string
	DueDate         string
	CurrencyCode    string `json:",omitempty"`
	LineAmountTypes string
	Status          books.InvoiceStatus `json:",omitempty"`
	URL             string              `json:"Url,omitempty"`
	LineItems       []lineOut
}

type contactRef struct {
	ContactID string
}

// lineOut is a line as it is sent. Numbers are written digit by digit from
// decimals.
type lineOut struct {
	Description    string
	Quantity       json.Number
	UnitAmount     json.Number
	DiscountAmount json.Number `json:",omitempty"`
	AccountCode    string      `json:",omitempty"`
	TaxType        string      `json:",omitempty"`
	TaxAmount      json.Number `json:",omitempty"`
}

// encodeInvoice writes an invoice. The same invoice is the same bytes.
func encodeInvoice(inv books.Invoice) (json.RawMessage, error) {
	out := invoiceOut{
		Type:            salesInvoice,
		Contact:         contactRef{ContactID: inv.ContactID},
		InvoiceNumber:   inv.Number,
		Reference:       inv.Reference,
		Date:            inv.Date.String(),
		DueDate:         dueDate(inv).String(),
		CurrencyCode:    string(inv.Currency),
		LineAmountTypes: "Exclusive",
		Status:          inv.Status,
		URL:             sourceURL(inv.SourceURL),
		LineItems:       make([]lineOut, 0, len(inv.Lines)),
	}
	for _, l := range inv.Lines {
		out.LineItems = append(out.LineItems, lineOf(l, inv.Currency))
	}
	return encode(out)
}

func lineOf(l books.Line, currency money.Currency) lineOut {
	out := lineOut{
		Description: clip(l.Description, longestLineWords),
		Quantity:    digits(l.Quantity, unitPlaces),
		UnitAmount:  digits(l.UnitAmount, unitPlaces),
		AccountCode: l.AccountCode,
		TaxType:     l.TaxType,
	}
	if !l.Discount.IsZero() {
		out.DiscountAmount = digits(l.Discount, currency.MinorUnits())
	}
	if l.TaxAmount != nil {
		out.TaxAmount = digits(*l.TaxAmount, currency.MinorUnits())
	}
	return out
}

// encode writes JSON without escaping what only HTML would need escaped.
func encode(v any) (json.RawMessage, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding a document: %w", err)
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// digits writes a number with at least the given places, and with more rather
// than rounding it.
func digits(a money.Amount, places int32) json.Number {
	return json.Number(a.Fixed(max(places, a.Places())))
}

// dueDate is the invoice's, or follows from its terms: Xero approves no invoice
// without one.
func dueDate(inv books.Invoice) books.Date {
	if inv.DueDate.IsZero() && !inv.Date.IsZero() {
		return inv.Date.AddDays(inv.TermsDays)
	}
	return inv.DueDate
}

// sourceURL is an address that Xero takes as a link to the source, or empty. It
// refuses its own addresses.
func sourceURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	if host := strings.ToLower(u.Hostname()); host == "xero.com" || strings.HasSuffix(host, ".xero.com") {
		return ""
	}
	return raw
}

// clip cuts text to so many characters.
func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
