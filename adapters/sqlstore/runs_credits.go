package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// ofInvoice is the condition on what memos take of an invoice.
const ofInvoice = `tenant_id = ? AND provider = ? AND organisation_id = ? AND store_id = ? AND invoice_id = ?`

// SumCredits implements [ports.Credits].
func (s *Runs) SumCredits(ctx context.Context, scope ports.XrefScope, invoiceID, memoID int64) (ports.Credit, error) {
	sum, err := sumCredits(ctx, s.db, scope, invoiceID, memoID)
	return sum, failed("adding an invoice's credits", err)
}

func sumCredits(ctx context.Context, s session, scope ports.XrefScope, invoiceID, memoID int64) (ports.Credit, error) {
	var rows []struct {
		Gross    string `db:"gross"`
		Refunded string `db:"refunded"`
	}
	err := s.list(ctx, &rows, `SELECT gross, refunded FROM credits WHERE `+ofInvoice+` AND memo_id <> ?`,
		scope.TenantID, scope.Provider, scope.OrganisationID, scope.StoreID, invoiceID, memoID)
	if err != nil {
		return ports.Credit{}, err
	}
	var sum ports.Credit
	for _, r := range rows {
		gross, err := money.Parse(r.Gross)
		if err != nil {
			return ports.Credit{}, err
		}
		refunded, err := money.Parse(r.Refunded)
		if err != nil {
			return ports.Credit{}, err
		}
		sum.Gross, sum.Refunded = sum.Gross.Add(gross), sum.Refunded.Add(refunded)
	}
	return sum, nil
}

// ClaimCredit implements [ports.Credits]. The lock on the invoice's xref is the
// turn: two claims would not see each other's rows.
func (s *Runs) ClaimCredit(ctx context.Context, c ports.CreditClaim) error {
	const doing = "claiming credit"
	if c.Scope.TenantID != c.Lease.TenantID {
		return failed(doing, fault.New(fault.CodeInvalid, "A run and the invoice it refunds belong to one tenant."))
	}
	err := s.db.inTx(ctx, func(t *tx) error {
		if err := lockInvoice(ctx, t, c); err != nil {
			return err
		}
		others, err := sumCredits(ctx, t, c.Scope, c.InvoiceID, c.MemoID)
		if err != nil {
			return err
		}
		if isAbove(others.Gross, c.Credit.Gross, c.GrossLimit) || isAbove(others.Refunded, c.Credit.Refunded, c.RefundLimit) {
			return fault.New(fault.CodeConflict, "The invoice's other refunds changed in the meantime; it is looked at again.")
		}
		n, err := t.exec(ctx, `INSERT INTO credits (tenant_id, provider, organisation_id, store_id, invoice_id, memo_id, gross, refunded, run_id, claims)
			SELECT tenant_id, ?, ?, ?, ?, ?, ?, ?, id, claims FROM sync_runs WHERE tenant_id = ? AND id = ? AND claims = ? AND status = 'running'
			ON CONFLICT (tenant_id, provider, organisation_id, store_id, invoice_id, memo_id)
			DO UPDATE SET gross = excluded.gross, refunded = excluded.refunded, run_id = excluded.run_id, claims = excluded.claims`,
			c.Scope.Provider, c.Scope.OrganisationID, c.Scope.StoreID, c.InvoiceID, c.MemoID, c.Credit.Gross.String(), c.Credit.Refunded.String(),
			c.Lease.TenantID, c.Lease.RunID, c.Lease.Claims)
		if err == nil && n == 0 {
			err = claimedByAnother(c.Lease)
		}
		return err
	})
	return failed(doing, err)
}

func lockInvoice(ctx context.Context, t *tx, c ports.CreditClaim) error {
	err := t.get(ctx, new(int), `SELECT 1 FROM xrefs
		WHERE tenant_id = ? AND provider = ? AND organisation_id = ? AND kind = ? AND store_id = ? AND key = ?`+t.db.dialect.lock,
		c.Scope.TenantID, c.Scope.Provider, c.Scope.OrganisationID, syncrun.XrefInvoice, c.Scope.StoreID, xrefKey(c.InvoiceID))
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.CodeConflict, "The invoice is not linked to the books any more; it is looked at again.")
	}
	return err
}

func isAbove(others, own money.Amount, limit *money.Amount) bool {
	return limit != nil && own.Sign() > 0 && others.Add(own).Cmp(*limit) > 0
}

// DropCredits implements [ports.Credits].
func (s *Runs) DropCredits(ctx context.Context, leases []ports.Lease) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		for _, l := range leases {
			if _, err := t.exec(ctx, `DELETE FROM credits WHERE tenant_id = ? AND run_id = ? AND claims <= ?`, l.TenantID, l.RunID, l.Claims); err != nil {
				return err
			}
		}
		return nil
	})
	return failed("dropping credits", err)
}

// ListInvoiceRuns implements [ports.Credits].
func (s *Runs) ListInvoiceRuns(ctx context.Context, tenant access.TenantID, bindingID string, invoiceIDs []int64) (map[int64][]ports.InvoiceRun, error) {
	const doing = "listing runs of invoices"
	list, err := s.db.dialect.list(invoiceIDs)
	if err != nil {
		return nil, failed(doing, err)
	}
	var rows []struct {
		ID         string             `db:"id"`
		MagentoID  int64              `db:"magento_id"`
		Event      commerce.EventName `db:"event"`
		Status     syncrun.Status     `db:"status"`
		SkipReason syncrun.SkipReason `db:"skip_reason"`
		CreatedAt  stamp              `db:"created_at"`
	}
	err = s.db.list(ctx, &rows, `SELECT id, magento_id, event, status, skip_reason, created_at FROM sync_runs
		WHERE tenant_id = ? AND entity_type = 'invoice' AND `+s.db.dialect.isOneOf("magento_id")+` AND binding_id = ? ORDER BY created_at, id`,
		tenant, list, bindingID)
	if err != nil {
		return nil, failed(doing, err)
	}
	out := map[int64][]ports.InvoiceRun{}
	for _, r := range rows {
		out[r.MagentoID] = append(out[r.MagentoID], ports.InvoiceRun{ID: r.ID, Event: r.Event, Status: r.Status, SkipReason: r.SkipReason, CreatedAt: r.CreatedAt.Time})
	}
	return out, nil
}
