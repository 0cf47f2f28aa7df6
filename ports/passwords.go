package ports

import "context"

// Passwords hashes what people sign in with. Hashes are dear and few are made at
// once: a call waits its turn until its context ends, and is Overloaded
// by the context's error then. When too many wait it is Overloaded at once.
type Passwords interface {
	// Hash makes an argon2id PHC string. Two calls give different strings.
	Hash(ctx context.Context, password string) (string, error)
	// Matches reports whether the password is the one that was hashed.
	Matches(ctx context.Context, password, hash string) (bool, error)
}
