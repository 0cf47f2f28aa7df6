package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/syncrun"
)

// readCustomers fetches the customers from the shop.
func (p *planner) readCustomers(ctx context.Context) {
	p.each(p.openOf(commerce.EventCustomerUpserted), "reading the customer", func(w *work) error {
		var err error
		w.customer, err = p.Shop.Customer(ctx, p.shop, w.run.MagentoID)
		return err
	})
}

// decideCustomers maps each customer, or ends its work with a skip.
func (p *planner) decideCustomers() {
	for _, w := range p.openOf(commerce.EventCustomerUpserted) {
		w.guard(func(w *work) {
			decision := mapping.Customer(p.request(w), w.customer)
			w.run.Trace = append(w.run.Trace, decision.Trace...)
			if decision.Skip != "" {
				w.skip(decision.Skip)
			}
			w.contact = decision.Contact
		})
	}
}

// sortCustomers finds our xrefs of the contacts, and the works that make a
// contact and those that bring one up to date.
func (p *planner) sortCustomers(ctx context.Context) (known map[string]syncrun.Xref, create, update []*work) {
	works := p.openOf(commerce.EventCustomerUpserted)
	if len(works) == 0 {
		return nil, nil, nil
	}
	numbers := make([]string, len(works))
	for i, w := range works {
		numbers[i] = w.contact.Number
	}
	known, err := p.Runs.FindXrefs(ctx, p.xrefScope(), syncrun.XrefContact, numbers)
	if err != nil {
		p.failAll(works, fmt.Errorf("finding contacts: %w", err))
		return nil, nil, nil
	}
	for _, w := range works {
		if _, ok := known[w.contact.Number]; ok {
			update = append(update, w)
		} else {
			create = append(create, w)
		}
	}
	return known, p.nameCustomers(ctx, create), update
}

// nameCustomers gives new contacts names that are free as far as we know, and
// returns the works that are still open.
func (p *planner) nameCustomers(ctx context.Context, works []*work) []*work {
	contacts := make([]books.Contact, len(works))
	for i, w := range works {
		contacts[i] = *w.contact
	}
	if err := p.avoidOurNames(ctx, contacts); err != nil {
		p.failAll(works, err)
		return nil
	}
	for i, w := range works {
		w.contact = &contacts[i]
	}
	return works
}
