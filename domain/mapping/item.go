package mapping

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"unicode/utf8"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
)

const (
	// maxItemName is the longest item name. Source: Xero, 50 characters.
	maxItemName = 50
	// codeDigits is how much of a SKU's digest a shortened code ends in.
	codeDigits = 8
)

// ItemDecision is what becomes of a product. Exactly one of Item, Skip and
// Fault is set.
type ItemDecision struct {
	Item  *books.Item
	Skip  syncrun.SkipReason
	Fault *fault.Error
	// Trace is every rule consulted, in order.
	Trace []syncrun.Step
}

// Item decides what becomes of a product. Products made up of others are never
// items: their parts are sold.
func Item(req Request, p commerce.Product) ItemDecision {
	m := itemMapper{req: req, product: p}
	var out ItemDecision
	if out.Skip = m.ask(m.filterProducts, m.filterWebsites, m.filterType); out.Skip == "" {
		out.Item, out.Fault = m.item()
	}
	out.Trace = m.trail
	return out
}

// itemMapper is one product on its way to a decision.
type itemMapper struct {
	trail
	req     Request
	product commerce.Product
}

func (m *itemMapper) filterProducts() (string, string, syncrun.SkipReason) {
	isOn := m.req.Settings.SyncBehaviour.SyncProducts
	input := fmt.Sprintf("syncProducts %t", isOn)
	if !isOn {
		return "products", input, syncrun.SkipProductsDisabled
	}
	return "products", input, ""
}

// filterWebsites lets a product pass that is on one of the websites allowed. A
// product without websites is on all.
func (m *itemMapper) filterWebsites() (string, string, syncrun.SkipReason) {
	allowed, on := m.req.Settings.SyncBehaviour.WebsiteFilter, m.product.WebsiteIDs
	input := fmt.Sprintf("websiteFilter %v, websites %v", allowed, on)
	isOn := slices.ContainsFunc(on, func(id int64) bool { return slices.Contains(allowed, id) })
	if len(allowed) > 0 && len(on) > 0 && !isOn {
		return "website", input, syncrun.SkipWebsiteFiltered
	}
	return "website", input, ""
}

// composites are the product types that other products make up.
var composites = []string{"configurable", "bundle", "grouped"}

func (m *itemMapper) filterType() (string, string, syncrun.SkipReason) {
	input := fmt.Sprintf("product type %q", m.product.ProductType)
	if _, ok := m.itemType(); !ok || slices.Contains(composites, m.product.ProductType) {
		return "product_type", input, syncrun.SkipProductTypeNotSupported
	}
	return "product_type", input, ""
}

// itemType is what the product's type is mapped to, by the settings or else by
// the defaults.
func (m *itemMapper) itemType() (books.ItemType, bool) {
	for _, s := range []settings.Settings{m.req.Settings, settings.Default()} {
		if mapped, ok := s.ItemType(m.product.ProductType); ok {
			return books.ItemType(mapped), true
		}
	}
	return "", false
}

func (m *itemMapper) item() (*books.Item, *fault.Error) {
	itemType, _ := m.itemType()
	if offered := m.req.Capabilities.ItemTypes; len(offered) > 0 && !slices.Contains(offered, string(itemType)) {
		return nil, m.refuse("item_type", string(itemType), fault.Newf(fault.CodeNotSupported,
			"The provider has no item type %s, which %s products are mapped to.", itemType, m.product.ProductType).
			WithFields(fault.Field{Path: "settings.itemTypeMap", Code: "not_in_reference", Message: "Choose one of the provider's item types."}))
	}
	m.note("item_type", m.product.ProductType, string(itemType))
	name := tidy(decodeEntities(m.product.Name))
	if name == "" {
		name = tidy(m.product.SKU)
	}
	item := &books.Item{
		Code: m.code(), Name: cut(name, maxItemName), Type: itemType, Description: cut(name, maxDescription),
		AccountCode: m.account(), TaxType: m.taxType(),
	}
	if price := m.product.Price; price != nil && price.Sign() >= 0 {
		net := price.RoundHalfUp(maxPlaces)
		item.UnitPrice = &net
	}
	return item, nil
}

// code is the SKU, or where that is too long or has characters that a code
// cannot have, its start and the start of its digest: two SKUs never share one.
func (m *itemMapper) code() string {
	sku := m.product.SKU
	code := tidy(sku)
	if code != sku || utf8.RuneCountInString(code) > books.MaxItemCode {
		sum := sha256.Sum256([]byte(sku))
		code = cut(code, books.MaxItemCode-codeDigits-1) + "~" + hex.EncodeToString(sum[:])[:codeDigits]
	}
	m.note("code", sku, code)
	return code
}

// account is the revenue account when sales can be booked to it: an item without
// one is still of use.
func (m *itemMapper) account() string {
	code := m.req.Settings.Defaults.RevenueAccount
	if account, ok := m.req.Reference.Account(code); !ok || !account.TakesSales() {
		m.note("account", "revenueAccount "+cmp.Or(code, "unset"), "left out")
		return ""
	}
	m.note("account", "revenueAccount", code)
	return code
}

// taxType is the default tax type when it can stand on sales.
func (m *itemMapper) taxType() string {
	taxType := m.req.Settings.Defaults.TaxType
	if rate, ok := m.req.Reference.TaxRate(taxType); !ok || !rate.IsActive || !rate.TakesSales {
		m.note("tax_type", "taxType "+cmp.Or(taxType, "unset"), "left out")
		return ""
	}
	m.note("tax_type", "taxType", taxType)
	return taxType
}
