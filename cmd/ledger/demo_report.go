package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/shopspring/decimal"

	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/sandbox/magento"
	"byte8.io/ledger/sandbox/xero"
)

// demoReport is how the demo ended.
type demoReport struct {
	Raised     int     `json:"raised"`
	Synced     int     `json:"synced"`
	Skipped    int     `json:"skipped"`
	Failed     int     `json:"failed"`
	Duplicates int     `json:"duplicates"`
	CentsOff   int64   `json:"centsOff"`
	XeroCalls  int     `json:"xeroCalls"`
	Seconds    float64 `json:"seconds"`
	// SyncSecondsMedian and SyncSecondsP95 are from the shop's event to the
	// document in the books.
	SyncSecondsMedian float64 `json:"syncSecondsMedian"`
	SyncSecondsP95    float64 `json:"syncSecondsP95"`

	chips  []demoChip
	totals []demoTotal
}

// isWell reports whether every invoice is in the books once and to the cent.
func (r demoReport) isWell() bool {
	return r.Synced == r.Raised && r.Skipped == 0 && r.Failed == 0 && r.Duplicates == 0 && r.CentsOff == 0
}

type demoChip struct {
	increment, currency, total, status, reference, url, why string
}

type demoTotal struct {
	currency      string
	magento, xero decimal.Decimal
}

// report compares both fakes' books, invoice by invoice.
func (d *demo) report(ctx context.Context, raised magento.Raised, took time.Duration) (demoReport, error) {
	var shopInvoices []magento.InvoiceSummary
	if err := d.shop.get(ctx, "/_sandbox/invoices", &shopInvoices); err != nil {
		return demoReport{}, err
	}
	books := demoClient{base: d.box.xeroURL}
	var held struct{ Invoices []xero.InvoiceRecord }
	if err := books.get(ctx, "/_sandbox/invoices", &held); err != nil {
		return demoReport{}, err
	}
	posted := held.Invoices
	var stats xero.Stats
	if err := books.get(ctx, "/_sandbox/stats", &stats); err != nil {
		return demoReport{}, err
	}
	states, err := d.states(ctx, raised.IDs)
	if err != nil {
		return demoReport{}, err
	}
	report := demoReport{Raised: len(raised.IDs), XeroCalls: stats.APICalls, Seconds: took.Round(time.Millisecond).Seconds()}
	byNumber := map[string][]xero.InvoiceRecord{}
	for _, p := range posted {
		byNumber[p.Number] = append(byNumber[p.Number], p)
	}
	totals := map[string]*demoTotal{}
	matched := 0
	for _, invoice := range shopInvoices {
		state := states[int64(invoice.ID)]
		report.count(state)
		report.chips = append(report.chips, demoChip{
			increment: invoice.IncrementID, currency: invoice.Currency, total: invoice.GrandTotal.StringFixed(2),
			status: state.Status, reference: state.ProviderReference, url: state.ProviderURL, why: cmp.Or(state.SkipReason, state.ErrorCode),
		})
		total := totals[invoice.Currency]
		if total == nil {
			total = &demoTotal{currency: invoice.Currency}
			totals[invoice.Currency] = total
		}
		total.magento = total.magento.Add(invoice.GrandTotal.Decimal)
		for _, p := range byNumber[invoice.IncrementID] {
			matched++
			total.xero = total.xero.Add(p.Total)
			difference := p.Total.Sub(invoice.GrandTotal.Decimal).Abs()
			report.CentsOff += difference.Shift(money.Currency(invoice.Currency).MinorUnits()).IntPart()
		}
		report.Duplicates += max(0, len(byNumber[invoice.IncrementID])-1)
	}
	report.Duplicates += len(posted) - matched
	for _, currency := range slices.Sorted(maps.Keys(totals)) {
		report.totals = append(report.totals, *totals[currency])
	}
	report.SyncSecondsMedian, report.SyncSecondsP95, err = d.latencies(ctx)
	return report, err
}

func (r *demoReport) count(s demoState) {
	switch s.Status {
	case "SYNCED":
		r.Synced++
	case "SKIPPED":
		r.Skipped++
	default:
		r.Failed++
	}
}

type demoState struct {
	MagentoID                                                     json.Number
	Status, ProviderReference, ProviderURL, SkipReason, ErrorCode string
}

// states reads the chips through the API, as a grid would.
func (d *demo) states(ctx context.Context, ids []int) (map[int64]demoState, error) {
	out := map[int64]demoState{}
	for chunk := range slices.Chunk(ids, 500) {
		var answer struct{ SyncStates []demoState }
		err := d.api.graphql(ctx, chipQuery, map[string]any{"ids": chunk}, &answer)
		if err != nil {
			return nil, err
		}
		for _, s := range answer.SyncStates {
			id, err := s.MagentoID.Int64()
			if err != nil {
				return nil, fmt.Errorf("reading a chip's id: %w", err)
			}
			out[id] = s
		}
	}
	return out, nil
}

const chipQuery = `query Chips($ids: [Int64!]!) { syncStates(entityType: INVOICE, magentoIds: $ids) { magentoId status providerReference providerUrl skipReason errorCode } }`

// latencies are the median and the 95th percentile from an invoice's event to
// its end.
func (d *demo) latencies(ctx context.Context) (median, p95 float64, err error) {
	var took []float64
	after := any(nil)
	for {
		var answer struct {
			SyncRuns struct {
				Nodes []struct {
					Event                 string
					CreatedAt, FinishedAt time.Time
				}
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		err := d.api.graphql(ctx, `query Runs($after: String) { syncRuns(first: 200, after: $after) { nodes { event createdAt finishedAt } pageInfo { hasNextPage endCursor } } }`,
			map[string]any{"after": after}, &answer)
		if err != nil {
			return 0, 0, err
		}
		for _, run := range answer.SyncRuns.Nodes {
			if run.Event == "invoice.created" && !run.FinishedAt.IsZero() {
				took = append(took, run.FinishedAt.Sub(run.CreatedAt).Seconds())
			}
		}
		if !answer.SyncRuns.PageInfo.HasNextPage {
			break
		}
		after = answer.SyncRuns.PageInfo.EndCursor
	}
	if len(took) == 0 {
		return 0, 0, nil
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*95/100], nil
}

// longTable is how many invoices the table shows.
const longTable = 100

func (r demoReport) print(out io.Writer) {
	fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "  INVOICE\tTOTAL\tCHIP\tXERO\tLINK")
	for i, c := range r.chips {
		if i == longTable {
			fmt.Fprintf(table, "  … and %d more\n", len(r.chips)-longTable)
			break
		}
		fmt.Fprintf(table, "  %s\t%s %s\t%s\t%s\t%s\n", c.increment, c.currency, c.total, chipMark(c.status), cmp.Or(c.reference, c.why), c.url)
	}
	_ = table.Flush() // out reports its own errors

	fmt.Fprintln(out)
	table = tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "  \tMAGENTO\tXERO\tDIFFERENCE\t")
	for _, t := range r.totals {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t\n", t.currency, t.magento.StringFixed(2), t.xero.StringFixed(2), t.xero.Sub(t.magento).StringFixed(2))
	}
	_ = table.Flush() // as above
	fmt.Fprintf(out, "\n  %d raised, %d synced, %d skipped, %d failed, %d duplicates, %d cents off\n", r.Raised, r.Synced, r.Skipped, r.Failed, r.Duplicates, r.CentsOff)
	fmt.Fprintf(out, "  %d calls to Xero in %.1f s, %.2f for each invoice; event to books %.2f s (median), %.2f s (p95)\n",
		r.XeroCalls, r.Seconds, float64(r.XeroCalls)/float64(max(1, r.Raised)), r.SyncSecondsMedian, r.SyncSecondsP95)
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

// printCommands shows how to go on by hand.
func (d *demo) printCommands(out io.Writer, raised magento.Raised) {
	if len(raised.IDs) == 0 {
		return
	}
	id := raised.IDs[0]
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
