package magento

import (
	"time"

	"github.com/shopspring/decimal"
)

// Oddity is what an accountant would stumble over in a document; empty for nothing.
type Oddity string

// The oddities. Odd invoices are beside the ordinary ones of a batch of everything; they stay open and
// are not refunded.
const (
	// OddityRate is goods taxed at 17.5 %, which no British shop has charged since 2011.
	OddityRate Oddity = "rate"
	// OddityCurrency is a sale in Swedish crowns, the currency of no ordinary store.
	OddityCurrency Oddity = "currency"
	// OddityLate is an invoice made out four months ago.
	OddityLate Oddity = "late"
	// OddityOld is an invoice made out two years ago.
	OddityOld Oddity = "old"
	// OddityComposite is a product made of others, such as a configurable one.
	OddityComposite Oddity = "composite"
)

// oddInvoices lists the oddities of invoices.
var oddInvoices = [...]Oddity{OddityRate, OddityCurrency, OddityLate, OddityOld}

var formerStandard = decimal.New(175, -3)

// odd makes an invoice with the oddity, on an order of its own.
func (g *Generator) odd(at time.Time, oddity Oddity) Sale {
	at = oddity.date(at)
	sale := g.order(at, occasion{oddity: oddity})[0]
	sale.Invoice.State = StateOpen
	return g.issue(sale, at)
}

// storefront is where an odd order is placed; an ordinary one stays where it was drawn.
func (o Oddity) storefront(drawn storefront) storefront {
	switch o {
	case OddityRate:
		return storefronts[0]
	case OddityCurrency:
		return storefronts[len(storefronts)-1]
	default:
		return drawn
	}
}

// basket is what an odd order is for.
func (o Oddity) basket(items []item) []item {
	if o == OddityRate {
		for n := range items {
			items[n].rate = formerStandard
		}
	}
	return items
}

// date is when an odd invoice raised at the given time was made out.
func (o Oddity) date(at time.Time) time.Time {
	switch o {
	case OddityLate:
		return at.AddDate(0, -4, 0)
	case OddityOld:
		return at.AddDate(-2, 0, 0)
	default:
		return at
	}
}
