package integration_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

// partner is a receiver of webhooks, and keeps what it got.
type partner struct {
	url string
	mu  sync.Mutex
	// answer is the status it gives.
	answer int
	got    []parcel
}

// parcel is one delivery as it arrived.
type parcel struct {
	id, kind string
	header   http.Header
	body     []byte
}

func newPartner(t *testing.T) *partner {
	t.Helper()
	p := &partner{answer: http.StatusNoContent}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// ServeHTTP implements [http.Handler].
func (p *partner) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var message struct{ Type string }
	if err != nil || json.Unmarshal(body, &message) != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, parcel{r.Header.Get("webhook-id"), message.Type, r.Header, body})
	w.WriteHeader(p.answer)
}

func (p *partner) answers(status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = status
}

// take is what arrived since it was last asked.
func (p *partner) take() []parcel {
	p.mu.Lock()
	defer p.mu.Unlock()
	got := p.got
	p.got = nil
	return got
}

// tell makes an endpoint at the partner's and returns it with its secret.
func (p *inProcess) tell(t *testing.T, to *partner, topics ...webhook.Topic) (webhook.Endpoint, string) {
	t.Helper()
	e, secret, err := p.app.CreateWebhookEndpoint(t.Context(), p.admin, app.CreateWebhookEndpoint{URL: to.url, Topics: topics})
	if err != nil {
		t.Fatal(err)
	}
	return e, secret
}

func sendWebhooks(t *testing.T, a *app.App, e webhook.Endpoint) int {
	t.Helper()
	n, err := a.SendWebhooks(t.Context(), e.TenantID, e.ID)
	if err != nil {
		t.Fatalf("SendWebhooks: %v", err)
	}
	return n
}

func verify(t *testing.T, got parcel, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		verifier, err := standard.NewWebhook(secret)
		if err == nil {
			err = verifier.Verify(got.body, got.header)
		}
		if err != nil {
			t.Errorf("%s does not verify: %v", got.id, err)
		}
	}
}

func TestAnEndpointIsToldOfARunUntilItTakesIt(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		to := newPartner(t)
		e, secret := p.tell(t, to, webhook.RunSucceeded)
		_, runs := p.raise(t, 1)
		p.work(t, 10)
		to.answers(http.StatusInternalServerError)
		sendWebhooks(t, p.app, e)
		if n := sendWebhooks(t, p.app, e); n != 0 {
			t.Errorf("a refused delivery was sent again at once: %d", n)
		}
		to.answers(http.StatusOK)
		p.offset.Add(int64(6 * time.Second))
		sendWebhooks(t, p.app, e)
		p.offset.Add(int64(time.Hour))
		if n := sendWebhooks(t, p.app, e); n != 0 {
			t.Errorf("a taken delivery was sent again: %d", n)
		}
		got := to.take()
		if len(got) != 2 || got[0].id != got[1].id || string(got[0].body) != string(got[1].body) || got[0].kind != "run.succeeded" {
			t.Fatalf("the endpoint got %+v", got)
		}
		verify(t, got[0], secret)
		var body struct {
			Data struct{ RunID, Status string }
		}
		if err := json.Unmarshal(got[0].body, &body); err != nil || body.Data.RunID != runs[0] || body.Data.Status != "succeeded" {
			t.Errorf("the body is %s", got[0].body)
		}
	})
}

func TestARotatedSecretAndAReplay(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		to := newPartner(t)
		e, old := p.tell(t, to, webhook.Topics()...)
		p.raise(t, 1)
		p.work(t, 10)
		sendWebhooks(t, p.app, e)
		first := to.take()
		_, secret, err := p.app.RotateWebhookSecret(t.Context(), p.admin, e.ID, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		replay := func() []parcel {
			t.Helper()
			n, err := p.app.ReplayWebhooks(t.Context(), p.admin, app.ReplayWebhooks{EndpointID: e.ID, DeliveryID: first[0].id})
			if err != nil || n != 1 {
				t.Fatalf("ReplayWebhooks: %d, %v", n, err)
			}
			sendWebhooks(t, p.app, e)
			return to.take()
		}
		second := replay()
		if len(first) != 1 || len(second) != 1 || second[0].id != first[0].id || string(second[0].body) != string(first[0].body) {
			t.Fatalf("the endpoint got %+v, then %+v", first, second)
		}
		verify(t, second[0], old, secret)
	})
}

// killedSender loses the outcome of every delivery, as a worker that is killed
// between sending and storing does.
type killedSender struct{ *sqlstore.Webhooks }

func (killedSender) SaveDelivery(context.Context, webhook.Delivery, time.Time) (webhook.Endpoint, error) {
	return webhook.Endpoint{}, errors.New("killed")
}

func TestAKilledSenderSendsAgainUnderTheSameID(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		to := newPartner(t)
		e, _ := p.tell(t, to, webhook.Topics()...)
		p.raise(t, 1)
		p.work(t, 10)
		deps := p.app.Deps
		deps.Webhooks = killedSender{p.app.Webhooks.(*sqlstore.Webhooks)}
		if _, err := app.New(deps).SendWebhooks(t.Context(), e.TenantID, e.ID); err == nil {
			t.Fatal("the outcome was stored")
		}
		if n := sendWebhooks(t, p.app, e); n != 0 {
			t.Errorf("a delivery under a lease was sent: %d", n)
		}
		p.offset.Add(int64(time.Minute))
		sendWebhooks(t, p.app, e)
		if got := to.take(); len(got) != 2 || got[0].id != got[1].id {
			t.Errorf("the endpoint got %+v, want one id twice", got)
		}
	})
}

func TestManyWorkersSendEachDeliveryOnce(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		to := newPartner(t)
		e, _ := p.tell(t, to, webhook.Topics()...)
		p.raise(t, 12)
		p.work(t, 10)
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for range 30 {
					if _, err := p.app.SendWebhooks(t.Context(), e.TenantID, e.ID); err != nil {
						t.Errorf("SendWebhooks: %v", err)
					}
				}
			})
		}
		group.Wait()
		times := map[string]int{}
		for _, got := range to.take() {
			times[got.id]++
		}
		for id, n := range times {
			if n != 1 {
				t.Errorf("%s was sent %d times", id, n)
			}
		}
		if len(times) != 12 {
			t.Errorf("%d deliveries, want 12", len(times))
		}
	})
}

func TestALostEndpointIsSwitchedOff(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		to := newPartner(t)
		to.answers(http.StatusGone)
		e, _ := p.tell(t, to, webhook.Topics()...)
		for range 2 {
			p.raise(t, 1)
			p.work(t, 10)
			sendWebhooks(t, p.app, e)
			p.offset.Add(int64(webhook.LostAfter))
		}
		got, err := p.app.FindWebhookEndpoint(t.Context(), p.admin, e.ID)
		if err != nil || got.IsEnabled || got.DisabledReason != webhook.LostReason {
			t.Fatalf("the endpoint is %+v, %v", got, err)
		}
		entries, err := sqlstore.NewAudit(p.db).ListEntries(t.Context(), p.admin.TenantID, ports.AuditFilter{Action: audit.WebhookEndpointSwitchedOff}, ports.Page{First: 5})
		if err != nil || len(entries.Rows) != 1 || entries.Rows[0].ActorKind != access.KindSystem {
			t.Errorf("the audit log has %+v, %v", entries.Rows, err)
		}
		before := len(to.take())
		p.raise(t, 1)
		p.work(t, 10)
		if n := sendWebhooks(t, p.app, e); n != 0 || before == 0 {
			t.Errorf("an endpoint that is off was sent %d after %d", n, before)
		}
		to.answers(http.StatusOK)
		on := true
		if _, err := p.app.UpdateWebhookEndpoint(t.Context(), p.admin, app.UpdateWebhookEndpoint{ID: e.ID, IsEnabled: &on}); err != nil {
			t.Fatal(err)
		}
		sendWebhooks(t, p.app, e)
		var kinds []string
		for _, parcel := range to.take() {
			kinds = append(kinds, parcel.kind)
		}
		if diff := cmp.Diff([]string{"run.succeeded", "run.succeeded"}, kinds); diff != "" {
			t.Errorf("switched on again it got (-want +got):\n%s", diff)
		}
	})
}
