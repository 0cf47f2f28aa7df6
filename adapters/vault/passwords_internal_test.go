package vault

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"byte8.io/ledger/domain/fault"
)

func TestHashesWaitTheirTurn(t *testing.T) {
	t.Parallel()
	p := NewPasswords(Cost{MemoryKiB: 64, Passes: 1, Lanes: 1})
	var ends []func()
	for range concurrentHashes {
		end, err := p.turn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, end)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := p.Hash(gone, "correct horse"); !errors.Is(err, context.Canceled) {
		t.Errorf("Hash for a caller who went away: %v", err)
	}
	if _, err := p.Matches(gone, "correct horse", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("Matches for a caller who went away: %v", err)
	}

	waiting, give := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range waitingHashes {
		// The queue is joined before the wait: once it is full all of them wait.
		all.Go(func() {
			if _, err := p.Hash(waiting, "correct horse"); !errors.Is(err, context.Canceled) {
				t.Errorf("Hash while others hash: %v", err)
			}
		})
	}
	for len(p.queue) < cap(p.queue) {
		runtime.Gosched()
	}
	if _, err := p.Hash(t.Context(), "correct horse"); !fault.Is(err, fault.CodeOverloaded) || fault.Of(err).Wait <= 0 {
		t.Errorf("Hash when too many wait: %v", err)
	}
	give()
	all.Wait()
	for _, end := range ends {
		end()
	}
	if _, err := p.Hash(t.Context(), "correct horse"); err != nil || len(p.queue)+len(p.slots) != 0 {
		t.Errorf("afterwards: %v, %d in the queue", err, len(p.queue))
	}
}
