package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// ledger is the binary under test with its environment.
type ledger struct {
	binary string
	env    []string
	url    string
	apiKey string
	tenant string
}

func newLedger(ctx context.Context, o options, databaseURL, redisURL, booksURL, dir string) (*ledger, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("making a master key: %w", err)
	}
	listener, err := listen(ctx)
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, fmt.Errorf("freeing an address: %w", err)
	}
	l := &ledger{binary: o.ledger, url: "http://" + address}
	l.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LEDGER_DATA_DIR=" + dir,
		"LEDGER_LISTEN=" + address, "LEDGER_PUBLIC_URL=" + l.url, "LEDGER_ALLOW_PRIVATE_STORES=true", "LEDGER_LOG_FORMAT=text",
		"LEDGER_DATABASE_URL=" + databaseURL, "LEDGER_UNSAFE_DATABASE=true", "LEDGER_REDIS_URL=" + redisURL,
		"LEDGER_MASTER_KEYS=" + base64.StdEncoding.EncodeToString(key),
		"LEDGER_XERO_CLIENT_ID=sandbox-client", "LEDGER_XERO_CLIENT_SECRET=sandbox-secret",
		"LEDGER_XERO_API_URL=" + booksURL, "LEDGER_XERO_IDENTITY_URL=" + booksURL, "LEDGER_XERO_LOGIN_URL=" + booksURL,
	}
	return l, nil
}

// setUp migrates the database and makes a tenant.
func (l *ledger) setUp(ctx context.Context) error {
	if _, err := l.command(ctx, "migrate", "up"); err != nil {
		return err
	}
	out, err := l.command(ctx, "tenants", "create", "--name", "Bench", "--email", "owner@bench.test", "--json")
	if err != nil {
		return err
	}
	var made struct {
		TenantID string `json:"tenant_id"`
		APIKey   string `json:"api_key"`
	}
	if err := json.Unmarshal(out, &made); err != nil {
		return fmt.Errorf("reading the tenant: %w", err)
	}
	l.tenant, l.apiKey = made.TenantID, made.APIKey
	return nil
}

func (l *ledger) command(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, l.binary, args...) //nolint:gosec // the binary is what is measured
	cmd.Env = l.env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("ledger %v: %w\n%s", args, err, stderr.String())
	}
	return out, nil
}

// process is a running ledger.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	mu   sync.Mutex
	log  bytes.Buffer
}

func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.log.Len() < 1<<20 {
		p.log.Write(b)
	}
	return len(b), nil
}

// serve starts a ledger in a role.
func (l *ledger) serve(ctx context.Context, role string) (*process, error) {
	p := &process{done: make(chan struct{})}
	p.cmd = exec.CommandContext(ctx, l.binary, "serve", "--role", role) //nolint:gosec // the binary is what is measured
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = l.env, p, p
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 30 * time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the %s: %w", role, err)
	}
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait() // how it ended shows in what was left undone
	}()
	return p, nil
}

// stop asks the process to end, and waits for it.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	<-p.done
}

// ready waits until the API answers.
func (l *ledger) ready(ctx context.Context) error {
	return until(ctx, 30*time.Second, "the API is ready", func() (bool, error) {
		status, _, err := get(ctx, l.url+"/readyz")
		return err == nil && status == http.StatusOK, nil
	})
}

// graphql runs an operation as the tenant.
func (l *ledger) graphql(ctx context.Context, query string, variables map[string]any, into any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return fmt.Errorf("encoding an operation: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+l.apiKey)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("asking the API: %w", err)
	}
	defer res.Body.Close()
	var answer struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("reading the API's answer: %w", err)
	}
	if err := json.Unmarshal(raw, &answer); err != nil || len(answer.Errors) > 0 {
		return fmt.Errorf("the API answered %d: %s", res.StatusCode, raw)
	}
	if err := json.Unmarshal(answer.Data, into); err != nil {
		return fmt.Errorf("reading the API's answer: %w", err)
	}
	return nil
}

// get fetches a page and follows redirects.
func get(ctx context.Context, address string) (status int, page []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, nil, fmt.Errorf("making a request: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("asking %s: %w", req.URL.Host, err)
	}
	defer res.Body.Close()
	page, err = io.ReadAll(res.Body)
	return res.StatusCode, page, err
}

// listen listens on a free address.
func listen(ctx context.Context) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("finding a free address: %w", err)
	}
	return listener, nil
}

// until polls a condition.
func until(ctx context.Context, within time.Duration, what string, isTrue func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := isTrue()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w", what, ctx.Err())
		case <-tick.C:
		}
	}
}
