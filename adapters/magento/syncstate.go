package magento

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// The widths of the mirror's columns, in characters. The shop cuts longer text
// without a word.
const (
	textWidth   = 64
	typeWidth   = 32
	statusWidth = 16
)

// syncState is the body of the callback. The shop sets a column it is not sent
// to NULL.
type syncState struct {
	EntityType        string `json:"entity_type"`
	MagentoID         int64  `json:"magento_entity_id"`
	Provider          string `json:"provider"`
	Status            string `json:"sync_status"`
	ProviderEntityID  string `json:"provider_entity_id,omitempty"`
	ProviderReference string `json:"provider_reference,omitempty"`
	SkipReason        string `json:"skip_reason,omitempty"`
	ErrorCode         string `json:"error_code,omitempty"`
	LastSyncAt        string `json:"last_sync_at,omitempty"`
}

// syncStateOf makes the body of a chip. The grid's tooltip shows the first of
// reference, id, skip reason and error code that is there; so a chip that is
// skipped or failed goes without reference and id, or its reason would never
// be seen.
func syncStateOf(s syncrun.SyncState) syncState {
	w := syncState{
		EntityType: cut(string(s.EntityType), typeWidth), MagentoID: s.MagentoID,
		Provider: cut(string(s.Provider), typeWidth), Status: cut(string(s.Status), statusWidth),
	}
	switch s.Status {
	case syncrun.ChipSynced:
		w.ProviderEntityID, w.ProviderReference = cut(s.ProviderEntityID, textWidth), cut(s.ProviderReference, textWidth)
	case syncrun.ChipSkipped:
		w.SkipReason = cut(string(s.SkipReason), textWidth)
	case syncrun.ChipFailed:
		w.ErrorCode = cut(string(s.ErrorCode), textWidth)
	case syncrun.ChipPending:
	}
	if !s.LastSyncAt.IsZero() {
		w.LastSyncAt = s.LastSyncAt.UTC().Format(time.DateTime)
	}
	return w
}

// PutSyncState implements ports.Shop. The shop takes no pending chip from us:
// it sets those itself, and one here is Invalid.
func (c *Client) PutSyncState(ctx context.Context, access ports.ShopAccess, state syncrun.SyncState) error {
	if state.Status == syncrun.ChipPending {
		return fault.New(fault.CodeInvalid, "A pending chip is not sent to the shop.")
	}
	body, err := json.Marshal(syncStateOf(state))
	if err != nil {
		return fmt.Errorf("encoding the sync state of %s %d: %w", state.EntityType, state.MagentoID, err)
	}
	if _, err := c.call(ctx, access, http.MethodPost, "sync-state", body); err != nil {
		return fmt.Errorf("writing the sync state of %s %d: %w", state.EntityType, state.MagentoID, missingRoute(err))
	}
	return nil
}
