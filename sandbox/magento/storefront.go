package magento

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// storefront is one of the shop's stores, with the way it computes prices and tax.
type storefront struct {
	weight           int
	websiteID        int
	storeID          int
	code             string
	currency         string
	baseToOrder      decimal.Decimal
	pricesIncludeTax bool
	method           taxMethod
	isTrade          bool
	countries        []string
}

// storefronts is the share of orders each store takes; weights add up to 100. Between them they cover
// the three ways of rounding tax, both kinds of catalogue prices, and three currencies. A store of no
// weight takes odd orders only.
var storefronts = [...]storefront{
	{
		weight: 34, websiteID: 1, storeID: 1, code: "default", currency: "GBP", baseToOrder: decimal.New(1, 0),
		method: taxPerRow, countries: []string{"GB"},
	},
	{
		weight: 22, websiteID: 1, storeID: 2, code: "retail", currency: "GBP", baseToOrder: decimal.New(1, 0),
		pricesIncludeTax: true, method: taxPerRow, countries: []string{"GB"},
	},
	{
		weight: 14, websiteID: 2, storeID: 3, code: "trade", currency: "GBP", baseToOrder: decimal.New(1, 0),
		method: taxOnTotal, isTrade: true, countries: []string{"GB"},
	},
	{
		weight: 12, websiteID: 3, storeID: 4, code: "europe", currency: "EUR", baseToOrder: decimal.New(11650, -4),
		method: taxPerUnit, countries: []string{"IE", "FR", "DE"},
	},
	{
		weight: 8, websiteID: 3, storeID: 5, code: "europe_gross", currency: "EUR", baseToOrder: decimal.New(11725, -4),
		pricesIncludeTax: true, method: taxOnTotal, countries: []string{"IE", "FR", "DE"},
	},
	{
		weight: 10, websiteID: 4, storeID: 6, code: "us", currency: "USD", baseToOrder: decimal.New(12725, -4),
		method: taxPerRow, countries: []string{"US"},
	},
	{
		websiteID: 3, storeID: 7, code: "sweden", currency: "SEK", baseToOrder: decimal.New(131250, -4),
		method: taxPerRow, countries: []string{"SE"},
	},
}

// isStoreCode reports whether a path segment selects a store view.
func isStoreCode(segment string) bool {
	if segment == allStores {
		return true
	}
	for _, store := range storefronts {
		if store.code == segment {
			return true
		}
	}
	return false
}

// price turns a catalogue price, which is in base currency and without tax, into the one on this
// store's shelf.
func (f storefront) price(base, rate decimal.Decimal) decimal.Decimal {
	converted := base.Mul(f.baseToOrder)
	switch {
	case f.isTrade:
		return converted.Mul(decimal.New(8175, -4)).Round(4)
	case f.pricesIncludeTax:
		return converted.Mul(one.Add(rate)).Ceil().Sub(cent)
	default:
		return converted.Round(2)
	}
}

// increment is the human number of the store's n-th document.
func (f storefront) increment(n int) string {
	if f.storeID == 1 {
		return fmt.Sprintf("%09d", n)
	}
	return fmt.Sprintf("%d%09d", f.storeID, n)
}
