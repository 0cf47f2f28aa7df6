package magento

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The events the modules publish.
const (
	EventInvoiceCreated    = "invoice.created"
	EventInvoicePaid       = "invoice.paid"
	EventCreditMemoCreated = "creditmemo.created"
	EventCustomerUpserted  = "customer.upserted"
	EventProductUpserted   = "product.upserted"
)

const (
	maxKeyChars   = 128
	maxEventChars = 64
)

// Event is something that happened in the shop and that the ledger is told of.
type Event struct {
	Name      string          `json:"event"`
	EntityID  int             `json:"id"`
	WebsiteID int             `json:"website_id"`
	StoreID   int             `json:"store_id"`
	Payload   json.RawMessage `json:"payload,omitempty"`
}

type documentPayload struct {
	IncrementID string `json:"increment_id"`
	Paid        *bool  `json:"paid,omitempty"`
}

// key is the idempotency key of the event, the same for every delivery of it.
func (e Event) key() string { return e.Name + ":" + strconv.Itoa(e.EntityID) }

// entityType is the mirror's name for what the event is about; empty when the mirror has none.
func (e Event) entityType() string {
	prefix, _, _ := strings.Cut(e.Name, ".")
	if slices.Contains(mirroredTypes[:], prefix) {
		return prefix
	}
	return ""
}

// document is the document the event is about; not ok when it is about none.
func (e Event) document() (kind Kind, ok bool) {
	kind, ok = map[string]Kind{
		EventInvoiceCreated:    KindInvoice,
		EventInvoicePaid:       KindPayment,
		EventCreditMemoCreated: KindCreditMemo,
		EventCustomerUpserted:  KindCustomer,
		EventProductUpserted:   KindProduct,
	}[e.Name]
	return kind, ok
}

func (e Event) check() error {
	if e.Name == "" || len(e.Name) > maxEventChars {
		return fmt.Errorf("an event's name has 1 to %d characters", maxEventChars)
	}
	if e.EntityID <= 0 {
		return fmt.Errorf("an event's entity id is positive, not %d", e.EntityID)
	}
	if len(e.key()) > maxKeyChars {
		return fmt.Errorf("an idempotency key has at most %d characters", maxKeyChars)
	}
	return nil
}

// body is the envelope as it goes over the wire.
func (e Event) body(occurred time.Time) ([]byte, error) {
	payload := e.Payload
	if len(payload) == 0 {
		payload = json.RawMessage("{}")
	}
	envelope := struct {
		MagentoEntityID int             `json:"magento_entity_id"`
		WebsiteID       int             `json:"website_id"`
		StoreID         int             `json:"store_id"`
		OccurredAt      string          `json:"occurred_at"`
		Payload         json.RawMessage `json:"payload"`
	}{e.EntityID, e.WebsiteID, e.StoreID, stamp(occurred), payload}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(envelope); err != nil {
		return nil, fmt.Errorf("encoding event %s: %w", e.key(), err)
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// invoiceEvents are the events of an invoice's first save.
func invoiceEvents(invoice Invoice) ([]Event, error) {
	isPaid := invoice.State == StatePaid
	created, err := invoiceEvent(EventInvoiceCreated, invoice, &isPaid)
	if err != nil {
		return nil, err
	}
	if !isPaid {
		return []Event{created}, nil
	}
	paid, err := invoiceEvent(EventInvoicePaid, invoice, nil)
	if err != nil {
		return nil, err
	}
	return []Event{created, paid}, nil
}

func invoiceEvent(name string, invoice Invoice, isPaid *bool) (Event, error) {
	payload, err := json.Marshal(documentPayload{IncrementID: invoice.IncrementID, Paid: isPaid})
	if err != nil {
		return Event{}, fmt.Errorf("encoding the payload of %s: %w", name, err)
	}
	return Event{
		Name:      name,
		EntityID:  invoice.MagentoID,
		WebsiteID: invoice.WebsiteID,
		StoreID:   invoice.StoreID,
		Payload:   payload,
	}, nil
}
