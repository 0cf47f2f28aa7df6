package xero

import (
	"encoding/json"
	"net/http"
	"net/url"

	"byte8.io/ledger/domain/fault"
)

// collection is a collection of the API and how its elements are written.
type collection struct {
	plural string
	// method is PUT, which creates only, or POST, which sets elements to a state.
	method string
	path   string
	query  string
	// identify is what an answered element is recognised by, because the order
	// of an answer is not promised; false for an element without.
	identify func(json.RawMessage) (string, bool)
	// repeated is the fault of an element whose identity stands in the call already.
	repeated error
}

// setsState reports whether a repeated write does no harm. Xero's memory of keys
// does: it would answer a return to an earlier state from the first time.
func (c collection) setsState() bool { return c.method == http.MethodPost }

// write is the request that writes elements, without a key.
func (c collection) write(elements ...element) request {
	return request{method: c.method, path: c.path, query: c.query, body: envelope(c.plural, elements)}
}

// Unit amounts keep four decimals only when every call says so.
const (
	perElement             = "summarizeErrors=false"
	perElementAtFourPlaces = "summarizeErrors=false&unitdp=4"
)

var (
	contactCollection = collection{
		plural: "Contacts", method: http.MethodPut, path: "/Contacts", query: perElement, identify: property("ContactNumber"),
		repeated: fault.New(fault.CodeProviderUnavailable, "Not sent, because another contact of the same call has this number."),
	}
	contactUpdates = collection{
		plural: "Contacts", method: http.MethodPost, path: "/Contacts", query: perElement, identify: property("ContactID"),
		repeated: fault.New(fault.CodeProviderUnavailable, "Not sent, because another change of the same call is for this contact."),
	}
	invoiceCollection = collection{
		plural: "Invoices", method: http.MethodPut, path: "/Invoices", query: perElementAtFourPlaces, identify: property("InvoiceNumber"),
		repeated: fault.New(fault.CodeNumberTaken, "Another invoice of the same call has this number."),
	}
	creditNoteCollection = collection{
		plural: "CreditNotes", method: http.MethodPut, path: "/CreditNotes", query: perElementAtFourPlaces, identify: property("CreditNoteNumber"),
		repeated: fault.New(fault.CodeNumberTaken, "Another credit note of the same call has this number."),
	}
	paymentCollection = collection{
		plural: "Payments", method: http.MethodPut, path: "/Payments", query: perElement, identify: identifyPayment,
		repeated: fault.New(fault.CodeProviderUnavailable, "Not sent, because the same call carries an equal payment."),
	}
	itemCollection = collection{
		plural: "Items", method: http.MethodPost, path: "/Items", query: perElementAtFourPlaces, identify: property("Code"),
		repeated: fault.New(fault.CodeProviderUnavailable, "Not sent, because another item of the same call has this code."),
	}
)

// allocationsOf are the allocations of a credit note.
func allocationsOf(creditNoteID string) collection {
	return collection{
		plural: "Allocations", method: http.MethodPut, path: "/CreditNotes/" + url.PathEscape(creditNoteID) + "/Allocations",
		query: perElement, identify: identifyAllocation,
	}
}

// property identifies an element by one of its properties.
func property(name string) func(json.RawMessage) (string, bool) {
	return func(raw json.RawMessage) (string, bool) {
		var fields map[string]json.RawMessage
		var value string
		if json.Unmarshal(raw, &fields) != nil || json.Unmarshal(fields[name], &value) != nil {
			return "", false
		}
		return value, value != ""
	}
}
