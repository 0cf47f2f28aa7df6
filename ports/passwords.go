package ports

// Passwords hashes what people sign in with.
type Passwords interface {
	// Hash makes an argon2id PHC string. Two calls give different strings.
	Hash(password string) (string, error)
	// Matches reports whether the password is the one that was hashed.
	Matches(password, hash string) (bool, error)
}
