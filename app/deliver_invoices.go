package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"golang.org/x/sync/errgroup"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// createInvoice is the operation in the provider's idempotency key.
const createInvoice = "create"

// deliverInvoices takes the open works of invoice events through their stages:
// known already, look up what may have been sent, read, decide, contacts,
// intent, send. A work that ends leaves the later stages out.
func (d *delivery) deliverInvoices(ctx context.Context) {
	d.takeKnown(ctx)
	d.lookUp(ctx)
	d.read(ctx)
	d.decide()
	d.resolveContacts(ctx)
	for _, together := range d.groups(d.open()) {
		d.send(ctx, d.intend(ctx, together))
	}
	d.afterArchivedContact(ctx)
}

// takeKnown ends the works whose invoice has an xref: it is in the books.
func (d *delivery) takeKnown(ctx context.Context) {
	open := d.open()
	if len(open) == 0 {
		return
	}
	keys := make([]string, 0, len(open))
	for _, w := range open {
		keys = append(keys, documentKey(w.run))
	}
	known, err := d.Runs.FindXrefs(ctx, d.xrefScope(), syncrun.XrefInvoice, keys)
	if err != nil {
		d.failAll(open, fmt.Errorf("finding xrefs: %w", err))
		return
	}
	for _, w := range open {
		x, ok := known[documentKey(w.run)]
		if !ok {
			continue
		}
		w.trace("known", "xref of invoice "+x.Key, "in the books as "+x.Reference)
		w.settle(d.Now())
		w.name(ports.BookEntity{ID: x.EntityID, Number: x.Reference, URL: x.URL})
		d.finishInvoice(w)
	}
}

func documentKey(run syncrun.Run) string { return strconv.FormatInt(run.MagentoID, 10) }

// read fetches the documents from the shop.
func (d *delivery) read(ctx context.Context) {
	var reading errgroup.Group
	reading.SetLimit(shopConcurrency)
	for _, w := range d.open() {
		if w.lookAgain {
			continue
		}
		reading.Go(func() error {
			err := guarded(func() error {
				invoice, err := d.Shop.Invoice(ctx, d.shop, w.run.MagentoID)
				w.invoice = invoice
				return err
			})
			if err != nil {
				w.fail(fmt.Errorf("reading the invoice: %w", err))
				return nil
			}
			w.run.IncrementID, w.run.Currency = w.invoice.IncrementID, w.invoice.Currency
			return nil
		})
	}
	_ = reading.Wait() // each read ends its own work
}

// decide maps each document, or ends its work with a skip, a hold or a refusal.
func (d *delivery) decide() {
	for _, w := range d.open() {
		if w.lookAgain {
			continue
		}
		err := guarded(func() error {
			d.decideInvoice(w)
			return nil
		})
		if err != nil {
			w.fail(err)
		}
	}
}

func (d *delivery) decideInvoice(w *work) {
	decision := mapping.Invoice(mapping.Request{
		Settings: d.settings[w.run.SettingsVersion], Reference: d.ref, Capabilities: d.provider.Capabilities(),
		Location: d.location, StoreCode: d.store.Code, StoreURL: d.store.BaseURL, Event: w.run.Event,
	}, w.invoice)
	w.run.Trace = append(w.run.Trace, decision.Trace...)
	totals := decision.MagentoTotals
	w.run.MagentoTotals = &totals
	switch {
	case decision.Fault != nil:
		w.fail(decision.Fault)
	case decision.Skip != "":
		w.skip(decision.Skip)
	default:
		w.document, w.contact = decision.Invoice, decision.Contact
	}
}

// groups splits works into those that may be sent in one call.
func (d *delivery) groups(works []*work) [][]*work {
	var out [][]*work
	var open []*work
	room := 0
	for _, w := range works {
		together := w.run.TogetherWith(d.provider.Capabilities().BatchSize)
		if len(open) > 0 && len(open) < min(room, together) {
			open, room = append(open, w), min(room, together)
			out[len(out)-1] = open
			continue
		}
		open, room = []*work{w}, together
		out = append(out, open)
	}
	return out
}

// intend records the exact documents before anything is sent, and returns the
// works that may be sent.
func (d *delivery) intend(ctx context.Context, works []*work) []*work {
	var ready []*work
	var intents []ports.RunIntent
	for _, w := range works {
		if w.document == nil {
			continue
		}
		body, err := json.Marshal(w.document)
		if err != nil {
			w.fail(fmt.Errorf("encoding the document: %w", err))
			continue
		}
		intent := syncrun.NewIntent(w.run, d.binding.Organisation.ID, createInvoice, body, w.nextEpoch(), d.Now())
		w.before, w.run.Intent = w.run.Intent, &intent
		ready = append(ready, w)
		intents = append(intents, ports.RunIntent{Lease: w.lease, Intent: intent})
	}
	if len(ready) == 0 {
		return nil
	}
	if err := d.Runs.RecordIntents(ctx, intents); err != nil {
		for _, w := range ready {
			w.run.Intent = w.before
			w.fail(fmt.Errorf("recording what is about to be sent: %w", err))
		}
		return nil
	}
	return ready
}

// send puts the documents into the books and settles each by its own answer.
func (d *delivery) send(ctx context.Context, works []*work) {
	if len(works) == 0 {
		return
	}
	writes := make([]ports.InvoiceWrite, len(works))
	for i, w := range works {
		writes[i] = ports.InvoiceWrite{Key: w.run.Intent.ProviderKey, Invoice: *w.document}
	}
	var outcomes []ports.InvoiceOutcome
	err := d.withSession(ctx, d.binding, func(s session) error {
		var err error
		outcomes, err = d.provider.PutInvoices(ctx, s, writes)
		return err
	})
	if err == nil && len(outcomes) != len(works) {
		err = fault.New(fault.CodeProviderUncertain, "The provider answered for another number of documents.")
	}
	if err != nil {
		for _, w := range works {
			d.settleFault(w, err)
		}
		return
	}
	var taken []*work
	for i, w := range works {
		o := outcomes[i]
		w.request, w.response = o.Request, o.Response
		switch {
		case fault.Is(o.Err, fault.CodeNumberTaken):
			w.settle(d.Now())
			taken = append(taken, w)
		case o.Err != nil:
			d.settleFault(w, o.Err)
		default:
			d.accept(w, o.Entity, o.Totals)
		}
	}
	d.adoptTaken(ctx, taken)
}

// settleFault ends a work by a fault of its write, and says what the intent is
// worth now: open while the outcome is unknown, as before when nothing was
// sent, settled after a definite refusal.
func (d *delivery) settleFault(w *work, err error) {
	switch fault.KindOf(err) {
	case fault.Uncertain, fault.Internal:
		err = fault.Wrap(fault.CodeProviderUncertain, "The provider's answer was lost.", err)
	case fault.Throttled, fault.Unavailable, fault.Unlinked:
		w.run.Intent = w.before
	default:
		w.settle(d.Now())
	}
	w.fail(err)
}

// accept ends a work whose document is in the books. It is linked when the
// provider's totals are the ones we computed. When they are not it is held and
// not linked: the next attempt finds it by its number and compares again.
func (d *delivery) accept(w *work, entity ports.BookEntity, totals books.Totals) {
	w.settle(d.Now())
	w.name(entity)
	w.run.ProviderTotals = &totals
	if want := w.document.Totals(); !totals.Equal(want) {
		w.trace("totals", "ours "+showTotals(want), "the provider's "+showTotals(totals))
		w.fail(fault.Newf(fault.CodeTotalsDiffer, "The invoice is in the books with other totals: %s there, %s in Magento. Correct it there, then retry; it is not sent again.", showTotals(totals), showTotals(want)))
		return
	}
	w.xrefs = append(w.xrefs, d.xref(syncrun.XrefInvoice, documentKey(w.run), entity))
	w.trace("totals", "ours "+showTotals(w.document.Totals()), "equal in the books")
	d.finishInvoice(w)
}

func showTotals(t books.Totals) string {
	return fmt.Sprintf("net %s, tax %s, gross %s", t.Net, t.Tax, t.Gross)
}

// finishInvoice ends a work whose invoice is in the books. A payment follows
// the payment-method map.
func (d *delivery) finishInvoice(w *work) {
	if w.run.Event != commerce.EventInvoicePaid {
		w.succeed()
		return
	}
	route := d.settings[w.run.SettingsVersion]
	if route.Defaults.BankAccount == "" && len(route.PaymentMethodMap) == 0 {
		w.trace("payment_method_map", "no method is mapped and there is no default bank account", "no payment is made")
		w.skip(syncrun.SkipPaymentMethodNotMapped)
		return
	}
	w.fail(fault.New(fault.CodeNotSupported, "The invoice is in the books; this server does not book payments for this provider."))
}
