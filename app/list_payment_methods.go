package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/commerce"
)

// ListPaymentMethods reads every payment method installed in a shop, from the
// shop itself.
func (a *App) ListPaymentMethods(ctx context.Context, p access.Principal, storeID string) ([]commerce.PaymentMethod, error) {
	store, err := a.FindStore(ctx, p, storeID)
	if err != nil {
		return nil, err
	}
	shop, err := a.shopAccess(ctx, p.TenantID, store.ID)
	if err != nil {
		return nil, err
	}
	methods, err := a.Shop.PaymentMethods(ctx, shop)
	if err != nil {
		return nil, fmt.Errorf("reading the shop's payment methods: %w", err)
	}
	return methods, nil
}
