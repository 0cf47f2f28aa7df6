package httpserver_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"byte8.io/ledger/adapters/httpserver"
)

// A connection that its handler took over finishes before the server is gone.
func TestServeOnWaitsForConnectionsTakenOver(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	finish := make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Errorf("hijacking: %v", err)
			return
		}
		defer conn.Close()
		_, _ = conn.Write([]byte("hello\n"))
		<-finish
		_, _ = conn.Write([]byte("goodbye\n"))
	})
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- httpserver.ServeOn(ctx, listener, handler, 10*time.Second) }()
	client, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Write([]byte("GET / HTTP/1.1\r\nHost: ledger\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(client)
	if !lines.Scan() || lines.Text() != "hello" {
		t.Fatalf("got %q, %v", lines.Text(), lines.Err())
	}
	cancel()
	select {
	case err := <-served:
		t.Fatalf("the server did not wait: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(finish)
	if !lines.Scan() || lines.Text() != "goodbye" {
		t.Errorf("got %q, %v", lines.Text(), lines.Err())
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
