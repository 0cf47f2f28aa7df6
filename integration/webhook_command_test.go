package integration_test

import (
	"strings"
	"testing"
	"time"
)

// endpointListed is an endpoint as `ledger webhooks list --json` has it.
type endpointListed struct {
	ID              string     `json:"id"`
	URL             string     `json:"url"`
	Topics          []string   `json:"topics"`
	Enabled         bool       `json:"enabled"`
	LastDeliveredAt *time.Time `json:"last_delivered_at"`
}

func (w *world) endpoints(t *testing.T) []endpointListed {
	t.Helper()
	var listed []endpointListed
	w.commandJSON(t, &listed, "webhooks", "list", "--tenant", w.tenant, "--json")
	return listed
}

// A newcomer has a server and a key, and neither an endpoint nor its secret.
func TestListeningForWebhooksTakesAKeyAlone(t *testing.T) {
	t.Parallel()
	for _, where := range backends(t) {
		t.Run(where.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, where, worldOptions{})
			w.env = append(w.env, "LEDGER_ALLOW_PRIVATE_WEBHOOKS=true")
			w.serve(t)
			w.connect(t)
			receiver := start(t, []string{"LEDGER_API_KEY=" + w.apiKey}, "webhooks", "listen", "--server", w.url, "--port", "0")
			eventually(t, 10*time.Second, "the receiver listens", func() bool { return strings.Contains(receiver.log.String(), "Listening.") })
			listed := w.endpoints(t)
			if len(listed) != 1 || !listed[0].Enabled || len(listed[0].Topics) != 6 || listed[0].LastDeliveredAt != nil {
				t.Fatalf("the endpoints are %+v, want one of every topic that was told nothing", listed)
			}
			if _, err := w.shop.Raise(1); err != nil {
				t.Fatal(err)
			}
			eventually(t, 30*time.Second, "the delivery arrives", func() bool { return strings.Contains(receiver.log.String(), `"type":"run.succeeded"`) })
			eventually(t, 10*time.Second, "the delivery is noted", func() bool {
				listed = w.endpoints(t)
				return len(listed) == 1 && listed[0].LastDeliveredAt != nil
			})
			if table := string(w.command(t, "webhooks", "list", "--tenant", w.tenant)); !strings.Contains(table, listed[0].ID) || !strings.Contains(table, listed[0].URL) {
				t.Errorf("webhooks list prints:\n%s", table)
			}
			if err := receiver.stop(t); err != nil {
				t.Errorf("the receiver ended with %v", err)
			}
			if strings.Contains(receiver.log.String(), "refused") {
				t.Error("a signature did not hold")
			}
			if left := w.endpoints(t); len(left) != 0 {
				t.Errorf("the endpoints %+v are left", left)
			}
		})
	}
}

func TestAKeyOfOneBindingListensForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, backend{}, worldOptions{})
	w.env = append(w.env, "LEDGER_ALLOW_PRIVATE_WEBHOOKS=true")
	w.serve(t)
	w.connect(t)
	var made struct {
		APIKey string `json:"api_key"`
	}
	w.commandJSON(t, &made, "api-keys", "create", "--tenant", w.tenant, "--name", "listener", "--scopes", "settings:write", "--binding", w.binding, "--json")
	args := []string{"webhooks", "listen", "--server", w.url, "--port", "0", "--api-key", made.APIKey}
	if code, _, stderr := runCommand(t, nil, args...); code != 1 || !strings.Contains(stderr, "that binding only") {
		t.Errorf("without --binding: exit code %d and %q", code, stderr)
	}
	receiver := start(t, nil, append(args, "--binding", w.binding)...)
	eventually(t, 10*time.Second, "the receiver listens", func() bool { return strings.Contains(receiver.log.String(), "Listening.") })
	if _, err := w.shop.Raise(1); err != nil {
		t.Fatal(err)
	}
	eventually(t, 30*time.Second, "the delivery arrives", func() bool { return strings.Contains(receiver.log.String(), `"type":"run.succeeded"`) })
	if err := receiver.stop(t); err != nil {
		t.Errorf("the receiver ended with %v", err)
	}
	if left := w.endpoints(t); len(left) != 0 {
		t.Errorf("the endpoints %+v are left", left)
	}
}

func TestListeningForWebhooksSaysWhatItLacks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, backend{}, worldOptions{})
	w.serve(t)
	for name, tt := range map[string]struct {
		args []string
		code int
		says string
	}{
		"neither a key nor a secret": {nil, 2, "--api-key"},
		"a secret that is none":      {[]string{"--secret", "abc"}, 2, "--secret"},
		"an unknown key":             {[]string{"--server", w.url, "--api-key", "lk_none"}, 1, "not known"},
		"a server that may not":      {[]string{"--server", w.url, "--api-key", w.apiKey}, 1, "LEDGER_ALLOW_PRIVATE_WEBHOOKS"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, stderr := runCommand(t, nil, append([]string{"webhooks", "listen", "--port", "0"}, tt.args...)...)
			if code != tt.code || !strings.Contains(stderr, tt.says) {
				t.Errorf("exit code %d and %q, want %d and %q", code, stderr, tt.code, tt.says)
			}
		})
	}
	if left := w.endpoints(t); len(left) != 0 {
		t.Errorf("the endpoints %+v are left", left)
	}
}
