package magento

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"byte8.io/ledger/ports"
)

const (
	// maxAnswer bounds a document; the largest realistic invoices have some 100 KB.
	maxAnswer = 4 << 20
	// maxErrorAnswer bounds what is read of an answer that is an error.
	maxErrorAnswer = 8 << 10

	defaultTimeout = 10 * time.Second
	// defaultPairTimeout is longer, because pairing empties the shop's
	// configuration cache.
	defaultPairTimeout = 30 * time.Second
)

// Options are what a client is made with. The zero value is for production.
type Options struct {
	// AllowPrivate lets shops live at loopback, private and link-local addresses.
	AllowPrivate bool
	// Timeout bounds a call, connecting and reading included; 10 s when zero.
	Timeout time.Duration
	// PairTimeout bounds a pairing; 30 s when zero.
	PairTimeout time.Duration
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// Random feeds token ids and is read by many goroutines; crypto/rand when nil.
	Random io.Reader
}

// Client implements ports.Shop over HTTP. It follows no redirects, uses no
// proxy, and reads at most 4 MB of an answer.
type Client struct {
	http        *http.Client
	timeout     time.Duration
	pairTimeout time.Duration
	now         func() time.Time
	random      io.Reader
}

var _ ports.Shop = (*Client)(nil)

// NewClient makes a client that serves any number of shops and goroutines.
func NewClient(opts Options) *Client {
	c := &Client{
		http: &http.Client{
			Transport:     newTransport(opts.AllowPrivate),
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		timeout: opts.Timeout, pairTimeout: opts.PairTimeout, now: opts.Now, random: opts.Random,
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if c.pairTimeout <= 0 {
		c.pairTimeout = defaultPairTimeout
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.random == nil {
		c.random = rand.Reader
	}
	return c
}

// Close closes the connections kept open between calls.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// call makes one authorised call and returns the answer's body.
//
// The transport sends a read again by itself when a kept connection breaks
// under it. If the shop had read the first one, it has burned the token and
// refuses the second; such a refusal says nothing of the key, so that the call
// is made once more with a fresh token.
func (c *Client) call(ctx context.Context, access ports.ShopAccess, method, path string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	got, err := c.sendSigned(ctx, access, method, path, body)
	if err == nil && got.status == http.StatusUnauthorized && got.wasResent {
		got, err = c.sendSigned(ctx, access, method, path, body)
	}
	if err != nil {
		return nil, err
	}
	if err := got.refusal(); err != nil {
		return nil, err
	}
	return got.body, nil
}

func (c *Client) sendSigned(ctx context.Context, access ports.ShopAccess, method, path string, body []byte) (answer, error) {
	token, err := sign(access, c.now(), c.random)
	if err != nil {
		return answer{}, err
	}
	return c.send(ctx, method, address(access.BaseURL, path), token, body)
}

// send makes one request; without a token it is anonymous.
func (c *Client) send(ctx context.Context, method, url, token string, body []byte) (answer, error) {
	var sent atomic.Int32
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Add(1) }})
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		return answer{}, unusableAddress(err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "byte8-ledger")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return answer{}, unreachable(err)
	}
	defer res.Body.Close()
	got := answer{status: res.StatusCode, header: res.Header, wasResent: sent.Load() > 1}
	limit := int64(maxAnswer)
	if !got.isSuccess() {
		limit = maxErrorAnswer
	}
	got.body, err = io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err != nil {
		return answer{}, unreachable(fmt.Errorf("reading the answer: %w", err))
	}
	got.isTooLong = int64(len(got.body)) > limit
	return got, nil
}

// address is a route of the Byte8 modules at a shop, whose base may have a path.
func address(baseURL, path string) string {
	return strings.TrimRight(baseURL, "/") + "/rest/V1/byte8/" + path
}
