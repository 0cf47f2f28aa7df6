// Package stack sets up what the benchmarks measure: a database of their own in
// the test PostgreSQL, and a real ledger that works on it.
package stack

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the driver of the benchmarks' own connections
)

// Stack is a migrated database with one tenant.
type Stack struct {
	// DatabaseURL is the address of the database, Name its name.
	DatabaseURL, Name string
	DB                *sqlx.DB
	// TenantID and APIKey are those of the tenant; the key may do everything.
	TenantID, APIKey string
	// MasterKey seals the secrets, as LEDGER_MASTER_KEYS has it.
	MasterKey [32]byte

	dir    string
	binary string
	admin  *sqlx.DB
	env    []string
}

// Open makes a database in the server of TEST_DATABASE_URL and a tenant in it.
// The ledger is the binary that BENCH_LEDGER names, else it is built. The caller
// closes the stack.
func Open(ctx context.Context) (_ *Stack, err error) {
	adminURL, redisURL := os.Getenv("TEST_DATABASE_URL"), os.Getenv("TEST_REDIS_URL")
	if adminURL == "" || redisURL == "" {
		return nil, errors.New("TEST_DATABASE_URL and TEST_REDIS_URL are not set; use make, or scripts/services run")
	}
	s := &Stack{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	var suffix [6]byte
	_, _ = rand.Read(suffix[:])
	_, _ = rand.Read(s.MasterKey[:])
	s.Name = "bench_" + hex.EncodeToString(suffix[:])
	if s.admin, err = sqlx.ConnectContext(ctx, "postgres", adminURL); err != nil {
		return nil, err
	}
	if _, err := s.admin.ExecContext(ctx, "CREATE DATABASE "+s.Name); err != nil {
		return nil, err
	}
	u, err := url.Parse(adminURL)
	if err != nil {
		return nil, err
	}
	u.Path = "/" + s.Name
	s.DatabaseURL = u.String()
	if s.DB, err = sqlx.ConnectContext(ctx, "postgres", s.DatabaseURL); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "ledger-bench-"); err != nil {
		return nil, err
	}
	if s.binary = os.Getenv("BENCH_LEDGER"); s.binary == "" {
		s.binary = filepath.Join(s.dir, "ledger")
		err = build(ctx, s.binary)
	}
	if err != nil {
		return nil, err
	}
	s.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "LEDGER_DATA_DIR=" + s.dir, "LEDGER_DATABASE_URL=" + s.DatabaseURL, "LEDGER_REDIS_URL=" + redisURL,
		"LEDGER_MASTER_KEYS=" + base64.StdEncoding.EncodeToString(s.MasterKey[:]), "LEDGER_UNSAFE_DATABASE=true", "LEDGER_LOG_LEVEL=warn",
		"LEDGER_XERO_CLIENT_ID=bench", "LEDGER_XERO_CLIENT_SECRET=bench",
	}
	return s, s.createTenant(ctx)
}

// Durable has the server write commits to disk before it acknowledges them, as
// in production. The test server is made for speed and does not.
func (s *Stack) Durable(ctx context.Context) error {
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		if _, err := s.admin.ExecContext(ctx, "ALTER SYSTEM SET "+setting+" = on"); err != nil {
			return err
		}
	}
	_, err := s.admin.ExecContext(ctx, "SELECT pg_reload_conf()")
	return err
}

func build(ctx context.Context, binary string) error {
	out, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, "./cmd/ledger").CombinedOutput() //nolint:gosec // our own program
	if err != nil {
		return fmt.Errorf("building the ledger: %w\n%s", err, out)
	}
	return nil
}

func (s *Stack) createTenant(ctx context.Context) error {
	if _, err := s.run(ctx, "migrate", "up"); err != nil {
		return err
	}
	out, err := s.run(ctx, "tenants", "create", "--name", "Bench", "--email", "bench@example.test", "--json")
	if err != nil {
		return err
	}
	var made struct {
		TenantID string `json:"tenant_id"`
		APIKey   string `json:"api_key"`
	}
	err = json.Unmarshal(out, &made)
	s.TenantID, s.APIKey = made.TenantID, made.APIKey
	return err
}

func (s *Stack) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, s.binary, args...) //nolint:gosec // our own program
	cmd.Env, cmd.Dir = s.env, s.dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("ledger %v: %w\n%s", args, err, stderr.Bytes())
	}
	return out, nil
}

// Close removes everything.
func (s *Stack) Close() error {
	var all error
	if s.DB != nil {
		all = s.DB.Close()
	}
	if s.admin != nil {
		_, err := s.admin.Exec("DROP DATABASE IF EXISTS " + s.Name + " WITH (FORCE)")
		all = errors.Join(all, err, s.admin.Close())
	}
	if s.dir != "" {
		all = errors.Join(all, os.RemoveAll(s.dir))
	}
	return all
}

// Server is a process that serves HTTP.
type Server struct {
	// Address is its host and port.
	Address string
	cmd     *exec.Cmd
}

// PID is the process's id.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Stop ends the process.
func (s *Server) Stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// Serve starts the ledger in a role, with further environment.
func (s *Stack) Serve(ctx context.Context, role string, env ...string) (*Server, error) {
	return s.start(ctx, s.binary, []string{"serve", "--role", role}, "LEDGER_LISTEN", env)
}

// ServeFloor starts this program again as the server to compare with: its
// arguments are "floor" and what is given, its address is in FLOOR_LISTEN.
func (s *Stack) ServeFloor(ctx context.Context, env ...string) (*Server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return s.start(ctx, self, []string{"floor"}, "FLOOR_LISTEN", env)
}

func (s *Stack) start(ctx context.Context, program string, args []string, listen string, env []string) (*Server, error) {
	var config net.ListenConfig
	free, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // our own programs
	cmd.Env = append(append(append([]string{}, s.env...), listen+"="+address), env...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, os.Stderr, os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	server := &Server{Address: address, cmd: cmd}
	return server, waitReady(ctx, "http://"+address+"/readyz")
}

func waitReady(ctx context.Context, url string) error {
	for range 200 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("%s does not become ready", url)
}
