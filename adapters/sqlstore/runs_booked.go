package sqlstore

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/ports"
)

// FindBooked implements [ports.Runs].
func (s *Runs) FindBooked(ctx context.Context, tenant access.TenantID, bindingID string, invoiceIDs []int64) (map[int64]ports.BookedInvoice, error) {
	list, err := s.db.dialect.list(invoiceIDs)
	if err != nil {
		return nil, failed("finding booked invoices", err)
	}
	var rows []struct {
		MagentoID int64          `db:"magento_id"`
		EntityID  string         `db:"provider_entity_id"`
		Totals    *string        `db:"provider_totals"`
		Currency  money.Currency `db:"currency"`
	}
	err = s.db.list(ctx, &rows, `SELECT magento_id, provider_entity_id, provider_totals, currency FROM sync_runs
		WHERE tenant_id = ? AND binding_id = ? AND entity_type = 'invoice' AND `+s.db.dialect.isOneOf("magento_id")+`
		AND provider_entity_id <> '' AND provider_totals IS NOT NULL AND currency <> ''
		ORDER BY created_at, id`, tenant, bindingID, list)
	if err != nil {
		return nil, failed("finding booked invoices", err)
	}
	out := make(map[int64]ports.BookedInvoice, len(rows))
	for _, r := range rows {
		totals, err := parseTotals(r.Totals)
		if err != nil {
			return nil, failed("finding booked invoices", err)
		}
		out[r.MagentoID] = ports.BookedInvoice{EntityID: r.EntityID, Totals: *totals, Currency: r.Currency}
	}
	return out, nil
}
