package asynq_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/adapters/asynq"
)

func TestOpenReadsAddresses(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"redis://cache:6380/3":  "cache:6380",
		"rediss://cache.local":  "cache.local:6379",
		"redis://u:p@[::1]:1/0": "[::1]:1",
	} {
		c, err := asynq.Open(url)
		must(t, err)
		if got := c.Options().Addr; got != want {
			t.Errorf("%s is %s, want %s", url, got, want)
		}
		if (c.Options().TLSConfig != nil) != strings.HasPrefix(url, "rediss:") {
			t.Errorf("%s: TLS %v", url, c.Options().TLSConfig)
		}
		must(t, c.Close())
	}
	for _, bad := range []string{"", "http://cache", "redis://cache/x", "redis://:hunter2@cache:notaport", "redis://:hunter2@cache/%zz"} {
		if _, err := asynq.Open(bad); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error %v", bad, err)
		}
		if _, err := asynq.NewWorker(bad, asynq.Handlers{}, asynq.WorkerOptions{}); err == nil {
			t.Errorf("%s: a worker was made", bad)
		}
	}
}

func TestMemoryPolicyWarning(t *testing.T) {
	t.Parallel()
	if got := asynq.MemoryPolicyWarning(t.Context(), client(t, embedded(t))); !strings.Contains(got, "does not say") {
		t.Errorf("a server that does not tell: %q", got)
	}
	for kind, open := range servers(t) {
		if kind != "redis" {
			continue
		}
		if got := asynq.MemoryPolicyWarning(t.Context(), client(t, open(t))); got != "" {
			t.Errorf("a server that is set up well: %q", got)
		}
	}
}

func TestTheEmbeddedServerKeepsStrangersOut(t *testing.T) {
	t.Parallel()
	server, err := asynq.StartEmbedded(rand.Reader)
	must(t, err)
	t.Cleanup(server.Close)
	if !strings.Contains(server.URL(), "@127.0.0.1:") {
		t.Errorf("it listens at %s", server.URL())
	}
	at := server.URL()[strings.IndexByte(server.URL(), '@')+1:]
	if err := client(t, "redis://"+at).Ping(t.Context()).Err(); err == nil {
		t.Error("it answers without the password")
	}
	other, err := asynq.StartEmbedded(rand.Reader)
	must(t, err)
	t.Cleanup(other.Close)
	if password(other) == password(server) {
		t.Error("two servers have one password")
	}
}

func password(e *asynq.Embedded) string { return e.URL()[:strings.IndexByte(e.URL(), '@')] }

func TestTheEmbeddedServersKeysExpire(t *testing.T) {
	t.Parallel()
	c := client(t, embedded(t))
	must(t, c.Set(t.Context(), "k", "v", 50*time.Millisecond).Err())
	deadline := time.Now().Add(patience)
	for c.Exists(t.Context(), "k").Val() == 1 {
		if time.Now().After(deadline) {
			t.Fatal("the key is still there")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestTheEmbeddedServerNeedsRandomness(t *testing.T) {
	t.Parallel()
	if _, err := asynq.StartEmbedded(strings.NewReader("short")); err == nil {
		t.Error("it started without a password")
	}
}
