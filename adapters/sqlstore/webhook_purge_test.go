package sqlstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/webhook"
)

// TestDeletedEndpointsGoBitByBit looks at the rows: no port reads what is hidden.
func TestDeletedEndpointsGoBitByBit(t *testing.T) {
	t.Parallel()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			db := sqlstoretest.Open(t, dialect)
			now := time.Date(2026, time.March, 2, 9, 30, 0, 0, time.UTC)
			if err := createTenant(t.Context(), sqlstore.NewTenants(db), "tenant-a"); err != nil {
				t.Fatal(err)
			}
			hooks := sqlstore.NewWebhooks(db, newVault(t))
			for _, id := range []string{"whe_gone", "whe_kept"} {
				e := webhook.Endpoint{ID: id, TenantID: "tenant-a", URL: "https://partner.example", Topics: webhook.Topics(), IsEnabled: true, Version: 1, CreatedAt: now}
				if err := hooks.CreateEndpoint(t.Context(), e, "whsec_"+id); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 5 {
				m := webhook.OfUnlinked(binding.Binding{ID: "bnd_1", TenantID: "tenant-a"}, now)
				m.Key = fmt.Sprint(i)
				if err := hooks.PutMessage(t.Context(), "tenant-a", m); err != nil {
					t.Fatal(err)
				}
			}
			if err := hooks.DeleteEndpoint(t.Context(), "tenant-a", "whe_gone", now); err != nil {
				t.Fatal(err)
			}
			var removed []int
			for range 4 {
				n, err := hooks.PurgeDeliveries(t.Context(), now, 2)
				if err != nil {
					t.Fatal(err)
				}
				removed = append(removed, n)
			}
			if diff := cmp.Diff([]int{2, 2, 1, 0}, removed); diff != "" {
				t.Errorf("removed (-want +got):\n%s", diff)
			}
			for table, want := range map[string][]string{
				"webhook_endpoints": {"whe_kept"}, "webhook_deliveries": {"whd_0_kept", "whd_1_kept", "whd_2_kept", "whd_3_kept", "whd_4_kept"},
			} {
				var left []string
				if err := db.Select(t.Context(), &left, `SELECT id FROM `+table+` ORDER BY id`); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, left); diff != "" {
					t.Errorf("%s left (-want +got):\n%s", table, diff)
				}
			}
		})
	}
}
