package magento

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
)

// Kind is a sort of canonical document, named as its route is.
type Kind string

// The kinds. A payment is addressed by its invoice's id.
const (
	KindInvoice    Kind = "invoice"
	KindCustomer   Kind = "customer"
	KindCreditMemo Kind = "creditmemo"
	KindPayment    Kind = "payment"
	KindProduct    Kind = "product"
)

// kinds lists every kind.
var kinds = [...]Kind{KindInvoice, KindCustomer, KindCreditMemo, KindPayment, KindProduct}

// InvoiceSummary is what a shopkeeper's list shows of an invoice.
type InvoiceSummary struct {
	ID          int    `json:"id"`
	IncrementID string `json:"increment_id"`
	Currency    string `json:"currency"`
	State       string `json:"state"`
	GrandTotal  Number `json:"grand_total"`
	TaxAmount   Number `json:"tax_amount"`
}

func (i Invoice) summary() InvoiceSummary {
	return InvoiceSummary{
		ID:          i.MagentoID,
		IncrementID: i.IncrementID,
		Currency:    i.Currency,
		State:       i.State,
		GrandTotal:  i.GrandTotal,
		TaxAmount:   i.TaxAmount,
	}
}

type documentKey struct {
	kind Kind
	id   int
}

// documents are the shop's entities as the API shows them.
type documents struct {
	mu       sync.RWMutex
	bodies   map[documentKey][]byte
	invoices map[int]Invoice
}

func newDocuments() *documents {
	return &documents{bodies: map[documentKey][]byte{}, invoices: map[int]Invoice{}}
}

func (d *documents) body(kind Kind, id int) ([]byte, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	body, ok := d.bodies[documentKey{kind, id}]
	return body, ok
}

func (d *documents) invoice(id int) (Invoice, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	invoice, ok := d.invoices[id]
	return invoice, ok
}

// put encodes a generated document and makes it the newest state of its entity.
func (d *documents) put(kind Kind, id int, document any) error {
	body, err := phpJSON(document)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bodies[documentKey{kind, id}] = body
	if invoice, ok := document.(Invoice); ok {
		d.invoices[id] = invoice
	}
	return nil
}

func (d *documents) putVerbatim(kind Kind, id int, body []byte) error {
	if !slices.Contains(kinds[:], kind) {
		return fmt.Errorf("there is no document type %q", kind)
	}
	if id <= 0 {
		return fmt.Errorf("a document's id is positive, not %d", id)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return fmt.Errorf("decoding a %s: %w", kind, err)
	}
	var invoice Invoice
	if kind == KindInvoice {
		if err := json.Unmarshal(body, &invoice); err != nil {
			return fmt.Errorf("decoding an invoice: %w", err)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bodies[documentKey{kind, id}] = bytes.Clone(body)
	if kind == KindInvoice {
		invoice.MagentoID = id
		d.invoices[id] = invoice
	}
	return nil
}

// setState rewrites the state of an invoice and leaves its other members as they are.
func (d *documents) setState(id int, state string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	invoice, ok := d.invoices[id]
	if !ok {
		return fmt.Errorf("there is no invoice %d", id)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(d.bodies[documentKey{KindInvoice, id}], &members); err != nil {
		return fmt.Errorf("decoding invoice %d: %w", id, err)
	}
	encoded, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("encoding the state of invoice %d: %w", id, err)
	}
	members["state"] = encoded
	body, err := json.Marshal(members)
	if err != nil {
		return fmt.Errorf("encoding invoice %d: %w", id, err)
	}
	invoice.State = state
	d.invoices[id] = invoice
	d.bodies[documentKey{KindInvoice, id}] = body
	return nil
}

// summaries lists the invoices by id.
func (d *documents) summaries() []InvoiceSummary {
	d.mu.RLock()
	defer d.mu.RUnlock()
	list := make([]InvoiceSummary, 0, len(d.invoices))
	for _, invoice := range d.invoices {
		list = append(list, invoice.summary())
	}
	slices.SortFunc(list, func(a, b InvoiceSummary) int { return cmp.Compare(a.ID, b.ID) })
	return list
}
