package graph

import (
	"context"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/graph/model"
)

// Bindings pages through bindings.
func (q query) Bindings(ctx context.Context, first *int, after *string, provider *binding.Provider) (*model.BindingConnection, error) {
	in := app.ListBindings{Paging: paging(first, after)}
	if provider != nil {
		in.Provider = *provider
	}
	page, err := q.app.ListBindings(ctx, principalOf(ctx), in)
	if err != nil {
		return nil, err
	}
	rows := shaped(page.Rows, func(b binding.Binding) binding.Binding { return b })
	return &model.BindingConnection{
		Nodes:    rows,
		PageInfo: pageInfo(in.Paging, page.Cursors, page.HasNext),
		Edges: edges(rows, page.Cursors, func(cursor string, b *binding.Binding) model.BindingEdge {
			return model.BindingEdge{Cursor: cursor, Node: b}
		}),
	}, nil
}

// Binding finds a binding.
func (q query) Binding(ctx context.Context, id string) (*binding.Binding, error) {
	return foundOrNull(q.app.FindBinding(ctx, principalOf(ctx), id))
}

// Store finds the binding's store.
func (bound) Store(ctx context.Context, b *binding.Binding) (*binding.Store, error) {
	return foundOrNull(loadersOf(ctx).stores.Load(ctx, b.StoreID)())
}

// Organisation is the one chosen.
func (bound) Organisation(_ context.Context, b *binding.Binding) (*binding.Organisation, error) {
	if b.Organisation.ID == "" {
		return nil, nil
	}
	return &b.Organisation, nil
}

// AvailableOrganisations lists what the consent reaches.
func (r bound) AvailableOrganisations(ctx context.Context, b *binding.Binding) ([]binding.Organisation, error) {
	return r.app.ListOrganisations(ctx, principalOf(ctx), b.ID)
}

// Settings reads the newest version.
func (bound) Settings(ctx context.Context, b *binding.Binding) (*model.BindingSettings, error) {
	version, err := foundOrNull(loadersOf(ctx).settings.Load(ctx, *b)())
	if err != nil || version == nil {
		return nil, err
	}
	return shapeSettings(version.Settings), nil
}

// SettingsDerived reports whether nobody has saved settings yet.
func (bound) SettingsDerived(ctx context.Context, b *binding.Binding) (bool, error) {
	version, err := foundOrNull(loadersOf(ctx).settings.Load(ctx, *b)())
	return version != nil && version.IsDerived(), err
}

// ReferenceData reads what the organisation offers to map to.
func (r bound) ReferenceData(ctx context.Context, b *binding.Binding) (*model.ReferenceData, error) {
	ref, err := foundOrNull(r.app.ReadReferenceData(ctx, principalOf(ctx), *b))
	if err != nil || ref == nil {
		return nil, err
	}
	return shapeReference(*ref, r.app.Now()), nil
}

// CallBudget reads what is left of the provider's limits.
func (r bound) CallBudget(ctx context.Context, b *binding.Binding) (*model.CallBudget, error) {
	left, err := foundOrNull(r.app.ReadCallBudget(ctx, principalOf(ctx), *b))
	if err != nil || left == nil {
		return nil, err
	}
	return &model.CallBudget{MinuteLeft: left.MinuteLeft, DayLeft: left.DayLeft, InFlight: left.InFlight, ParkedUntil: left.ParkedUntil}, nil
}

// Health counts the binding's runs.
func (r bound) Health(ctx context.Context, b *binding.Binding) (*model.BindingHealth, error) {
	h, err := r.app.ReadBindingHealth(ctx, principalOf(ctx), *b)
	if err != nil {
		return nil, err
	}
	health := &model.BindingHealth{Pending: h.Pending, Held: h.Held, Failed24h: h.Failed24h, LastRunAt: h.LastRunAt}
	if h.OldestPending != nil {
		seconds := int(h.OldestPending.Seconds())
		health.OldestPendingSeconds = &seconds
	}
	return health, nil
}
