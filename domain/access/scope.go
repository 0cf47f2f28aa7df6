package access

import (
	"fmt"
	"strings"

	"byte8.io/ledger/domain/fault"
)

// Scope is one permission of an API key or a role.
type Scope string

// The scopes. Admin includes every other.
const (
	ScopeStatusRead    Scope = "status:read"
	ScopeRunsRead      Scope = "runs:read"
	ScopeRunsRetry     Scope = "runs:retry"
	ScopeSettingsRead  Scope = "settings:read"
	ScopeSettingsWrite Scope = "settings:write"
	ScopeBindingsWrite Scope = "bindings:write"
	ScopeKeysWrite     Scope = "keys:write"
	ScopeAdmin         Scope = "admin"
)

// AllScopes lists every scope in a stable order.
func AllScopes() Scopes {
	return Scopes{ScopeStatusRead, ScopeRunsRead, ScopeRunsRetry, ScopeSettingsRead, ScopeSettingsWrite, ScopeBindingsWrite, ScopeKeysWrite, ScopeAdmin}
}

// Scopes is a set of scopes.
type Scopes []Scope

// Allow reports whether the set holds the scope, or admin.
func (s Scopes) Allow(scope Scope) bool {
	for _, have := range s {
		if have == scope || have == ScopeAdmin {
			return true
		}
	}
	return false
}

// String is the scopes separated by blanks, as stored.
func (s Scopes) String() string {
	words := make([]string, len(s))
	for i, scope := range s {
		words[i] = string(scope)
	}
	return strings.Join(words, " ")
}

// ParseScopes reads scopes separated by blanks or commas and refuses unknown ones.
func ParseScopes(text string) (Scopes, error) {
	var out Scopes
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }) {
		known := false
		for _, s := range AllScopes() {
			known = known || s == Scope(word)
		}
		if !known {
			message := fmt.Sprintf("%q is not a scope; known are: %s.", word, AllScopes())
			return nil, fault.New(fault.CodeInvalid, message).WithFields(fault.Field{Path: "scopes", Code: "invalid_format", Message: message})
		}
		out = append(out, Scope(word))
	}
	if len(out) == 0 {
		return nil, fault.New(fault.CodeInvalid, "Name at least one scope.").
			WithFields(fault.Field{Path: "scopes", Code: "invalid_format", Message: "Empty."})
	}
	return out, nil
}
