package integration_test

import (
	"slices"
	"testing"
	"time"

	"byte8.io/ledger/sandbox/magento"
	"byte8.io/ledger/sandbox/xero"
)

// fairness is how many times as long the slowest of like tenants may take as the
// fastest, beside what a sweep that was just missed adds.
const (
	fairness = 1.5
	missed   = 2 * time.Second
)

// crowd gives all tenants the same backlog at once, but for the first, which has
// ten times as much, and the second, whose shop takes seconds for every answer.
// The others must not notice, nor differ among each other.
func crowd(t *testing.T, f *faultWorld) {
	f.worker.kill()
	tenants := f.all()
	for n, tenant := range tenants {
		invoices := f.invoices / 3
		if n == 0 {
			invoices *= 10
		}
		if _, err := tenant.shop.Raise(invoices); err != nil {
			t.Fatal(err)
		}
	}
	tenants[1].spoilShop(t, magento.Fault{Kind: magento.FaultSlow, Count: 10_000, DelayMS: 2000})
	eventually(t, 2*time.Minute, "every event is accepted", func() bool {
		return !slices.ContainsFunc(tenants, func(f *faultWorld) bool {
			return slices.ContainsFunc(f.shop.Outbox(), func(row magento.OutboxRow) bool { return row.Status == magento.OutboxPending })
		})
	})
	f.startWorker(t)
	began := time.Now()
	took := make([]time.Duration, len(tenants))
	eventually(t, 5*time.Minute, "the like tenants are done", func() bool {
		isDone := true
		for n, tenant := range tenants[2:] {
			if took[n] == 0 && tenant.pending(t) == 0 {
				took[n] = time.Since(began)
			}
			isDone = isDone && took[n] > 0
		}
		return isDone
	})
	took = took[:len(tenants)-2]
	slices.Sort(took)
	fastest, slowest := took[0], took[len(took)-1]
	isFlooding := tenants[0].pending(t) > 0
	t.Logf("%d tenants with the same backlog: the fastest took %.1f s, the slowest %.1f s, %.2f times as long; the flooded one was still at work: %v",
		len(took), fastest.Seconds(), slowest.Seconds(), float64(slowest)/float64(fastest), isFlooding)
	if float64(slowest-missed) > fairness*float64(fastest) {
		t.Errorf("the slowest tenant took %v, the fastest %v", slowest, fastest)
	}
	tenants[1].shop.ClearFaults()
}

// killEverything kills API and worker at random, and now and then Redis, which
// loses all it has, and PostgreSQL, while events of several shops come in.
func killEverything(t *testing.T, f *faultWorld) {
	size, tenants := faultForm(), f.all()
	f.books.SetLimits(xero.Limits{Minute: 600, Concurrent: 5})
	f.books.SetLatency(xero.Latency{Min: 5 * time.Millisecond, Max: 200 * time.Millisecond})
	const apart = 2400 * time.Millisecond
	lasts := time.Duration(size.kills) * apart / 2
	// An invoice brings about two more documents with it.
	invoices := size.events * 2 / 5 / len(tenants)
	for _, tenant := range tenants {
		tenant.raise(t, invoices, float64(invoices)/lasts.Seconds())
	}
	for range size.kills {
		f.pause(2 * apart)
		switch n := f.chance.IntN(100); {
		case n < 46:
			f.killAPI(t)
		case n < 92:
			f.killWorker(t)
		case n < 96:
			f.redis.kill()
			f.kills++
			f.redis.start(t)
		default:
			f.postgres.restart(t)
			f.kills++
		}
		if f.chance.IntN(4) == 0 {
			f.books.ClearIdempotency()
		}
	}
}
