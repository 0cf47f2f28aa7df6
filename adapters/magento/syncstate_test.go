package magento_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

func chip(change func(*syncrun.SyncState)) syncrun.SyncState {
	s := syncrun.SyncState{
		Provider: binding.Xero, EntityType: commerce.EntityInvoice, MagentoID: 42, Status: syncrun.ChipSynced,
		ProviderEntityID: "9f0d", ProviderReference: "INV-1",
		LastSyncAt: time.Date(2026, 5, 1, 11, 30, 0, 500, time.FixedZone("", 7200)),
	}
	change(&s)
	return s
}

func TestSyncStateBodies(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 70)
	base := func(more map[string]any) map[string]any {
		m := map[string]any{
			"entity_type": "invoice", "magento_entity_id": float64(42), "provider": "xero", "last_sync_at": "2026-05-01 09:30:00",
		}
		for k, v := range more {
			m[k] = v
		}
		return m
	}
	tests := map[string]struct {
		state syncrun.SyncState
		want  map[string]any
	}{
		"synced": {
			chip(func(*syncrun.SyncState) {}),
			base(map[string]any{"sync_status": "synced", "provider_entity_id": "9f0d", "provider_reference": "INV-1"}),
		},
		"synced without a reference": {
			chip(func(s *syncrun.SyncState) { s.ProviderReference = "" }),
			base(map[string]any{"sync_status": "synced", "provider_entity_id": "9f0d"}),
		},
		"skipped shows its reason": {
			chip(func(s *syncrun.SyncState) {
				s.Status, s.SkipReason = syncrun.ChipSkipped, syncrun.SkipZeroValueInvoice
			}),
			base(map[string]any{"sync_status": "skipped", "skip_reason": "zero_value_invoice"}),
		},
		"failed shows its code": {
			chip(func(s *syncrun.SyncState) {
				s.Status, s.ErrorCode = syncrun.ChipFailed, fault.CodeTotalsDiffer
			}),
			base(map[string]any{"sync_status": "failed", "error_code": "totals_differ"}),
		},
		"cut to the columns": {
			chip(func(s *syncrun.SyncState) { s.ProviderEntityID, s.ProviderReference = long, long }),
			base(map[string]any{"sync_status": "synced", "provider_entity_id": long[:128], "provider_reference": long[:128]}),
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got map[string]any
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost || r.URL.Path != "/rest/V1/byte8/sync-state" {
					t.Errorf("%s %s", r.Method, r.URL.Path)
				}
				if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
					t.Error(err)
				}
				answerJSON(w, http.StatusOK, `[]`)
			})
			if err := newClient(t, private()).PutSyncState(t.Context(), accessTo(url), tc.state); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSyncStateAnswers(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]fault.Code{
		200: "", 204: "", 401: fault.CodeMagentoAuth, 400: fault.CodeMagentoRefused, 404: fault.CodeMagentoRefused, 500: fault.CodeMagentoRefused,
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if status == http.StatusNoContent {
				w.WriteHeader(status)
				return
			}
			answerJSON(w, status, `[]`)
		})
		err := newClient(t, private()).PutSyncState(t.Context(), accessTo(url), chip(func(*syncrun.SyncState) {}))
		if (want == "") != (err == nil) || (err != nil && fault.CodeOf(err) != want) {
			t.Errorf("%d: error %v, want code %q", status, err, want)
		}
	}
}

func TestAPendingChipIsNotSent(t *testing.T) {
	t.Parallel()
	url := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the shop was called") })
	state := chip(func(s *syncrun.SyncState) { s.Status = syncrun.ChipPending })
	if err := newClient(t, private()).PutSyncState(t.Context(), accessTo(url), state); fault.KindOf(err) != fault.Invalid {
		t.Errorf("error %v", err)
	}
}
