package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"byte8.io/ledger/sandbox/magento"
)

// longTable and shortTable are how many invoices, and how many documents of
// another kind, a table shows.
const (
	longTable  = 100
	shortTable = 15
)

// demoTitles head the tables.
var demoTitles = map[magento.Kind]string{
	magento.KindInvoice: "INVOICE", magento.KindCreditMemo: "CREDIT MEMO", magento.KindPayment: "PAYMENT OF",
	magento.KindCustomer: "CUSTOMER", magento.KindProduct: "PRODUCT",
}

func (r demoReport) print(out io.Writer) {
	for _, kind := range demoKinds {
		r.printDocuments(out, kind)
	}
	r.printLeftOut(out)
	r.printReconciliation(out)
	fmt.Fprintf(out, "\n  %d invoices raised, %d of them synced, and %d credit memos, %d payments, %d customers, %d products\n",
		r.Raised, r.Synced, r.Documents[magento.KindCreditMemo].Synced, r.Documents[magento.KindPayment].Synced,
		r.Documents[magento.KindCustomer].Synced, r.Documents[magento.KindProduct].Synced)
	fmt.Fprintf(out, "  %d skipped and %d held as planted, %d failed, %d duplicates, %d cents off\n", r.Skipped, r.Held, r.Failed, r.Duplicates, r.CentsOff)
	fmt.Fprintf(out, "  %d calls to Xero in %.1f s, %.2f for each document; event to books %.2f s (median), %.2f s (p95)\n",
		r.XeroCalls, r.Seconds, float64(r.XeroCalls)/float64(max(1, len(r.outcomes))), r.SyncSecondsMedian, r.SyncSecondsP95)
}

// printDocuments prints a table of one kind's documents.
func (r demoReport) printDocuments(out io.Writer, kind magento.Kind) {
	limit, all := shortTable, r.Documents[kind].Raised
	if kind == magento.KindInvoice {
		limit = longTable
	}
	if all == 0 {
		return
	}
	fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(table, "  %s\tTOTAL\tCHIP\tXERO\tLINK\n", demoTitles[kind])
	shown := 0
	for _, o := range r.outcomes {
		if o.Kind != kind || shown == limit {
			continue
		}
		shown++
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\n", o.name(), o.amount(), o.mark(), cmp.Or(o.run.ProviderReference, o.why()), o.run.ProviderURL)
	}
	_ = table.Flush() // out reports its own errors
	if all > shown {
		fmt.Fprintf(out, "  … and %d more\n", all-shown)
	}
}

// printLeftOut prints what is not in the books, each with its reason and what to
// do about it.
func (r demoReport) printLeftOut(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "\n  NOT IN THE BOOKS\tTOTAL\t\tREASON\tWHAT TO DO")
	for _, o := range r.outcomes {
		switch verdict := o.verdict(); verdict {
		case demoSynced:
		case demoSkipped:
			fmt.Fprintf(table, "  %s %s\t%s\t%s\t%s\tNothing: the settings leave it out.\n", o.Kind, o.name(), o.amount(), verdict, o.why())
		case demoHeld, demoFailed:
			fmt.Fprintf(table, "  %s %s\t%s\t%s\t%s\t%s\n", o.Kind, o.name(), o.amount(), verdict, o.why(), cmp.Or(o.run.Advice, o.run.Message))
		}
	}
	_ = table.Flush() // out reports its own errors
}

// printReconciliation prints both sides' sums and what became of refunds.
func (r demoReport) printReconciliation(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\n  \t\tMAGENTO\tLEFT OUT\tXERO\tDIFFERENCE\t")
	for _, b := range r.Reconciliation {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\t\n", b.Kind, b.Currency,
			b.Magento.StringFixed(2), b.LeftOut.StringFixed(2), b.Xero.StringFixed(2), b.Difference.StringFixed(2))
	}
	fmt.Fprintln(table, "\n  \t\tREFUNDED\tALLOCATED\tLEFT OPEN\t")
	for _, s := range r.CreditSettlement {
		fmt.Fprintf(table, "  credit\t%s\t%s\t%s\t%s\t\n", s.Currency, s.Refunded.StringFixed(2), s.Allocated.StringFixed(2), s.Open.StringFixed(2))
	}
	_ = table.Flush() // out reports its own errors
}

// amount is the document's total, empty for one without money.
func (o demoOutcome) amount() string {
	if o.Currency == "" {
		return ""
	}
	return o.Currency + " " + o.Total.StringFixed(2)
}

// mark is the chip in the shop's grid, and for a payment, which has none, the
// one its run would have.
func (o demoOutcome) mark() string {
	status := o.chip.Status
	if o.Kind == magento.KindPayment {
		status = map[string]string{"SUCCEEDED": "SYNCED", "SKIPPED": "SKIPPED", "HELD": "FAILED", "FAILED": "FAILED"}[o.run.Status]
	}
	return chipMark(status)
}

func chipMark(status string) string {
	switch status {
	case "SYNCED":
		return "✓ Synced"
	case "SKIPPED":
		return "⏸ Skipped"
	case "FAILED":
		return "✗ Failed"
	case "PENDING":
		return "⏳ Pending"
	}
	return "—"
}

// printCommands shows how to go on by hand, with the first invoice that is in
// the books.
func (d *demo) printCommands(out io.Writer, outcomes []demoOutcome) {
	id := 0
	for _, o := range outcomes {
		if id == 0 && o.Kind == magento.KindInvoice && o.verdict() == demoSynced {
			id = o.ID
		}
	}
	if id == 0 {
		return
	}
	fmt.Fprintf(out, `
Try it by hand. The same event once more, with a token from the shop:

  curl -i %s/webhooks/magento/%s/invoice.created \
    -H "Authorization: Bearer $(curl -s -X POST %s/_sandbox/token | cut -d'"' -f4)" \
    -H 'Content-Type: application/json' -H 'Idempotency-Key: invoice.created:%d' \
    -d '{"magento_entity_id":%d,"website_id":1,"store_id":1,"occurred_at":"%s","payload":{}}'

Its chip, through the API:

  curl -s %s/graphql -H 'Authorization: Bearer %s' -H 'Content-Type: application/json' \
    -d '{"query":"{ syncStates(entityType: INVOICE, magentoIds: [%d]) { status providerReference providerUrl } }"}'
`, d.url, d.tenant, d.box.magentoURL, id, id, clock().Format(time.RFC3339), d.url, d.api.bearer, id)
}
