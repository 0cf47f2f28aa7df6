package books

import "time"

// IdempotencyStyle is how a provider recognises a repeated write.
type IdempotencyStyle string

// The styles of idempotency.
const (
	IdempotencyHeader IdempotencyStyle = "HEADER"
	IdempotencyField  IdempotencyStyle = "FIELD"
	IdempotencyNone   IdempotencyStyle = "NONE"
)

// Capabilities is what a provider can do. The rest of the system reads these
// instead of asking which provider it is.
type Capabilities struct {
	// Title is the provider's name as people write it.
	Title string
	// Invoices, Contacts, Payments, CreditNotes and Items say which documents it holds.
	Invoices, Contacts, Payments, CreditNotes, Items bool
	// BatchSize is how many documents one call may carry; 1 means no batches.
	BatchSize int
	// Idempotency and IdempotencyLife say how, and how long, a repeated write is
	// recognised by the provider.
	Idempotency     IdempotencyStyle
	IdempotencyLife time.Duration
	// FindByNumber says whether a document can be looked up by our number.
	FindByNumber bool
	// InclusiveTax says whether line amounts may contain tax.
	InclusiveTax bool
	// TaxOverride says whether a line's tax amount may be stated.
	TaxOverride bool
	// Webhooks says whether the provider tells us of changes.
	Webhooks bool
	Limits   Limits
	// ItemTypes are the item types offered in the item-type map.
	ItemTypes []string
	// Statuses are the states a document may be created in, default first.
	Statuses []InvoiceStatus
	// SettingsLabels are the provider's words for settings, by path; a setting
	// without one keeps its own label.
	SettingsLabels map[string]string
}

// Limits are a provider's limits for one organisation.
type Limits struct {
	// Concurrent is how many calls may be in flight at once; 0 means no limit.
	Concurrent int
	// PerMinute and PerDay bound calls; 0 means no limit.
	PerMinute int
	PerDay    int
}
