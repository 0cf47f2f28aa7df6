package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
)

// RotatedKey is a new key with its secret, shown once, and the key it replaces.
type RotatedKey struct {
	Key      access.APIKey
	Secret   string
	Replaced access.APIKey
}

// RotateAPIKey replaces a key by one with the same name, scopes, binding and
// expiry; the old one works for the overlap, up to a week. Nobody rotates a key
// that may do more than they may themselves, and no key one that works longer
// than itself. A key that does not work any more, or was rotated before, is a
// Conflict; but a repeat of a write whose answer was lost returns the successor
// which that one made, with a new secret, while it is unused.
func (a *App) RotateAPIKey(ctx context.Context, p access.Principal, keyID string, overlap time.Duration) (RotatedKey, error) {
	key, err := a.FindAPIKey(ctx, p, keyID)
	if err != nil {
		return RotatedKey{}, err
	}
	if overlap < 0 || overlap > access.MaxOverlap {
		message := fmt.Sprintf("The old key may work for 0 to %d minutes.", int(access.MaxOverlap.Minutes()))
		return RotatedKey{}, fault.New(fault.CodeInvalid, message).
			WithFields(fault.Field{Path: "overlapMinutes", Code: "out_of_range", Message: message})
	}
	if err := mayHandOut(p, key.Scopes); err != nil {
		return RotatedKey{}, err
	}
	if p.IsOutlivedBy(key.ExpiresAt) {
		return RotatedKey{}, fault.New(fault.CodeInvalid, "This key works longer than the one that calls.").
			WithFields(fault.Field{Path: "expiresAt", Code: "out_of_range", Message: "This key works longer than the one that calls, and so would its successor. Rotate it as a member, or with a key that works as long."})
	}
	secret, err := a.newKeySecret()
	if err != nil {
		return RotatedKey{}, err
	}
	id, made, err := a.keyToMake(ctx, p)
	if err != nil {
		return RotatedKey{}, err
	}
	if made != nil && key.ReplacedBy == made.ID {
		successor, err := a.renewKey(ctx, p, *made, secret)
		return RotatedKey{Key: successor, Secret: secret, Replaced: key}, err
	}
	old, successor, err := key.Rotate(id, secret, overlap, a.Now())
	if err != nil {
		return RotatedKey{}, err
	}
	defer a.keys.forget()
	if err := a.Tenants.RotateAPIKey(ctx, old, successor, a.entry(p, audit.APIKeyRotated, old.ID, map[string]any{"successor": successor.ID})); err != nil {
		return RotatedKey{}, fmt.Errorf("storing the new key: %w", err)
	}
	return RotatedKey{Key: successor, Secret: secret, Replaced: old}, nil
}
