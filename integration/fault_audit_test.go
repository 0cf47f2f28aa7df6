package integration_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/sandbox/magento"
)

func tenantID(id string) access.TenantID { return access.TenantID(id) }

// place is where a document stands in the shop.
type place struct {
	kind magento.Kind
	id   int
}

// eventKinds are the kinds of documents that events announce.
var eventKinds = map[string]magento.Kind{
	magento.EventInvoiceCreated: magento.KindInvoice, magento.EventInvoicePaid: magento.KindPayment,
	magento.EventCreditMemoCreated: magento.KindCreditMemo, magento.EventCustomerUpserted: magento.KindCustomer,
	magento.EventProductUpserted: magento.KindProduct,
}

// apiRun is a run as the API tells of it.
type apiRun struct {
	Event                         string
	MagentoID                     json.Number
	Status, SkipReason, ErrorCode string
	Message                       string
	ProviderReference             string
	ProviderEntityID              string
	Totals                        struct{ Magento *apiTotals }
	NextAttemptAt                 time.Time
	Attempts                      []struct{ StartedAt time.Time }
}

type apiTotals struct{ Tax, Gross decimal.Decimal }

func (r apiRun) place() place {
	id, _ := strconv.Atoi(r.MagentoID.String())
	return place{eventKinds[r.Event], id}
}

// apiChip is a sync state as the API tells of it.
type apiChip struct {
	MagentoID                                       json.Number
	Status, SkipReason, ErrorCode, ProviderEntityID string
}

// runs reads every run through the API.
func (f *faultWorld) runs(t *testing.T) []apiRun {
	t.Helper()
	var runs []apiRun
	for after := any(nil); ; {
		var page struct {
			SyncRuns struct {
				Nodes    []apiRun
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		f.graphql(t, `query($after: String) { syncRuns(first: 200, after: $after) {
			nodes { event magentoId status nextAttemptAt skipReason errorCode message providerReference providerEntityId totals { magento { tax gross } } attempts { startedAt } }
			pageInfo { hasNextPage endCursor } } }`, map[string]any{"after": after}, &page)
		runs = append(runs, page.SyncRuns.Nodes...)
		if !page.SyncRuns.PageInfo.HasNextPage {
			return runs
		}
		after = page.SyncRuns.PageInfo.EndCursor
	}
}

// chips reads the ledger's chips of all announced documents.
func (f *faultWorld) chips(t *testing.T) map[place]apiChip {
	t.Helper()
	ids := map[magento.Kind][]int{}
	for _, d := range f.shop.Documents() {
		if d.Announced && d.Kind != magento.KindPayment {
			ids[d.Kind] = append(ids[d.Kind], d.ID)
		}
	}
	out := map[place]apiChip{}
	for kind, entity := range map[magento.Kind]string{
		magento.KindInvoice: "INVOICE", magento.KindCreditMemo: "CREDITMEMO", magento.KindCustomer: "CUSTOMER", magento.KindProduct: "PRODUCT",
	} {
		for chunk := range slices.Chunk(ids[kind], 500) {
			var answer struct{ SyncStates []apiChip }
			f.graphql(t, `query($type: EntityType!, $ids: [Int64!]!) { syncStates(entityType: $type, magentoIds: $ids) {
				magentoId status skipReason errorCode providerEntityId } }`, map[string]any{"type": entity, "ids": chunk}, &answer)
			for _, chip := range answer.SyncStates {
				id, _ := strconv.Atoi(chip.MagentoID.String())
				out[place{kind, id}] = chip
			}
		}
	}
	return out
}

// untold lists the documents whose chip in the shop is not the ledger's, or that
// have none.
func (f *faultWorld) untold(t *testing.T) []string {
	t.Helper()
	mirror := map[place]magento.MirrorRow{}
	for _, row := range f.shop.Mirror() {
		mirror[place{magento.Kind(row.EntityType), int(row.MagentoID)}] = row
	}
	chips := f.chips(t)
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	var out []string
	for _, d := range f.shop.Documents() {
		at := place{d.Kind, d.ID}
		if !d.Announced || d.Kind == magento.KindPayment {
			continue
		}
		chip, row := chips[at], mirror[at]
		isTold := chip.Status != "" && chip.Status != "PENDING" && row.SyncStatus == strings.ToLower(chip.Status) &&
			text(row.SkipReason) == chip.SkipReason && text(row.ErrorCode) == chip.ErrorCode && text(row.ProviderEntityID) == chip.ProviderEntityID
		if !isTold {
			out = append(out, fmt.Sprintf("%s %d: ledger %q, shop %q", d.Kind, d.ID, chip.Status, row.SyncStatus))
		}
	}
	return out
}

// settle waits until every event has arrived and ended, and the shop was told.
func (f *faultWorld) settle(t *testing.T, within time.Duration) {
	t.Helper()
	deadline := time.Now().Add(within)
	for {
		waiting := 0
		for _, row := range f.shop.Outbox() {
			if row.Status == magento.OutboxPending {
				waiting++
			}
		}
		scheduled, open := f.shop.Stats().Scheduled, -1
		if scheduled+waiting == 0 {
			if open = f.pending(t); open == 0 && len(f.untold(t)) == 0 {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Errorf("after %v: %d still to happen, %d events not delivered, %d runs open", within, scheduled, waiting, open)
			return
		}
		time.Sleep(250 * time.Millisecond)
	}
}

// verdict is what the audit of a case found.
type verdict struct {
	name                         string
	documents, kills             int
	lost, doubled, untold, cents int
	took                         time.Duration
}

func (v *verdict) add(more verdict) {
	v.documents += more.documents
	v.kills += more.kills
	v.lost += more.lost
	v.doubled += more.doubled
	v.untold += more.untold
	v.cents += more.cents
}

// want is how the run of a document must end, given what its shop planted.
func want(d magento.DocumentSummary) string {
	switch {
	case d.Kind == magento.KindPayment && d.PaymentMethod == unpaidMethod && !d.Total.IsZero():
		return "SKIPPED payment_method_not_mapped"
	case d.Oddity == magento.OddityComposite:
		return "SKIPPED product_type_not_supported"
	case d.Oddity == magento.OddityOld:
		return "SKIPPED outside_sync_since"
	case d.Oddity == magento.OddityLate:
		return "HELD period_locked"
	case d.Oddity == magento.OddityRate:
		return "HELD tax_rate_not_mapped"
	case d.Oddity == magento.OddityCurrency:
		return "HELD currency_not_subscribed"
	}
	return "SUCCEEDED"
}

func (r apiRun) end() string {
	return strings.TrimSpace(r.Status + " " + cmp.Or(r.SkipReason, r.ErrorCode))
}

// audit compares the events the shop sent, the runs, the books and the chips,
// document by document, and reports every difference as an error.
func (f *faultWorld) audit(t *testing.T) verdict {
	t.Helper()
	v := verdict{kills: f.kills}
	note := func(count *int, n int, format string, args ...any) {
		t.Helper()
		if n != 0 {
			*count += n
			t.Errorf(format, args...)
		}
	}
	for _, row := range f.shop.Outbox() {
		if row.Status != magento.OutboxSucceeded {
			note(&v.lost, 1, "event %s is %s in the shop's outbox", row.IdempotencyKey, row.Status)
		}
	}
	runs := map[place][]apiRun{}
	for _, run := range f.runs(t) {
		runs[run.place()] = append(runs[run.place()], run)
	}
	credited := map[string]decimal.Decimal{}
	for _, i := range f.books.Invoices(f.organisation) {
		credited[i.Number] = i.AmountCredited
		if i.AmountCredited.IsPositive() && i.AmountPaid.IsPositive() {
			t.Logf("invoice %s was credited %s before it was paid %s", i.Number, i.AmountCredited, i.AmountPaid)
		}
	}
	entries, doubled := f.entries()
	for _, message := range doubled {
		note(&v.doubled, 1, "%s", message)
	}
	for _, d := range f.shop.Documents() {
		if !d.Announced {
			continue
		}
		v.documents++
		at := place{d.Kind, d.ID}
		found := runs[at]
		if len(found) == 0 && d.Kind == magento.KindInvoice && len(runs[place{magento.KindPayment, d.ID}]) > 0 {
			// Its payment came first and brought it into the books, so that the event
			// asks for nothing.
			found = []apiRun{{Status: "SUCCEEDED"}}
		}
		if len(found) == 0 {
			note(&v.lost, 1, "%s %d has no run", d.Kind, d.ID)
			continue
		}
		// An event that is sent again after its run ended may have another run; the
		// newest one counts.
		run := found[0]
		isOpen := slices.ContainsFunc(found, func(r apiRun) bool {
			return !slices.Contains([]string{"SUCCEEDED", "SKIPPED", "HELD", "FAILED"}, r.Status)
		})
		if isOpen || (!f.broken[at] && run.end() != want(d)) {
			note(&v.lost, 1, "%s %d %s ended as %q, want %q: %s", d.Kind, d.ID, d.IncrementID, run.end(), want(d), run.Message)
			continue
		}
		key := entryKey{d.Kind, d.IncrementID}
		if d.Kind == magento.KindProduct || d.Kind == magento.KindCustomer {
			key.number = run.ProviderEntityID
		}
		booked := entries[key]
		if d.Kind != magento.KindCustomer { // customers may share a contact
			delete(entries, key)
		}
		if d.Kind == magento.KindPayment {
			// A credit note that came first took its part of what was due.
			d.Total.Decimal = d.Total.Sub(credited[d.IncrementID])
		}
		due := 0
		if run.Status == "SUCCEEDED" && (d.Kind != magento.KindPayment || d.Total.IsPositive()) {
			due = 1
		}
		note(&v.lost, max(0, due-len(booked)), "%s %s is %d times in the books, want %d", d.Kind, d.IncrementID, len(booked), due)
		note(&v.doubled, max(0, len(booked)-due), "%s %s is %d times in the books, want %d", d.Kind, d.IncrementID, len(booked), due)
		if len(booked) == 1 && due == 1 {
			cents := f.centsOff(d, run, booked[0])
			note(&v.cents, cents, "%s %s is %d cents off: %+v", d.Kind, d.IncrementID, cents, booked[0])
		}
	}
	for key, strangers := range entries {
		if key.kind != magento.KindCustomer {
			note(&v.doubled, len(strangers), "the books have %s %s, which the shop did not ask for", key.kind, key.number)
		}
	}
	for _, message := range f.untold(t) {
		note(&v.untold, 1, "%s", message)
	}
	return v
}

// entryKey names a document of the books as the shop does; customers and
// products by the books' own id.
type entryKey struct {
	kind   magento.Kind
	number string
}

type entry struct {
	total, tax decimal.Decimal
}

// entries are the documents in the books, and what is there twice by a name that
// must be unique.
func (f *faultWorld) entries() (entries map[entryKey][]entry, doubled []string) {
	entries = map[entryKey][]entry{}
	seen := map[string]bool{}
	unique := func(kind, name string) {
		if name != "" && seen[kind+" "+name] {
			doubled = append(doubled, fmt.Sprintf("the books have %s %s twice", kind, name))
		}
		seen[kind+" "+name] = true
	}
	for _, i := range f.books.Invoices(f.organisation) {
		key := entryKey{magento.KindInvoice, i.Number}
		entries[key] = append(entries[key], entry{i.Total, i.TotalTax})
	}
	for _, n := range f.books.CreditNotes(f.organisation) {
		key := entryKey{magento.KindCreditMemo, n.Number}
		entries[key] = append(entries[key], entry{n.Total, n.TotalTax})
		for _, a := range n.Allocations {
			unique("the allocation", n.Number+" to "+a.InvoiceNumber)
		}
	}
	for _, p := range f.books.Payments(f.organisation) {
		if p.CreditNoteID != "" {
			unique("the refund", p.CreditNoteNumber)
			continue
		}
		unique("the payment", p.Reference)
		key := entryKey{magento.KindPayment, p.InvoiceNumber}
		entries[key] = append(entries[key], entry{total: p.Amount})
	}
	for _, c := range f.books.Contacts(f.organisation) {
		unique("the contact", c.Number)
		key := entryKey{magento.KindCustomer, c.ID}
		entries[key] = append(entries[key], entry{})
	}
	for _, i := range f.books.Items(f.organisation) {
		unique("the item", i.Code)
		key := entryKey{magento.KindProduct, i.ID}
		entries[key] = append(entries[key], entry{})
	}
	return entries, doubled
}

// centsOff is by how many minor units gross and tax in the books differ from the
// shop's. A credit memo states no tax; its run tells what was computed of it.
func (f *faultWorld) centsOff(d magento.DocumentSummary, run apiRun, booked entry) int {
	if d.Currency == "" {
		return 0
	}
	tax := booked.tax
	switch invoice, ok := f.shop.Invoice(d.ID); {
	case d.Kind == magento.KindInvoice && ok:
		tax = invoice.TaxAmount.Decimal
	case d.Kind == magento.KindCreditMemo && run.Totals.Magento != nil:
		tax = run.Totals.Magento.Tax
	}
	off := booked.total.Sub(d.Total.Decimal).Abs().Add(booked.tax.Sub(tax).Abs())
	return int(off.Shift(money.Currency(d.Currency).MinorUnits()).Ceil().IntPart())
}
