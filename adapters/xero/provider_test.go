package xero_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/settings"
)

func TestCapabilities(t *testing.T) {
	t.Parallel()
	p, err := xero.New(xero.Config{})
	require.NoError(t, err)
	want := books.Capabilities{
		Title: "Xero", Invoices: true, Contacts: true, Payments: true, CreditNotes: true, Items: true, BatchSize: 50, Idempotency: books.IdempotencyHeader, IdempotencyLife: 6 * time.Minute,
		FindByNumber: true, TaxOverride: true, Limits: books.Limits{Concurrent: 5, PerMinute: 60, PerDay: 5000},
		ItemTypes: []string{"PRODUCT", "SERVICE"}, Statuses: []books.InvoiceStatus{books.StatusAuthorised, books.StatusDraft, books.StatusSubmitted},
	}
	can := p.Capabilities()
	for path := range can.SettingsLabels {
		require.True(t, slices.ContainsFunc(settings.Fields(can), func(f settings.Field) bool { return f.Path == path }), "%s is labelled and no field", path)
	}
	can.SettingsLabels = nil
	if diff := cmp.Diff(want, can); diff != "" {
		t.Errorf("Capabilities (-want +got):\n%s", diff)
	}
	require.Equal(t, binding.Xero, p.Key())
}

func TestNewRefusesAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"api.xero.com", "ftp://api.xero.com", "https://", "://"} {
		if _, err := xero.New(xero.Config{APIURL: address}); err == nil {
			t.Errorf("New took the address %q", address)
		}
	}
}
