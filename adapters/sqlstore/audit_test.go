package sqlstore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

// breakOf walks a tenant's log and returns where it is broken; 0 for nowhere.
func breakOf(t *testing.T, log *sqlstore.Audit, tenant access.TenantID) int64 {
	t.Helper()
	entries, err := log.WalkEntries(t.Context(), tenant, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	head, err := log.AuditHead(t.Context(), tenant)
	if err != nil {
		t.Fatal(err)
	}
	var chain audit.Chain
	for _, e := range entries {
		if broken := chain.Next(e); broken != nil {
			return broken.Number
		}
	}
	if broken := chain.End(head); broken != nil {
		return broken.Number
	}
	return 0
}

func appendThree(t *testing.T, log *sqlstore.Audit, tenant access.TenantID) {
	t.Helper()
	p := access.Principal{Kind: access.KindMember, TenantID: tenant, ID: "mem_1", Name: "owner@shop.example"}
	for i := range 3 {
		e := audit.New(fmt.Sprintf("aud_%s_%d", tenant, i), p, audit.SettingsUpdated, "bnd_1", map[string]any{"version": i}, time.Date(2026, 11, 23, 12, 0, i, 0, time.UTC))
		if err := log.AppendEntries(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAuditEntriesCannotBeChanged(t *testing.T) {
	t.Parallel()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			db := sqlstoretest.Open(t, dialect)
			appendThree(t, sqlstore.NewAudit(db), "t-1")
			for _, statement := range []string{
				`UPDATE audit_entries SET subject = 'else' WHERE number = 2`,
				`DELETE FROM audit_entries WHERE number = 3`,
			} {
				err := db.Exec(t.Context(), statement)
				if err == nil || !strings.Contains(err.Error(), "never changed") {
					t.Errorf("%s: %v, want a refusal", statement, err)
				}
			}
		})
	}
}

func TestTamperingShows(t *testing.T) {
	t.Parallel()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			db := sqlstoretest.Open(t, dialect)
			log := sqlstore.NewAudit(db)
			for _, trigger := range map[string][]string{
				"postgres": {`DROP TRIGGER audit_entries_no_change ON audit_entries`},
				"sqlite":   {`DROP TRIGGER audit_entries_no_update`, `DROP TRIGGER audit_entries_no_delete`},
			}[dialect] {
				if err := db.Exec(t.Context(), trigger); err != nil {
					t.Fatal(err)
				}
			}
			for i, tt := range []struct {
				statement string
				want      int64
			}{
				{`UPDATE audit_entries SET id = 'aud_x' WHERE number = 2 AND tenant_id = '%s'`, 2},
				{`UPDATE audit_entries SET at = '2026-11-23 12:00:09.000000+00:00' WHERE number = 1 AND tenant_id = '%s'`, 1},
				{`UPDATE audit_entries SET actor_kind = 'system' WHERE number = 2 AND tenant_id = '%s'`, 2},
				{`UPDATE audit_entries SET actor_id = 'mem_2' WHERE number = 2 AND tenant_id = '%s'`, 2},
				{`UPDATE audit_entries SET actor_name = 'else' WHERE number = 2 AND tenant_id = '%s'`, 2},
				{`UPDATE audit_entries SET action = 'run.retried' WHERE number = 2 AND tenant_id = '%s'`, 2},
				{`UPDATE audit_entries SET subject = 'bnd_2' WHERE number = 2 AND tenant_id = '%s'`, 2},
				{`UPDATE audit_entries SET detail = '{}' WHERE number = 3 AND tenant_id = '%s'`, 3},
				{`UPDATE audit_entries SET previous_hash = '' WHERE number = 2 AND tenant_id = '%s'`, 2},
				{`UPDATE audit_entries SET hash = 'x' WHERE number = 2 AND tenant_id = '%s'`, 2},
				{`UPDATE audit_entries SET number = 9 WHERE number = 2 AND tenant_id = '%s'`, 2},
				{`DELETE FROM audit_entries WHERE number = 1 AND tenant_id = '%s'`, 1},
				{`DELETE FROM audit_entries WHERE number = 2 AND tenant_id = '%s'`, 2},
				{`DELETE FROM audit_entries WHERE number = 3 AND tenant_id = '%s'`, 3},
				{`DELETE FROM audit_entries WHERE tenant_id = '%s'`, 1},
				{`UPDATE audit_heads SET hash = 'x' WHERE tenant_id = '%s'`, 3},
			} {
				tenant := access.TenantID(fmt.Sprintf("t-%d", i))
				appendThree(t, log, tenant)
				if got := breakOf(t, log, tenant); got != 0 {
					t.Fatalf("broken at %d before anybody touched it", got)
				}
				if err := db.Exec(t.Context(), fmt.Sprintf(tt.statement, tenant)); err != nil {
					t.Fatalf("%s: %v", tt.statement, err)
				}
				if got := breakOf(t, log, tenant); got != tt.want {
					t.Errorf("%s: broken at %d, want %d", tt.statement, got, tt.want)
				}
			}
		})
	}
}
