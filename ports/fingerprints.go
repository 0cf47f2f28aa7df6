package ports

// Fingerprints tells texts apart in the store without telling what they say:
// who has the store and not the vault's keys cannot try texts against it.
type Fingerprints interface {
	// Fingerprints are the text's, one under each key of the vault, the newest
	// key's first. The same text and key always give the same one.
	Fingerprints(text []byte) []string
}
