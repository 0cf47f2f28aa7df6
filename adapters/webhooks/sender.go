// Package webhooks posts deliveries to addresses that users typed in, signed as
// standardwebhooks.com describes.
package webhooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"byte8.io/ledger/domain/reach"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

const (
	dialTimeout = 5 * time.Second
	// idleEndpoints bounds connections kept open between attempts.
	idleEndpoints = 128
	// maxAnswer is how much of an answer's body is read, and thrown away.
	maxAnswer      = 64 << 10
	maxHeaderBytes = 64 << 10

	// answerHeader is where an endpoint says abortMessage to be sent a message no more.
	answerHeader = "Webhook-Delivery"
	abortMessage = "abort-message"
	userAgent    = "Byte8-Ledger"
)

// Options are what a sender is made with. The zero value is for production.
type Options struct {
	// AllowPrivate dials loopback, private and link-local addresses too.
	AllowPrivate bool
	// Timeout bounds an attempt; [webhook.Timeout] when zero.
	Timeout time.Duration
}

// Sender implements ports.WebhookSender over HTTP. The address dialled is
// checked after the name is resolved; no proxy is used, because a proxy would do
// the resolving.
type Sender struct {
	http    *http.Client
	timeout time.Duration
}

var _ ports.WebhookSender = (*Sender)(nil)

// New makes a sender for any number of endpoints and goroutines.
func New(opts Options) *Sender {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	if !opts.AllowPrivate {
		dialer.Control = func(_, address string, _ syscall.RawConn) error { return reach.Check(address) }
	}
	s := &Sender{
		http: &http.Client{
			Transport: &http.Transport{
				DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: dialTimeout,
				MaxIdleConns: idleEndpoints, MaxIdleConnsPerHost: webhook.MaxInFlight, IdleConnTimeout: time.Minute,
				MaxResponseHeaderBytes: maxHeaderBytes,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		timeout: opts.Timeout,
	}
	if s.timeout <= 0 {
		s.timeout = webhook.Timeout
	}
	return s
}

// Close closes the connections kept open between attempts.
func (s *Sender) Close() error {
	s.http.CloseIdleConnections()
	return nil
}

// Send implements [ports.WebhookSender].
func (s *Sender) Send(ctx context.Context, call ports.WebhookCall) webhook.Answer {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	request, err := newRequest(ctx, call)
	if err != nil {
		return webhook.Answer{Problem: "The delivery could not be made ready: its address or its secret cannot be used."}
	}
	response, err := s.http.Do(request)
	if err != nil {
		return webhook.Answer{Problem: s.problem(err)}
	}
	defer response.Body.Close()
	// What the endpoint says is of no use, but a connection is used again only
	// after its answer was read.
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer)
	return answerOf(response)
}

func newRequest(ctx context.Context, call ports.WebhookCall) (*http.Request, error) {
	signatures := make([]string, len(call.Secrets))
	for i, secret := range call.Secrets {
		signer, err := standard.NewWebhook(secret)
		if err != nil {
			return nil, errors.New("reading a signing secret: it is not base64")
		}
		if signatures[i], err = signer.Sign(call.ID, call.At, call.Body); err != nil {
			return nil, fmt.Errorf("signing a delivery: %w", err)
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, call.URL, bytes.NewReader(call.Body))
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", userAgent)
	request.Header.Set(standard.HeaderWebhookID, call.ID)
	request.Header.Set(standard.HeaderWebhookTimestamp, strconv.FormatInt(call.At.Unix(), 10))
	request.Header.Set(standard.HeaderWebhookSignature, strings.Join(signatures, " "))
	return request, nil
}

func answerOf(response *http.Response) webhook.Answer {
	a := webhook.Answer{Status: response.StatusCode}
	if a.IsTaken() {
		return a
	}
	a.Problem = fmt.Sprintf("The endpoint answered %d.", a.Status)
	if a.Status >= 300 && a.Status < 400 {
		a.Problem = fmt.Sprintf("The endpoint answered %d; redirects are not followed.", a.Status)
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		a.RetryAfter = time.Duration(min(seconds, int(webhook.MaxRetryAfter/time.Second))) * time.Second
	}
	a.Abort = strings.EqualFold(strings.TrimSpace(response.Header.Get(answerHeader)), abortMessage)
	return a
}

// problem says what kept the endpoint from answering, without its address.
func (s *Sender) problem(err error) string {
	if _, ok := errors.AsType[*reach.RefusedError](err); ok {
		return "The address leads to a private network, which may not be called."
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return fmt.Sprintf("The endpoint did not answer within %v.", s.timeout)
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "The name of the address cannot be resolved."
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "The endpoint refuses the connection."
	}
	return "The endpoint cannot be reached, or its certificate does not hold."
}
