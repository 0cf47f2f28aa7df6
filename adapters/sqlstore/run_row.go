package sqlstore

import (
	"encoding/json"
	"fmt"
	"strings"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
)

// listedColumns are what a list of runs shows, runColumns are all: the trace and
// the document of an intent may be long.
const (
	listedColumns = `id, tenant_id, binding_id, store_id, provider, event_id, event_key, event, entity_type, magento_id, increment_id, parent_id, urgency,
	status, skip_reason, error_code, message, settings_version, attempts, claims, lookups,
	provider_entity_id, provider_reference, provider_url, magento_totals, provider_totals, currency,
	next_attempt_at, created_at, started_at, finished_at, trace_parent`

	runColumns = listedColumns + `, trace,
	intent_operation, intent_document, intent_digest, intent_provider_key, intent_epoch, intent_recorded_at, intent_settled_at`
)

type runRow struct {
	ID                string              `db:"id"`
	TenantID          access.TenantID     `db:"tenant_id"`
	BindingID         string              `db:"binding_id"`
	StoreID           string              `db:"store_id"`
	Provider          binding.Provider    `db:"provider"`
	EventID           string              `db:"event_id"`
	EventKey          string              `db:"event_key"`
	Event             commerce.EventName  `db:"event"`
	EntityType        commerce.EntityType `db:"entity_type"`
	MagentoID         int64               `db:"magento_id"`
	IncrementID       string              `db:"increment_id"`
	ParentID          int64               `db:"parent_id"`
	Urgency           syncrun.Urgency     `db:"urgency"`
	Status            syncrun.Status      `db:"status"`
	SkipReason        syncrun.SkipReason  `db:"skip_reason"`
	ErrorCode         fault.Code          `db:"error_code"`
	Message           string              `db:"message"`
	SettingsVersion   int                 `db:"settings_version"`
	Attempts          int                 `db:"attempts"`
	Claims            int                 `db:"claims"`
	Lookups           int                 `db:"lookups"`
	IntentOperation   syncrun.Operation   `db:"intent_operation"`
	IntentDocument    []byte              `db:"intent_document"`
	IntentDigest      string              `db:"intent_digest"`
	IntentProviderKey string              `db:"intent_provider_key"`
	IntentEpoch       int                 `db:"intent_epoch"`
	IntentRecordedAt  stamp               `db:"intent_recorded_at"`
	IntentSettledAt   stamp               `db:"intent_settled_at"`
	Trace             *string             `db:"trace"`
	ProviderEntityID  string              `db:"provider_entity_id"`
	ProviderReference string              `db:"provider_reference"`
	ProviderURL       string              `db:"provider_url"`
	MagentoTotals     *string             `db:"magento_totals"`
	ProviderTotals    *string             `db:"provider_totals"`
	Currency          money.Currency      `db:"currency"`
	NextAttemptAt     stamp               `db:"next_attempt_at"`
	CreatedAt         stamp               `db:"created_at"`
	StartedAt         stamp               `db:"started_at"`
	FinishedAt        stamp               `db:"finished_at"`
	TraceParent       string              `db:"trace_parent"`
}

func newRunRow(r syncrun.Run) (runRow, error) {
	row := runRow{
		ID: r.ID, TenantID: r.TenantID, BindingID: r.BindingID, StoreID: r.StoreID, Provider: r.Provider,
		EventID: r.EventID, EventKey: r.EventKey, Event: r.Event, EntityType: r.EntityType, MagentoID: r.MagentoID, IncrementID: storable(r.IncrementID),
		ParentID: r.ParentID, Urgency: r.Urgency,
		Status: r.Status, SkipReason: r.SkipReason, ErrorCode: r.ErrorCode, Message: storable(r.Message),
		SettingsVersion: r.SettingsVersion, Attempts: r.Attempts, Claims: r.Claims, Lookups: r.Lookups,
		ProviderEntityID: r.ProviderEntityID, ProviderReference: storable(r.ProviderReference), ProviderURL: r.ProviderURL,
		Currency: r.Currency, NextAttemptAt: at(r.NextAttemptAt), CreatedAt: at(r.CreatedAt),
		StartedAt: atOrNever(r.StartedAt), FinishedAt: atOrNever(r.FinishedAt), TraceParent: r.TraceParent,
	}
	if r.Status.IsOpen() && r.NextAttemptAt.IsZero() {
		row.NextAttemptAt = row.CreatedAt
	}
	row.setIntent(r.Intent)
	var err error
	if len(r.Trace) > 0 {
		if row.Trace, err = jsonText(r.Trace); err != nil {
			return runRow{}, fmt.Errorf("writing the trace of %s: %w", r.ID, err)
		}
	}
	if row.MagentoTotals, err = totalsText(r.MagentoTotals); err != nil {
		return runRow{}, fmt.Errorf("writing the totals of %s: %w", r.ID, err)
	}
	if row.ProviderTotals, err = totalsText(r.ProviderTotals); err != nil {
		return runRow{}, fmt.Errorf("writing the totals of %s: %w", r.ID, err)
	}
	return row, nil
}

func (r *runRow) setIntent(i *syncrun.Intent) {
	if i == nil {
		return
	}
	r.IntentOperation = i.Operation
	r.IntentDocument, r.IntentDigest, r.IntentProviderKey, r.IntentEpoch = i.Document, i.Digest, i.ProviderKey, i.Epoch
	r.IntentRecordedAt, r.IntentSettledAt = at(i.RecordedAt), atOrNever(i.SettledAt)
}

func (r runRow) intent() *syncrun.Intent {
	if r.IntentRecordedAt.IsZero() {
		return nil
	}
	return &syncrun.Intent{
		Operation: r.IntentOperation, Document: r.IntentDocument, Digest: r.IntentDigest, ProviderKey: r.IntentProviderKey, Epoch: r.IntentEpoch,
		RecordedAt: r.IntentRecordedAt.Time, SettledAt: r.IntentSettledAt.orNil(),
	}
}

func (r runRow) run() (syncrun.Run, error) {
	run := syncrun.Run{
		ID: r.ID, TenantID: r.TenantID, BindingID: r.BindingID, StoreID: r.StoreID, Provider: r.Provider,
		EventID: r.EventID, EventKey: r.EventKey, Event: r.Event, EntityType: r.EntityType, MagentoID: r.MagentoID, IncrementID: r.IncrementID,
		ParentID: r.ParentID, Urgency: r.Urgency,
		Status: r.Status, SkipReason: r.SkipReason, ErrorCode: r.ErrorCode, Message: r.Message,
		SettingsVersion: r.SettingsVersion, Attempts: r.Attempts, Claims: r.Claims, Lookups: r.Lookups, Intent: r.intent(),
		ProviderEntityID: r.ProviderEntityID, ProviderReference: r.ProviderReference, ProviderURL: r.ProviderURL,
		Currency: r.Currency, NextAttemptAt: r.NextAttemptAt.Time, CreatedAt: r.CreatedAt.Time,
		StartedAt: r.StartedAt.orNil(), FinishedAt: r.FinishedAt.orNil(), TraceParent: r.TraceParent,
	}
	if r.Trace != nil {
		if err := json.Unmarshal([]byte(*r.Trace), &run.Trace); err != nil {
			return syncrun.Run{}, fmt.Errorf("reading the trace of %s: %w", r.ID, err)
		}
	}
	var err error
	if run.MagentoTotals, err = parseTotals(r.MagentoTotals); err != nil {
		return syncrun.Run{}, fmt.Errorf("reading the totals of %s: %w", r.ID, err)
	}
	if run.ProviderTotals, err = parseTotals(r.ProviderTotals); err != nil {
		return syncrun.Run{}, fmt.Errorf("reading the totals of %s: %w", r.ID, err)
	}
	return run, nil
}

func runsOf(rows []runRow) ([]syncrun.Run, error) {
	runs := make([]syncrun.Run, len(rows))
	for i, r := range rows {
		var err error
		if runs[i], err = r.run(); err != nil {
			return nil, err
		}
	}
	return runs, nil
}

func jsonText(v any) (*string, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	text := string(raw)
	return &text, nil
}

func totalsText(t *books.Totals) (*string, error) {
	if t == nil {
		return nil, nil
	}
	return jsonText(t)
}

func parseTotals(text *string) (*books.Totals, error) {
	if text == nil {
		return nil, nil
	}
	t := new(books.Totals)
	return t, json.Unmarshal([]byte(*text), t)
}

// storable is a text from outside without what a text column refuses: NUL
// characters and broken UTF-8. One poisoned document must not stop at the store.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "")
}
