package app

import (
	"cmp"
	"slices"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
)

// RegisteredProvider is a provider this server knows.
type RegisteredProvider struct {
	Key          binding.Provider
	Capabilities books.Capabilities
}

// ListProviders lists the registry by title.
func (a *App) ListProviders(p access.Principal) ([]RegisteredProvider, error) {
	if err := p.Require(access.ScopeSettingsRead); err != nil {
		return nil, err
	}
	known := make([]RegisteredProvider, 0, len(a.Providers))
	for key, provider := range a.Providers {
		known = append(known, RegisteredProvider{Key: key, Capabilities: provider.Capabilities()})
	}
	slices.SortFunc(known, func(x, y RegisteredProvider) int {
		return cmp.Or(cmp.Compare(x.Capabilities.Title, y.Capabilities.Title), cmp.Compare(x.Key, y.Key))
	})
	return known, nil
}
