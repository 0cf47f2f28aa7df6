package apptest

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"byte8.io/ledger/ports"
)

// write is what the world remembers of a repeatable write.
type write struct {
	ports.WriteClaim
	answer []byte
}

// fingerprints are the texts themselves.
type fingerprints struct{}

func (fingerprints) Fingerprints(text []byte) []string { return []string{hex.EncodeToString(text)} }

type idempotency struct{ world *World }

func (s idempotency) ClaimWrite(_ context.Context, c ports.WriteClaim, now time.Time) (*ports.KnownWrite, error) {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	known, found := w.writes[c.WriteKey]
	isDead := found && known.answer == nil && !known.LeasedUntil.After(now) && slices.Contains(c.Fingerprints, known.Fingerprints[0])
	if found && known.ExpiresAt.After(now) && !isDead {
		return &ports.KnownWrite{Fingerprint: known.Fingerprints[0], Answer: known.answer}, nil
	}
	if w.writes == nil {
		w.writes = map[ports.WriteKey]write{}
	}
	w.writes[c.WriteKey] = write{WriteClaim: c}
	return nil, nil
}

func (s idempotency) AnswerWrite(_ context.Context, c ports.WriteClaim, answer []byte) error {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if s.world.AnswersErr != nil {
		return s.world.AnswersErr
	}
	known := s.world.writes[c.WriteKey]
	known.answer = append([]byte(nil), answer...)
	s.world.writes[c.WriteKey] = known
	return nil
}

func (s idempotency) ReleaseWrite(_ context.Context, c ports.WriteClaim) error {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	delete(s.world.writes, c.WriteKey)
	return nil
}

func (idempotency) ForgetWrites(context.Context, time.Time, int) (int, error) { return 0, nil }
