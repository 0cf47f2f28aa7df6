package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/sandbox/magento"
)

// demoRun is a run as the API tells of it.
type demoRun struct {
	Event                          string
	MagentoID                      json.Number
	IncrementID                    string
	Status, SkipReason, ErrorCode  string
	Message, Advice                string
	ProviderReference, ProviderURL string
	CreatedAt, FinishedAt          time.Time
}

// demoChip is a sync state as the API tells of it.
type demoChip struct {
	MagentoID                     json.Number
	Status, SkipReason, ErrorCode string
}

// demoKey names a document of the shop.
type demoKey struct {
	kind magento.Kind
	id   int64
}

// demoEvents are the events that announce documents of each kind.
var demoEvents = map[commerce.EventName]magento.Kind{
	commerce.EventInvoiceCreated:    magento.KindInvoice,
	commerce.EventInvoicePaid:       magento.KindPayment,
	commerce.EventCreditMemoCreated: magento.KindCreditMemo,
	commerce.EventCustomerUpserted:  magento.KindCustomer,
	commerce.EventProductUpserted:   magento.KindProduct,
}

// runs reads every run through the API, a page at a time.
func (d *demo) runs(ctx context.Context) ([]demoRun, error) {
	var runs []demoRun
	after := any(nil)
	for {
		var answer struct {
			SyncRuns struct {
				Nodes    []demoRun
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		if err := d.api.graphql(ctx, runQuery, map[string]any{"after": after}, &answer); err != nil {
			return nil, err
		}
		runs = append(runs, answer.SyncRuns.Nodes...)
		if !answer.SyncRuns.PageInfo.HasNextPage {
			return runs, nil
		}
		after = answer.SyncRuns.PageInfo.EndCursor
	}
}

const runQuery = `query Runs($after: String) { syncRuns(first: 200, after: $after, orderBy: CREATED_AT_DESC) {
	nodes { event magentoId incrementId status skipReason errorCode message advice providerReference providerUrl createdAt finishedAt }
	pageInfo { hasNextPage endCursor }
} }`

// newest is the last run of every document, of runs that come newest first.
func newest(runs []demoRun) (map[demoKey]demoRun, error) {
	out := map[demoKey]demoRun{}
	for _, run := range runs {
		id, err := run.MagentoID.Int64()
		if err != nil {
			return nil, fmt.Errorf("reading a run's id: %w", err)
		}
		key := demoKey{demoEvents[commerce.EventName(run.Event)], id}
		if _, ok := out[key]; !ok {
			out[key] = run
		}
	}
	return out, nil
}

// chips reads the chips of the documents through the API, as a grid would.
func (d *demo) chips(ctx context.Context, documents []magento.DocumentSummary) (map[demoKey]demoChip, error) {
	ids := map[magento.Kind][]int{}
	for _, document := range documents {
		ids[document.Kind] = append(ids[document.Kind], document.ID)
	}
	out := map[demoKey]demoChip{}
	for kind, entityType := range map[magento.Kind]string{
		magento.KindInvoice: "INVOICE", magento.KindCreditMemo: "CREDITMEMO", magento.KindCustomer: "CUSTOMER", magento.KindProduct: "PRODUCT",
	} {
		for chunk := range slices.Chunk(ids[kind], 500) {
			var answer struct{ SyncStates []demoChip }
			if err := d.api.graphql(ctx, chipQuery, map[string]any{"type": entityType, "ids": chunk}, &answer); err != nil {
				return nil, err
			}
			for _, chip := range answer.SyncStates {
				id, err := chip.MagentoID.Int64()
				if err != nil {
					return nil, fmt.Errorf("reading a chip's id: %w", err)
				}
				out[demoKey{kind, id}] = chip
			}
		}
	}
	return out, nil
}

const chipQuery = `query Chips($type: EntityType!, $ids: [Int64!]!) {
	syncStates(entityType: $type, magentoIds: $ids) { magentoId status skipReason errorCode }
}`

// latencies are the median and the 95th percentile from an invoice's event to
// its end.
func latencies(runs []demoRun) (median, p95 float64) {
	var took []float64
	for _, run := range runs {
		if run.Event == string(commerce.EventInvoiceCreated) && !run.FinishedAt.IsZero() {
			took = append(took, run.FinishedAt.Sub(run.CreatedAt).Seconds())
		}
	}
	if len(took) == 0 {
		return 0, 0
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*95/100]
}
