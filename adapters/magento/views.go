package magento

import (
	"encoding/json"
	"fmt"
	"time"
)

// Status is the chip of an entity, in the fields of the sync-state callback.
// Empty fields are left out; the time is RFC 3339.
type Status struct {
	EntityType        string
	MagentoID         int64
	Provider          string
	SyncStatus        string
	ProviderEntityID  string
	ProviderReference string
	SkipReason        string
	ErrorCode         string
	LastSyncAt        time.Time
}

// MarshalJSON writes the wire form.
func (s Status) MarshalJSON() ([]byte, error) {
	w := syncState{
		EntityType: s.EntityType, MagentoID: s.MagentoID, Provider: s.Provider, Status: s.SyncStatus,
		ProviderEntityID: s.ProviderEntityID, ProviderReference: s.ProviderReference,
		SkipReason: s.SkipReason, ErrorCode: s.ErrorCode,
	}
	if !s.LastSyncAt.IsZero() {
		w.LastSyncAt = s.LastSyncAt.UTC().Format(time.RFC3339)
	}
	return encode("status", w)
}

// Health is what the shop's configuration page and tile show.
type Health struct {
	// ConnectionStatus is active, pending or token_revoked.
	ConnectionStatus string
	// BindingStatus is the binding's status in lower case; empty when the
	// provider is not connected yet.
	BindingStatus string
	// Region is the provider's region, where it has any; left out when empty.
	Region string
	// LastRunAt is nil before the first run.
	LastRunAt *time.Time
	Pending   int
	Failed24h int
}

// MarshalJSON writes the wire form.
func (h Health) MarshalJSON() ([]byte, error) {
	var w struct {
		Tenant struct {
			ConnectionStatus string `json:"magento_connection_status"`
		} `json:"tenant"`
		Binding struct {
			Status string `json:"status"`
			Region string `json:"region,omitempty"`
		} `json:"binding"`
		Sync struct {
			LastRunAt *string `json:"last_run_at"`
			Pending   int     `json:"pending_count"`
			Failed24h int     `json:"failed_24h"`
		} `json:"sync"`
	}
	w.Tenant.ConnectionStatus = h.ConnectionStatus
	w.Binding.Status, w.Binding.Region = h.BindingStatus, h.Region
	w.Sync.Pending, w.Sync.Failed24h = h.Pending, h.Failed24h
	if h.LastRunAt != nil {
		at := h.LastRunAt.UTC().Format(time.RFC3339)
		w.Sync.LastRunAt = &at
	}
	return encode("health", w)
}

func encode(what string, wire any) ([]byte, error) {
	body, err := json.Marshal(wire)
	if err != nil {
		return nil, fmt.Errorf("encoding a %s: %w", what, err)
	}
	return body, nil
}
