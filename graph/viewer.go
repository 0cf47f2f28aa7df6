package graph

import (
	"context"

	"byte8.io/ledger/graph/model"
)

// Viewer says who is asking.
func (q query) Viewer(ctx context.Context) (*model.Viewer, error) {
	p := principalOf(ctx)
	tenant, err := q.app.FindTenant(ctx, p)
	if err != nil {
		return nil, err
	}
	return &model.Viewer{
		Principal: &p, Scopes: texts(p.Scopes),
		Tenant: &model.Tenant{ID: string(tenant.ID), Name: tenant.Name},
	}, nil
}

func texts[T ~string](words []T) []string {
	out := make([]string, len(words))
	for i, word := range words {
		out[i] = string(word)
	}
	return out
}
