package vault

import (
	"fmt"

	"github.com/alexedwards/argon2id"

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

// Passwords implements ports.Passwords with argon2id. At most four hashes are
// made at once; others wait.
type Passwords struct {
	params argon2id.Params
	slots  chan struct{}
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
		slots: make(chan struct{}, concurrentHashes),
	}
}

// Hash implements ports.Passwords.
func (p *Passwords) Hash(password string) (string, error) {
	p.slots <- struct{}{}
	defer func() { <-p.slots }()
	hash, err := argon2id.CreateHash(password, &p.params)
	if err != nil {
		return "", fmt.Errorf("hashing a password: %w", err)
	}
	return hash, nil
}

// Matches implements ports.Passwords. A hash that is no argon2id PHC string is
// an error.
func (p *Passwords) Matches(password, hash string) (bool, error) {
	p.slots <- struct{}{}
	defer func() { <-p.slots }()
	isMatch, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("comparing a password: %w", err)
	}
	return isMatch, nil
}
