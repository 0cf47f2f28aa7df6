package xero

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

const accountingPath = "/api.xro/2.0"

// reply is an answer that arrived whole.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) ok() bool { return r.status >= 200 && r.status < 300 }

// request is one call to the Accounting API. A body makes it a write; without a
// key, one that Xero does not remember.
type request struct {
	method string
	path   string
	query  string
	body   []byte
	key    string
}

func (r request) writes() bool { return r.body != nil }

// send makes the call and returns whatever was answered. Its errors are faults:
// nothing was sent, or nobody knows what became of it.
func (p *Provider) send(ctx context.Context, session ports.Session, r request) (reply, error) {
	address := p.apiURL + accountingPath + r.path
	if r.query != "" {
		address += "?" + r.query
	}
	return exchange(ctx, p.client(session), address, r)
}

// exchange makes a call with a client of one's choice.
func exchange(ctx context.Context, client *http.Client, address string, r request) (reply, error) {
	var asked, connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	outgoing, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return reply{}, fmt.Errorf("making a request: %w", err)
	}
	if r.body != nil {
		outgoing.Header.Set("Content-Type", "application/json")
	}
	if r.key != "" {
		outgoing.Header.Set(headerIdempotency, r.key)
	}
	response, err := client.Do(outgoing)
	if err != nil {
		isUnsent := asked.Load() && !connected.Load()
		return reply{}, lostFault(err, r.writes() && !isUnsent && mayHaveLeft(err))
	}
	defer response.Body.Close()
	answered, err := io.ReadAll(response.Body)
	if err != nil {
		return reply{}, lostFault(err, r.writes())
	}
	return reply{status: response.StatusCode, header: response.Header, body: answered}, nil
}

// mayHaveLeft reports whether a failed call can have reached the other side.
func mayHaveLeft(err error) bool {
	if _, ok := errors.AsType[*unsentError](err); ok {
		return false
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return false
	}
	op, ok := errors.AsType[*net.OpError](err)
	return !ok || op.Op != "dial"
}

// lostFault is the fault of a call without an answer. A fault of the budget
// stays what it is.
func lostFault(err error, isUncertain bool) error {
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known
	}
	if isUncertain {
		return fault.Wrap(fault.CodeProviderUncertain, "Xero's answer was lost after the document was sent.", err)
	}
	return fault.Wrap(fault.CodeProviderUnavailable, "Xero cannot be reached.", err)
}

// read makes a call that changes nothing and decodes its answer. It reports
// false when there is no such thing.
func (p *Provider) read(ctx context.Context, session ports.Session, path string, query url.Values, into any) (bool, error) {
	answered, err := p.send(ctx, session, request{method: http.MethodGet, path: path, query: query.Encode()})
	if err != nil {
		return false, err
	}
	if answered.status == http.StatusNotFound {
		return false, nil
	}
	if err := p.statusFault(answered, false); err != nil {
		return false, err
	}
	if err := json.Unmarshal(answered.body, into); err != nil {
		return false, fault.Wrap(fault.CodeProviderUnavailable, "Xero's answer cannot be read.", err)
	}
	return true, nil
}

// readList is [Provider.read] for a list, which is always there.
func (p *Provider) readList(ctx context.Context, session ports.Session, path string, query url.Values, into any) error {
	found, err := p.read(ctx, session, path, query, into)
	if err != nil {
		return err
	}
	if !found {
		return fault.Newf(fault.CodeProviderUnavailable, "Xero has no %s at the configured address.", path)
	}
	return nil
}
