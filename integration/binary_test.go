package integration_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is the ledger built once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "ledger-binary-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "ledger")
	out, err := exec.Command("go", "build", "-o", path, "../cmd/ledger").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// process is a running ledger.
type process struct {
	cmd  *exec.Cmd
	done chan error
	log  *buffer
}

// buffer is a log that several goroutines write and read.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// ledgerCommand is the binary with only the given environment.
func ledgerCommand(ctx context.Context, t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	cmd.Dir = t.TempDir()
	return cmd
}

// start runs the binary in the background and kills it when the test ends.
func start(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := &process{cmd: ledgerCommand(t.Context(), t, env, args...), done: make(chan error, 1), log: &buffer{}}
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.done <- p.cmd.Wait() }()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("log of %v:\n%s", args, tail(p.log.String(), 6000))
		}
	})
	return p
}

func tail(s string, n int) string {
	if len(s) > n {
		return "…" + s[len(s)-n:]
	}
	return s
}

// kill ends the process as a crash would, and waits for it. It may be called twice.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	if err, open := <-p.done; open {
		_ = err
		close(p.done)
	}
}

// stop asks the process to end and returns how it did.
func (p *process) stop(t *testing.T) error {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.done:
		close(p.done)
		return err
	case <-time.After(40 * time.Second):
		t.Fatal("the process did not end within 40 s of SIGTERM")
		return nil
	}
}

// freeAddress is a loopback address nobody listens on. Its port is below those
// that outgoing connections get, so that none takes it while its server restarts.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(12_000)))
		if err != nil {
			continue
		}
		defer listener.Close()
		return listener.Addr().String()
	}
	t.Fatal("no free port between 20000 and 32000")
	return ""
}

// waitReady waits until a server says it is ready.
func waitReady(t *testing.T, url string) {
	t.Helper()
	eventually(t, 30*time.Second, "the server is ready", func() bool {
		res, err := http.Get(url + "/readyz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

// eventually waits for a condition, and fails when it does not come true in time.
func eventually(t *testing.T, within time.Duration, what string, isTrue func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	for !isTrue() {
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not: %s", within, what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
