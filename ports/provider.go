package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/money"
)

// Provider is an accounting provider. It is batch-first: it takes a slice of
// documents and returns one outcome each, in the same order. A provider without
// batches loops.
//
// Faults: rate_limited with the wait asked for, and nothing taken effect;
// provider when it cannot answer and nothing was sent; provider_outcome_unknown
// when a write may have taken effect; provider_token_expired when the access
// token must be renewed; provider_unlinked when the consent is gone;
// provider_scope_missing; and for single documents the codes of refusals and holds.
type Provider interface {
	Renderer

	// Key is the provider's key.
	Key() binding.Provider
	// Capabilities says what the provider can do.
	Capabilities() books.Capabilities

	// AuthorizationURL is where the merchant consents. It reports
	// provider_misconfigured when the server has no app at the provider.
	AuthorizationURL(state, verifier, redirectURL string) (string, error)
	// Exchange turns a callback's code into tokens, at once: codes are short-lived.
	Exchange(ctx context.Context, code, verifier, redirectURL string) (Tokens, error)
	// Refresh renews tokens. provider_unlinked means this refresh token is not
	// accepted; any Unavailable fault means the same token may be tried again.
	Refresh(ctx context.Context, refreshToken string) (Tokens, error)
	// Revoke withdraws the link to an organisation, and the whole consent when
	// the link's id is empty. Best effort: an unknown link is no error.
	Revoke(ctx context.Context, tokens Tokens, linkID string) error
	// Organisations lists what a consent reaches.
	Organisations(ctx context.Context, tokens Tokens) ([]binding.Organisation, error)

	// Reference reads the organisation's reference data.
	Reference(ctx context.Context, session Session) (books.Reference, error)

	// PutContacts sees to it that each contact exists once and returns its id.
	// It may be called again with the same contacts: those that exist are found
	// by number, not made again. A taken name gives way to the contact's next
	// candidate; archived contacts are contact_archived; merged ones are
	// followed to the contact they were merged into.
	PutContacts(ctx context.Context, session Session, contacts []ContactWrite) ([]ContactOutcome, error)
	// PutInvoices creates invoices. The call fails as a whole only when no
	// document can have taken effect, or with provider_outcome_unknown when any
	// may have; otherwise each outcome speaks for itself. An existing number is
	// number_taken: the caller looks it up.
	PutInvoices(ctx context.Context, session Session, invoices []InvoiceWrite) ([]InvoiceOutcome, error)
	// FindInvoices looks invoices up by number and returns those that exist, as
	// a map from number.
	FindInvoices(ctx context.Context, session Session, numbers []string) (map[string]FoundInvoice, error)

	// UpdateContacts brings known contacts up to date: names of the person,
	// e-mail address, phone and addresses. The contact's own name changes only
	// while it is the one we gave it (KnownName), and gives way like a new one's.
	// A contact that was merged is followed, an archived one is contact_archived,
	// one that is gone is made again. It may be repeated.
	UpdateContacts(ctx context.Context, session Session, contacts []ContactWrite) ([]ContactOutcome, error)

	// PutCreditNotes creates credit notes, with the promises of PutInvoices.
	PutCreditNotes(ctx context.Context, session Session, notes []CreditNoteWrite) ([]CreditNoteOutcome, error)
	// FindCreditNotes looks credit notes up by number and returns those that
	// exist, as a map from number.
	FindCreditNotes(ctx context.Context, session Session, numbers []string) (map[string]FoundCreditNote, error)
	// Allocate sets part of a credit note against an invoice. Nothing
	// recognises a repeat: the caller looks at the note's allocations before
	// every try. The evidence is there after a fault, too.
	Allocate(ctx context.Context, session Session, allocation AllocationWrite) (Evidence, error)

	// PutPayments books payments. Nothing recognises a repeat beyond the
	// provider's own memory of the key: the caller looks at the document's
	// payments before a second try. Outcomes are as for PutInvoices.
	PutPayments(ctx context.Context, session Session, payments []PaymentWrite) ([]PaymentOutcome, error)

	// PutItems creates or updates items by code. It may be repeated.
	PutItems(ctx context.Context, session Session, items []ItemWrite) ([]ItemOutcome, error)
}

// Tokens are what an exchange or a refresh gave.
type Tokens struct {
	AccessToken  string
	RefreshToken string
	ExpiresAt    time.Time
	// Subject is the provider's user; empty when the answer does not say.
	Subject string
}

// Session is what calls to an organisation need.
type Session struct {
	OrganisationID string
	// ShortCode builds deep links, where the provider has them.
	ShortCode   string
	AccessToken string
	// IsBulk leaves the last of the call budget to live work.
	IsBulk bool
}

// ContactWrite is a contact with the idempotency key of its creation.
type ContactWrite struct {
	Key     string
	Contact books.Contact
	// KnownID is the contact's id from an earlier call, empty for none. A known
	// contact is checked, not created.
	KnownID string
	// KnownName is the name we gave the contact; empty when not known.
	KnownName string
}

// ContactOutcome is what became of a contact: an id, or a fault.
type ContactOutcome struct {
	ID   string
	Name string
	Err  error
}

// InvoiceWrite is an invoice with the idempotency key of its creation.
type InvoiceWrite struct {
	Key     string
	Invoice books.Invoice
}

// InvoiceOutcome is what became of an invoice: the entity, or a fault.
type InvoiceOutcome struct {
	Entity BookEntity
	// Totals are what the provider made of the document.
	Totals books.Totals
	Err    error
	// Request and Response are the document as sent and answered, redacted, for
	// the run's history.
	Request, Response []byte
}

// BookEntity names a document in the books.
type BookEntity struct {
	ID string
	// Number is the human number.
	Number string
	// URL leads a person to it.
	URL    string
	Status string
}

// FoundInvoice is an invoice found by number.
type FoundInvoice struct {
	Entity    BookEntity
	Reference string
	// SourceURL leads to the shop's order, as the document was sent with it.
	SourceURL string
	ContactID string
	Currency  string
	Totals    books.Totals
	// IsGone reports that it was voided or deleted.
	IsGone bool
	// TakesPayments reports that it is approved and not a draft.
	TakesPayments bool
	// AmountDue is what is still to pay, after payments and credits.
	AmountDue money.Amount
	Payments  []BookPayment
}

// BookPayment is a payment that stands in the books.
type BookPayment struct {
	ID        string
	Amount    money.Amount
	Reference string
	AccountID string
}

// CreditNoteWrite is a credit note with the idempotency key of its creation.
type CreditNoteWrite struct {
	Key        string
	CreditNote books.CreditNote
}

// CreditNoteOutcome is what became of a credit note: the entity, or a fault.
type CreditNoteOutcome struct {
	Entity BookEntity
	Totals books.Totals
	Err    error
	// Request and Response are as in [InvoiceOutcome].
	Request, Response []byte
}

// FoundCreditNote is a credit note found by number.
type FoundCreditNote struct {
	Entity    BookEntity
	Reference string
	ContactID string
	Currency  string
	Totals    books.Totals
	IsGone    bool
	// TakesPayments reports that it is approved and can be settled.
	TakesPayments bool
	// Remaining is the credit not yet allocated or paid back.
	Remaining   money.Amount
	Allocations []BookAllocation
	Refunds     []BookPayment
}

// BookAllocation is credit set against an invoice.
type BookAllocation struct {
	InvoiceID string
	Amount    money.Amount
}

// AllocationWrite is an allocation with its idempotency key.
type AllocationWrite struct {
	Key        string
	Allocation books.Allocation
}

// Evidence is a write as sent and answered, redacted, for the run's history.
type Evidence struct {
	Request, Response []byte
}

// PaymentWrite is a payment with its idempotency key.
type PaymentWrite struct {
	Key     string
	Payment books.Payment
}

// PaymentOutcome is what became of a payment: its id, or a fault.
// payment_exceeds_due, invoice_not_authorised and account_invalid are faults of
// a single payment.
type PaymentOutcome struct {
	ID  string
	Err error
	// Request and Response are as in [InvoiceOutcome].
	Request, Response []byte
}

// ItemWrite is an item with its idempotency key.
type ItemWrite struct {
	Key  string
	Item books.Item
}

// ItemOutcome is what became of an item: its id, or a fault.
type ItemOutcome struct {
	ID  string
	Err error
	// Request and Response are as in [InvoiceOutcome].
	Request, Response []byte
}
