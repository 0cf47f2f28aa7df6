package app

import (
	"context"
	"fmt"
	"strconv"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// foreseePayments decides the payments of paid invoices that are in the books or
// would be.
func (f *foresight) foreseePayments(ctx, reading context.Context) {
	open := f.unpaid()
	if !f.anew {
		f.takeKnownPayments(ctx)
	}
	for _, w := range open {
		if w.ended && w.err == nil {
			f.prospectOf(w).say("Its payment is in the books.")
		}
	}
	f.readPayments(reading)
	f.recallInvoices(ctx)
	works := f.unpaid()
	invoices, asked := f.payableSoFar(works)
	for _, w := range asked {
		invoices[w.entity.Number] = f.assumePayable(w)
	}
	for _, w := range works {
		w.guard(func(w *work) { f.foreseePayment(w, invoices[w.entity.Number]) })
	}
}

func (f *foresight) foreseePayment(w *work, invoice mapping.PayableInvoice) {
	f.decidePayment(w, invoice)
	s := f.prospectOf(w)
	switch {
	case w.err != nil:
		s.say("Its payment would not be booked yet.")
	case w.run.Status == syncrun.StatusSkipped:
		s.say("Its payment would be left out: %s.", w.run.SkipReason)
	case w.payment == nil:
		s.say("Nothing is to pay.")
	default:
		request, err := f.provider.RenderPayment(*w.payment)
		f.put(w, request, err, "A payment of %s %s would be booked on invoice %s.", shown(w.payment.Amount, w.payment.Currency), w.payment.Currency, w.entity.Number)
		f.succeed(w)
	}
}

// assumePayable takes an invoice, of whose balance our records do not speak, for
// one of which everything is due. Live work looks at it first.
func (f *foresight) assumePayable(w *work) mapping.PayableInvoice {
	f.prospectOf(w).say("What is due of invoice %s is looked at in the books first; no more than that is paid.", w.entity.Number)
	due := w.received.Amount
	if w.run.ProviderTotals != nil {
		due = w.run.ProviderTotals.Gross
	}
	return mapping.PayableInvoice{ID: w.entity.ID, Number: w.entity.Number, Due: due, Currency: w.received.Currency, TakesPayments: f.approves(w)}
}

// foreseeCreditMemos decides credit memos and what becomes of their money. Memos
// of one invoice do not know of each other here, but of those sent before.
func (f *foresight) foreseeCreditMemos(ctx, reading context.Context) {
	if !f.anew {
		f.takeKnownNotes(ctx)
	}
	f.filterMemos()
	runs := f.awaitInvoices(ctx, f.refunding())
	f.assumeParents(ctx, runs)
	for _, w := range f.unknownNotes() {
		w.guard(func(w *work) { f.decideNote(ctx, w) })
	}
	f.foreseeContacts(ctx)
	for _, w := range f.unknownNotes() {
		note := w.note
		request, err := f.provider.RenderCreditNote(*note)
		totals := note.Totals()
		f.put(w, request, err, "Credit note %s of %s %s would be created for contact %s.", note.Number, shown(totals.Gross, note.Currency), note.Currency, w.contact.Names[0])
		w.created, w.run.ProviderTotals = true, &totals
		w.entity = ports.BookEntity{ID: f.given("credit note " + note.Number), Number: note.Number}
	}
	f.foreseeSettlements(ctx, reading)
}

// assumeParents takes the invoices that memos refund as our own records have
// them; runs are those of the invoices.
func (f *foresight) assumeParents(ctx context.Context, runs map[int64][]ports.InvoiceRun) {
	links := f.linkParents(ctx, runs)
	if len(links) == 0 {
		return
	}
	var ids []int64
	var keys []string
	for w := range links {
		ids, keys = append(ids, w.run.ParentID), append(keys, strconv.FormatInt(w.run.ParentID, 10))
	}
	booked, err := f.Runs.FindBooked(ctx, f.binding.TenantID, f.binding.ID, ids)
	var paid map[string]syncrun.Xref
	if err == nil {
		paid, err = f.Runs.FindXrefs(ctx, f.xrefScope(), syncrun.XrefInvoicePayment, keys)
	}
	for w, link := range links {
		if err != nil {
			w.fail(fmt.Errorf("finding the refunded invoice: %w", err))
			continue
		}
		payment, isPaid := paid[link.Key]
		invoice := booked[w.run.ParentID]
		if invoice.EntityID != link.EntityID {
			invoice = ports.BookedInvoice{Totals: books.Totals{Gross: w.memo.GrandTotal}, Currency: w.memo.Currency}
		}
		w.parent = parentFrom(link, invoice)
		if isPaid {
			w.parent.AmountDue = money.Zero
			w.parent.Payments = []ports.BookPayment{{ID: payment.EntityID, Amount: invoice.Totals.Gross, Reference: payment.Reference}}
		}
		f.prospectOf(w).say("Invoice %s is taken as our own records have it; live, it is looked at in the books first.", link.Reference)
	}
}

// parentFrom is an approved invoice as it stood after it was created.
func parentFrom(link syncrun.Xref, invoice ports.BookedInvoice) *ports.FoundInvoice {
	return &ports.FoundInvoice{
		Entity: ports.BookEntity{ID: link.EntityID, Number: link.Reference, URL: link.URL}, Currency: string(invoice.Currency),
		Totals: invoice.Totals, TakesPayments: true, AmountDue: invoice.Totals.Gross,
	}
}

func (f *foresight) foreseeSettlements(ctx, reading context.Context) {
	var works []*work
	for _, w := range f.memos() {
		if w.entity.ID != "" {
			works = append(works, w)
		}
	}
	settled, err := f.findXrefs(ctx, syncrun.XrefSettlement, works)
	if err != nil {
		f.failAll(works, err)
		return
	}
	credits, older := creditsSoFar(works)
	for _, w := range older {
		f.prospectOf(w).say("Credit note %s is in the books.", w.entity.Number)
		credits[w.entity.ID] = mapping.CreditState{ID: w.entity.ID, Remaining: w.memo.GrandTotal, TakesPayments: f.approves(w)}
	}
	for _, w := range works {
		if _, ok := settled[documentKey(w.run)]; ok && !w.created {
			f.prospectOf(w).say("Its money is settled.")
			w.succeed()
			continue
		}
		w.guard(func(w *work) { f.foreseeSettlement(reading, w, credits[w.entity.ID]) })
	}
}

func (f *foresight) foreseeSettlement(ctx context.Context, w *work, credit mapping.CreditState) {
	plan, invoice := f.planSettlement(ctx, w, credit, map[string]*mapping.PayableInvoice{})
	if w.ended {
		f.prospectOf(w).say("Its money would not be settled yet.")
		return
	}
	currency := w.memo.Currency
	if plan.Allocate.Sign() > 0 {
		allocation := books.Allocation{CreditNoteID: w.entity.ID, InvoiceID: plan.InvoiceID, Amount: plan.Allocate, Date: plan.Date}
		f.prospectOf(w).allocation = &allocation
		request, err := f.provider.RenderAllocation(allocation)
		f.put(w, request, err, "%s %s of it would be set against invoice %s.", shown(plan.Allocate, currency), currency, invoice.Number)
	}
	if plan.Refund != nil {
		f.prospectOf(w).refund = plan.Refund
		request, err := f.provider.RenderPayment(*plan.Refund)
		f.put(w, request, err, "%s %s of it would be paid back.", shown(plan.Refund.Amount, currency), currency)
	}
	if plan.LeaveOpen {
		f.prospectOf(w).say("What remains of it would stay open as the customer's credit.")
	}
	f.succeed(w)
}

// eventOf is the event by which documents of a kind come.
func eventOf(kind commerce.EntityType) commerce.EventName {
	switch kind {
	case commerce.EntityCreditMemo:
		return commerce.EventCreditMemoCreated
	case commerce.EntityCustomer:
		return commerce.EventCustomerUpserted
	case commerce.EntityProduct:
		return commerce.EventProductUpserted
	case commerce.EntityInvoice:
	}
	return commerce.EventInvoiceCreated
}

// shown writes an amount with the currency's decimals.
func shown(a money.Amount, c money.Currency) string { return a.Fixed(max(c.MinorUnits(), a.Places())) }
