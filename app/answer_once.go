package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

const (
	// answersLife is how long an answer is remembered.
	answersLife = 24 * time.Hour
	// writeLease is when an attempt that has not answered is taken for dead. It is
	// longer than any request may take.
	writeLease = time.Minute
	// answerTime bounds the storing of an answer after its caller has gone.
	answerTime = 5 * time.Second
	// stillRunningWait is what who repeats a running write is told to wait.
	stillRunningWait = 2 * time.Second
	// waitLooks and waitPause are how a repeat waits for the first attempt.
	waitLooks = 10
	waitPause = 100 * time.Millisecond
	// longestWriteKey is how long a caller's key may be.
	longestWriteKey = 255
	// forgetWritesBatch bounds one removal of expired keys.
	forgetWritesBatch = 1000
)

// What a key may stand for.
const (
	WholeRequest = "request"
	WholeField   = "field"
)

// RepeatableWrite is a write that its caller may send again.
type RepeatableWrite struct {
	// Form keeps keys of different use apart: [WholeRequest] or [WholeField].
	Form string
	// Key is the caller's: 1 to 255 visible ASCII characters.
	Key string
	// Digest is that of what is asked for. It may hold a password, and is stored
	// as a fingerprint only.
	Digest [32]byte
}

// AnswerOnce executes a write unless its caller sent it before with the same key
// in the last 24 hours: then it returns the first answer and executes nothing.
// nil means that the write was executed now.
//
// execute returns the answer to remember, or nil for one that is not final: the
// next repeat executes again. It goes on after its caller has gone, until the
// context's deadline. Another digest under the key is a Conflict
// (idempotency_mismatch), and so is a write that is still under way after a
// second (still_running). An attempt that died is executed again a minute later.
func (a *App) AnswerOnce(ctx context.Context, p access.Principal, write RepeatableWrite, execute func(ctx context.Context) []byte) ([]byte, error) {
	if p.IsZero() {
		return nil, p.Require("")
	}
	if err := checkWriteKey(write.Key); err != nil {
		return nil, err
	}
	key := ports.WriteKey{TenantID: p.TenantID, Caller: string(p.Kind) + ":" + p.ID, Key: write.Form + ":" + write.Key}
	claim := ports.WriteClaim{WriteKey: key, Fingerprints: a.Fingerprints.Fingerprints(write.text(key)), Claim: a.NewID("wrt")}
	known, err := a.claimWrite(ctx, claim)
	if err != nil {
		return nil, fmt.Errorf("claiming the write: %w", err)
	}
	if known != nil {
		return known, nil
	}
	going, cancel := lasting(ctx)
	defer cancel()
	a.settleWrite(ctx, claim, execute(withWrite(going, key, write.Form == WholeField)))
	return nil, nil
}

// text is the write and whose it is: equal requests of two callers, or under two
// keys, have nothing in common that the store could show.
func (w RepeatableWrite) text(key ports.WriteKey) []byte {
	return append([]byte(strings.Join([]string{string(key.TenantID), key.Caller, key.Key, ""}, "\n")), w.Digest[:]...)
}

// claimWrite waits a moment for another attempt with the same key. Its result is
// that one's answer, or nil when the write is to be executed.
func (a *App) claimWrite(ctx context.Context, claim ports.WriteClaim) ([]byte, error) {
	for look := 0; ; look++ {
		now := a.Now()
		claim.LeasedUntil, claim.ExpiresAt = now.Add(writeLease), now.Add(answersLife)
		known, err := a.Idempotency.ClaimWrite(ctx, claim, now)
		switch {
		case err != nil || known == nil:
			return nil, err
		case !slices.Contains(claim.Fingerprints, known.Fingerprint):
			return nil, fault.New(fault.CodeIdempotencyMismatch, "This key came with another write in the last 24 hours.")
		case known.Answer != nil:
			return known.Answer, nil
		case look == waitLooks || wait(ctx, waitPause) != nil:
			return nil, fault.New(fault.CodeStillRunning, "The same write is still running; send it again in a moment.").WithWait(stillRunningWait)
		}
	}
}

// settleWrite remembers the answer. A caller whose write was executed gets its
// answer even if it cannot be remembered.
func (a *App) settleWrite(ctx context.Context, claim ports.WriteClaim, answer []byte) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	var err error
	if answer == nil {
		err = a.Idempotency.ReleaseWrite(ctx, claim)
	} else {
		err = a.Idempotency.AnswerWrite(ctx, claim, answer)
	}
	if err != nil {
		a.Log.WarnContext(ctx, "remembering the answer of a write failed", "error", err)
	}
}

// ForgetWrites removes the keys of all tenants that are older than 24 hours. It
// is for the server itself.
func (a *App) ForgetWrites(ctx context.Context) error {
	for {
		n, err := a.Idempotency.ForgetWrites(ctx, a.Now(), forgetWritesBatch)
		if err != nil || n < forgetWritesBatch {
			return err
		}
	}
}

func checkWriteKey(key string) error {
	isVisible := len(key) > 0 && len(key) <= longestWriteKey
	for _, c := range []byte(key) {
		isVisible = isVisible && c > ' ' && c <= '~'
	}
	if !isVisible {
		return fault.Newf(fault.CodeInvalid, "An idempotency key is 1 to %d visible ASCII characters.", longestWriteKey)
	}
	return nil
}

// lasting keeps the deadline of a context, and not that its caller may go.
func lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	ctx = context.WithoutCancel(ctx)
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline)
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
