package webhook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
)

// MaxPayload is how many bytes a body has at most.
const MaxPayload = 20 << 10

// maxText bounds each text of a body that comes from a shop or a provider.
const maxText = 255

// Message is one piece of news. It holds ids, statuses, codes and numbers, and
// nothing of a person.
type Message struct {
	// Key is made of what the message tells, so that the same news told twice is
	// one message.
	Key   string
	Topic Topic
	// BindingID is the binding it is about.
	BindingID string
	At        time.Time
	data      any
}

// Payload is the body as it is sent: JSON of at most [MaxPayload] bytes.
func (m Message) Payload() ([]byte, error) {
	body, err := json.Marshal(struct {
		Type      Topic     `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      any       `json:"data"`
	}{m.Topic, m.At.UTC().Truncate(time.Microsecond), m.data})
	if err != nil {
		return nil, fmt.Errorf("writing a message: %w", err)
	}
	return body, nil
}

type runData struct {
	RunID             string              `json:"runId"`
	BindingID         string              `json:"bindingId"`
	StoreID           string              `json:"storeId"`
	Provider          binding.Provider    `json:"provider"`
	Event             commerce.EventName  `json:"event"`
	EntityType        commerce.EntityType `json:"entityType"`
	MagentoID         int64               `json:"magentoId"`
	IncrementID       string              `json:"incrementId,omitempty"`
	Status            syncrun.Status      `json:"status"`
	SkipReason        syncrun.SkipReason  `json:"skipReason,omitempty"`
	ErrorCode         fault.Code          `json:"errorCode,omitempty"`
	ProviderEntityID  string              `json:"providerEntityId,omitempty"`
	ProviderReference string              `json:"providerReference,omitempty"`
	Gross             *money.Amount       `json:"gross,omitempty"`
	Currency          money.Currency      `json:"currency,omitempty"`
	SettingsVersion   int                 `json:"settingsVersion"`
}

var runTopics = map[syncrun.Status]Topic{
	syncrun.StatusSucceeded: RunSucceeded, syncrun.StatusSkipped: RunSkipped, syncrun.StatusHeld: RunHeld, syncrun.StatusFailed: RunFailed,
}

// OfRun tells what became of a claimed run: that it ended, or waits for a
// person. It is nil for a run that goes on by itself.
func OfRun(run syncrun.Run, now time.Time) *Message {
	topic, ok := runTopics[run.Status]
	if !ok {
		return nil
	}
	data := runData{
		RunID: run.ID, BindingID: run.BindingID, StoreID: run.StoreID, Provider: run.Provider, Event: run.Event, EntityType: run.EntityType,
		MagentoID: run.MagentoID, IncrementID: clip(run.IncrementID), Status: run.Status, SkipReason: run.SkipReason, ErrorCode: run.ErrorCode,
		ProviderEntityID: clip(run.ProviderEntityID), ProviderReference: clip(run.ProviderReference), Currency: run.Currency, SettingsVersion: run.SettingsVersion,
	}
	if totals := run.ProviderTotals; totals != nil {
		data.Gross = &totals.Gross
	}
	return &Message{Key: bare(run.ID) + "-" + strconv.Itoa(run.Claims), Topic: topic, BindingID: run.BindingID, At: now, data: data}
}

type bindingData struct {
	BindingID string           `json:"bindingId"`
	StoreID   string           `json:"storeId"`
	Provider  binding.Provider `json:"provider"`
	Status    binding.Status   `json:"status"`
}

// OfUnlinked tells that a binding lost the provider's consent. The binding is
// the one that is stored then: its version tells this loss from later ones.
func OfUnlinked(b binding.Binding, now time.Time) Message {
	return Message{
		Key: bare(b.ID) + "-" + strconv.FormatInt(b.Version, 10), Topic: BindingUnlinked, BindingID: b.ID, At: now,
		data: bindingData{BindingID: b.ID, StoreID: b.StoreID, Provider: b.Provider, Status: b.Status},
	}
}

type budgetData struct {
	BindingID      string           `json:"bindingId"`
	Provider       binding.Provider `json:"provider"`
	OrganisationID string           `json:"organisationId"`
	DayLeft        int              `json:"dayLeft"`
	DayLimit       int              `json:"dayLimit"`
}

// OfBudget tells that less than a tenth of a day's calls is left to an
// organisation; it is nil while there is more, or without a limit. Within a day
// (UTC) it is the same message, whoever tells it.
func OfBudget(b binding.Binding, dayLeft, dayLimit int, now time.Time) *Message {
	if dayLimit <= 0 || dayLeft*10 >= dayLimit {
		return nil
	}
	sum := sha256.Sum256([]byte(string(b.Provider) + "\x00" + b.Organisation.ID))
	return &Message{
		Key: hex.EncodeToString(sum[:8]) + "-" + now.UTC().Format("20060102"), Topic: BudgetLow, BindingID: b.ID, At: now,
		data: budgetData{BindingID: b.ID, Provider: b.Provider, OrganisationID: b.Organisation.ID, DayLeft: max(dayLeft, 0), DayLimit: dayLimit},
	}
}

// bare is an id without its prefix.
func bare(id string) string {
	_, rest, found := strings.Cut(id, "_")
	if !found {
		return id
	}
	return rest
}

func clip(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "")
}
