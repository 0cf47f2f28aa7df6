package magento

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	connectTimeout = 5 * time.Second
	totalTimeout   = 15 * time.Second
	maxErrorBytes  = 8192
	maxAnswerBytes = 1 << 16
)

// delivery is what came of one call to the ledger; status is 0 when there was no answer.
type delivery struct {
	status int
	body   string
	err    error
}

func (d delivery) isAcknowledged() bool { return d.status >= 200 && d.status < 300 }

func (d delivery) isRejected() bool { return d.status >= 400 && d.status < 500 }

// failure describes a delivery that was not acknowledged.
func (d delivery) failure() string {
	if d.err != nil {
		return d.err.Error()
	}
	body := d.body
	if len(body) > maxErrorBytes {
		body = strings.ToValidUTF8(body[:maxErrorBytes], "")
	}
	return fmt.Sprintf("HTTP %d: %s", d.status, body)
}

func newTransport() http.RoundTripper {
	dialer := &net.Dialer{Timeout: connectTimeout}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: connectTimeout,
		MaxIdleConnsPerHost: 32,
		IdleConnTimeout:     30 * time.Second,
	}
}

func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport: transport,
		Timeout:   totalTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// post calls the ledger as the client does, with a token of its own. An informational answer counts
// as the final one.
func (s *Server) post(ctx context.Context, paired credentials, target, key string, body []byte) delivery {
	token, err := s.freshToken(paired)
	if err != nil {
		return delivery{err: err}
	}
	var informational atomic.Int64
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		Got100Continue: func() { informational.CompareAndSwap(0, http.StatusContinue) },
		Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
			informational.CompareAndSwap(0, int64(code))
			return nil
		},
	})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body)) //nolint:gosec // the address is the one the shop is paired with
	if err != nil {
		return delivery{err: fmt.Errorf("building a call to the ledger: %w", err)}
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "*/*")
	request.Header.Set("Idempotency-Key", key)
	answer, err := s.client.Do(request) //nolint:gosec // as above
	if err != nil {
		return delivery{err: err}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswerBytes))
	if err != nil {
		return delivery{err: fmt.Errorf("reading the ledger's answer: %w", err)}
	}
	if code := int(informational.Load()); code != 0 {
		return delivery{status: code}
	}
	return delivery{status: answer.StatusCode, body: string(text)}
}

// eventURL is where the ledger takes the event.
func eventURL(ledgerURL, tenantID, event, provider string) string {
	target := ledgerURL + "/webhooks/magento/" + rawURLEncode(tenantID) + "/" + rawURLEncode(event)
	return withProvider(target, provider)
}

func withProvider(target, provider string) string {
	if provider == "" {
		return target
	}
	return target + "?provider=" + rawURLEncode(provider)
}

func rawURLEncode(segment string) string {
	return strings.ReplaceAll(url.QueryEscape(segment), "+", "%20")
}
