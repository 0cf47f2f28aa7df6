package xero

import (
	"context"
	"encoding/json"
	"slices"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/ports"
)

const salesCreditNote = "ACCRECCREDIT"

// creditNoteOut is a credit note as it is sent.
type creditNoteOut struct {
	Type             string
	Contact          contactRef
	CreditNoteNumber string
	Reference        string `json:",omitempty"`
	Date             string
	CurrencyCode     string `json:",omitempty"`
	LineAmountTypes  string
	Status           books.InvoiceStatus `json:",omitempty"`
	LineItems        []lineOut
}

// encodeCreditNote writes a credit note. The same note is the same bytes. Xero
// has no discounts on credit notes, and a line that was sent without its
// discount would refund too much.
func encodeCreditNote(n books.CreditNote) (json.RawMessage, error) {
	out := creditNoteOut{
		Type:             salesCreditNote,
		Contact:          contactRef{ContactID: n.ContactID},
		CreditNoteNumber: n.Number,
		Reference:        n.Reference,
		Date:             n.Date.String(),
		CurrencyCode:     string(n.Currency),
		LineAmountTypes:  "Exclusive",
		Status:           n.Status,
		LineItems:        make([]lineOut, 0, len(n.Lines)),
	}
	for i, l := range n.Lines {
		if !l.Discount.IsZero() {
			return nil, fault.Newf(fault.CodeTotalsDiffer, "Line %d of the credit note has a discount, and Xero's credit notes take none.", i+1)
		}
		out.LineItems = append(out.LineItems, lineOf(l, n.Currency))
	}
	return encode(out)
}

// creditNoteIn is a credit note as it is answered.
type creditNoteIn struct {
	documentIn
	CreditNoteID     string
	CreditNoteNumber string
	RemainingCredit  money.Amount
	Allocations      []allocationIn
}

func (n creditNoteIn) id() string { return n.CreditNoteID }

func (n creditNoteIn) number() string { return n.CreditNoteNumber }

func (n creditNoteIn) isSale() bool {
	return n.Type == salesCreditNote && n.CreditNoteID != "" && n.CreditNoteID != nobody
}

func (n creditNoteIn) entity(at pages) ports.BookEntity {
	const page = "/AccountsReceivable/ViewCreditNote.aspx?creditNoteID="
	return ports.BookEntity{
		ID: n.CreditNoteID, Number: n.CreditNoteNumber, Status: n.Status, URL: at.link(page, page, n.CreditNoteID),
	}
}

// allocations are those that stand.
func (n creditNoteIn) allocations() []ports.BookAllocation {
	var out []ports.BookAllocation
	for _, a := range n.Allocations {
		if !a.IsDeleted {
			out = append(out, ports.BookAllocation{InvoiceID: a.Invoice.InvoiceID, Amount: a.Amount})
		}
	}
	return out
}

// PutCreditNotes creates credit notes, up to 50 a call, in the order of their
// keys. A number that stands twice among them is sent once and number_taken for
// the second. A note with a discount on a line is totals_differ and not sent.
func (p *Provider) PutCreditNotes(ctx context.Context, session ports.Session, notes []ports.CreditNoteWrite) ([]ports.CreditNoteOutcome, error) {
	return writeAll(notes,
		func(w ports.CreditNoteWrite) (element, error) { return creditNoteElement(w.Key, w.CreditNote) },
		func(elements []element) []verdict { return p.put(ctx, session, creditNoteCollection, elements) },
		func(o *ports.CreditNoteOutcome, e element, v verdict) error {
			o.Request, o.Response = e.body, evidence(v, creditNoteRules)
			var made creditNoteIn
			if made, o.Err = read[creditNoteIn](v, creditNoteRules); o.Err == nil {
				o.Entity, o.Totals = made.entity(p.pages(session)), made.totals()
			}
			return o.Err
		})
}

// FindCreditNotes looks sales credit notes up by number, up to 50 a call, with
// what remains of them, their allocations and their refunds. A number that a
// removed and a standing note share leads to the standing one.
func (p *Provider) FindCreditNotes(ctx context.Context, session ports.Session, numbers []string) (map[string]ports.FoundCreditNote, error) {
	wanted := slices.Compact(slices.Sorted(slices.Values(numbers)))
	found, err := findByNumber[creditNoteIn](ctx, p, session, creditNoteCollection, wanted, equalities("CreditNoteNumber", wanted))
	if err != nil {
		return nil, err
	}
	out := make(map[string]ports.FoundCreditNote, len(found))
	for number, n := range found {
		out[number] = ports.FoundCreditNote{
			Entity: n.entity(p.pages(session)), Reference: n.Reference, ContactID: n.Contact.ContactID,
			Currency: n.CurrencyCode, Totals: n.totals(), IsGone: n.isGone(),
			TakesPayments: n.takesPayments(), Remaining: n.RemainingCredit, Allocations: n.allocations(), Refunds: n.payments(),
		}
	}
	return out, nil
}
