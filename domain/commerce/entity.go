// Package commerce holds Magento's documents as the shop serves them: invoice,
// credit memo, payment, customer and product.
//
// The shop leaves a null field out, prints a float without a fraction as an
// integer, and may carry up to four decimals; some modules print numbers as
// strings. Decoding accepts all of that and names the field it cannot read.
package commerce

// EntityType is the kind of Magento entity a chip and an xref belong to.
type EntityType string

// The entity types, spelt as on Magento's wire.
const (
	EntityInvoice    EntityType = "invoice"
	EntityCreditMemo EntityType = "creditmemo"
	EntityCustomer   EntityType = "customer"
	EntityProduct    EntityType = "product"
)

// EntityTypes lists every entity type.
func EntityTypes() []EntityType {
	return []EntityType{EntityInvoice, EntityCreditMemo, EntityCustomer, EntityProduct}
}

// ParseEntityType reads a wire word; it reports false for an unknown one.
func ParseEntityType(s string) (EntityType, bool) {
	switch e := EntityType(s); e {
	case EntityInvoice, EntityCreditMemo, EntityCustomer, EntityProduct:
		return e, true
	}
	return "", false
}

// EventName is the name of an event on Magento's wire.
type EventName string

// The events we act on. Others are recorded as ignored.
const (
	EventInvoiceCreated    EventName = "invoice.created"
	EventInvoicePaid       EventName = "invoice.paid"
	EventCreditMemoCreated EventName = "creditmemo.created"
	EventCustomerUpserted  EventName = "customer.upserted"
	EventProductUpserted   EventName = "product.upserted"
)

// EventNames lists every event we act on.
func EventNames() []EventName {
	return []EventName{EventInvoiceCreated, EventInvoicePaid, EventCreditMemoCreated, EventCustomerUpserted, EventProductUpserted}
}

// Entity is the entity type an event is about; it reports false for an event
// we do not know.
func (e EventName) Entity() (EntityType, bool) {
	switch e {
	case EventInvoiceCreated, EventInvoicePaid:
		return EntityInvoice, true
	case EventCreditMemoCreated:
		return EntityCreditMemo, true
	case EventCustomerUpserted:
		return EntityCustomer, true
	case EventProductUpserted:
		return EntityProduct, true
	}
	return "", false
}

// IsUpsert reports whether a repeat of a finished event runs again, because it
// means "fetch the newest state".
func (e EventName) IsUpsert() bool {
	return e == EventCustomerUpserted || e == EventProductUpserted
}
