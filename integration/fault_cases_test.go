package integration_test

import (
	"fmt"
	"testing"
	"time"

	"byte8.io/ledger/sandbox/magento"
	"byte8.io/ledger/sandbox/xero"
)

// faultCases begin with those that take longest.
var faultCases = []faultCase{
	{name: "everything killed at random, several shops", ownServers: true, organisations: 5, strike: killEverything},
	{name: "PostgreSQL restored from a backup", ownServers: true, strike: restoreBackup},
	{name: "worker killed around a write", strike: killAroundWrites},
	{name: "API and worker killed around a commit", strike: killAroundCommits},
	{name: "API killed at random", strike: killAPIs},
	{name: "worker killed at random", strike: killWorkers},
	{name: "SIGTERM, one after the other", strike: stopInTurn},
	{name: "Redis emptied, killed and restarted", ownServers: true, strike: breakRedis},
	{name: "PostgreSQL restarted at once", ownServers: true, strike: restartPostgres},
	{name: "Xero fails, stalls and loses answers", strike: spoilXero},
	{name: "Xero limits the minute and the day", strike: throttleXero},
	{name: "consent revoked and given again", strike: revokeConsent},
	{name: "consent while no call is left", strike: consentWithoutCalls},
	{name: "Magento fails and stalls", strike: spoilMagento},
	{name: "Magento refuses the key, paired again", strike: refuseKey},
	{name: "events doubled, reordered, replayed, forged", strike: disorderEvents},
	{name: "poisoned and very large documents", strike: poisonDocuments},
	{name: "clocks minutes apart", strike: skewClocks},
	{name: "PostgreSQL's disk is full", diskMegabytes: 120, strike: fillDisk},
	{name: "many shops, one floods, one stalls", organisations: 20, strike: crowd},
}

func killAPIs(t *testing.T, f *faultWorld) {
	f.raiseAll(t)
	for range 6 * f.rounds {
		f.pause(400 * time.Millisecond)
		f.killAPI(t)
	}
}

func killWorkers(t *testing.T, f *faultWorld) {
	f.books.SetLatency(xero.Latency{Min: 5 * time.Millisecond, Max: 100 * time.Millisecond})
	f.raiseAll(t)
	for range 6 * f.rounds {
		f.pause(1200 * time.Millisecond)
		f.killWorker(t)
	}
}

// killAroundWrites crashes the worker at the moments around a write to Xero, in
// the order of its work. Xero forgets its idempotency keys each time, so that
// only what the ledger stored and looks up protects from a second document.
func killAroundWrites(t *testing.T, f *faultWorld) {
	for range f.rounds {
		for _, point := range []string{"claim.after", "intent.after", "answer.after", "outcome.before"} {
			f.books.ClearIdempotency()
			reached := 1
			if point == "answer.after" {
				reached += f.chance.IntN(4)
			}
			f.killWorkerAt(t, fmt.Sprintf("%s:%d", point, reached))
		}
	}
}

// killAroundCommits crashes the API around the commit of an event, and the
// worker around those of an outcome, a callback and a new token.
func killAroundCommits(t *testing.T, f *faultWorld) {
	for range f.rounds {
		for _, point := range []string{"intake.before_store", "intake.after_store"} {
			f.api.kill()
			f.api = f.launch(t, "api", "LEDGER_FAILPOINT="+point)
			f.raise(t, f.apart(), 0)
			f.diesAt(t, f.api, point)
			f.startAPI(t)
		}
		for _, point := range []string{"outcome.after", "callback.after", "refresh.after"} {
			if point == "refresh.after" {
				f.books.ExpireTokens()
			}
			f.killWorkerAt(t, point)
		}
	}
}

// apart is how many invoices are raised for one failpoint.
func (f *faultWorld) apart() int { return max(2, f.invoices/8) }

func (f *faultWorld) killWorkerAt(t *testing.T, point string) {
	t.Helper()
	f.worker.kill()
	f.startWorker(t, "LEDGER_FAILPOINT="+point)
	f.raise(t, f.apart(), 0)
	f.diesAt(t, f.worker, point)
	f.startWorker(t)
}

func stopInTurn(t *testing.T, f *faultWorld) {
	f.raiseAll(t)
	for range 2 * f.rounds {
		f.pause(800 * time.Millisecond)
		if err := f.api.stop(t); err != nil {
			t.Errorf("after SIGTERM the API ended with %v, want a clean end", err)
		}
		f.startAPI(t)
		f.pause(800 * time.Millisecond)
		fresh := f.launch(t, "worker")
		if err := f.worker.stop(t); err != nil {
			t.Errorf("after SIGTERM the worker ended with %v, want a clean end", err)
		}
		f.worker = fresh
		f.kills += 2
	}
}

func breakRedis(t *testing.T, f *faultWorld) {
	f.books.SetLimits(xero.Limits{Minute: 600})
	f.raiseAll(t)
	for range f.rounds {
		for range 5 {
			f.pause(300 * time.Millisecond)
			f.redis.empty(t)
		}
		f.redis.kill()
		f.kills++
		f.pause(3 * time.Second)
		f.redis.start(t)
		f.pause(time.Second)
	}
}

func restartPostgres(t *testing.T, f *faultWorld) {
	f.raiseAll(t)
	for range 2 * f.rounds {
		f.pause(1500 * time.Millisecond)
		f.postgres.restart(t)
		f.kills++
	}
}

// lostAnswers are faults whose call was done and whose answer did not come, and
// refusals is what else Xero may answer.
var (
	lostAnswers = []xero.Kind{xero.Fail500After, xero.TimeoutAfter, xero.MalformedJSON}
	refusals    = []xero.Kind{xero.Fail500Before, xero.HTMLError, xero.ExpiredToken, xero.Throttle429Concurrent}
	writePaths  = []string{"/Contacts", "/Items", "/Invoices", "/Payments", "/CreditNotes"}
)

func spoilXero(t *testing.T, f *faultWorld) {
	for n, path := range writePaths {
		f.spoil(t, xero.Fault{Kind: lostAnswers[(n+int(f.chance.Int32N(3)))%3], Path: path, Method: "PUT", Count: 1})
	}
	f.raiseAll(t)
	f.spoil(t, xero.Fault{Kind: xero.Slow, DelayMS: 4000, Count: 1})
	for range f.rounds {
		for _, kind := range refusals {
			f.pause(500 * time.Millisecond)
			f.spoil(t, xero.Fault{Kind: kind, Count: 1})
		}
		for range 3 {
			f.pause(500 * time.Millisecond)
			f.spoil(t, xero.Fault{Kind: lostAnswers[f.chance.IntN(3)], Path: writePaths[f.chance.IntN(len(writePaths))], Count: 1})
			f.books.ClearIdempotency()
		}
	}
	time.Sleep(6 * time.Second)
	struck := f.books.Stats().FaultsApplied
	for _, kind := range []xero.Kind{xero.Slow, xero.Fail500Before, xero.HTMLError} {
		if struck[kind] == 0 {
			t.Errorf("the fault %s never struck: %v", kind, struck)
		}
	}
	f.books.ClearFaults()
}

func throttleXero(t *testing.T, f *faultWorld) {
	f.spoil(t, xero.Fault{Kind: xero.Throttle429Minute, RetryAfterSeconds: 3, Count: 1})
	f.raiseAll(t)
	for range f.rounds {
		time.Sleep(4 * time.Second)
		f.spoil(t, xero.Fault{Kind: xero.Throttle429Day, RetryAfterSeconds: 5, Count: 1})
		time.Sleep(6 * time.Second)
		f.spoil(t, xero.Fault{Kind: xero.Throttle429Minute, RetryAfterSeconds: 2, Count: 1})
	}
	f.books.ClearFaults()
	if f.books.Stats().Throttled == 0 {
		t.Error("no call was refused")
	}
}

func revokeConsent(t *testing.T, f *faultWorld) {
	f.raiseAll(t)
	for range min(3, f.rounds) {
		f.pause(time.Second)
		f.books.ExpireTokens()
		f.pause(time.Second)
		f.books.RevokeTokens()
		f.raise(t, 3, 0)
		eventually(t, time.Minute, "the binding is unlinked", func() bool { return f.bindingStatus(t) == "UNLINKED" })
		f.raise(t, 3, 0)
		f.pause(time.Second)
		f.waitForCalls(t)
		f.consent(t)
	}
}

// consentWithoutCalls revokes the consent and gives it again while other apps
// have used up the organisation's calls of the minute.
func consentWithoutCalls(t *testing.T, f *faultWorld) {
	f.raiseAll(t)
	for range min(3, f.rounds) {
		f.pause(2 * time.Second)
		f.spoil(t, xero.Fault{Kind: xero.Throttle429Minute, RetryAfterSeconds: 20, Count: 1})
		f.raise(t, 3, 0)
		eventually(t, time.Minute, "the calls are used up", func() bool { return f.books.Stats().Throttled > 0 })
		f.books.RevokeTokens()
		f.consent(t)
		eventually(t, time.Minute, "the binding is active", func() bool { return f.bindingStatus(t) == "ACTIVE" })
	}
}

// skewClocks has an API and two workers whose machines disagree by minutes about
// the time, while calls take longer than a heartbeat. One worker is killed, so
// that its leases must end for the other one, and not before.
func skewClocks(t *testing.T, f *faultWorld) {
	f.books.SetLatency(xero.Latency{Min: 100 * time.Millisecond, Max: 4 * time.Second})
	f.api.kill()
	f.worker.kill()
	f.startAPI(t, "LEDGER_CLOCK_SKEW=2m")
	f.startWorker(t, "LEDGER_CLOCK_SKEW=-4m")
	f.launch(t, "worker", "LEDGER_CLOCK_SKEW=4m")
	f.raiseAll(t)
	for range f.rounds {
		f.pause(4 * time.Second)
		f.books.ClearIdempotency()
		f.worker.kill()
		f.kills++
		f.startWorker(t, "LEDGER_CLOCK_SKEW=-4m")
	}
	f.books.SetLatency(xero.Latency{})
}

func spoilMagento(t *testing.T, f *faultWorld) {
	faults := []magento.Fault{
		{Kind: magento.Fault500, Count: 3},
		{Kind: magento.Fault404, Count: 2, Path: "invoice"},
		{Kind: magento.FaultCut, Count: 2},
		{Kind: magento.FaultSlow, Count: 2, DelayMS: 3000},
		{Kind: magento.Fault500, Count: 3, Path: "sync-state"},
		{Kind: magento.FaultCut, Count: 2, Path: "sync-state"},
	}
	for _, fault := range faults {
		f.spoilShop(t, fault)
	}
	f.raiseAll(t)
	for range f.rounds - 1 {
		f.pause(3 * time.Second)
		f.spoilShop(t, faults[f.chance.IntN(len(faults))])
	}
	time.Sleep(3 * time.Second)
	f.shop.ClearFaults()
	if f.shop.Stats().Faults == 0 {
		t.Error("no fault struck")
	}
}

func refuseKey(t *testing.T, f *faultWorld) {
	f.raiseAll(t)
	for range min(3, f.rounds) {
		f.pause(time.Second)
		f.spoilShop(t, magento.Fault{Kind: magento.Fault401, Count: 10_000})
		f.raise(t, 3, 0)
		eventually(t, time.Minute, "the store's key is marked as refused", func() bool {
			var answer struct {
				Binding struct {
					Store struct{ ConnectionStatus string }
				}
			}
			f.graphql(t, `query($id: ID!) { binding(id: $id) { store { connectionStatus } } }`, map[string]any{"id": f.binding}, &answer)
			return answer.Binding.Store.ConnectionStatus == "TOKEN_REVOKED"
		})
		f.shop.ClearFaults()
		f.waitForCalls(t)
		f.connect(t)
	}
}

// waitForCalls waits until the organisation has calls left: consent makes some.
func (f *faultWorld) waitForCalls(t *testing.T) {
	t.Helper()
	eventually(t, 3*time.Minute, "there are calls left", func() bool {
		var answer struct {
			Binding struct {
				CallBudget struct{ MinuteLeft, InFlight int }
			}
		}
		f.graphql(t, `query($id: ID!) { binding(id: $id) { callBudget { minuteLeft inFlight } } }`, map[string]any{"id": f.binding}, &answer)
		return answer.Binding.CallBudget.MinuteLeft > 10 && answer.Binding.CallBudget.InFlight < 3
	})
}
