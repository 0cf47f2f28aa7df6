package ports

// Vault seals secrets at rest. Associated data binds a sealed value to its
// place: table, column and row id.
type Vault interface {
	// Seal encrypts under the newest key. Sealing the same text twice gives
	// different results.
	Seal(plaintext []byte, place string) ([]byte, error)
	// Open decrypts what Seal made for the same place under any key of the ring.
	// A value from another place, or changed, does not open.
	Open(sealed []byte, place string) ([]byte, error)
}
