package syncrun_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func TestEveryHistoryEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		run := syncrun.Run{ID: fmt.Sprint(rapid.Uint64().Draw(t, "id")), Status: syncrun.StatusRunning, CreatedAt: start}
		now := start
		soon := []fault.Code{fault.CodeInternal, fault.CodeMagentoUnreachable, fault.CodeProviderUnavailable, fault.CodeDatabase, fault.CodeConflict, fault.CodeProviderUncertain}
		for tries := 0; ; tries++ {
			if tries > syncrun.MaxAttempts {
				t.Fatalf("still not ended after %d tries", tries)
			}
			d := syncrun.Next(run, fault.New(rapid.SampledFrom(soon).Draw(t, "code"), "x"), now)
			if d.Status == syncrun.StatusFailed {
				break
			}
			if !d.Counts {
				t.Fatalf("a fault of our own making must count: %+v", d)
			}
			if !d.At.After(now) {
				t.Fatalf("due at %v, not after %v", d.At, now)
			}
			run.Attempts++
			now = d.At
		}
		if total := now.Sub(start); total < 12*time.Hour || total > 28*time.Hour {
			t.Fatalf("gave up after %v, want about a day", total)
		}
	})
}

func TestEveryDecisionIsAStepOfTheLife(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.SampledFrom(fault.Table()).Draw(t, "row")
		run := syncrun.Run{
			ID: "run_1", CreatedAt: start.Add(-time.Duration(rapid.IntRange(0, 86400).Draw(t, "age")) * time.Second),
			Attempts: rapid.IntRange(0, 60).Draw(t, "attempts"),
		}
		if rapid.Bool().Draw(t, "intent") {
			run.Intent = &syncrun.Intent{}
		}
		f := fault.New(row.Code, "x").WithWait(time.Duration(rapid.Int64Range(0, int64(50*time.Hour)).Draw(t, "wait")))
		d := syncrun.Next(run, f, start)
		if !syncrun.StatusRunning.MayBecome(d.Status) {
			t.Fatalf("%s: running may not become %s", row.Code, d.Status)
		}
		if d.Status.IsOpen() == d.At.IsZero() {
			t.Fatalf("%s: status %s with next attempt %v", row.Code, d.Status, d.At)
		}
		if !d.At.IsZero() && !d.At.After(start) {
			t.Fatalf("%s: due in the past", row.Code)
		}
	})
}

func TestThrottledWaitsAsAskedAndCountsNothing(t *testing.T) {
	t.Parallel()
	d := syncrun.Next(syncrun.Run{Attempts: 40}, fault.New(fault.CodeRateLimited, "x").WithWait(42*time.Second), start)
	if d.Status != syncrun.StatusWaiting || d.Counts || !d.At.Equal(start.Add(42*time.Second)) {
		t.Errorf("Next = %+v, want waiting 42 s, not counted", d)
	}
}

func TestUncertainIsLookedUp(t *testing.T) {
	t.Parallel()
	d := syncrun.Next(syncrun.Run{}, fault.New(fault.CodeProviderUncertain, "x"), start)
	if d.Status != syncrun.StatusUncertain || !d.Counts || d.At.Sub(start) > 5*time.Second {
		t.Errorf("Next = %+v, want uncertain, counted, and a look-up within seconds", d)
	}
}

func TestAFaultAfterAnOpenIntentStaysUncertain(t *testing.T) {
	t.Parallel()
	d := syncrun.Next(syncrun.Run{Intent: &syncrun.Intent{}}, fault.New(fault.CodeProviderUnavailable, "x"), start)
	if d.Status != syncrun.StatusUncertain {
		t.Errorf("Next = %+v, want uncertain: the write may have taken effect", d)
	}
}

func TestAMissingDocumentIsAskedForWhileReplicasLag(t *testing.T) {
	t.Parallel()
	run := syncrun.Run{ID: "run_1", CreatedAt: start}
	missing := fault.New(fault.CodeMagentoNotFound, "x")
	if d := syncrun.Next(run, missing, start.Add(time.Minute)); d.Status != syncrun.StatusWaiting {
		t.Errorf("after a minute: %+v, want waiting", d)
	}
	if d := syncrun.Next(run, missing, start.Add(time.Hour)); d.Status != syncrun.StatusFailed {
		t.Errorf("after an hour: %+v, want failed", d)
	}
}

func TestLapsedConsentHoldsTheBinding(t *testing.T) {
	t.Parallel()
	d := syncrun.Next(syncrun.Run{}, fault.New(fault.CodeProviderUnlinked, "x"), start)
	if !d.UnlinkBinding || d.Status != syncrun.StatusWaiting || d.Counts {
		t.Errorf("Next = %+v, want the binding unlinked and the run waiting", d)
	}
}

func TestEveryStatusHasAChip(t *testing.T) {
	t.Parallel()
	want := map[syncrun.Status]syncrun.Chip{
		syncrun.StatusQueued: syncrun.ChipPending, syncrun.StatusRunning: syncrun.ChipPending,
		syncrun.StatusWaiting: syncrun.ChipPending, syncrun.StatusUncertain: syncrun.ChipPending,
		syncrun.StatusHeld: syncrun.ChipFailed, syncrun.StatusSucceeded: syncrun.ChipSynced,
		syncrun.StatusSkipped: syncrun.ChipSkipped, syncrun.StatusFailed: syncrun.ChipFailed,
	}
	for _, s := range syncrun.Statuses() {
		if s.Chip() != want[s] {
			t.Errorf("%s: chip %s, want %s", s, s.Chip(), want[s])
		}
	}
}

func TestProviderKeyIsStableAndMovesWithTheEpoch(t *testing.T) {
	t.Parallel()
	a := syncrun.ProviderKey("t", "o", "invoice", 42, "create", 1)
	if a != syncrun.ProviderKey("t", "o", "invoice", 42, "create", 1) || len(a) > 128 {
		t.Errorf("key %q is not stable or longer than 128 characters", a)
	}
	for _, b := range []string{
		syncrun.ProviderKey("t", "o", "invoice", 42, "create", 2), syncrun.ProviderKey("t", "p", "invoice", 42, "create", 1),
		syncrun.ProviderKey("t", "o", "creditmemo", 42, "create", 1), syncrun.ProviderKey("to", "", "invoice", 42, "create", 1),
	} {
		if a == b {
			t.Error("two different writes share a key")
		}
	}
}

func TestWritesShareNoKeyButWhenRepeated(t *testing.T) {
	t.Parallel()
	keys := map[string]bool{}
	for _, run := range []string{"run_1", "run_2"} {
		for _, operation := range []syncrun.Operation{syncrun.OperationCreditNote, syncrun.OperationRefund} {
			for epoch := range 3 {
				of := syncrun.Run{ID: run, TenantID: "t", EntityType: "creditmemo", MagentoID: 12}
				intent := syncrun.NewIntent(of, "o", operation, []byte(`{}`), epoch, start)
				if again := syncrun.NewIntent(of, "o", operation, []byte(`{}`), epoch, start.Add(time.Hour)); again.ProviderKey != intent.ProviderKey {
					t.Error("the same write has two keys")
				}
				keys[intent.ProviderKey] = true
			}
		}
	}
	if len(keys) != 12 {
		t.Errorf("12 writes have %d keys", len(keys))
	}
}

func TestARefundIsPatientWithItsInvoice(t *testing.T) {
	t.Parallel()
	underWay := fault.New(fault.CodeInvoiceUnderWay, "x")
	for age, want := range map[time.Duration]time.Duration{0: 2 * time.Second, 80 * time.Second: 10 * time.Second, 24 * time.Hour: 10 * time.Minute} {
		d := syncrun.Next(syncrun.Run{CreatedAt: start}, underWay, start.Add(age))
		if d.Status != syncrun.StatusWaiting || d.Counts || d.At.Sub(start.Add(age)) != want {
			t.Errorf("after %v: %+v, want waiting for %v and not counted", age, d, want)
		}
	}
}

func TestCallbackPauseEnds(t *testing.T) {
	t.Parallel()
	for n := 0; ; n++ {
		d, again := syncrun.CallbackPause("cb", n)
		if !again {
			if n != syncrun.MaxAttempts {
				t.Errorf("gave up after %d, want %d", n, syncrun.MaxAttempts)
			}
			return
		}
		if d <= 0 || d > time.Hour {
			t.Errorf("pause %d = %v", n, d)
		}
	}
}

func TestAPoisonedDocumentIsSentAloneInTheEnd(t *testing.T) {
	t.Parallel()
	want := []int{50, 50, 25, 12, 6, 3, 1, 1}
	for attempts, n := range want {
		if got := (syncrun.Run{Attempts: attempts}).TogetherWith(50); got != n {
			t.Errorf("after %d attempts %d together, want %d", attempts, got, n)
		}
	}
}
