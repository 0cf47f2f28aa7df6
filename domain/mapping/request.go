package mapping

import (
	"time"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/settings"
)

// Request is everything a decision looks at besides the document.
type Request struct {
	Settings     settings.Settings
	Reference    books.Reference
	Capabilities books.Capabilities
	// Location is the organisation's time zone; nil is UTC.
	Location *time.Location
	// StoreCode is the store's short code, which starts contact numbers.
	StoreCode string
	// StoreURL is the storefront's address; empty leaves the document's link out.
	StoreURL string
	// Event is what the shop announced.
	Event commerce.EventName
	// StoreID and WebsiteID come from the event's envelope; 0 is unknown. They
	// stand in for a document that does not say.
	StoreID   int64
	WebsiteID int64
}

func (r Request) location() *time.Location {
	if r.Location == nil {
		return time.UTC
	}
	return r.Location
}
