package app

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"

	"byte8.io/ledger/ports"
)

type (
	writeKey  struct{}
	writePart struct{}
)

// WithPart names the part of a repeatable write that is executed next. What two
// parts of one write make is told apart by it.
func WithPart(ctx context.Context, part string) context.Context {
	return context.WithValue(ctx, writePart{}, part)
}

// withWrite lets what is executed know the key it repeats under. A write of one
// field is one part, whatever its caller names it.
func withWrite(ctx context.Context, key ports.WriteKey, isOnePart bool) context.Context {
	if isOnePart {
		ctx = WithPart(ctx, "")
	}
	return context.WithValue(ctx, writeKey{}, key)
}

var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// repeatableID is an id that the same part of the same write makes again, so
// that a repeat finds what an attempt made that died before it answered. false
// comes with a new id, where nobody could repeat. What an id like this finds is of
// this write only while isRepeated holds of it.
func (a *App) repeatableID(ctx context.Context, prefix string) (string, bool) {
	key, isGiven := ctx.Value(writeKey{}).(ports.WriteKey)
	if !isGiven {
		return a.NewID(prefix), false
	}
	part, _ := ctx.Value(writePart{}).(string)
	sum := sha256.Sum256([]byte(strings.Join([]string{prefix, string(key.TenantID), key.Caller, key.Key, part}, "\n")))
	return prefix + "_" + crockford.EncodeToString(sum[:16]), true
}

// isRepeated reports whether a repeat may still mean what was made then: after
// that its key is free for another write.
func (a *App) isRepeated(madeAt time.Time) bool { return madeAt.After(a.Now().Add(-answersLife)) }
