package app

import (
	"context"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/syncrun"
)

// filterProducts ends the works of products where the settings leave them out.
func (p *planner) filterProducts() {
	for _, w := range p.openOf(commerce.EventProductUpserted) {
		if !p.settings[w.run.SettingsVersion].SyncBehaviour.SyncProducts {
			w.trace("sync_products", "syncProducts false", string(syncrun.SkipProductsDisabled))
			w.skip(syncrun.SkipProductsDisabled)
		}
	}
}

// readProducts fetches the products from the shop.
func (p *planner) readProducts(ctx context.Context) {
	p.each(p.openOf(commerce.EventProductUpserted), "reading the product", func(w *work) error {
		var err error
		w.product, err = p.Shop.Product(ctx, p.shop, w.run.MagentoID)
		return err
	})
}

// decideProducts maps each product, or ends its work with a skip or a refusal.
func (p *planner) decideProducts() {
	for _, w := range p.openOf(commerce.EventProductUpserted) {
		w.guard(func(w *work) {
			decision := mapping.Item(p.request(w), w.product)
			w.run.Trace = append(w.run.Trace, decision.Trace...)
			switch {
			case decision.Fault != nil:
				w.fail(decision.Fault)
			case decision.Skip != "":
				w.skip(decision.Skip)
			default:
				w.item = decision.Item
			}
		})
	}
}
