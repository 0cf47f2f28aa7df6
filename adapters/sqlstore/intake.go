package sqlstore

import (
	"context"
	"slices"
	"strconv"
	"time"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Intake implements [ports.Intake].
type Intake struct {
	db *DB
	// accept is the way of the dialect: one statement, shared with what arrives at
	// the same time, where the database is across a network; plain steps where it
	// is in the process.
	accept   func(ctx context.Context, token ports.TokenUse, event syncrun.Event, runs []syncrun.Run) ([]ports.Accepted, error)
	gatherer *gatherer
}

var _ ports.Intake = (*Intake)(nil)

// NewIntake makes the store of events.
func NewIntake(db *DB) *Intake {
	s := &Intake{db: db}
	s.accept = s.acceptInSteps
	if db.dialect.driver == postgres.driver {
		s.accept = s.acceptTogether
		s.gatherer = &gatherer{store: s.acceptAtOnce}
	}
	return s
}

// Accept implements [ports.Intake].
func (s *Intake) Accept(ctx context.Context, token ports.TokenUse, event syncrun.Event, runs []syncrun.Run) ([]ports.Accepted, error) {
	isForeign := func(r syncrun.Run) bool { return r.TenantID != event.TenantID }
	if token.TenantID != event.TenantID || slices.ContainsFunc(runs, isForeign) {
		return nil, failed("accepting an event", fault.New(fault.CodeInvalid, "An event, its token and its runs belong to one tenant."))
	}
	accepted, err := s.accept(ctx, token, event, runs)
	return accepted, failed("accepting an event", err)
}

// BurnToken implements [ports.Intake].
func (s *Intake) BurnToken(ctx context.Context, token ports.TokenUse) error {
	return failed("burning a token", burnToken(ctx, s.db, token))
}

func burnToken(ctx context.Context, s session, token ports.TokenUse) error {
	n, err := s.exec(ctx, `INSERT INTO used_tokens (tenant_id, jti, remember_until) VALUES (?, ?, ?) ON CONFLICT (tenant_id, jti) DO NOTHING`,
		token.TenantID, token.JTI, at(token.RememberUntil))
	if err == nil && n == 0 {
		err = usedBefore()
	}
	return err
}

func usedBefore() error {
	return fault.New(fault.CodeUnauthenticated, "The token was used before.")
}

// ForgetTokens implements [ports.Intake].
func (s *Intake) ForgetTokens(ctx context.Context, endedBefore time.Time) (int64, error) {
	n, err := s.db.exec(ctx, `DELETE FROM used_tokens WHERE remember_until < ?`, at(endedBefore))
	return n, failed("forgetting tokens", err)
}

// xrefKey is the key of a document in the shop.
func xrefKey(magentoID int64) string { return strconv.FormatInt(magentoID, 10) }

// creates is the kind and key of the xref that shows that what an event asks for
// is in the books already; empty for an event that asks for the newest state. A
// credit memo is done with once its money is settled.
func creates(run syncrun.Run) (syncrun.XrefKind, string) {
	key := xrefKey(run.MagentoID)
	switch run.Event {
	case commerce.EventInvoiceCreated:
		return syncrun.XrefInvoice, key
	case commerce.EventInvoicePaid:
		return syncrun.XrefInvoicePayment, key
	case commerce.EventCreditMemoCreated:
		return syncrun.XrefSettlement, key
	case commerce.EventCustomerUpserted, commerce.EventProductUpserted:
	}
	return "", ""
}
