package xero

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

const maxItems = 500 // of one request

// itemInput is an item as a caller sends it. A nil property was not sent and
// keeps its value on an update.
type itemInput struct {
	ItemID                    *string           `json:"ItemID"`
	Code                      *string           `json:"Code"`
	Name                      *string           `json:"Name"`
	Description               *string           `json:"Description"`
	PurchaseDescription       *string           `json:"PurchaseDescription"`
	IsSold                    *bool             `json:"IsSold"`
	IsPurchased               *bool             `json:"IsPurchased"`
	SalesDetails              *itemDetailsInput `json:"SalesDetails"`
	PurchaseDetails           *itemDetailsInput `json:"PurchaseDetails"`
	InventoryAssetAccountCode string            `json:"InventoryAssetAccountCode"`
}

type itemDetailsInput struct {
	UnitPrice       *decimal.Decimal `json:"UnitPrice"`
	AccountCode     *string          `json:"AccountCode"`
	COGSAccountCode string           `json:"COGSAccountCode"`
	TaxType         *string          `json:"TaxType"`
}

func (c *call) createItems() answer {
	return c.itemBatch(func(in itemInput, j *journal) (*item, []string) {
		if id := text(in.ItemID); id != "" && idKey(id) != uuid.Nil.String() {
			return nil, []string{"An ItemID cannot be given for a new item"}
		}
		return c.createItem(in, j)
	}).run(c)
}

func (c *call) upsertItems() answer { return c.itemBatch(c.saveItem).run(c) }

func (c *call) updateItem() answer {
	target := c.organisation.items.find(c.request.PathValue("ref"))
	if target == nil {
		return absent()
	}
	return c.itemBatch(c.saveItem).addressed(c, target.id)
}

func (c *call) itemBatch(save func(itemInput, *journal) (*item, []string)) batch {
	return batch{
		plural: "Items", id: "ItemID", most: maxItems,
		write: func(raw json.RawMessage, j *journal) (func() any, []string, error) {
			var in itemInput
			if err := json.Unmarshal(raw, &in); err != nil {
				return nil, nil, fmt.Errorf("reading an item: %w", err)
			}
			saved, reasons := save(in, j)
			if len(reasons) > 0 {
				return nil, reasons, nil
			}
			return func() any { return saved.view(c.places()) }, nil, nil
		},
	}
}

// saveItem changes the item that the input names by identifier or by code, and
// makes one otherwise.
func (c *call) saveItem(in itemInput, j *journal) (*item, []string) {
	book := &c.organisation.items
	found := book.byCode[text(in.Code)]
	if id := text(in.ItemID); id != "" && idKey(id) != uuid.Nil.String() {
		if found = book.byID[idKey(id)]; found == nil {
			return nil, []string{"The item with the given ItemID could not be found"}
		}
	}
	if found == nil {
		return c.createItem(in, j)
	}
	changed := in.merged(*found, c.places())
	if reasons := c.organisation.checkItem(in, changed, found); len(reasons) > 0 {
		return nil, reasons
	}
	changed.updated = c.now
	book.replace(found, changed, j)
	return found, nil
}

func (c *call) createItem(in itemInput, j *journal) (*item, []string) {
	made := in.merged(item{id: uuid.NewString(), sold: true, purchased: true, updated: c.now}, c.places())
	if reasons := c.organisation.checkItem(in, made, nil); len(reasons) > 0 {
		return nil, reasons
	}
	c.organisation.items.add(&made, j)
	return &made, nil
}

// merged lays the input over an item. A side that the item is not traded on
// loses its description and details.
func (in itemInput) merged(i item, places int32) item {
	for target, sent := range map[*string]*string{
		&i.code: in.Code, &i.name: in.Name, &i.description: in.Description, &i.purchaseDescription: in.PurchaseDescription,
	} {
		if sent != nil {
			*target = *sent
		}
	}
	for target, sent := range map[*bool]*bool{&i.sold: in.IsSold, &i.purchased: in.IsPurchased} {
		if sent != nil {
			*target = *sent
		}
	}
	i.sales = in.SalesDetails.merged(i.sales, places)
	i.purchase = in.PurchaseDetails.merged(i.purchase, places)
	if !i.sold {
		i.description, i.sales = "", itemDetails{}
	}
	if !i.purchased {
		i.purchaseDescription, i.purchase = "", itemDetails{}
	}
	return i
}

func (in *itemDetailsInput) merged(d itemDetails, places int32) itemDetails {
	if in == nil {
		return d
	}
	if in.UnitPrice != nil {
		price := in.UnitPrice.Round(places)
		d.price = &price
	}
	for target, sent := range map[*string]*string{&d.account: in.AccountCode, &d.taxType: in.TaxType} {
		if sent != nil {
			*target = *sent
		}
	}
	return d
}

// checkItem lists what is wrong with an item that would take the place of
// self, or be new when self is nil.
func (o *organisation) checkItem(in itemInput, i item, self *item) []string {
	var reasons []string
	refuse := func(format string, values ...any) { reasons = append(reasons, fmt.Sprintf(format, values...)) }

	if i.code == "" {
		refuse("Price List Item Code must be supplied")
	}
	for _, limit := range []struct {
		name, value string
		most        int
	}{
		{"Code", i.code, 30}, {"Name", i.name, 50}, {"Description", i.description, 4000}, {"PurchaseDescription", i.purchaseDescription, 4000},
	} {
		if len([]rune(limit.value)) > limit.most {
			refuse("%s must not be longer than %d characters", limit.name, limit.most)
		}
	}
	if other := o.items.byCode[i.code]; other != nil && other != self {
		refuse("Price List Item with Code '%s' already exists", i.code)
	}
	if in.InventoryAssetAccountCode != "" || in.PurchaseDetails != nil && in.PurchaseDetails.COGSAccountCode != "" {
		refuse("The sandbox keeps untracked items only: neither InventoryAssetAccountCode nor COGSAccountCode can be given")
	}
	reasons = append(reasons, o.checkItemDetails(i.sales, "REVENUE")...)
	return append(reasons, o.checkItemDetails(i.purchase, "EXPENSE")...)
}

func (o *organisation) checkItemDetails(d itemDetails, side string) []string {
	var reasons []string
	if d.price != nil && d.price.Abs().GreaterThan(decimal.RequireFromString("9999999999.9999")) {
		reasons = append(reasons, "UnitPrice is out of range")
	}
	var posted *account
	if d.account != "" {
		if posted = o.postable(d.account, ""); posted == nil {
			reasons = append(reasons, fmt.Sprintf("Account code '%s' is not a valid code for this document.", d.account))
		}
	}
	if d.taxType != "" {
		if _, reason := o.applicable(d.taxType, posted, side); reason != "" {
			reasons = append(reasons, reason)
		}
	}
	return reasons
}
