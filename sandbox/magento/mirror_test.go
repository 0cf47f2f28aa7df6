package magento_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/sandbox/magento"
)

const syncState = "/rest/V1/byte8/sync-state"

func (b *bench) callBack(state map[string]any) (int, string) {
	b.t.Helper()
	return b.do(http.MethodPost, syncState, b.token(nil), state)
}

func synced() map[string]any {
	return map[string]any{
		"entity_type": "invoice", "magento_entity_id": 42, "provider": "xero", "sync_status": "synced",
		"provider_entity_id": "0b6f", "provider_reference": "INV-42", "last_sync_at": "2026-05-01 11:59:30",
	}
}

func TestEnqueueingLeavesTheChipAlone(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	enqueue(t, b, created(42))
	want := []magento.MirrorRow{{
		EntityID: 1, EntityType: "invoice", MagentoID: 42, Provider: "xero", SyncStatus: "pending", LastSyncAt: "2026-05-01 12:00:00",
	}}
	if diff := cmp.Diff(want, b.shop.Mirror()); diff != "" {
		t.Error(diff)
	}
	if status, body := b.callBack(synced()); status != http.StatusOK || body != "[]" {
		t.Fatalf("%d %s", status, body)
	}
	want[0].SyncStatus, want[0].LastSyncAt = "synced", "2026-05-01 11:59:30"
	want[0].ProviderEntityID, want[0].ProviderReference = new("0b6f"), new("INV-42")
	if diff := cmp.Diff(want, b.shop.Mirror()); diff != "" {
		t.Error(diff)
	}
	b.clock.Advance(time.Minute)
	enqueue(t, b, created(42))
	want[0].LastSyncAt = "2026-05-01 12:01:00"
	if diff := cmp.Diff(want, b.shop.Mirror()); diff != "" {
		t.Error(diff)
	}
}

func TestCallbacksReplaceEveryColumn(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	b.callBack(synced())
	status, body := b.callBack(map[string]any{
		"entityType": "invoice", "magentoEntityId": "42", "provider": "xero", "syncStatus": "failed", "errorCode": strings.Repeat("é", 70),
		"skip_reason": nil,
	})
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	want := []magento.MirrorRow{{
		EntityID: 1, EntityType: "invoice", MagentoID: 42, Provider: "xero", SyncStatus: "failed",
		ErrorCode: new(strings.Repeat("é", 64)), LastSyncAt: "2026-05-01 12:00:00",
	}}
	if diff := cmp.Diff(want, b.shop.Mirror()); diff != "" {
		t.Error(diff)
	}
}

func TestCallbackDates(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"2026-05-01 11:59:30":      "2026-05-01 11:59:30",
		"2026-05-01T11:59:30Z":     "2026-05-01 11:59:30",
		"2026-05-01T11:59:30.123Z": "2026-05-01 11:59:30",
		"yesterday":                "0000-00-00 00:00:00",
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			b := newPairedBench(t, magento.Options{})
			state := synced()
			state["last_sync_at"] = given
			if status, body := b.callBack(state); status != http.StatusOK {
				t.Fatalf("%d %s", status, body)
			}
			if got := b.shop.Mirror()[0].LastSyncAt; got != want {
				t.Errorf("stored %q, want %q", got, want)
			}
		})
	}
}

func TestCallbackValidation(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		field string
		value any
		want  int
	}{
		{"unknown entity type", "entity_type", "payment", 400},
		{"no entity type", "entity_type", nil, 400},
		{"id zero", "magento_entity_id", 0, 400},
		{"id negative", "magento_entity_id", -4, 400},
		{"id not a number", "magento_entity_id", "forty-two", 400},
		{"id a truth value", "magento_entity_id", true, 400},
		{"provider empty", "provider", "", 400},
		{"provider nobody knows", "provider", "quickbooks", 200},
		{"pending", "sync_status", "pending", 400},
		{"unknown status", "sync_status", "SYNCED", 400},
		{"skipped", "sync_status", "skipped", 200},
		{"a list for a reference", "provider_reference", []string{"x"}, 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newPairedBench(t, magento.Options{})
			state := maps.Clone(synced())
			state[test.field] = test.value
			status, body := b.callBack(state)
			if status != test.want {
				t.Errorf("%d %s", status, body)
			}
			if hasRow := len(b.shop.Mirror()) == 1; hasRow != (test.want == 200) {
				t.Errorf("a row was written: %t", hasRow)
			}
		})
	}
}
