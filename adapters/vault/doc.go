// Package vault keeps secrets: it seals what must be read again, hashes what
// must only be compared, and makes fingerprints of what must only be recognised.
//
// A sealed value is a version byte, the id of the key that sealed it, a random
// nonce, and the text under AES-256-GCM with its tag. The version, the key's id
// and the value's place are authenticated with it, so that a value copied to
// another row does not open.
package vault
