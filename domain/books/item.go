package books

import "byte8.io/ledger/domain/money"

// ItemType is what an item is, for providers that tell products and services apart.
type ItemType string

// The item types.
const (
	ItemProduct ItemType = "PRODUCT"
	ItemService ItemType = "SERVICE"
)

// MaxItemCode is the longest item code. Source: Xero, 30 characters.
const MaxItemCode = 30

// Item is a product of the catalogue as the books hold it.
type Item struct {
	// Code is unique; a longer SKU is shortened so that two never share one.
	Code string   `json:"code"`
	Name string   `json:"name"`
	Type ItemType `json:"type"`
	// Description is the full name.
	Description string `json:"description"`
	// UnitPrice is the net sales price; nil when the shop has none.
	UnitPrice   *money.Amount `json:"unitPrice,omitempty"`
	AccountCode string        `json:"accountCode,omitempty"`
	TaxType     string        `json:"taxType,omitempty"`
}
