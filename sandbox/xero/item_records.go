package xero

import "github.com/shopspring/decimal"

// ItemRecord is an item as the sandbox holds it. A price that was never given
// is nil.
type ItemRecord struct {
	TenantID    string           `json:"tenantId"`
	ID          string           `json:"id"`
	Code        string           `json:"code"`
	Name        string           `json:"name,omitempty"`
	Description string           `json:"description,omitempty"`
	IsSold      bool             `json:"isSold"`
	IsPurchased bool             `json:"isPurchased"`
	UnitPrice   *decimal.Decimal `json:"unitPrice,omitempty"` // of sales
	AccountCode string           `json:"accountCode,omitempty"`
	TaxType     string           `json:"taxType,omitempty"`
}

// Items returns the items of the organisation, or of all when the tenant is
// empty, in the order of their creation.
func (s *Server) Items(tenantID string) []ItemRecord {
	out := []ItemRecord{}
	for _, o := range s.chosen(tenantID) {
		o.mu.Lock()
		for _, i := range o.items.list {
			record := ItemRecord{
				TenantID: o.tenantID, ID: i.id, Code: i.code, Name: i.name, Description: i.description, IsSold: i.sold,
				IsPurchased: i.purchased, AccountCode: i.sales.account, TaxType: i.sales.taxType,
			}
			if i.sales.price != nil {
				price := *i.sales.price
				record.UnitPrice = &price
			}
			out = append(out, record)
		}
		o.mu.Unlock()
	}
	return out
}
