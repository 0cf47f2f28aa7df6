package ports

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
)

// ShopAccess is what a call to a shop needs. The secret is the store's current
// signing key; every request gets a fresh token made from it.
type ShopAccess struct {
	TenantID access.TenantID
	BaseURL  string
	Secret   string
	// KeyID names the key, so that a refusal of an old key is not taken for one
	// of the current.
	KeyID string
}

// Shop is a Magento installation with the Byte8 modules.
//
// Faults: magento_auth when the shop does not accept our token; magento_not_found
// for a missing document; magento_document_invalid when its data cannot be used;
// http when it cannot be reached or does not answer in time; magento_refused for
// any other answer; store_address_refused when its address may not be called.
type Shop interface {
	// Pair hands the shop our tenant id, key and address in exchange for its
	// pairing code. pairing_refused means the shop took none of it; any other
	// fault leaves open whether it did. It may be repeated while the code lives.
	Pair(ctx context.Context, req PairRequest) error
	// Ping reports whether network, key and tenant all work.
	Ping(ctx context.Context, access ShopAccess) error
	// Invoice reads an invoice by its entity id.
	Invoice(ctx context.Context, access ShopAccess, id int64) (commerce.Invoice, error)
	// Customer reads a customer. Guests have no id and cannot be read.
	Customer(ctx context.Context, access ShopAccess, id int64) (commerce.Customer, error)
	// CreditMemo reads a credit memo by its entity id.
	CreditMemo(ctx context.Context, access ShopAccess, id int64) (commerce.CreditMemo, error)
	// Payment reads the payment of an invoice, by the invoice's id.
	Payment(ctx context.Context, access ShopAccess, invoiceID int64) (commerce.Payment, error)
	// Product reads a product.
	Product(ctx context.Context, access ShopAccess, id int64) (commerce.Product, error)
	// PaymentMethods lists every payment method installed, active or not.
	PaymentMethods(ctx context.Context, access ShopAccess) ([]commerce.PaymentMethod, error)
	// PutSyncState writes the chip into the shop's mirror; every column is
	// replaced, so that it may be repeated.
	PutSyncState(ctx context.Context, access ShopAccess, state syncrun.SyncState) error
}

// PairRequest is one pairing.
type PairRequest struct {
	Provider    binding.Provider
	BaseURL     string
	PairingCode string
	TenantID    access.TenantID
	Secret      string
	// LedgerURL is our own origin, which the shop will send its events to.
	LedgerURL string
}
