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

// canonical is a document of the shop that shows in its lists.
type canonical interface {
	entry() DocumentSummary
}

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
	mu        sync.RWMutex
	bodies    map[documentKey][]byte
	kept      map[documentKey]canonical
	announced map[documentKey]bool
}

func newDocuments() *documents {
	return &documents{bodies: map[documentKey][]byte{}, kept: map[documentKey]canonical{}, announced: map[documentKey]bool{}}
}

func (d *documents) body(kind Kind, id int) ([]byte, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	body, ok := d.bodies[documentKey{kind, id}]
	return body, ok
}

func (d *documents) invoice(id int) (Invoice, bool) { return find[Invoice](d, KindInvoice, id) }

func find[T canonical](d *documents, kind Kind, id int) (T, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	document, ok := d.kept[documentKey{kind, id}].(T)
	return document, ok
}

// put encodes a generated document and makes it the newest state of its entity.
func (d *documents) put(kind Kind, id int, document canonical) error {
	body, err := phpJSON(document)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bodies[documentKey{kind, id}] = body
	d.kept[documentKey{kind, id}] = document
	return nil
}

func (d *documents) putVerbatim(kind Kind, id int, body []byte) error {
	if id <= 0 {
		return fmt.Errorf("a document's id is positive, not %d", id)
	}
	document, err := read(kind, id, body)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bodies[documentKey{kind, id}] = bytes.Clone(body)
	d.kept[documentKey{kind, id}] = document
	return nil
}

// read decodes a document that was put verbatim. An invoice must make sense, for it can be paid and
// refunded; of the others what makes none is left out.
func read(kind Kind, id int, body []byte) (canonical, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, fmt.Errorf("decoding a %s: %w", kind, err)
	}
	switch kind {
	case KindInvoice:
		var invoice Invoice
		if err := json.Unmarshal(body, &invoice); err != nil {
			return nil, fmt.Errorf("decoding an invoice: %w", err)
		}
		invoice.MagentoID = id
		return invoice, nil
	case KindCreditMemo:
		var memo CreditMemo
		_ = json.Unmarshal(body, &memo)
		memo.MagentoID = id
		return memo, nil
	case KindPayment:
		var payment Payment
		_ = json.Unmarshal(body, &payment)
		payment.MagentoID = id
		return payment, nil
	case KindCustomer:
		var contact Contact
		_ = json.Unmarshal(body, &contact)
		contact.MagentoID = id
		return contact, nil
	case KindProduct:
		var product Product
		_ = json.Unmarshal(body, &product)
		product.MagentoID = id
		return product, nil
	default:
		return nil, fmt.Errorf("there is no document type %q", kind)
	}
}

// setState rewrites the state of an invoice and leaves its other members as they are.
func (d *documents) setState(id int, state string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := documentKey{KindInvoice, id}
	invoice, ok := d.kept[key].(Invoice)
	if !ok {
		return fmt.Errorf("there is no invoice %d", id)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(d.bodies[key], &members); err != nil {
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
	d.kept[key] = invoice
	d.bodies[key] = body
	return nil
}

// announce remembers that the ledger was told of a document.
func (d *documents) announce(kind Kind, id int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.announced[documentKey{kind, id}] = true
}

// product is the product with the sku.
func (d *documents) product(sku string) (Product, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, document := range d.kept {
		if product, ok := document.(Product); ok && product.SKU == sku {
			return product, true
		}
	}
	return Product{}, false
}

// summaries lists the invoices by id.
func (d *documents) summaries() []InvoiceSummary {
	d.mu.RLock()
	defer d.mu.RUnlock()
	list := []InvoiceSummary{}
	for _, document := range d.kept {
		if invoice, ok := document.(Invoice); ok {
			list = append(list, invoice.summary())
		}
	}
	slices.SortFunc(list, func(a, b InvoiceSummary) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// entries lists the documents of the kinds by kind and id.
func (d *documents) entries(wanted []Kind) []DocumentSummary {
	d.mu.RLock()
	defer d.mu.RUnlock()
	list := []DocumentSummary{}
	for key, document := range d.kept {
		if !slices.Contains(wanted, key.kind) {
			continue
		}
		entry := document.entry()
		entry.Kind, entry.ID, entry.Announced = key.kind, key.id, d.announced[key]
		list = append(list, entry)
	}
	slices.SortFunc(list, func(a, b DocumentSummary) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds[:], a.Kind), slices.Index(kinds[:], b.Kind)), cmp.Compare(a.ID, b.ID))
	})
	return list
}
