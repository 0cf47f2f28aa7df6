// Package binding holds stores, their keys, and their bindings to organisations
// at a provider, with the rules of pairing and of the consent that a binding
// lives on.
package binding

import "strings"

// Provider is the key of an accounting provider as it stands on Magento's wire.
type Provider string

// The providers Magento's modules know.
const (
	Xero           Provider = "xero"
	SageAccounting Provider = "sage_accounting"
	FreeAgent      Provider = "freeagent"
)

// ParseProvider reads a wire key; it reports false for an unknown one.
func ParseProvider(s string) (Provider, bool) {
	switch p := Provider(strings.TrimSpace(s)); p {
	case Xero, SageAccounting, FreeAgent:
		return p, true
	}
	return "", false
}
