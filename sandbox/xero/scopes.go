package xero

import (
	"net/http"
	"slices"
	"strings"
)

// area is a part of the API that one family of scopes opens.
type area struct {
	scope string
	broad string // the older scope that opens it too
}

func areas() map[string]area {
	return map[string]area{
		"Contacts": {scope: "accounting.contacts"},
		"Invoices": {scope: "accounting.invoices", broad: "accounting.transactions"},
		"Payments": {scope: "accounting.payments", broad: "accounting.transactions"},
		"Settings": {scope: "accounting.settings"},
	}
}

// allows tells whether the scopes open the area for the method.
func (a area) allows(scopes []string, method string) bool {
	for _, name := range []string{a.scope, a.broad} {
		if name == "" {
			continue
		}
		if slices.Contains(scopes, name) || method == http.MethodGet && slices.Contains(scopes, name+".read") {
			return true
		}
	}
	return false
}

// grantable tells whether the app may ask for these scopes.
func (s *Server) grantable(scopes []string) bool {
	known := []string{
		"openid", "profile", "email", "offline_access", "accounting.journals.read",
		"accounting.invoices", "accounting.payments", "accounting.banktransactions", "accounting.manualjournals",
		"accounting.contacts", "accounting.settings", "accounting.attachments",
	}
	if s.options.BroadScopes {
		known = append(known, "accounting.transactions", "accounting.reports.read")
	}
	for _, scope := range scopes {
		base := strings.TrimSuffix(scope, ".read")
		report := strings.HasPrefix(scope, "accounting.reports.") && scope != "accounting.reports.read"
		readable := base != scope && strings.HasPrefix(base, "accounting.") && slices.Contains(known, base)
		if !slices.Contains(known, scope) && !readable && !report {
			return false
		}
	}
	return len(scopes) > 0
}
