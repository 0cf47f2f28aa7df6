package commerce

import (
	"time"

	"byte8.io/ledger/domain/money"
)

// Product is a Magento product. Prices are those of the default scope.
type Product struct {
	MagentoID    int64
	SKU          string
	Name         string
	ProductType  string
	Price        *money.Amount
	SpecialPrice *money.Amount
	Cost         *money.Amount
	Weight       *money.Amount
	StockQty     *money.Amount
	ManageStock  bool
	// TaxClass is the tax class's id as text.
	TaxClass string
	// WebsiteIDs is empty for all websites.
	WebsiteIDs []int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// DecodeProduct reads the answer of GET /V1/byte8/product/{id}.
func DecodeProduct(raw []byte) (Product, error) {
	const what = "product"
	var w struct {
		MagentoID    whole   `json:"magento_id"`
		SKU          text    `json:"sku"`
		Name         text    `json:"name"`
		ProductType  text    `json:"product_type"`
		Price        number  `json:"price"`
		SpecialPrice number  `json:"special_price"`
		Cost         number  `json:"cost"`
		Weight       number  `json:"weight"`
		StockQty     number  `json:"stock_qty"`
		ManageStock  bool    `json:"manage_stock"`
		TaxClass     text    `json:"tax_class"`
		WebsiteIDs   []whole `json:"website_ids"`
		CreatedAt    text    `json:"created_at"`
		UpdatedAt    text    `json:"updated_at"`
	}
	if err := decode(raw, what, &w); err != nil {
		return Product{}, err
	}
	switch {
	case w.MagentoID.n <= 0:
		return Product{}, missing(what, "magento_id")
	case clean(w.SKU) == "":
		return Product{}, missing(what, "sku")
	}
	p := Product{
		MagentoID: w.MagentoID.n, SKU: clean(w.SKU), Name: clean(w.Name), ProductType: clean(w.ProductType),
		Price: w.Price.optional(), SpecialPrice: w.SpecialPrice.optional(), Cost: w.Cost.optional(), Weight: w.Weight.optional(),
		StockQty: w.StockQty.optional(), ManageStock: w.ManageStock, TaxClass: clean(w.TaxClass),
		CreatedAt: instant(w.CreatedAt), UpdatedAt: instant(w.UpdatedAt),
	}
	for _, id := range w.WebsiteIDs {
		p.WebsiteIDs = append(p.WebsiteIDs, id.n)
	}
	return p, nil
}
