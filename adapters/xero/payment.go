package xero

import (
	"context"
	"encoding/json"
	"strings"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/ports"
)

// referenceWidth is the longest reference that is sent, in characters.
const referenceWidth = 255

// paymentOut is a payment as it is sent.
type paymentOut struct {
	Invoice    *invoiceRef    `json:",omitempty"`
	CreditNote *creditNoteRef `json:",omitempty"`
	Account    accountRef
	Date       string `json:",omitempty"`
	Amount     json.Number
	Reference  string `json:",omitempty"`
}

type creditNoteRef struct {
	CreditNoteID string
}

type accountRef struct {
	AccountID string
}

func encodePayment(p books.Payment) (json.RawMessage, error) {
	out := paymentOut{
		Account:   accountRef{AccountID: p.AccountID},
		Date:      p.Date.String(),
		Amount:    digits(p.Amount, p.Currency.MinorUnits()),
		Reference: paymentReference(p.Reference),
	}
	if p.CreditNoteID != "" {
		out.CreditNote = &creditNoteRef{CreditNoteID: p.CreditNoteID}
	} else {
		out.Invoice = &invoiceRef{InvoiceID: p.InvoiceID}
	}
	return encode(out)
}

// paymentReference is a reference as Xero keeps it.
func paymentReference(raw string) string {
	return strings.TrimSpace(clip(strings.TrimSpace(raw), referenceWidth))
}

// paymentIn is a payment as it is answered, by itself or with its document.
type paymentIn struct {
	PaymentID  string
	Status     string
	Amount     money.Amount
	Reference  string
	Account    accountRef
	Invoice    invoiceRef
	CreditNote creditNoteRef
}

func (p paymentIn) id() string { return p.PaymentID }

// identifyPayment recognises a payment by its document, amount and reference.
// Xero answers a refund's credit note as an invoice, too.
func identifyPayment(raw json.RawMessage) (string, bool) {
	var p paymentIn
	if json.Unmarshal(raw, &p) != nil {
		return "", false
	}
	document := p.CreditNote.CreditNoteID
	if document == "" {
		document = p.Invoice.InvoiceID
	}
	return strings.Join([]string{strings.ToLower(document), p.Amount.String(), paymentReference(p.Reference)}, "\n"), document != ""
}

// PutPayments books payments, up to 50 a call, in the order of their keys, and
// recognises each in the answer by document, amount and reference. Of equal
// payments one is sent; the others are provider_unavailable, so that they look
// at the document's payments before they try.
func (p *Provider) PutPayments(ctx context.Context, session ports.Session, payments []ports.PaymentWrite) ([]ports.PaymentOutcome, error) {
	return writeAll(payments,
		func(w ports.PaymentWrite) (element, error) { return paymentElement(w.Key, w.Payment) },
		func(elements []element) []verdict { return p.put(ctx, session, paymentCollection, elements) },
		func(o *ports.PaymentOutcome, e element, v verdict) error {
			o.Request, o.Response = e.body, evidence(v, paymentRules)
			if v.isRefused && isBooked(v) {
				o.Err = fault.New(fault.CodeProviderUncertain, "Xero refused the payment and gave it an id in one answer.")
				return o.Err
			}
			var made paymentIn
			if made, o.Err = read[paymentIn](v, paymentRules); o.Err == nil {
				o.ID = made.PaymentID
			}
			return o.Err
		})
}

// isBooked reports whether the answer gives the payment an id. Xero's own
// examples show refused payments with one; calling those uncertain keeps them
// from standing twice.
func isBooked(v verdict) bool {
	var answered paymentIn
	return json.Unmarshal(v.answer, &answered) == nil && answered.PaymentID != "" && answered.PaymentID != nobody
}
