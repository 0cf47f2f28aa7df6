package vault

import (
	"context"
	"fmt"
	"time"

	"github.com/alexedwards/argon2id"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Cost is what one hash takes.
type Cost struct {
	// MemoryKiB is the memory filled, Passes how often, Lanes how many ways at once.
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultCost is RFC 9106's choice for servers: 64 MiB, 3 passes, 4 lanes.
func DefaultCost() Cost { return Cost{MemoryKiB: 64 << 10, Passes: 3, Lanes: 4} }

// concurrentHashes bounds the memory that people signing in can claim: 256 MiB
// at the default cost.
const concurrentHashes = 4

// waitingHashes bounds how many wait their turn. Whoever comes later would wait
// for many seconds, and is told to come back instead.
const waitingHashes = 64

// overloadedWait is when whoever found too many waiting may come back.
const overloadedWait = 2 * time.Second

// Passwords implements ports.Passwords with argon2id. At most four hashes are
// made at once and 64 wait.
type Passwords struct {
	params argon2id.Params
	// queue holds those who wait and those who hash, slots the latter.
	queue, slots chan struct{}
}

var _ ports.Passwords = (*Passwords)(nil)

// NewPasswords makes passwords that hash at a cost. Hashes made at another cost
// still match.
func NewPasswords(cost Cost) *Passwords {
	return &Passwords{
		params: argon2id.Params{
			Memory: cost.MemoryKiB, Iterations: cost.Passes, Parallelism: cost.Lanes,
			SaltLength: 16, KeyLength: 32,
		},
		queue: make(chan struct{}, concurrentHashes+waitingHashes),
		slots: make(chan struct{}, concurrentHashes),
	}
}

// turn waits until a hash may be made. The function ends the turn.
func (p *Passwords) turn(ctx context.Context) (func(), error) {
	select {
	case p.queue <- struct{}{}:
	default:
		return nil, fault.New(fault.CodeOverloaded, "Too many passwords are being checked at once.").WithWait(overloadedWait)
	}
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots; <-p.queue }, nil
	case <-ctx.Done():
		<-p.queue
		return nil, fault.Wrap(fault.CodeOverloaded, "The caller went away before a password could be checked.", ctx.Err())
	}
}

// Hash implements ports.Passwords.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	end, err := p.turn(ctx)
	if err != nil {
		return "", err
	}
	defer end()
	hash, err := argon2id.CreateHash(password, &p.params)
	if err != nil {
		return "", fmt.Errorf("hashing a password: %w", err)
	}
	return hash, nil
}

// Matches implements ports.Passwords. A hash that is no argon2id PHC string is
// an error.
func (p *Passwords) Matches(ctx context.Context, password, hash string) (bool, error) {
	end, err := p.turn(ctx)
	if err != nil {
		return false, err
	}
	defer end()
	isMatch, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("comparing a password: %w", err)
	}
	return isMatch, nil
}
