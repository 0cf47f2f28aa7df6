package mapping

import (
	"fmt"
	"slices"
	"time"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
)

// question is one filter: what it is called, what it looked at, and the reason
// to leave the document out, empty for none.
type question func() (rule, input string, reason syncrun.SkipReason)

// ask asks the filters in their order and returns the first reason to leave the
// document out; empty for none.
func (t *trail) ask(questions ...question) syncrun.SkipReason {
	for _, ask := range questions {
		rule, input, reason := ask()
		if reason != "" {
			return t.skip(rule, input, reason)
		}
		t.note(rule, input, "pass")
	}
	return ""
}

func (m *invoiceMapper) filter() syncrun.SkipReason {
	return m.ask(m.filterUnpaid, m.filterZeroValue, m.filterSince, m.filterWebsite, m.filterStore, m.filterCancelled)
}

// filterUnpaid lets an invoice pass that is paid, or was just announced as paid.
func (m *invoiceMapper) filterUnpaid() (string, string, syncrun.SkipReason) {
	all := m.req.Settings.SyncBehaviour.SyncUnpaidInvoices
	input := fmt.Sprintf("syncUnpaidInvoices %t, invoice %s on %s", all, m.inv.State, m.req.Event)
	if !all && m.inv.State != commerce.InvoicePaid && m.req.Event != commerce.EventInvoicePaid {
		return "unpaid", input, syncrun.SkipUnpaidInvoice
	}
	return "unpaid", input, ""
}

func (m *mapper) filterZeroValue() (string, string, syncrun.SkipReason) {
	all := m.req.Settings.SyncBehaviour.SyncZeroValueInvoices
	input := fmt.Sprintf("syncZeroValueInvoices %t, grand total %s", all, m.show(m.target.Gross))
	if !all && m.target.Gross.IsZero() {
		return "zero_value", input, syncrun.SkipZeroValueInvoice
	}
	return "zero_value", input, ""
}

// filterSince lets an unreadable time pass: the rule for the date refuses it.
func (m *mapper) filterSince() (string, string, syncrun.SkipReason) {
	since, created := m.req.Settings.SyncBehaviour.SyncSince, m.doc.createdAt
	switch {
	case since == nil:
		return "sync_since", "syncSince unset", ""
	case created.IsZero():
		return "sync_since", "created_at unreadable", ""
	}
	input := fmt.Sprintf("syncSince %s, created %s", since.UTC().Format(time.RFC3339), created.UTC().Format(time.RFC3339))
	if created.Before(*since) {
		return "sync_since", input, syncrun.SkipOutsideSyncSince
	}
	return "sync_since", input, ""
}

func (m *mapper) filterWebsite() (string, string, syncrun.SkipReason) {
	return filterWebsite(m.req, firstKnown(m.doc.websiteID, m.req.WebsiteID))
}

func filterWebsite(req Request, id int64) (string, string, syncrun.SkipReason) {
	allowed := req.Settings.SyncBehaviour.WebsiteFilter
	input := fmt.Sprintf("websiteFilter %v, website %d", allowed, id)
	if len(allowed) > 0 && !slices.Contains(allowed, id) {
		return "website", input, syncrun.SkipWebsiteFiltered
	}
	return "website", input, ""
}

func (m *mapper) filterStore() (string, string, syncrun.SkipReason) {
	allowed, id := m.req.Settings.SyncBehaviour.StoreFilter, firstKnown(m.doc.storeID, m.req.StoreID)
	input := fmt.Sprintf("storeFilter %v, store %d", allowed, id)
	if len(allowed) > 0 && !slices.Contains(allowed, id) {
		return "store", input, syncrun.SkipStoreFiltered
	}
	return "store", input, ""
}

func (m *invoiceMapper) filterCancelled() (string, string, syncrun.SkipReason) {
	if m.inv.State == commerce.InvoiceCancelled {
		return "cancelled", string(m.inv.State), syncrun.SkipInvoiceCancelled
	}
	return "cancelled", string(m.inv.State), ""
}

// firstKnown is the document's id, else the envelope's; 0 means unknown in both
// and is on no filter's list.
func firstKnown(document, envelope int64) int64 {
	if document != 0 {
		return document
	}
	return envelope
}
