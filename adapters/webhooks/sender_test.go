package webhooks_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"byte8.io/ledger/adapters/webhooks"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

// secret and its signature are the published example of the specification's
// reference libraries.
const (
	secret          = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorTimestamp = 1614265330
	vectorBody      = `{"test": 2432232314}`
	vectorSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func local(t *testing.T, opts webhooks.Options) *webhooks.Sender {
	t.Helper()
	s := webhooks.New(opts)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func callTo(url string) ports.WebhookCall {
	return ports.WebhookCall{URL: url, ID: vectorID, Secrets: []string{secret}, At: time.Unix(vectorTimestamp, 0), Body: []byte(vectorBody)}
}

func TestThePublishedVector(t *testing.T) {
	t.Parallel()
	var got http.Header
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	if answer := local(t, webhooks.Options{AllowPrivate: true}).Send(t.Context(), callTo(server.URL)); !answer.IsTaken() {
		t.Fatalf("Send gave %+v", answer)
	}
	for name, want := range map[string]string{
		"webhook-id": vectorID, "webhook-timestamp": strconv.Itoa(vectorTimestamp), "webhook-signature": vectorSignature, "content-type": "application/json",
	} {
		if got.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Get(name), want)
		}
	}
	if string(body) != vectorBody {
		t.Errorf("the body is %q, want %q", body, vectorBody)
	}
}

func TestBothSecretsVerifyDuringARotation(t *testing.T) {
	t.Parallel()
	secrets := []string{secret, webhook.NewSecret([]byte(strings.Repeat("x", 32)))}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		for _, s := range secrets {
			verifier, err := standard.NewWebhook(s)
			if err == nil {
				err = verifier.Verify(body, r.Header)
			}
			if err != nil {
				t.Errorf("a secret does not verify: %v", err)
			}
		}
		stranger, _ := standard.NewWebhook("whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("y", 32))))
		if stranger.Verify(body, r.Header) == nil {
			t.Error("a stranger's secret verifies")
		}
		w.WriteHeader(http.StatusOK)
	}))
	defer server.Close()
	call := callTo(server.URL)
	call.Secrets, call.At = secrets, time.Now()
	if answer := local(t, webhooks.Options{AllowPrivate: true}).Send(t.Context(), call); !answer.IsTaken() {
		t.Errorf("Send gave %+v", answer)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	var followed atomic.Bool
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Store(true) }))
	defer trap.Close()
	tests := map[string]struct {
		answer http.HandlerFunc
		want   webhook.Answer
	}{
		"taken":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }, webhook.Answer{Status: 202}},
		"an error": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, webhook.Answer{Status: 500, Problem: "The endpoint answered 500."}},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, trap.URL, http.StatusTemporaryRedirect)
		}, webhook.Answer{Status: 307, Problem: "The endpoint answered 307; redirects are not followed."}},
		"busy": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusServiceUnavailable)
		}, webhook.Answer{Status: 503, Problem: "The endpoint answered 503.", RetryAfter: 2 * time.Minute}},
		"busy for ever": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "99999999999")
			w.WriteHeader(http.StatusTooManyRequests)
		}, webhook.Answer{Status: 429, Problem: "The endpoint answered 429.", RetryAfter: time.Hour}},
		"no more": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("webhook-delivery", "abort-message")
			w.WriteHeader(http.StatusBadRequest)
		}, webhook.Answer{Status: 400, Problem: "The endpoint answered 400.", Abort: true}},
		"abort beside success": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("webhook-delivery", "abort-message")
		}, webhook.Answer{Status: 200}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tt.answer)
			defer server.Close()
			got := local(t, webhooks.Options{AllowPrivate: true}).Send(t.Context(), callTo(server.URL))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Send (-want +got):\n%s", diff)
			}
			if followed.Load() {
				t.Error("the redirect was followed")
			}
		})
	}
}

func TestASlowEndpointIsLeft(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	got := local(t, webhooks.Options{AllowPrivate: true, Timeout: 50 * time.Millisecond}).Send(t.Context(), callTo(server.URL))
	if want := (webhook.Answer{Problem: "The endpoint did not answer within 50ms."}); got != want {
		t.Errorf("Send gave %+v, want %+v", got, want)
	}
}

// An endless answer counts by its status, and is read no further than 64 KB.
func TestAnEndlessAnswerIsCut(t *testing.T) {
	t.Parallel()
	var written atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 16<<10)
		for range 4096 { // 64 MB
			n, err := w.Write(chunk)
			written.Add(int64(n))
			if err != nil {
				return
			}
		}
	}))
	got := local(t, webhooks.Options{AllowPrivate: true}).Send(t.Context(), callTo(server.URL))
	server.Close()
	if got != (webhook.Answer{Status: 200}) {
		t.Errorf("Send gave %+v", got)
	}
	if n := written.Load(); n >= 64<<20 {
		t.Errorf("the endpoint wrote all %d bytes", n)
	}
}

func TestPrivateAddressesAreNotCalled(t *testing.T) {
	t.Parallel()
	var reached atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	for _, address := range []string{server.URL, "http://localhost" + port, "http://[::ffff:127.0.0.1]" + port, "http://169.254.169.254/latest/meta-data", "http://0.0.0.0" + port} {
		got := local(t, webhooks.Options{}).Send(t.Context(), callTo(address))
		if want := (webhook.Answer{Problem: "The address leads to a private network, which may not be called."}); got != want {
			t.Errorf("Send to %s gave %+v, want %+v", address, got, want)
		}
	}
	if reached.Load() {
		t.Error("a private address was reached")
	}
}

func TestTheProblemHoldsNoAddress(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL + "/hook?token=hidden"
	server.Close()
	got := local(t, webhooks.Options{AllowPrivate: true}).Send(t.Context(), callTo(address))
	if want := (webhook.Answer{Problem: "The endpoint refuses the connection."}); got != want {
		t.Errorf("Send gave %+v, want %+v", got, want)
	}
}
