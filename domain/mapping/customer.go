package mapping

import (
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
)

// CustomerDecision is what becomes of a customer. Exactly one of Contact and
// Skip is set.
type CustomerDecision struct {
	Contact *books.Contact
	Skip    syncrun.SkipReason
	// Trace is every rule consulted, in order.
	Trace []syncrun.Step
}

// Customer decides what becomes of a customer of the shop.
func Customer(req Request, c commerce.Customer) CustomerDecision {
	var t trail
	var out CustomerDecision
	out.Skip = t.ask(func() (string, string, syncrun.SkipReason) {
		return filterWebsite(req, firstKnown(c.WebsiteID, req.WebsiteID))
	})
	if out.Skip == "" {
		contact := Contact(req, c, nil, nil, "")
		t.note("contact", describeCustomer(req, c), contact.Number)
		out.Contact = &contact
	}
	out.Trace = t
	return out
}
