package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Authenticate turns a bearer token into a principal: an API key, or a shop's
// token. No token at all is a zero principal and no error.
//
// A shop's token is not burnt by it and may be used again while it lives: its
// principal can read the shop's own chips and change nothing, so that a second
// use tells nobody more than the first.
func (a *App) Authenticate(ctx context.Context, bearer string) (access.Principal, error) {
	switch {
	case bearer == "":
		return access.Principal{}, nil
	case strings.HasPrefix(bearer, access.KeyPrefix):
		return a.authenticateKey(ctx, bearer)
	}
	shop, err := a.authenticateShop(ctx, bearer)
	if err != nil {
		return access.Principal{}, err
	}
	return access.Magento(shop.store.TenantID, shop.store.ID, shop.store.BaseURL), nil
}

func (a *App) authenticateKey(ctx context.Context, secret string) (access.Principal, error) {
	key, err := a.findAPIKey(ctx, access.DigestSecret(secret))
	switch {
	case fault.IsKind(err, fault.NotFound):
		return access.Principal{}, fault.New(fault.CodeUnauthenticated, "This API key is not known.")
	case err != nil:
		return access.Principal{}, fmt.Errorf("finding the API key: %w", err)
	case !key.IsLive(a.Now()):
		return access.Principal{}, fault.New(fault.CodeUnauthenticated, "This API key was revoked or has expired.")
	case a.uses.isFirst(key.ID, a.Now(), key.LastUsedAt):
		a.note(ctx, "api key", key.ID, a.Tenants.TouchAPIKey)
	}
	return key.Principal(), nil
}

var errOtherTenant = fault.New(fault.CodeUnauthenticated, "The token is not one of this tenant's.")

// shopCaller is the shop behind a verified token that is not burnt yet.
type shopCaller struct {
	store binding.Store
	token ports.VerifiedToken
}

// authenticateShop verifies a shop's token against every live key of its tenant.
func (a *App) authenticateShop(ctx context.Context, bearer string) (shopCaller, error) {
	tenant, ok := a.ShopTokens.Tenant(bearer)
	if !ok {
		return shopCaller{}, errOtherTenant
	}
	return a.verifyShop(ctx, &shopReads{app: a}, tenant, bearer, a.Now())
}

// authenticateEvent is authenticateShop for an event, whose path must name the
// token's tenant: a token of another's verifies with none of its keys. An event that was signed just before the shop was paired
// again is the shop's still. It may rely on what was read a moment ago, and
// refuses nobody because of that.
func (a *App) authenticateEvent(ctx context.Context, reads *shopReads, bearer string, path access.TenantID) (shopCaller, error) {
	replacedAfter := a.Now().Add(-binding.ReplacedKeyLife)
	shop, err := a.verifyShop(ctx, reads, path, bearer, replacedAfter)
	if err != nil && reads.afresh() {
		return a.verifyShop(ctx, reads, path, bearer, replacedAfter)
	}
	return shop, err
}

// verifyShop finds the key that signed a token. A candidate key that did was
// accepted by the shop, and becomes the active one.
func (a *App) verifyShop(ctx context.Context, reads *shopReads, tenant access.TenantID, bearer string, replacedAfter time.Time) (shopCaller, error) {
	keys, err := reads.liveKeys(ctx, tenant, replacedAfter)
	if err != nil {
		return shopCaller{}, fmt.Errorf("listing the tenant's keys: %w", err)
	}
	token, err := a.ShopTokens.Verify(bearer, tenant, keys, a.Now())
	if err != nil {
		return shopCaller{}, fmt.Errorf("verifying the token: %w", err)
	}
	store, err := reads.store(ctx, tenant, token.Key.StoreID)
	if err != nil {
		return shopCaller{}, fmt.Errorf("finding the token's store: %w", err)
	}
	if token.Key.Status == binding.KeyCandidate {
		if err := a.Stores.ActivateStoreKey(ctx, tenant, token.Key.ID, a.Now()); err != nil {
			return shopCaller{}, fmt.Errorf("activating the key the shop uses: %w", err)
		}
	}
	if store.Status == binding.StoreTokenRevoked && token.Key.Status != binding.KeyRetired {
		// The shop signs with the key we took to be refused: it is tried again.
		if err := a.Stores.SetStoreStatus(ctx, tenant, store.ID, binding.StoreActive, a.Now()); err != nil {
			return shopCaller{}, fmt.Errorf("marking the store as active: %w", err)
		}
		store.Status = binding.StoreActive
	}
	return shopCaller{store: store, token: token}, nil
}
