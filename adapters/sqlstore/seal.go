package sqlstore

import (
	"fmt"

	"byte8.io/ledger/ports"
)

// place names where a sealed value stands.
func place(column, rowID string) string { return column + ":" + rowID }

// seal encrypts a secret for its place. An empty one is NULL.
func seal(vault ports.Vault, secret, column, rowID string) ([]byte, error) {
	if secret == "" {
		return nil, nil
	}
	sealed, err := vault.Seal([]byte(secret), place(column, rowID))
	if err != nil {
		return nil, fmt.Errorf("sealing %s: %w", place(column, rowID), err)
	}
	return sealed, nil
}

// unseal decrypts what seal made for the same place.
func unseal(vault ports.Vault, sealed []byte, column, rowID string) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	secret, err := vault.Open(sealed, place(column, rowID))
	if err != nil {
		return "", fmt.Errorf("opening %s: %w", place(column, rowID), err)
	}
	return string(secret), nil
}
