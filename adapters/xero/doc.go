// Package xero puts contacts and invoices into Xero through its Accounting API.
//
// [Provider] implements ports.Provider. It keeps no state between calls and
// retries nothing by itself: what becomes of a fault is decided by the run. The
// exceptions take no risk. A batch that Xero refuses as a whole is sent again
// without the elements at fault, and a contact whose creation is uncertain is
// looked up by its number and then created once more, because contact numbers
// are unique and creation never overwrites.
//
// Documents are created with PUT, which in this API creates only; POST would
// edit a document of the same number. Every write carries an Idempotency-Key
// made of its members' keys, and its members stand in the order of their keys,
// so that the same members under the same keys are the same bytes.
//
// Errors are classified in errors.go: statuses by what they say about the
// effect of the call, messages of refused elements by one table.
package xero
