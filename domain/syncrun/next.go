package syncrun

import (
	"hash/fnv"
	"strconv"
	"time"

	"byte8.io/ledger/domain/fault"
)

// The pauses of the retry ladder. The first tries follow quickly, then an hour
// apart; together about a day.
const (
	firstPause   = 5 * time.Second
	longestPause = time.Hour
	// MaxAttempts is how many failed tries end in a dead letter.
	MaxAttempts = 36
	// lookupPause is how long a lost write is left before it is looked up: an
	// index may lag behind the write.
	lookupPause = 2 * time.Second
	// maxThrottle is the longest pause a remote is believed.
	maxThrottle = 24 * time.Hour
	// defaultThrottle is the pause when a remote named none.
	defaultThrottle = 2 * time.Second
	// pairingPause is how long a run waits after the shop refused our key.
	pairingPause = time.Minute
	// replicaLag is how long after the event a document the shop does not know
	// is asked for again.
	replicaLag = 10 * time.Minute
	// invoiceLag is how long a document waits for the invoice it belongs to, whose
	// event may have been delayed in the shop.
	invoiceLag   = time.Hour
	invoicePause = 10 * time.Second
	// patience is the part of its age that a refund waits for its invoice to get
	// on, within the bounds: often at first, and not for ever every few seconds.
	patience        = 8
	leastPatience   = 2 * time.Second
	longestPatience = 10 * time.Minute
	// approvalPause is how long a payment waits for its invoice's approval.
	approvalPause = 24 * time.Hour
)

// Decision is what becomes of a run after an attempt.
type Decision struct {
	Status Status
	// At is when the run is due again; zero when it is not.
	At time.Time
	// Counts reports whether the attempt counts towards [MaxAttempts].
	Counts bool
	// UnlinkBinding reports whether the binding lost its consent, so that all of
	// its runs wait.
	UnlinkBinding bool
}

// Next decides what becomes of a running run whose attempt ended with the fault.
func Next(run Run, f *fault.Error, now time.Time) Decision {
	switch f.Kind().Class() {
	case fault.Later:
		return Decision{Status: StatusWaiting, At: now.Add(throttle(f.Wait))}
	case fault.LookUp:
		return uncertain(run, now)
	case fault.Hold:
		switch {
		case f.Code == fault.CodeInvoiceNotAuthorised:
			return Decision{Status: StatusWaiting, At: now.Add(approvalPause)}
		case f.Code == fault.CodeInvoiceUnderWay:
			wait := min(max(now.Sub(run.CreatedAt)/patience, leastPatience), longestPatience)
			return Decision{Status: StatusWaiting, At: now.Add(wait)}
		case f.Code == fault.CodeInvoiceNotInBooks && run.MayFindInvoice(now):
			return Decision{Status: StatusWaiting, At: now.Add(invoicePause)}
		}
		return Decision{Status: StatusHeld}
	case fault.HoldBinding:
		if f.Code == fault.CodeMagentoAuth {
			// The store's state keeps the run back; the pause only outlasts a pairing
			// that was under way when the key was refused.
			return Decision{Status: StatusWaiting, At: now.Add(pairingPause)}
		}
		return Decision{Status: StatusWaiting, At: now.Add(longestPause), UnlinkBinding: true}
	case fault.Never:
		if f.Code == fault.CodeMagentoNotFound && now.Sub(run.CreatedAt) < replicaLag {
			return Decision{Status: StatusWaiting, At: now.Add(pause(run)), Counts: true}
		}
		return Decision{Status: StatusFailed, Counts: true}
	case fault.Soon:
	}
	if run.Attempts+1 >= MaxAttempts {
		return Decision{Status: StatusFailed, Counts: true}
	}
	wait := pause(run)
	if f.Wait > wait {
		wait = throttle(f.Wait)
	}
	status := StatusWaiting
	if run.Intent.IsOpen() {
		status = StatusUncertain
	}
	return Decision{Status: status, At: now.Add(wait), Counts: true}
}

// MayFindInvoice reports whether the run is so young that an event about the
// invoice it belongs to may still be on its way from the shop.
func (r Run) MayFindInvoice(now time.Time) bool { return now.Sub(r.CreatedAt) < invoiceLag }

// uncertain decides what follows a write whose answer is lost: a look-up, soon
// after the first time and with growing pauses when it keeps happening.
func uncertain(run Run, now time.Time) Decision {
	switch {
	case run.Attempts+1 >= MaxAttempts:
		return Decision{Status: StatusFailed, Counts: true}
	case run.Attempts == 0:
		return Decision{Status: StatusUncertain, At: now.Add(lookupPause), Counts: true}
	}
	return Decision{Status: StatusUncertain, At: now.Add(pause(run)), Counts: true}
}

// TogetherWith is how many documents may be sent in one call with a run: all of
// the batch at first, fewer after each attempt whose answer was lost, and in the
// end none but itself, so that one poisoned document does not hold its
// neighbours up.
func (r Run) TogetherWith(batch int) int {
	return max(1, batch>>max(0, r.Attempts-1))
}

// CallbackPause is the pause before the next try to tell the shop, after a
// number of failed ones; it reports false when the callback is a dead letter.
func CallbackPause(id string, attempts int) (time.Duration, bool) {
	if attempts >= MaxAttempts {
		return 0, false
	}
	return jitter(id, attempts, ladder(attempts)), true
}

func throttle(asked time.Duration) time.Duration {
	switch {
	case asked <= 0:
		return defaultThrottle
	case asked > maxThrottle:
		return maxThrottle
	}
	return asked
}

// pause spreads the bindings, not the runs of one: what failed together comes back
// together, in one batch.
func pause(run Run) time.Duration { return jitter(run.BindingID, run.Attempts, ladder(run.Attempts)) }

func ladder(attempts int) time.Duration {
	d := firstPause
	for range min(attempts, 20) {
		if d *= 2; d >= longestPause {
			return longestPause
		}
	}
	return d
}

// jitter spreads a pause over its upper half, by the id rather than by chance,
// so that the decision stays a function of its inputs.
func jitter(id string, attempts int, d time.Duration) time.Duration {
	h := fnv.New32a()
	h.Write([]byte(id + "/" + strconv.Itoa(attempts)))
	half := uint64((d / 2).Milliseconds())
	return d/2 + time.Duration(half*uint64(h.Sum32())>>32)*time.Millisecond
}
