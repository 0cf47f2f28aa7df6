package graph

import (
	"context"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/graph/model"
)

// Providers lists the registry.
func (q query) Providers(ctx context.Context) ([]model.Provider, error) {
	known, err := q.app.ListProviders(principalOf(ctx))
	return shaped(known, shapeProvider), err
}

func shapeProvider(p app.RegisteredProvider) model.Provider {
	return model.Provider{Key: p.Key, Title: p.Capabilities.Title, Capabilities: shapeCapabilities(p.Capabilities)}
}

func shapeCapabilities(c books.Capabilities) *model.ProviderCapabilities {
	statuses := c.Statuses
	if statuses == nil {
		statuses = []books.InvoiceStatus{}
	}
	return &model.ProviderCapabilities{
		Invoices: c.Invoices, Contacts: c.Contacts, Payments: c.Payments, CreditNotes: c.CreditNotes, Items: c.Items,
		BatchSize: c.BatchSize, Idempotency: c.Idempotency, FindByNumber: c.FindByNumber,
		InclusiveTax: c.InclusiveTax, TaxOverride: c.TaxOverride, Webhooks: c.Webhooks,
		ItemTypes: texts(c.ItemTypes), Statuses: statuses,
		ConcurrentCalls: known(c.Limits.Concurrent), CallsPerMinute: known(c.Limits.PerMinute), CallsPerDay: known(c.Limits.PerDay),
		SettingsFields: shaped(settings.Fields(c), shapeSettingsField),
	}
}

func shapeSettingsField(f settings.Field) model.SettingsField {
	return model.SettingsField{Path: f.Path, Card: f.Card, Label: f.Label, Help: f.Help, Choices: f.Choices, IsNeeded: f.IsNeeded}
}
