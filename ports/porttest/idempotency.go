package porttest

import (
	"crypto/rand"
	"sync/atomic"
	"testing"
	"time"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Idempotency checks an adapter of ports.Idempotency.
func Idempotency(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	keep(t, open, []promise{
		{"ClaimWrite/answers a repeat with the first answer", repeatsWrite},
		{"ClaimWrite/of many at once one gets it", claimsWriteOnce},
		{"ClaimWrite/takes over a dead attempt with the same fingerprint", takesOverWrite},
		{"ClaimWrite/recognises a body by each of its fingerprints and stores the first", recognisesWrite},
		{"ClaimWrite/another caller or tenant has keys of its own", separatesWrites},
		{"ClaimWrite/an expired key is new", claimsExpiredWrite},
		{"AnswerWrite/only the claim answers", answersOwnWrite},
		{"ReleaseWrite/only the claim is released", releasesWrite},
		{"ForgetWrites/removes expired keys up to the limit", forgetsWrites},
	})
}

func (w *world) write(change ...func(*ports.WriteClaim)) ports.WriteClaim {
	c := ports.WriteClaim{
		WriteKey: ports.WriteKey{TenantID: w.tenant, Caller: "api_key:key_1", Key: "a ✓ key"}, Fingerprints: []string{"one"}, Claim: rand.Text(),
		LeasedUntil: w.now.Add(time.Minute), ExpiresAt: w.now.Add(24 * time.Hour),
	}
	for _, fn := range change {
		fn(&c)
	}
	return c
}

func (w *world) claimWrite(t *testing.T, c ports.WriteClaim, now time.Time) *ports.KnownWrite {
	t.Helper()
	return must(w.Idempotency.ClaimWrite(t.Context(), c, now))(t, "ClaimWrite")
}

func repeatsWrite(t *testing.T, w *world) {
	first := w.write()
	same(t, "the first claim", w.claimWrite(t, first, w.now), (*ports.KnownWrite)(nil))
	same(t, "a repeat while it runs", w.claimWrite(t, w.write(), w.now), &ports.KnownWrite{Fingerprint: "one"})
	need(t, "AnswerWrite", w.Idempotency.AnswerWrite(t.Context(), first, []byte("answer\x00✓")))
	other := w.write(func(c *ports.WriteClaim) { c.Fingerprints = []string{"two"} })
	for _, c := range []ports.WriteClaim{w.write(), other} {
		same(t, "a repeat", w.claimWrite(t, c, w.now.Add(23*time.Hour)), &ports.KnownWrite{Fingerprint: "one", Answer: []byte("answer\x00✓")})
	}
}

func claimsWriteOnce(t *testing.T, w *world) {
	var got atomic.Int32
	together(8, func(int) {
		known, err := w.Idempotency.ClaimWrite(t.Context(), w.write(), w.now)
		if err != nil {
			t.Errorf("ClaimWrite: %v", err)
		} else if known == nil {
			got.Add(1)
		}
	})
	same(t, "claims", int(got.Load()), 1)
}

func takesOverWrite(t *testing.T, w *world) {
	dead := w.write()
	w.claimWrite(t, dead, w.now)
	later := w.now.Add(time.Minute)
	other := w.write(func(c *ports.WriteClaim) { c.Fingerprints = []string{"two"} })
	same(t, "another body", w.claimWrite(t, other, later), &ports.KnownWrite{Fingerprint: "one"})
	next := w.write(func(c *ports.WriteClaim) { c.LeasedUntil = later.Add(time.Minute) })
	same(t, "the same body", w.claimWrite(t, next, later), (*ports.KnownWrite)(nil))
	same(t, "a third", w.claimWrite(t, w.write(), later), &ports.KnownWrite{Fingerprint: "one"})
	wantFault(t, "AnswerWrite of the dead", w.Idempotency.AnswerWrite(t.Context(), dead, []byte("x")), fault.CodeConflict)
	need(t, "AnswerWrite", w.Idempotency.AnswerWrite(t.Context(), next, []byte("y")))
}

func recognisesWrite(t *testing.T, w *world) {
	w.claimWrite(t, w.write(), w.now)
	next := w.write(func(c *ports.WriteClaim) { c.Fingerprints = []string{"newer", "one"} })
	same(t, "while it runs", w.claimWrite(t, next, w.now), &ports.KnownWrite{Fingerprint: "one"})
	same(t, "the claim of the dead", w.claimWrite(t, next, w.now.Add(time.Hour)), (*ports.KnownWrite)(nil))
	same(t, "what is known then", w.claimWrite(t, w.write(), w.now), &ports.KnownWrite{Fingerprint: "newer"})
}

func separatesWrites(t *testing.T, w *world) {
	w.claimWrite(t, w.write(), w.now)
	stranger := w.stranger(t)
	for _, c := range []ports.WriteClaim{
		w.write(func(c *ports.WriteClaim) { c.Caller = "member:key_1" }),
		w.write(func(c *ports.WriteClaim) { c.TenantID = stranger.tenant }),
		w.write(func(c *ports.WriteClaim) { c.Key = "A ✓ KEY" }),
	} {
		same(t, "the claim", w.claimWrite(t, c, w.now), (*ports.KnownWrite)(nil))
	}
}

func claimsExpiredWrite(t *testing.T, w *world) {
	first := w.write()
	w.claimWrite(t, first, w.now)
	need(t, "AnswerWrite", w.Idempotency.AnswerWrite(t.Context(), first, []byte("old")))
	later := w.now.Add(24 * time.Hour)
	next := w.write(func(c *ports.WriteClaim) { c.Fingerprints, c.ExpiresAt = []string{"two"}, later.Add(time.Hour) })
	same(t, "the claim", w.claimWrite(t, next, later), (*ports.KnownWrite)(nil))
	same(t, "what is known then", w.claimWrite(t, w.write(), later), &ports.KnownWrite{Fingerprint: "two"})
}

func answersOwnWrite(t *testing.T, w *world) {
	first := w.write()
	w.claimWrite(t, first, w.now)
	wantFault(t, "AnswerWrite of another claim", w.Idempotency.AnswerWrite(t.Context(), w.write(), []byte("x")), fault.CodeConflict)
	need(t, "AnswerWrite", w.Idempotency.AnswerWrite(t.Context(), first, []byte("y")))
	wantFault(t, "AnswerWrite again", w.Idempotency.AnswerWrite(t.Context(), first, []byte("z")), fault.CodeConflict)
}

func releasesWrite(t *testing.T, w *world) {
	first := w.write()
	w.claimWrite(t, first, w.now)
	need(t, "ReleaseWrite of another claim", w.Idempotency.ReleaseWrite(t.Context(), w.write()))
	same(t, "still claimed", w.claimWrite(t, w.write(), w.now), &ports.KnownWrite{Fingerprint: "one"})
	need(t, "ReleaseWrite", w.Idempotency.ReleaseWrite(t.Context(), first))
	same(t, "free again", w.claimWrite(t, w.write(), w.now), (*ports.KnownWrite)(nil))
}

// forgetsWrites uses a time before that of the other promises, whose keys it
// would count otherwise.
func forgetsWrites(t *testing.T, w *world) {
	early := w.now.AddDate(-1, 0, 0)
	for _, key := range []string{"a", "b", "c"} {
		w.claimWrite(t, w.write(func(c *ports.WriteClaim) { c.Key, c.ExpiresAt = key, early }), early.Add(-time.Hour))
	}
	kept := w.write(func(c *ports.WriteClaim) { c.Key, c.ExpiresAt = "d", early.Add(time.Second) })
	w.claimWrite(t, kept, early.Add(-time.Hour))
	for _, want := range []int{2, 1, 0} {
		same(t, "forgotten", must(w.Idempotency.ForgetWrites(t.Context(), early, 2))(t, "ForgetWrites"), want)
	}
	same(t, "the kept one", w.claimWrite(t, w.write(func(c *ports.WriteClaim) { c.Key = "d" }), early), &ports.KnownWrite{Fingerprint: "one"})
}
