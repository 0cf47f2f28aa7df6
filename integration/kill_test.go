package integration_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"byte8.io/ledger/sandbox/magento"
	"byte8.io/ledger/sandbox/xero"
)

// TestKilledAtRandomMoments kills the server over and over while 300 invoices
// go through it and Xero refuses, fails and loses answers, and then lets it
// finish. Nothing may be lost, doubled or a cent off.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	const invoices, kills = 300, 25
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 1))

	w := newWorld(t, servers(t), worldOptions{
		limits: xero.Limits{Minute: 600, Concurrent: 5},
		drain:  magento.Drain{Interval: 50 * time.Millisecond, Workers: 4, Batch: 10, Minute: 20 * time.Millisecond},
	})
	w.books.SetLatency(xero.Latency{Min: 5 * time.Millisecond, Max: 60 * time.Millisecond})
	server := w.serve(t)
	w.connect(t)
	if _, err := w.shop.RaiseBatch(magento.Batch{Invoices: invoices, Seed: &seed, PerSecond: 20}); err != nil {
		t.Fatal(err)
	}
	faults := []xero.Fault{
		{Kind: xero.Throttle429Minute, Count: 1, RetryAfterSeconds: 1},
		{Kind: xero.Fail500After, Count: 1, Path: "/Invoices", Method: "PUT"},
		{Kind: xero.TimeoutAfter, Count: 1, Path: "/Invoices", Method: "PUT"},
		{Kind: xero.Fail500After, Count: 1, Path: "/Contacts", Method: "PUT"},
		{Kind: xero.TimeoutAfter, Count: 1, Path: "/Contacts", Method: "PUT"},
		{Kind: xero.Fail500Before, Count: 1},
	}
	for i := range kills {
		fault := faults[chance.IntN(len(faults))]
		if i < len(faults) {
			fault = faults[i]
		}
		if err := w.books.InjectFault(fault); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(100+chance.IntN(900)) * time.Millisecond)
		server.kill()
		server = w.serve(t)
	}
	w.books.ClearFaults()
	eventually(t, 3*time.Minute, "every chip in the shop is final", func() bool {
		return len(w.shop.Invoices()) == invoices && w.settled()
	})
	eventually(t, time.Minute, "no run is open and every callback is delivered", func() bool {
		pending := w.pending(t)
		return pending == 0
	})
	w.checkBooks(t)
	struck := w.books.Stats().FaultsApplied
	for _, kind := range []xero.Kind{xero.Throttle429Minute, xero.Fail500After, xero.TimeoutAfter} {
		if struck[kind] == 0 {
			t.Errorf("the fault %s never struck", kind)
		}
	}
	t.Logf("%d invoices, %d kills, faults struck: %v", invoices, kills, struck)
}

// pending is the number of open runs of the world's binding.
func (w *world) pending(t *testing.T) int {
	t.Helper()
	var answer struct {
		Binding struct{ Health struct{ Pending int } }
	}
	w.graphql(t, `query($id: ID!) { binding(id: $id) { health { pending } } }`, map[string]any{"id": w.binding}, &answer)
	return answer.Binding.Health.Pending
}
