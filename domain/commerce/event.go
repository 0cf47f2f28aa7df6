package commerce

import (
	"encoding/json"
	"time"

	"byte8.io/ledger/domain/fault"
)

// Envelope is the body of an event as the shop sends it. It carries ids only;
// the document is read back.
type Envelope struct {
	MagentoID   int64
	WebsiteID   int64
	StoreID     int64
	IncrementID string
	// OccurredAt is when the shop enqueued the event; zero when unreadable.
	OccurredAt time.Time
}

// DecodeEnvelope reads an event's body. Unlike a document it was not asked for,
// so what is wrong with it is the sender's to mend.
func DecodeEnvelope(raw []byte) (Envelope, error) {
	var w struct {
		MagentoID  whole           `json:"magento_entity_id"`
		WebsiteID  whole           `json:"website_id"`
		StoreID    whole           `json:"store_id"`
		OccurredAt text            `json:"occurred_at"`
		Payload    json.RawMessage `json:"payload"`
	}
	if err := decode(raw, "event", &w); err != nil {
		return Envelope{}, fault.Wrap(fault.CodeMalformed, fault.Of(err).Message, err)
	}
	if w.MagentoID.n <= 0 {
		return Envelope{}, fault.New(fault.CodeMalformed, "The event has no magento_entity_id above 0.")
	}
	var payload struct {
		IncrementID text `json:"increment_id"`
	}
	if len(w.Payload) > 0 && w.Payload[0] == '{' {
		if err := json.Unmarshal(w.Payload, &payload); err != nil {
			return Envelope{}, fault.Wrap(fault.CodeMalformed, "The event's payload cannot be read.", err)
		}
	}
	return Envelope{
		MagentoID: w.MagentoID.n, WebsiteID: w.WebsiteID.n, StoreID: w.StoreID.n,
		IncrementID: clean(payload.IncrementID), OccurredAt: instant(w.OccurredAt),
	}, nil
}
