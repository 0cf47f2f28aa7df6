package sqlstore

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/money"
)

// SumCredits implements [ports.Runs]. A credit memo is in the books once its
// entity there is known, whatever became of the run afterwards. Of a memo with
// several runs the newest speaks, and the provider's totals before Magento's.
func (s *Runs) SumCredits(ctx context.Context, tenant access.TenantID, bindingID string, invoiceID int64, except string) (money.Amount, error) {
	var rows []struct {
		MagentoID      int64   `db:"magento_id"`
		MagentoTotals  *string `db:"magento_totals"`
		ProviderTotals *string `db:"provider_totals"`
	}
	err := s.db.list(ctx, &rows, `SELECT magento_id, magento_totals, provider_totals FROM sync_runs
		WHERE tenant_id = ? AND binding_id = ? AND parent_id = ? AND parent_id <> 0 AND entity_type = 'creditmemo' AND provider_entity_id <> ''
		AND magento_id <> COALESCE((SELECT magento_id FROM sync_runs WHERE tenant_id = ? AND id = ?), 0)
		ORDER BY created_at DESC, id DESC`, tenant, bindingID, invoiceID, tenant, except)
	if err != nil {
		return money.Zero, failed("adding an invoice's credits", err)
	}
	var sum money.Amount
	counted := map[int64]bool{}
	for _, r := range rows {
		if counted[r.MagentoID] {
			continue
		}
		text := r.ProviderTotals
		if text == nil {
			text = r.MagentoTotals
		}
		totals, err := parseTotals(text)
		if err != nil {
			return money.Zero, failed("adding an invoice's credits", err)
		}
		if totals != nil {
			counted[r.MagentoID] = true
			sum = sum.Add(totals.Gross)
		}
	}
	return sum, nil
}
