package xero

import (
	"context"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"
)

const (
	keyLife      = 6 * time.Minute
	keyMaxLength = 128
)

// replayStore remembers answers by idempotency key. A key belongs to the app,
// whatever organisation it was first used for, and lives from its first use.
type replayStore struct {
	mu      sync.Mutex
	entries map[string]*replay
	order   []*replay // by first use
	hits    int
}

type replay struct {
	key     string
	request [sha256.Size]byte
	expires time.Time
	done    chan struct{}
	result  rendered // written before done is closed
	dropped bool     // the call ended without an answer to keep
}

func newReplayStore() *replayStore {
	return &replayStore{entries: map[string]*replay{}}
}

func fingerprint(r *http.Request, body []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(r.Method + "\n" + r.URL.RequestURI() + "\n"))
	h.Write(body)
	return [sha256.Size]byte(h.Sum(nil))
}

// do runs the call, or returns the answer kept under the key. A second call
// with the key of one in flight waits for it. The third result is false when
// the key stands for another request, or the wait was given up.
func (s *replayStore) do(ctx context.Context, key string, request [sha256.Size]byte, now time.Time, run func() rendered) (result rendered, replayed, ok bool) {
	for {
		entry, mine := s.claim(key, request, now)
		if entry == nil {
			return rendered{}, false, false
		}
		if mine {
			return s.fulfil(entry, run), false, true
		}
		select {
		case <-entry.done:
		case <-ctx.Done():
			return rendered{}, false, false
		}
		if !entry.dropped {
			return entry.result, true, true
		}
	}
}

func (s *replayStore) fulfil(entry *replay, run func() rendered) rendered {
	finished := false
	defer func() {
		if !finished {
			entry.dropped = true
			s.forget(entry)
			close(entry.done)
		}
	}()
	entry.result = run()
	finished = true
	close(entry.done)
	return entry.result
}

// claim returns the entry of the key and whether the caller made it; nil when
// the key stands for another request.
func (s *replayStore) claim(key string, request [sha256.Size]byte, now time.Time) (*replay, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.order) > 0 && !now.Before(s.order[0].expires) {
		if s.entries[s.order[0].key] == s.order[0] {
			delete(s.entries, s.order[0].key)
		}
		s.order = s.order[1:]
	}
	if entry, ok := s.entries[key]; ok {
		if entry.request != request {
			return nil, false
		}
		s.hits++
		return entry, false
	}
	entry := &replay{key: key, request: request, expires: now.Add(keyLife), done: make(chan struct{})}
	s.entries[key] = entry
	s.order = append(s.order, entry)
	return entry, true
}

func (s *replayStore) forget(entry *replay) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries[entry.key] == entry {
		delete(s.entries, entry.key)
	}
}

func (s *replayStore) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries, s.order = map[string]*replay{}, nil
}

func (s *replayStore) replays() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hits
}
