package xero

import (
	"time"

	"github.com/shopspring/decimal"
)

// item is an entry of the price list. The sandbox keeps untracked ones only.
type item struct {
	id, code, name                   string
	description, purchaseDescription string
	sold, purchased                  bool
	sales, purchase                  itemDetails
	updated                          time.Time
}

// itemDetails are what one side of the books takes from an item.
type itemDetails struct {
	price            *decimal.Decimal
	account, taxType string
}

func (i *item) field(name string) (any, bool) {
	switch name {
	case "ItemID":
		return i.id, true
	case "Code":
		return i.code, true
	case "Name":
		return i.name, true
	case "Description":
		return i.description, true
	case "IsSold":
		return i.sold, true
	case "IsPurchased":
		return i.purchased, true
	case "UpdatedDateUTC":
		return i.updated, true
	default:
		return nil, false
	}
}

// itemBook keeps items; their codes are unique.
type itemBook struct {
	list   []*item
	byID   map[string]*item
	byCode map[string]*item
}

func newItemBook() itemBook { return itemBook{byID: map[string]*item{}, byCode: map[string]*item{}} }

// find looks an item up by its identifier, then by its code.
func (b *itemBook) find(ref string) *item {
	if found := b.byID[idKey(ref)]; found != nil {
		return found
	}
	return b.byCode[ref]
}

func (b *itemBook) add(i *item, j *journal) {
	b.list = append(b.list, i)
	b.byID[i.id], b.byCode[i.code] = i, i
	j.onRollback(func() {
		b.list = b.list[:len(b.list)-1]
		delete(b.byID, i.id)
		delete(b.byCode, i.code)
	})
}

func (b *itemBook) replace(i *item, changed item, j *journal) {
	former := *i
	b.put(i, changed)
	j.onRollback(func() { b.put(i, former) })
}

func (b *itemBook) put(i *item, changed item) {
	delete(b.byCode, i.code)
	*i = changed
	b.byCode[i.code] = i
}

type itemView struct {
	ItemID               string          `json:"ItemID"`
	Code                 string          `json:"Code"`
	Name                 string          `json:"Name,omitempty"`
	Description          string          `json:"Description,omitempty"`
	PurchaseDescription  string          `json:"PurchaseDescription,omitempty"`
	IsTrackedAsInventory bool            `json:"IsTrackedAsInventory"`
	IsSold               bool            `json:"IsSold"`
	IsPurchased          bool            `json:"IsPurchased"`
	SalesDetails         itemDetailsView `json:"SalesDetails"`
	PurchaseDetails      itemDetailsView `json:"PurchaseDetails"`
	UpdatedDateUTC       string          `json:"UpdatedDateUTC"`
}

type itemDetailsView struct {
	UnitPrice   *amount `json:"UnitPrice,omitempty"`
	AccountCode string  `json:"AccountCode,omitempty"`
	TaxType     string  `json:"TaxType,omitempty"`
}

// view shows an item with unit prices of the given number of places.
func (i *item) view(places int32) itemView {
	return itemView{
		ItemID: i.id, Code: i.code, Name: i.name, Description: i.description, PurchaseDescription: i.purchaseDescription,
		IsSold: i.sold, IsPurchased: i.purchased, SalesDetails: i.sales.view(places), PurchaseDetails: i.purchase.view(places),
		UpdatedDateUTC: msDate(i.updated),
	}
}

func (d itemDetails) view(places int32) itemDetailsView {
	v := itemDetailsView{AccountCode: d.account, TaxType: d.taxType}
	if d.price != nil {
		v.UnitPrice = shown(d.price.Round(places))
	}
	return v
}

func (c *call) readItem() answer {
	found := c.organisation.items.find(c.request.PathValue("ref"))
	if found == nil {
		return absent()
	}
	return c.envelope("Items", []itemView{found.view(c.places())}, nil)
}

// listItems lists items in full, and all of them: they are not paged.
func (c *call) listItems() answer {
	since, refused := c.modifiedSince()
	if refused != nil {
		return *refused
	}
	found, refused := query(c, c.organisation.items.list)
	if refused != nil {
		return *refused
	}
	views := []itemView{}
	for _, each := range found {
		if each.updated.After(since) {
			views = append(views, each.view(c.places()))
		}
	}
	return c.envelope("Items", views, nil)
}
