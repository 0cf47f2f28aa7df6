package main

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/sandbox/magento"
)

// demoKinds are the kinds of documents in the order of the report.
var demoKinds = [...]magento.Kind{
	magento.KindInvoice, magento.KindCreditMemo, magento.KindPayment, magento.KindCustomer, magento.KindProduct,
}

// demoBalance is the documents of one kind and currency, in the shop and in the
// books.
type demoBalance struct {
	Kind     magento.Kind `json:"kind"`
	Currency string       `json:"currency"`
	// Magento is everything the shop announced, LeftOut the part of it that is
	// skipped or held, and Difference what the books have beyond the rest.
	Magento    decimal.Decimal `json:"magento"`
	LeftOut    decimal.Decimal `json:"leftOut"`
	Xero       decimal.Decimal `json:"xero"`
	Difference decimal.Decimal `json:"difference"`
}

// reconciliation holds the shop's documents against the books', one by one.
type reconciliation struct {
	balances []demoBalance
	// duplicates counts documents of the books that are there again, or that the
	// shop did not ask for.
	duplicates int
	// centsOff sums the differences of single documents, in minor units.
	centsOff int64
}

// demoPlace is where a document stands in the books.
type demoPlace struct {
	kind   magento.Kind
	number string
}

func reconcile(outcomes []demoOutcome, books demoBooks) reconciliation {
	var r reconciliation
	entries := map[demoPlace][]demoEntry{}
	for kind, list := range books.entries() {
		for _, entry := range list {
			at := demoPlace{kind, entry.number}
			entries[at] = append(entries[at], entry)
			if entry.currency != "" {
				b := r.balance(kind, entry.currency)
				b.Xero = b.Xero.Add(entry.total)
			}
		}
	}
	for _, o := range outcomes {
		at := o.place()
		r.compare(o, entries[at])
		delete(entries, at)
	}
	for _, strangers := range entries {
		r.duplicates += len(strangers)
	}
	for n, b := range r.balances {
		r.balances[n].Difference = b.Xero.Sub(b.Magento.Sub(b.LeftOut))
	}
	slices.SortFunc(r.balances, func(a, b demoBalance) int {
		return cmp.Or(cmp.Compare(slices.Index(demoKinds[:], a.Kind), slices.Index(demoKinds[:], b.Kind)), cmp.Compare(a.Currency, b.Currency))
	})
	return r
}

// place is where the document stands: under the shop's number, and a product
// under the code it was given.
func (o demoOutcome) place() demoPlace {
	if o.Kind == magento.KindProduct {
		return demoPlace{o.Kind, o.run.ProviderReference}
	}
	return demoPlace{o.Kind, o.IncrementID}
}

// compare adds one document of the shop up with what the books have of it.
func (r *reconciliation) compare(o demoOutcome, found []demoEntry) {
	r.duplicates += max(0, len(found)-1)
	if o.Currency == "" {
		return
	}
	b := r.balance(o.Kind, o.Currency)
	b.Magento = b.Magento.Add(o.Total.Decimal)
	want, got := o.Total.Decimal, decimal.Zero
	if o.isPlanted() {
		b.LeftOut = b.LeftOut.Add(want)
		want = decimal.Zero
	}
	for _, entry := range found {
		got = got.Add(entry.total)
	}
	r.centsOff += got.Sub(want).Abs().Shift(money.Currency(o.Currency).MinorUnits()).IntPart()
}

func (r *reconciliation) balance(kind magento.Kind, currency string) *demoBalance {
	at := slices.IndexFunc(r.balances, func(b demoBalance) bool { return b.Kind == kind && b.Currency == currency })
	if at < 0 {
		at = len(r.balances)
		r.balances = append(r.balances, demoBalance{Kind: kind, Currency: currency})
	}
	return &r.balances[at]
}
