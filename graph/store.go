package graph

import (
	"context"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/graph/model"
)

// Stores lists the paired stores.
func (q query) Stores(ctx context.Context) ([]binding.Store, error) {
	return q.app.ListStores(ctx, principalOf(ctx))
}

// Store finds a store.
func (q query) Store(ctx context.Context, id string) (*binding.Store, error) {
	return foundOrNull(q.app.FindStore(ctx, principalOf(ctx), id))
}

// PaymentMethods lists what is installed in the shop.
func (r store) PaymentMethods(ctx context.Context, s *binding.Store) ([]commerce.PaymentMethod, error) {
	return r.app.ListPaymentMethods(ctx, principalOf(ctx), s.ID)
}

// Bindings lists the store's bindings.
func (r store) Bindings(ctx context.Context, s *binding.Store) ([]binding.Binding, error) {
	page, err := r.app.ListBindings(ctx, principalOf(ctx), app.ListBindings{StoreID: s.ID})
	return page.Rows, err
}

// ConnectMagento pairs a shop.
func (m mutation) ConnectMagento(ctx context.Context, input model.ConnectMagentoInput) (*model.ConnectMagentoPayload, error) {
	s, b, err := m.app.ConnectMagento(ctx, principalOf(ctx), app.ConnectMagento{
		BaseURL: input.BaseURL, PairingCode: input.PairingCode, Provider: input.Provider,
	})
	paired, problems, err := answered(s, err)
	if err != nil || paired == nil {
		return &model.ConnectMagentoPayload{UserErrors: problems}, err
	}
	return &model.ConnectMagentoPayload{Store: paired, Binding: &b, UserErrors: problems}, nil
}
