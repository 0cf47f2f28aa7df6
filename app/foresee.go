package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// foresight takes works through the decisions of a delivery as far as the shop
// and our own records tell. It calls no provider and writes nothing.
type foresight struct {
	planner
	// anew takes documents as if they were not in the books yet.
	anew      bool
	prospects map[*work]*prospect
}

// foresee is a foresight over a binding's documents, with the settings given or,
// when there are none, with those that each run follows.
func (a *App) foresee(ctx context.Context, b binding.Binding, given *settings.Settings, runs []syncrun.Run) (*foresight, error) {
	provider, err := a.provider(b)
	if err != nil {
		return nil, err
	}
	f := &foresight{
		planner:   planner{App: a, binding: b, provider: provider, settings: map[int]settings.Settings{}},
		prospects: map[*work]*prospect{},
	}
	now := a.Now()
	for _, run := range runs {
		run.Intent, run.Claims = nil, 0
		if given != nil {
			run.SettingsVersion = 0
		}
		f.works = append(f.works, newWork(run, now))
	}
	if err := f.prepare(ctx, given); err != nil {
		f.failAll(f.works, err)
	}
	return f, nil
}

// prepare reads what every work needs. The reference data is the stored one.
func (f *foresight) prepare(ctx context.Context, given *settings.Settings) error {
	ref, err := f.Bindings.FindReference(ctx, f.binding.TenantID, f.binding.ID)
	if fault.IsKind(err, fault.NotFound) {
		return fault.Wrap(fault.CodeProviderUnlinked, "The organisation was never read: it has to be connected first.", err)
	}
	if err != nil {
		return fmt.Errorf("finding the reference data: %w", err)
	}
	f.consult(ref)
	if err := f.findShop(ctx); err != nil {
		return err
	}
	if given != nil {
		f.settings[0] = *given
		return nil
	}
	return f.findSettings(ctx)
}

func (f *foresight) prospectOf(w *work) *prospect {
	s := f.prospects[w]
	if s == nil {
		s = &prospect{}
		f.prospects[w] = s
	}
	return s
}

// put notes a request that would be sent, and says what it does.
func (f *foresight) put(w *work, request ports.ProviderRequest, err error, format string, args ...any) {
	if err != nil {
		w.fail(fmt.Errorf("rendering a request: %w", err))
		return
	}
	s := f.prospectOf(w)
	s.requests = append(s.requests, request)
	s.say(format, args...)
}

// given stands for an id that only an earlier request brings.
func (f *foresight) given(what string) string {
	return fmt.Sprintf("<the id that %s gives %s>", f.provider.Capabilities().Title, what)
}

// readAll fetches the documents from the shop.
func (f *foresight) readAll(ctx context.Context) {
	f.readCustomers(ctx)
	f.readProducts(ctx)
	f.read(ctx)
	f.readMemos(ctx)
}

// decideAll decides what was read, in the order of a delivery. What the shop has
// to say of payments is read within the second context.
func (f *foresight) decideAll(ctx, reading context.Context) {
	f.foreseeCustomers(ctx)
	f.foreseeProducts()
	f.foreseeInvoices(ctx)
	f.foreseePayments(ctx, reading)
	f.foreseeCreditMemos(ctx, reading)
}

func (f *foresight) foreseeCustomers(ctx context.Context) {
	f.decideCustomers()
	_, create, update := f.sortCustomers(ctx)
	for _, w := range create {
		if w.ended {
			continue
		}
		request, err := f.provider.RenderContact(*w.contact)
		f.put(w, request, err, "Contact %s would be created with number %s.", w.contact.Names[0], w.contact.Number)
		f.succeed(w)
	}
	for _, w := range update {
		s := f.prospectOf(w)
		s.changes = true
		s.say("Contact %s would be read in the books, and what differs from the shop changed; where nothing differs nothing is sent.", w.contact.Number)
		w.succeed()
	}
}

func (f *foresight) foreseeProducts() {
	f.filterProducts()
	f.decideProducts()
	for _, w := range f.openOf(commerce.EventProductUpserted) {
		request, err := f.provider.RenderItem(*w.item)
		f.put(w, request, err, "Item %s would be created, or brought up to date where there is one with this code.", w.item.Code)
		f.succeed(w)
	}
}

func (f *foresight) foreseeInvoices(ctx context.Context) {
	f.takeInBooks(ctx)
	f.decide()
	f.foreseeContacts(ctx)
	for _, w := range f.unknownInvoices() {
		document := w.document
		request, err := f.provider.RenderInvoice(*document)
		totals := document.Totals()
		f.put(w, request, err, "Invoice %s of %s %s would be created for contact %s.", document.Number, shown(totals.Gross, document.Currency), document.Currency, w.contact.Names[0])
		if w.ended {
			continue
		}
		w.created, w.run.ProviderTotals = true, &totals
		f.finishInvoice(w, ports.BookEntity{ID: f.given("invoice " + document.Number), Number: document.Number})
	}
}

// takeInBooks takes note of the invoices that are in the books, with the totals
// that our runs saw there.
func (f *foresight) takeInBooks(ctx context.Context) {
	if f.anew {
		return
	}
	open := f.unknownInvoices()
	f.takeKnown(ctx)
	var ids []int64
	for _, w := range open {
		if w.entity.ID != "" {
			ids = append(ids, w.run.MagentoID)
		}
	}
	if len(ids) == 0 {
		return
	}
	booked, err := f.Runs.FindBooked(ctx, f.binding.TenantID, f.binding.ID, ids)
	for _, w := range open {
		if w.entity.ID == "" {
			continue
		}
		if err != nil {
			w.fail(fmt.Errorf("finding booked invoices: %w", err))
			continue
		}
		totals := mapping.Invoice(f.request(w), w.invoice).MagentoTotals
		w.run.MagentoTotals = &totals
		if b, ok := booked[w.run.MagentoID]; ok && b.EntityID == w.entity.ID {
			w.foundTotals(b.Totals)
		}
		f.prospectOf(w).say("Invoice %s is in the books.", w.entity.Number)
	}
}

// foreseeContacts notes the contacts that open documents need and that are not
// in the books by our records.
func (f *foresight) foreseeContacts(ctx context.Context) {
	for _, c := range f.findContacts(ctx) {
		for _, w := range c.works {
			request, err := f.provider.RenderContact(c.contact)
			f.put(w, request, err, "Contact %s would be looked for by number %s and created where there is none.", c.contact.Names[0], c.contact.Number)
			*w.contactID() = f.given("contact " + c.contact.Number)
		}
	}
}

// succeed ends a work of which everything could be rendered.
func (f *foresight) succeed(w *work) {
	if !w.ended {
		w.succeed()
	}
}

// approves reports whether the settings leave invoices approved, so that they take
// payments.
func (f *foresight) approves(w *work) bool {
	return f.settings[w.run.SettingsVersion].Commercial.InitialStatus == books.StatusAuthorised
}
