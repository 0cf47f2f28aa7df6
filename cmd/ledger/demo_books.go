package main

import (
	"context"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"byte8.io/ledger/sandbox/magento"
	"byte8.io/ledger/sandbox/xero"
)

// The states of what counts no more.
const (
	voided  = "VOIDED"
	deleted = "DELETED"
)

// demoBooks is what the fake Xero holds.
type demoBooks struct {
	invoices    []xero.InvoiceRecord
	creditNotes []xero.CreditNoteRecord
	payments    []xero.PaymentRecord
	items       []xero.ItemRecord
	stats       xero.Stats
}

func (d *demo) readBooks(ctx context.Context) (demoBooks, error) {
	var invoices struct{ Invoices []xero.InvoiceRecord }
	var creditNotes struct{ CreditNotes []xero.CreditNoteRecord }
	var payments struct{ Payments []xero.PaymentRecord }
	var items struct{ Items []xero.ItemRecord }
	var stats xero.Stats
	for path, into := range map[string]any{
		"/_sandbox/invoices": &invoices, "/_sandbox/credit-notes": &creditNotes, "/_sandbox/payments": &payments,
		"/_sandbox/items": &items, "/_sandbox/stats": &stats,
	} {
		if err := d.books().get(ctx, path, into); err != nil {
			return demoBooks{}, err
		}
	}
	return demoBooks{invoices.Invoices, creditNotes.CreditNotes, payments.Payments, items.Items, stats}, nil
}

// demoEntry is one document of the books, named as the shop names it.
type demoEntry struct {
	number, currency string
	total            decimal.Decimal
}

// entries are the documents that count, by the kind of the shop's documents they
// come from. Money paid back on credit notes is no entry of its own.
func (b demoBooks) entries() map[magento.Kind][]demoEntry {
	out := map[magento.Kind][]demoEntry{}
	add := func(kind magento.Kind, status string, entry demoEntry) {
		if status != voided && status != deleted {
			out[kind] = append(out[kind], entry)
		}
	}
	for _, i := range b.invoices {
		add(magento.KindInvoice, i.Status, demoEntry{i.Number, i.Currency, i.Total})
	}
	for _, n := range b.creditNotes {
		add(magento.KindCreditMemo, n.Status, demoEntry{n.Number, n.Currency, n.Total})
	}
	for _, p := range b.payments {
		if p.CreditNoteID == "" {
			add(magento.KindPayment, p.Status, demoEntry{p.InvoiceNumber, p.Currency, p.Amount})
		}
	}
	for _, i := range b.items {
		add(magento.KindProduct, "", demoEntry{number: i.Code})
	}
	return out
}

// demoSettlement is what became of the credit notes' money in one currency.
type demoSettlement struct {
	Currency  string          `json:"currency"`
	Refunded  decimal.Decimal `json:"refunded"`
	Allocated decimal.Decimal `json:"allocated"`
	Open      decimal.Decimal `json:"open"`
}

func (b demoBooks) settlements() []demoSettlement {
	byCurrency := map[string]demoSettlement{}
	for _, n := range b.creditNotes {
		if n.Status == voided || n.Status == deleted {
			continue
		}
		s := byCurrency[n.Currency]
		s.Currency = n.Currency
		s.Refunded = s.Refunded.Add(n.AmountRefunded)
		s.Allocated = s.Allocated.Add(n.AppliedAmount)
		s.Open = s.Open.Add(n.RemainingCredit)
		byCurrency[n.Currency] = s
	}
	out := make([]demoSettlement, 0, len(byCurrency))
	for _, currency := range slices.Sorted(maps.Keys(byCurrency)) {
		out = append(out, byCurrency[currency])
	}
	return out
}
