package xero

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/ports"
)

// maxAnswer bounds an answer. A page of a thousand invoices stays below it.
const maxAnswer = 16 << 20

const (
	headerTenant      = "Xero-Tenant-Id"
	headerIdempotency = "Idempotency-Key"
	headerMinuteLeft  = "X-MinLimit-Remaining"
	headerDayLeft     = "X-DayLimit-Remaining"
	headerLimitKind   = "X-Rate-Limit-Problem"
)

var errAnswerTooLarge = errors.New("the answer is larger than 16 MB")

// newPool is a transport with a pool of connections that suits the five calls
// in flight that Xero allows an organisation.
func newPool() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          100,
		MaxIdleConnsPerHost:   32,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// newClient follows no redirect: a token must not travel to another address.
func newClient(t http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// timedTransport names the app and reads the whole answer within the timeout,
// so that an answer that breaks off is an error of the round trip.
type timedTransport struct {
	next    http.RoundTripper
	timeout time.Duration
	agent   string
}

func (t *timedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), t.timeout)
	defer cancel()
	r = r.Clone(ctx)
	r.Header.Set("User-Agent", t.agent)
	response, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	if len(body) > maxAnswer {
		return nil, errAnswerTooLarge
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// bearerTransport sends a call on behalf of a user and, where one is named, for
// an organisation.
type bearerTransport struct {
	next         http.RoundTripper
	token        string
	organisation string
}

func (t *bearerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+t.token)
	r.Header.Set("Accept", "application/json")
	if t.organisation != "" {
		r.Header.Set(headerTenant, t.organisation)
	}
	return t.next.RoundTrip(r)
}

// budgetTransport takes every call out of the organisation's budget and tells
// the budget what the answer says of the limits.
type budgetTransport struct {
	next   http.RoundTripper
	budget ports.Budget
	limits books.Limits
	isBulk bool
	now    func() time.Time
}

func (t *budgetTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	taken, err := t.budget.Take(r.Context(), r.Header.Get(headerTenant), t.limits, t.isBulk)
	if err != nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, &unsentError{err}
	}
	response, err := t.next.RoundTrip(r)
	taken.Done(context.WithoutCancel(r.Context()), t.seen(response))
	return response, err
}

// seen is what an answer says of the limits; nothing when there is none.
func (t *budgetTransport) seen(response *http.Response) ports.BudgetSeen {
	if response == nil {
		return ports.BudgetSeen{}
	}
	out := ports.BudgetSeen{
		MinuteLeft: remaining(response.Header, headerMinuteLeft),
		DayLeft:    remaining(response.Header, headerDayLeft),
	}
	if response.StatusCode == http.StatusTooManyRequests {
		out.ParkFor = throttleWait(response.Header, t.now())
	}
	return out
}

// unsentError marks a call that ended before anything was sent.
type unsentError struct{ cause error }

func (e *unsentError) Error() string { return e.cause.Error() }

func (e *unsentError) Unwrap() error { return e.cause }

func remaining(h http.Header, name string) *int {
	n, err := strconv.Atoi(h.Get(name))
	if err != nil || n < 0 {
		return nil
	}
	return &n
}

const (
	longestWait    = 24 * time.Hour
	concurrentWait = 2 * time.Second
	minuteWait     = time.Minute
	dayWait        = time.Hour
)

// throttleWait is how long a 429 asks us to stay away, at most a day. The limit
// on calls in flight names no time and passes at once.
func throttleWait(h http.Header, now time.Time) time.Duration {
	if wait, ok := retryAfter(h, now); ok {
		return wait
	}
	switch h.Get(headerLimitKind) {
	case "concurrent":
		return concurrentWait
	case "day":
		return dayWait
	default:
		return minuteWait
	}
}

func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return min(time.Duration(min(seconds, int(longestWait/time.Second)))*time.Second, longestWait), true
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), longestWait), true
	}
	return 0, false
}
