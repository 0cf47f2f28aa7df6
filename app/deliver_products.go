package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// deliverProducts brings the items of product.upserted events to the newest
// state of the shop's products, where the settings ask for it. Items are
// written by code, so that it may be repeated at any time.
func (d *delivery) deliverProducts(ctx context.Context) {
	d.filterProducts()
	d.readProducts(ctx)
	d.followMapping(ctx, "products", d.openOf(commerce.EventProductUpserted), func(context.Context) { d.decideProducts() })
	for _, together := range d.groups(d.openOf(commerce.EventProductUpserted)) {
		d.writeItems(ctx, together)
	}
}

func (d *delivery) writeItems(ctx context.Context, works []*work) {
	writes := make([]ports.ItemWrite, len(works))
	for i, w := range works {
		key := syncrun.ProviderKey(w.run.TenantID, d.binding.Organisation.ID, w.run.EntityType, w.run.MagentoID, string(syncrun.OperationItem)+" "+w.run.ID, w.run.Claims)
		writes[i] = ports.ItemWrite{Item: *w.item, Key: key}
	}
	var outcomes []ports.ItemOutcome
	err := d.call(ctx, func(s session) error {
		var err error
		outcomes, err = d.provider.PutItems(ctx, s, writes)
		return err
	})
	if err == nil && len(outcomes) != len(writes) {
		err = fault.New(fault.CodeProviderUncertain, "The provider answered for another number of items.")
	}
	for i, w := range works {
		failure := err
		if err == nil {
			w.request, w.response, failure = outcomes[i].Request, outcomes[i].Response, outcomes[i].Err
		}
		if failure != nil {
			w.fail(fmt.Errorf("writing the item: %w", failure))
			continue
		}
		entity := ports.BookEntity{ID: outcomes[i].ID, Number: w.item.Code}
		w.xrefs = append(w.xrefs, d.xref(syncrun.XrefProduct, documentKey(w.run), entity))
		w.name(entity)
		w.succeed()
	}
}
