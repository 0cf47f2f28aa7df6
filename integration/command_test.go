package integration_test

import (
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// runCommand runs the binary to its end and returns its exit code and output.
func runCommand(t *testing.T, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := ledgerCommand(t.Context(), t, env, args...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		t.Fatal(err)
	}
	return code, out.String(), errs.String()
}

func TestABadSettingStopsWithOneLineThatNamesIt(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{
		"LEDGER_LISTEN=8080", "LEDGER_PUBLIC_URL=ledger.example.com", "LEDGER_DATABASE_URL=mysql://x/y", "LEDGER_REDIS_URL=localhost:6379",
		"LEDGER_MASTER_KEYS=short", "LEDGER_ALLOW_PRIVATE_STORES=perhaps", "LEDGER_XERO_API=v9", "LEDGER_XERO_API_URL=api", "LEDGER_XERO_DAY_LIMIT=many",
		"LEDGER_LOG_LEVEL=loud", "LEDGER_LOG_FORMAT=xml",
	} {
		name, _, _ := strings.Cut(setting, "=")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, _, stderr := runCommand(t, []string{setting}, "serve")
			if code == 0 || strings.Count(strings.TrimSpace(stderr), "\n") != 0 || !strings.Contains(stderr, name+":") {
				t.Errorf("exit code %d and %q; want a failure with one line that names %s", code, stderr, name)
			}
		})
	}
}

func TestADatabaseOfItsOwnNeedsMasterKeys(t *testing.T) {
	t.Parallel()
	code, _, stderr := runCommand(t, []string{"LEDGER_DATABASE_URL=postgres://localhost/x"}, "serve")
	if code != 2 || !strings.Contains(stderr, "LEDGER_MASTER_KEYS") {
		t.Errorf("exit code %d and %q, want 2 and a line that names LEDGER_MASTER_KEYS", code, stderr)
	}
}

func TestUsageErrorsExitWith2(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"frobnicate"}, {"serve", "--role", "king"}, {"tenants", "create"}} {
		if code, _, stderr := runCommand(t, nil, args...); code != 2 || stderr == "" {
			t.Errorf("ledger %v: exit code %d, %q; want 2 and a reason", args, code, stderr)
		}
	}
}

func TestSchemaPrintsTheContract(t *testing.T) {
	t.Parallel()
	code, stdout, _ := runCommand(t, nil, "schema")
	if code != 0 || !strings.Contains(stdout, "syncStates(") {
		t.Errorf("exit code %d and %d bytes of schema", code, len(stdout))
	}
}

func TestTenantsAndKeysBesideARunningServer(t *testing.T) {
	t.Parallel()
	for _, where := range backends(t) {
		t.Run(where.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, where, worldOptions{})
			w.serve(t)
			var made struct {
				ID     string `json:"id"`
				APIKey string `json:"api_key"`
			}
			out := w.command(t, "api-keys", "create", "--tenant", w.tenant, "--name", "grid", "--scopes", "status:read", "--json")
			if err := json.Unmarshal(out, &made); err != nil {
				t.Fatal(err)
			}
			var seen struct{ Viewer struct{ Scopes []string } }
			if err := w.tryGraphQL(made.APIKey, `{ viewer { scopes } }`, nil, &seen); err != nil {
				t.Fatalf("the new key: %v", err)
			}
			if len(seen.Viewer.Scopes) != 1 || seen.Viewer.Scopes[0] != "status:read" {
				t.Errorf("the new key's scopes: %v", seen.Viewer.Scopes)
			}
			if err := w.tryGraphQL(made.APIKey, `{ syncRuns(first: 1) { nodes { id } } }`, nil, &struct{}{}); err == nil {
				t.Error("a key with status:read may read runs")
			}
			w.command(t, "api-keys", "revoke", "--tenant", w.tenant, made.ID)
			// The server takes a key for what it was for up to two seconds.
			eventually(t, 5*time.Second, "the revoked key is refused", func() bool {
				return w.tryGraphQL(made.APIKey, `{ viewer { scopes } }`, nil, &seen) != nil
			})
			if listed := string(w.command(t, "tenants", "list", "--json")); !strings.Contains(listed, w.tenant) {
				t.Errorf("tenants list lacks the tenant: %s", listed)
			}
			if doctor := string(w.command(t, "doctor")); !strings.Contains(doctor, "up to date") {
				t.Errorf("doctor: %s", doctor)
			}
		})
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	for _, where := range backends(t) {
		t.Run(where.name, func(t *testing.T) {
			t.Parallel()
			var env []string
			if where.databaseURL != "" {
				env = []string{"LEDGER_DATABASE_URL=" + where.databaseURL, "LEDGER_REDIS_URL=" + where.redisURL, "LEDGER_MASTER_KEYS=" + masterKey(t), "LEDGER_UNSAFE_DATABASE=true"}
			}
			code, stdout, stderr := runCommand(t, env, "demo", "--exit", "--json", "--invoices", "60", "--seed", "11")
			var report struct{ Raised, Synced, Skipped, Failed, Duplicates, CentsOff, XeroCalls int }
			if err := json.Unmarshal([]byte(stdout), &report); err != nil {
				t.Fatalf("%v in %q\n%s", err, stdout, stderr)
			}
			if code != 0 || report.Raised != 60 || report.Synced != 60 || report.Duplicates != 0 || report.CentsOff != 0 || report.XeroCalls == 0 {
				t.Errorf("exit code %d, %+v\n%s", code, report, stderr)
			}
		})
	}
}
