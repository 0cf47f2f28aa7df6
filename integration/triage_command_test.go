package integration_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestTriageCommands(t *testing.T) {
	t.Parallel()
	for _, where := range backends(t) {
		t.Run(where.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, where, worldOptions{})
			if err := w.books.SetLockDates("", time.Now().AddDate(0, 0, 1), time.Time{}); err != nil {
				t.Fatal(err)
			}
			w.serve(t)
			w.connect(t)
			if _, err := w.shop.Raise(3); err != nil {
				t.Fatal(err)
			}
			eventually(t, 30*time.Second, "the invoices are held", w.settled)
			var seen struct {
				Held, Failed int
				Causes       []struct {
					TenantID            string `json:"tenant_id"`
					Code, Advice, Title string
					Count               int
				}
				Runs []struct{ ID, Code string }
			}
			w.commandJSON(t, &seen, "outbox", "inspect", "--provider=xero", "--limit", "2", "--json")
			if seen.Held < 3 || seen.Failed != 0 || len(seen.Causes) != 1 || len(seen.Runs) != 2 ||
				seen.Causes[0].Code != "period_locked" || seen.Causes[0].Advice == "" || seen.Causes[0].TenantID != w.tenant {
				t.Fatalf("outbox inspect: %+v", seen)
			}
			if text := string(w.command(t, "outbox", "inspect", "--status", "held")); !strings.Contains(text, " held, 0 failed") || !strings.Contains(text, seen.Runs[0].ID) {
				t.Errorf("outbox inspect prints %s", text)
			}
			if err := w.books.SetLockDates("", time.Time{}, time.Time{}); err != nil {
				t.Fatal(err)
			}
			var done struct {
				Runs, Callbacks int
				Calls           int `json:"calls_about"`
			}
			w.commandJSON(t, &done, "outbox", "requeue", "--id", seen.Runs[0].ID, "--json")
			if done.Runs != 1 {
				t.Errorf("outbox requeue --id: %+v", done)
			}
			w.commandJSON(t, &done, "outbox", "requeue", "--tenant", w.tenant, "--code", "period_locked", "--json")
			if done.Runs < 2 || done.Callbacks != 0 || done.Calls != 4 {
				t.Errorf("outbox requeue --code: %+v", done)
			}
			eventually(t, 30*time.Second, "the invoices are synced", w.synced)
			w.checkBooks(t)

			var stores []struct {
				Callbacks int
				NextAfter *int64 `json:"next_after"`
			}
			told := w.shop.Stats().Callbacks["synced"]
			// A chip that is being written is told by its writer.
			eventually(t, 30*time.Second, "sync-state backfill takes every chip", func() bool {
				w.commandJSON(t, &stores, "sync-state", "backfill", "--tenant", w.tenant, "--json")
				return len(stores) == 1 && stores[0].Callbacks >= 3 && stores[0].NextAfter == nil
			})
			eventually(t, 30*time.Second, "the chips are told again", func() bool { return w.shop.Stats().Callbacks["synced"] >= told+3 })

			var consents []struct {
				BindingID string `json:"binding_id"`
				Status    string
			}
			w.commandJSON(t, &consents, "oauth", "status", "--json")
			if len(consents) != 1 || consents[0].BindingID != w.binding || consents[0].Status != "valid" {
				t.Errorf("oauth status: %+v", consents)
			}
			var cleaned struct {
				OlderThanHours  int  `json:"older_than_hours"`
				DryRun          bool `json:"dry_run"`
				Runs, Callbacks int
			}
			w.commandJSON(t, &cleaned, "outbox", "cleanup", "--provider=xero", "--status=succeeded,failed,dead", "--older-than", "1d", "--dry-run", "--json")
			if cleaned.OlderThanHours != 24 || cleaned.Callbacks != 0 || cleaned.Runs != 0 || !cleaned.DryRun {
				t.Errorf("outbox cleanup: %+v", cleaned)
			}
		})
	}
}

// synced reports whether the shop knows every invoice as synced.
func (w *world) synced() bool {
	for _, invoice := range w.shop.Invoices() {
		if row := w.mirrorOf(invoice.ID); row == nil || row.SyncStatus != "synced" {
			return false
		}
	}
	return true
}

// commandJSON runs a command of the binary and reads what it printed.
func (w *world) commandJSON(t *testing.T, into any, args ...string) {
	t.Helper()
	out := w.command(t, args...)
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("ledger %s printed %s: %v", strings.Join(args, " "), out, err)
	}
}

func TestTriageCommandsRefuseWhatTheyCannotMean(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]int{
		"outbox requeue":                                2,
		"outbox requeue --id run_1 --all":               2,
		"outbox requeue --limit -1 --all":               2,
		"outbox inspect --status open":                  2,
		"outbox inspect --code no_such_code":            2,
		"outbox inspect --provider quickbooks":          2,
		"outbox inspect --kind callbacks --status held": 2,
		"outbox requeue --callback cbk_1 --code http":   2,
		"outbox requeue --callback no_such_callback":    1,
		"outbox cleanup --older-than 0d":                2,
		"outbox cleanup --older-than 23h":               2,
		"outbox cleanup --older-than long":              2,
		"outbox cleanup --older-than 400":               2,
		"outbox cleanup --status held":                  2,
		"outbox cleanup --code http":                    2,
		"sync-state backfill":                           2,
		"sync-state backfill --tenant a --after 3":      2,
		"sync-state backfill --tenant no-such-tenant":   1,
		"outbox requeue --id no_such_run":               1,
		"oauth status --tenant no-such-tenant":          1,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := runCommand(t, nil, strings.Fields(line)...)
			if code != want || stderr == "" || stdout != "" {
				t.Errorf("exit code %d, %q and %q; want %d and a reason", code, stdout, stderr, want)
			}
		})
	}
}

func TestABadHistoryLifeStopsTheStart(t *testing.T) {
	t.Parallel()
	for _, days := range []string{"long", "-1", "36501"} {
		code, _, stderr := runCommand(t, []string{"LEDGER_HISTORY_DAYS=" + days}, "serve")
		if code != 2 || !strings.HasPrefix(stderr, "ledger: LEDGER_HISTORY_DAYS:") {
			t.Errorf("%s days: exit code %d and %q, want 2 and a line that names the variable", days, code, stderr)
		}
	}
}
