package app

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
)

// MaxPreviews is how many documents are looked at in one call.
const MaxPreviews = 50

// previewReading bounds reading the documents of one call from the shop.
const previewReading = 15 * time.Second

// PreviewDocuments is the input of a preview.
type PreviewDocuments struct {
	BindingID  string
	EntityType commerce.EntityType
	MagentoIDs []int64
	// Settings stand in for the newest saved ones; nil for those.
	Settings *settings.Settings
}

// PreviewDocuments says what would become of documents now, each by itself, in
// the order asked. It reads the shop and our own records, calls no provider, and
// writes nothing; what is in the way of a document stands in its preview.
func (a *App) PreviewDocuments(ctx context.Context, p access.Principal, in PreviewDocuments) ([]Preview, error) {
	if err := p.Require(access.ScopeSettingsRead); err != nil {
		return nil, err
	}
	if err := CheckCount("magentoIds", len(in.MagentoIDs), MaxPreviews); err != nil {
		return nil, err
	}
	b, err := a.bindingOf(ctx, p, in.BindingID)
	if err != nil {
		return nil, err
	}
	if b.SettingsVersion == 0 && in.Settings == nil {
		in.Settings = new(settings.Default())
	}
	now := a.Now()
	runs := make([]syncrun.Run, len(in.MagentoIDs))
	for i, id := range in.MagentoIDs {
		runs[i] = syncrun.Run{
			TenantID: b.TenantID, BindingID: b.ID, StoreID: b.StoreID, Provider: b.Provider,
			Event: eventOf(in.EntityType), EntityType: in.EntityType, MagentoID: id, SettingsVersion: b.SettingsVersion, CreatedAt: now,
		}
	}
	f, err := a.foresee(ctx, b, in.Settings, runs)
	if err != nil {
		return nil, err
	}
	err = guarded(func() error {
		f.filterProducts()
		reading, cancel := context.WithTimeout(ctx, previewReading)
		defer cancel()
		f.readAll(reading)
		f.followPaid()
		f.decideAll(ctx, reading)
		return nil
	})
	if err != nil {
		f.failAll(f.open(), err)
	}
	out := make([]Preview, len(f.works))
	for i, w := range f.works {
		out[i] = f.previewOf(w)
		if fault.Is(w.err, fault.CodeInternal) {
			a.Log.ErrorContext(ctx, "previewing a document failed", "binding_id", b.ID, "error", w.err)
		}
	}
	return out, nil
}

// followPaid has invoices that are paid in the shop go on to their payment, as
// the event of it has.
func (f *foresight) followPaid() {
	for _, w := range f.openOf(commerce.EventInvoiceCreated) {
		if w.invoice.State == commerce.InvoicePaid {
			w.run.Event = commerce.EventInvoicePaid
		}
	}
}
