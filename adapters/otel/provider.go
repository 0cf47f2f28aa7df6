package otel

import (
	"context"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/ports"
)

// Provider counts, times and traces operations at an accounting provider.
func (o *Observer) Provider(next ports.Provider) ports.Provider {
	return &provider{next, o, string(next.Key())}
}

type provider struct {
	ports.Provider
	*Observer
	key string
}

func (p *provider) call(ctx context.Context, operation string) (context.Context, func(error)) {
	ctx, done := p.watch(ctx, p.key+" "+operation)
	return ctx, func(err error) {
		result, took := done(err)
		p.metrics.providerCalls.WithLabelValues(p.key, operation, result).Inc()
		p.metrics.providerSeconds.WithLabelValues(p.key, operation).Observe(took.Seconds())
	}
}

// Exchange implements [ports.Provider].
func (p *provider) Exchange(ctx context.Context, code, verifier, redirectURL string) (ports.Tokens, error) {
	ctx, done := p.call(ctx, "exchange")
	out, err := p.Provider.Exchange(ctx, code, verifier, redirectURL)
	done(err)
	return out, err
}

// Refresh implements [ports.Provider].
func (p *provider) Refresh(ctx context.Context, refreshToken string) (ports.Tokens, error) {
	ctx, done := p.call(ctx, "refresh")
	out, err := p.Provider.Refresh(ctx, refreshToken)
	done(err)
	return out, err
}

// Revoke implements [ports.Provider].
func (p *provider) Revoke(ctx context.Context, tokens ports.Tokens, linkID string) error {
	ctx, done := p.call(ctx, "revoke")
	err := p.Provider.Revoke(ctx, tokens, linkID)
	done(err)
	return err
}

// Organisations implements [ports.Provider].
func (p *provider) Organisations(ctx context.Context, tokens ports.Tokens) ([]binding.Organisation, error) {
	ctx, done := p.call(ctx, "organisations")
	out, err := p.Provider.Organisations(ctx, tokens)
	done(err)
	return out, err
}

// Reference implements [ports.Provider].
func (p *provider) Reference(ctx context.Context, session ports.Session) (books.Reference, error) {
	ctx, done := p.call(ctx, "reference")
	out, err := p.Provider.Reference(ctx, session)
	done(err)
	return out, err
}

// PutContacts implements [ports.Provider].
func (p *provider) PutContacts(ctx context.Context, session ports.Session, contacts []ports.ContactWrite) ([]ports.ContactOutcome, error) {
	ctx, done := p.call(ctx, "put_contacts")
	out, err := p.Provider.PutContacts(ctx, session, contacts)
	done(err)
	return out, err
}

// PutInvoices implements [ports.Provider].
func (p *provider) PutInvoices(ctx context.Context, session ports.Session, invoices []ports.InvoiceWrite) ([]ports.InvoiceOutcome, error) {
	ctx, done := p.call(ctx, "put_invoices")
	out, err := p.Provider.PutInvoices(ctx, session, invoices)
	done(err)
	return out, err
}

// FindInvoices implements [ports.Provider].
func (p *provider) FindInvoices(ctx context.Context, session ports.Session, numbers []string) (map[string]ports.FoundInvoice, error) {
	ctx, done := p.call(ctx, "find_invoices")
	out, err := p.Provider.FindInvoices(ctx, session, numbers)
	done(err)
	return out, err
}

// UpdateContacts implements [ports.Provider].
func (p *provider) UpdateContacts(ctx context.Context, session ports.Session, contacts []ports.ContactWrite) ([]ports.ContactOutcome, error) {
	ctx, done := p.call(ctx, "update_contacts")
	out, err := p.Provider.UpdateContacts(ctx, session, contacts)
	done(err)
	return out, err
}

// PutCreditNotes implements [ports.Provider].
func (p *provider) PutCreditNotes(ctx context.Context, session ports.Session, notes []ports.CreditNoteWrite) ([]ports.CreditNoteOutcome, error) {
	ctx, done := p.call(ctx, "put_credit_notes")
	out, err := p.Provider.PutCreditNotes(ctx, session, notes)
	done(err)
	return out, err
}

// FindCreditNotes implements [ports.Provider].
func (p *provider) FindCreditNotes(ctx context.Context, session ports.Session, numbers []string) (map[string]ports.FoundCreditNote, error) {
	ctx, done := p.call(ctx, "find_credit_notes")
	out, err := p.Provider.FindCreditNotes(ctx, session, numbers)
	done(err)
	return out, err
}

// Allocate implements [ports.Provider].
func (p *provider) Allocate(ctx context.Context, session ports.Session, allocation ports.AllocationWrite) (ports.Evidence, error) {
	ctx, done := p.call(ctx, "allocate")
	out, err := p.Provider.Allocate(ctx, session, allocation)
	done(err)
	return out, err
}

// PutPayments implements [ports.Provider].
func (p *provider) PutPayments(ctx context.Context, session ports.Session, payments []ports.PaymentWrite) ([]ports.PaymentOutcome, error) {
	ctx, done := p.call(ctx, "put_payments")
	out, err := p.Provider.PutPayments(ctx, session, payments)
	done(err)
	return out, err
}

// PutItems implements [ports.Provider].
func (p *provider) PutItems(ctx context.Context, session ports.Session, items []ports.ItemWrite) ([]ports.ItemOutcome, error) {
	ctx, done := p.call(ctx, "put_items")
	out, err := p.Provider.PutItems(ctx, session, items)
	done(err)
	return out, err
}
