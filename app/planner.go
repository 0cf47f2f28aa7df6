package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// planner decides what becomes of documents of a binding. It reads the shop and
// our own records and writes nothing, so that a delivery and a preview decide by
// the same rules.
type planner struct {
	*App
	binding  binding.Binding
	provider ports.Provider
	shop     ports.ShopAccess
	store    binding.Store
	ref      books.Reference
	location *time.Location
	settings map[int]settings.Settings
	works    []*work
}

// findShop finds the store of the binding and the way to it.
func (p *planner) findShop(ctx context.Context) error {
	var err error
	if p.store, err = p.Stores.FindStore(ctx, p.binding.TenantID, p.binding.StoreID); err != nil {
		return fmt.Errorf("finding the store: %w", err)
	}
	p.shop, err = p.shopAccess(ctx, p.binding.TenantID, p.binding.StoreID)
	return err
}

// consult takes the reference data that decisions look at.
func (p *planner) consult(ref books.Reference) {
	var err error
	p.ref = ref
	if p.location, err = time.LoadLocation(ref.Organisation.TimeZone); err != nil {
		p.location = time.UTC
	}
}

// findSettings finds the version of the settings that each work follows.
func (p *planner) findSettings(ctx context.Context) error {
	for _, w := range p.works {
		if w.run.SettingsVersion == 0 {
			w.run.SettingsVersion = p.binding.SettingsVersion
		}
		if _, loaded := p.settings[w.run.SettingsVersion]; loaded {
			continue
		}
		v, err := p.Bindings.FindSettings(ctx, p.binding.TenantID, p.binding.ID, w.run.SettingsVersion)
		if err != nil {
			return fmt.Errorf("finding settings version %d: %w", w.run.SettingsVersion, err)
		}
		p.settings[w.run.SettingsVersion] = v.Settings
	}
	return nil
}

// request is what a mapping looks at besides the document.
func (p *planner) request(w *work) mapping.Request {
	return mapping.Request{
		Settings: p.settings[w.run.SettingsVersion], Reference: p.ref, Capabilities: p.provider.Capabilities(),
		Location: p.location, StoreCode: p.store.Code, StoreURL: p.store.BaseURL, Event: w.run.Event,
	}
}

// notFound takes note that a look-up found nothing: once more after an unknown
// outcome, else the write may be sent again.
func (p *planner) notFound(w *work, what string) {
	if w.run.Intent.IsOpen() && w.run.Lookups == 0 {
		w.run.Lookups++
		w.lookAgain = true
		w.trace("look_up", what, "not in the books; asked once more shortly")
		return
	}
	w.run.Lookups = 0
	w.settle(p.Now())
	w.trace("look_up", what, "not in the books; it may be sent")
}

// findXrefs finds the xrefs of works by their documents.
func (p *planner) findXrefs(ctx context.Context, kind syncrun.XrefKind, works []*work) (map[string]syncrun.Xref, error) {
	if len(works) == 0 {
		return nil, nil
	}
	keys := make([]string, len(works))
	for i, w := range works {
		keys[i] = documentKey(w.run)
	}
	found, err := p.Runs.FindXrefs(ctx, p.xrefScope(), kind, keys)
	if err != nil {
		return nil, fmt.Errorf("finding xrefs: %w", err)
	}
	return found, nil
}

// open is the works that have not ended and are still ours.
func (p *planner) open() []*work {
	var out []*work
	for _, w := range p.works {
		if !w.ended && !w.lost.Load() {
			out = append(out, w)
		}
	}
	return out
}

// openOf is the open works of some events.
func (p *planner) openOf(events ...commerce.EventName) []*work {
	return slices.DeleteFunc(p.open(), func(w *work) bool { return !slices.Contains(events, w.run.Event) })
}

func (p *planner) failAll(works []*work, err error) {
	for _, w := range works {
		w.fail(err)
	}
}

// xrefScope is the organisation and store of the batch.
func (p *planner) xrefScope() ports.XrefScope {
	return ports.XrefScope{TenantID: p.binding.TenantID, StoreID: p.binding.StoreID, Provider: p.binding.Provider, OrganisationID: p.binding.Organisation.ID}
}
