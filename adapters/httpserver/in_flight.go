package httpserver

import (
	"context"
	"net/http"
	"sync"
)

// inFlight knows which requests are under way. A server that shuts down does
// not wait for connections that were taken over; this does.
type inFlight struct {
	next http.Handler

	mu    sync.Mutex
	count int
	// idle is set while somebody waits, and closed when nothing is under way.
	idle chan struct{}
}

// ServeHTTP implements [http.Handler].
func (f *inFlight) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.add(1)
	defer f.add(-1)
	f.next.ServeHTTP(w, r)
}

func (f *inFlight) add(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count += n
	if f.idle != nil && f.count == 0 {
		close(f.idle)
		f.idle = nil
	}
}

// wait returns when nothing is under way, or when the context ends. Nothing new
// begins meanwhile: the server is shut down.
func (f *inFlight) wait(ctx context.Context) {
	f.mu.Lock()
	if f.count == 0 {
		f.mu.Unlock()
		return
	}
	idle := make(chan struct{})
	f.idle = idle
	f.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
}
