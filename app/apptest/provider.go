package apptest

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

type grants struct {
	ports.Grants
	world *World
}

func (grants) CreateAuthorisation(context.Context, binding.Authorisation) error { return nil }

func (s grants) FindGrant(_ context.Context, tenant access.TenantID, id string) (binding.Grant, error) {
	for _, g := range s.world.Grants {
		if g.TenantID == tenant && g.ID == id {
			return g, nil
		}
	}
	return binding.Grant{}, notFound("grant")
}

func (s grants) RevokeGrant(_ context.Context, tenant access.TenantID, id string, at time.Time) error {
	for i, g := range s.world.Grants {
		if g.TenantID == tenant && g.ID == id {
			s.world.Grants[i].RevokedAt = &at
			return nil
		}
	}
	return notFound("grant")
}

type provider struct {
	ports.Provider
	world *World
}

func (provider) Key() binding.Provider { return binding.Xero }

func (provider) Capabilities() books.Capabilities {
	return books.Capabilities{
		Title: "Xero", Invoices: true, Contacts: true, BatchSize: 50, Idempotency: books.IdempotencyHeader,
		Limits: books.Limits{Concurrent: 5, PerMinute: 60}, Items: true, ItemTypes: []string{"PRODUCT", "SERVICE"},
		Statuses: []books.InvoiceStatus{books.StatusAuthorised, books.StatusDraft, books.StatusSubmitted},
	}
}

func (provider) AuthorizationURL(state, _, _ string) (string, error) {
	return "https://login.example/authorize?state=" + state, nil
}

func (p provider) Organisations(context.Context, ports.Tokens) ([]binding.Organisation, error) {
	reached := make([]binding.Organisation, len(p.world.Organisations))
	for i, ref := range p.world.Organisations {
		reached[i] = binding.Organisation{ID: ref.Organisation.ID, Name: ref.Organisation.Name, LinkID: "link-" + ref.Organisation.ID}
	}
	return reached, nil
}

func (p provider) Reference(_ context.Context, session ports.Session) (books.Reference, error) {
	p.world.called("Provider.Reference")
	for _, ref := range p.world.Organisations {
		if ref.Organisation.ID == session.OrganisationID {
			return ref, nil
		}
	}
	return books.Reference{}, fault.New(fault.CodeProviderUnlinked, "The consent does not reach this organisation.")
}

func (p provider) Revoke(context.Context, ports.Tokens, string) error {
	p.world.called("Provider.Revoke")
	return nil
}

func (provider) RenderContact(c books.Contact) (ports.ProviderRequest, error) {
	return ports.ProviderRequest{Method: "PUT", Path: "/Contacts", Body: []byte(`{"number":"` + c.Number + `"}`)}, nil
}

func (provider) RenderInvoice(i books.Invoice) (ports.ProviderRequest, error) {
	return ports.ProviderRequest{Method: "PUT", Path: "/Invoices", Body: []byte(`{"number":"` + i.Number + `","contact":"` + i.ContactID + `"}`)}, nil
}
