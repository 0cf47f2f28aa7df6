package otel

import (
	"context"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Shop times and traces calls to shops.
func (o *Observer) Shop(next ports.Shop) ports.Shop { return &shop{next, o} }

type shop struct {
	next ports.Shop
	*Observer
}

func (s *shop) call(ctx context.Context, operation string) (context.Context, func(error)) {
	ctx, done := s.watch(ctx, "shop "+operation)
	return ctx, func(err error) {
		result, took := done(err)
		s.metrics.shopSeconds.WithLabelValues(operation, result).Observe(took.Seconds())
	}
}

// Pair implements [ports.Shop].
func (s *shop) Pair(ctx context.Context, req ports.PairRequest) error {
	ctx, done := s.call(ctx, "pair")
	err := s.next.Pair(ctx, req)
	done(err)
	return err
}

// Ping implements [ports.Shop].
func (s *shop) Ping(ctx context.Context, access ports.ShopAccess) error {
	ctx, done := s.call(ctx, "ping")
	err := s.next.Ping(ctx, access)
	done(err)
	return err
}

// Invoice implements [ports.Shop].
func (s *shop) Invoice(ctx context.Context, access ports.ShopAccess, id int64) (commerce.Invoice, error) {
	ctx, done := s.call(ctx, "invoice")
	out, err := s.next.Invoice(ctx, access, id)
	done(err)
	return out, err
}

// Customer implements [ports.Shop].
func (s *shop) Customer(ctx context.Context, access ports.ShopAccess, id int64) (commerce.Customer, error) {
	ctx, done := s.call(ctx, "customer")
	out, err := s.next.Customer(ctx, access, id)
	done(err)
	return out, err
}

// CreditMemo implements [ports.Shop].
func (s *shop) CreditMemo(ctx context.Context, access ports.ShopAccess, id int64) (commerce.CreditMemo, error) {
	ctx, done := s.call(ctx, "credit_memo")
	out, err := s.next.CreditMemo(ctx, access, id)
	done(err)
	return out, err
}

// Payment implements [ports.Shop].
func (s *shop) Payment(ctx context.Context, access ports.ShopAccess, invoiceID int64) (commerce.Payment, error) {
	ctx, done := s.call(ctx, "payment")
	out, err := s.next.Payment(ctx, access, invoiceID)
	done(err)
	return out, err
}

// Product implements [ports.Shop].
func (s *shop) Product(ctx context.Context, access ports.ShopAccess, id int64) (commerce.Product, error) {
	ctx, done := s.call(ctx, "product")
	out, err := s.next.Product(ctx, access, id)
	done(err)
	return out, err
}

// PaymentMethods implements [ports.Shop].
func (s *shop) PaymentMethods(ctx context.Context, access ports.ShopAccess) ([]commerce.PaymentMethod, error) {
	ctx, done := s.call(ctx, "payment_methods")
	out, err := s.next.PaymentMethods(ctx, access)
	done(err)
	return out, err
}

// PutSyncState implements [ports.Shop].
func (s *shop) PutSyncState(ctx context.Context, access ports.ShopAccess, state syncrun.SyncState) error {
	ctx, done := s.call(ctx, "put_sync_state")
	err := s.next.PutSyncState(ctx, access, state)
	done(err)
	return err
}
