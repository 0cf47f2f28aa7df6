package xero

import (
	"context"
	"encoding/json"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/ports"
)

const itemNameWidth = 50

// itemOut is an item as it is sent. IsPurchased stays out: false would wipe what
// the merchant entered for purchases.
type itemOut struct {
	Code         string
	Name         string `json:",omitempty"`
	Description  string `json:",omitempty"`
	IsSold       bool
	SalesDetails *salesDetails `json:",omitempty"`
}

type salesDetails struct {
	UnitPrice   json.Number `json:",omitempty"`
	AccountCode string      `json:",omitempty"`
	TaxType     string      `json:",omitempty"`
}

// encodeItem writes an item. Xero does not tell products and services apart: an
// item is untracked either way.
func encodeItem(i books.Item) (json.RawMessage, error) {
	details := salesDetails{AccountCode: i.AccountCode, TaxType: i.TaxType}
	if i.UnitPrice != nil {
		details.UnitPrice = digits(i.UnitPrice.RoundHalfUp(unitPlaces), unitPlaces)
	}
	out := itemOut{Code: i.Code, Name: clip(i.Name, itemNameWidth), Description: clip(i.Description, longestLineWords), IsSold: true}
	if details != (salesDetails{}) {
		out.SalesDetails = &details
	}
	return encode(out)
}

// itemIn is an item as it is answered.
type itemIn struct {
	ItemID string
}

func (i itemIn) id() string { return i.ItemID }

// PutItems creates items, or brings those with their codes up to date, up to 50
// a call. Of items with one code the first is sent; the others are
// provider_unavailable and wait for their turn.
func (p *Provider) PutItems(ctx context.Context, session ports.Session, items []ports.ItemWrite) ([]ports.ItemOutcome, error) {
	return writeAll(items,
		func(w ports.ItemWrite) (element, error) { return itemElement(w.Key, w.Item) },
		func(elements []element) []verdict { return p.put(ctx, session, itemCollection, elements) },
		func(o *ports.ItemOutcome, e element, v verdict) error {
			o.Request, o.Response = e.body, evidence(v, itemRules)
			var made itemIn
			if made, o.Err = read[itemIn](v, itemRules); o.Err == nil {
				o.ID = made.ItemID
			}
			return o.Err
		})
}
