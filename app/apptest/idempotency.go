package apptest

import (
	"context"
	"time"

	"byte8.io/ledger/ports"
)

// write is what the world remembers of a repeatable write.
type write struct {
	ports.WriteClaim
	answer []byte
}

type idempotency struct{ world *World }

func (s idempotency) ClaimWrite(_ context.Context, c ports.WriteClaim, now time.Time) (*ports.KnownWrite, error) {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	known, found := w.writes[c.WriteKey]
	isDead := known.answer == nil && !known.LeasedUntil.After(now) && known.Fingerprint == c.Fingerprint
	if found && known.ExpiresAt.After(now) && !isDead {
		return &ports.KnownWrite{Fingerprint: known.Fingerprint, Answer: known.answer}, nil
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
