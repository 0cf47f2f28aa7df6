// Package xero puts contacts, invoices, credit notes, payments and items into
// Xero through its Accounting API.
//
// [Provider] implements ports.Provider. It keeps no state between calls and
// retries nothing by itself: what becomes of a fault is decided by the run. The
// exceptions take no risk. A batch that Xero refuses as a whole is sent again
// without the elements at fault, and a contact whose creation is uncertain is
// looked up by its number and then created once more, because contact numbers
// are unique and creation never overwrites.
//
// Documents are created with PUT, which in this API creates only; POST would
// edit a document of the same number. Every creation carries an Idempotency-Key
// made of its members' keys, and its members stand in the order of their keys,
// so that the same members under the same keys are the same bytes.
//
// Items and known contacts are set to a state with POST. That may be repeated
// and carries no key: Xero would answer a return to an earlier state from its
// memory of the first time and change nothing.
//
// Errors are classified once: statuses in errors.go by what they say about the
// effect of the call, messages of refused elements in rules.go.
package xero
