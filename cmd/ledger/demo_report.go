package main

import (
	"context"
	"time"

	"byte8.io/ledger/sandbox/magento"
)

// demoReport is how the demo ended.
type demoReport struct {
	// Raised counts the ordinary invoices, and Synced those of them that are in
	// the books.
	Raised int `json:"raised"`
	Synced int `json:"synced"`
	// Skipped and Held count the documents of every kind that stayed out of the
	// books for the reason the demo planted, and Failed those that ended in any
	// other way.
	Skipped int `json:"skipped"`
	Held    int `json:"held"`
	Failed  int `json:"failed"`
	// Duplicates and CentsOff are over invoices, credit notes, payments and items.
	Duplicates int     `json:"duplicates"`
	CentsOff   int64   `json:"centsOff"`
	XeroCalls  int     `json:"xeroCalls"`
	Seconds    float64 `json:"seconds"`
	// SyncSecondsMedian and SyncSecondsP95 are from the shop's event to the
	// invoice in the books.
	SyncSecondsMedian float64                    `json:"syncSecondsMedian"`
	SyncSecondsP95    float64                    `json:"syncSecondsP95"`
	Documents         map[magento.Kind]demoTally `json:"documents"`
	Reconciliation    []demoBalance              `json:"reconciliation"`
	CreditSettlement  []demoSettlement           `json:"creditSettlement"`

	outcomes []demoOutcome
}

// demoTally counts the documents of one kind.
type demoTally struct {
	Raised  int `json:"raised"`
	Synced  int `json:"synced"`
	Skipped int `json:"skipped"`
	Held    int `json:"held"`
	Failed  int `json:"failed"`
}

// isWell reports whether every document that belongs in the books is there once
// and to the cent, and every other one is left out for its reason.
func (r demoReport) isWell() bool {
	return r.Synced == r.Raised && r.Failed == 0 && r.Duplicates == 0 && r.CentsOff == 0
}

// report compares both fakes' books, document by document.
func (d *demo) report(ctx context.Context, took time.Duration) (demoReport, error) {
	books, err := d.readBooks(ctx)
	if err != nil {
		return demoReport{}, err
	}
	runs, err := d.runs(ctx)
	if err != nil {
		return demoReport{}, err
	}
	outcomes, err := d.outcomes(ctx, runs)
	if err != nil {
		return demoReport{}, err
	}
	compared := reconcile(outcomes, books)
	report := demoReport{
		Duplicates: compared.duplicates, CentsOff: compared.centsOff, Reconciliation: compared.balances,
		XeroCalls: books.stats.APICalls, Seconds: took.Round(time.Millisecond).Seconds(),
		Documents: map[magento.Kind]demoTally{}, CreditSettlement: books.settlements(), outcomes: outcomes,
	}
	report.SyncSecondsMedian, report.SyncSecondsP95 = latencies(runs)
	for _, o := range outcomes {
		report.count(o)
	}
	return report, nil
}

// outcomes are the documents the shop announced, each with its run and its chip.
func (d *demo) outcomes(ctx context.Context, runs []demoRun) ([]demoOutcome, error) {
	var documents []magento.DocumentSummary
	if err := d.shop.get(ctx, "/_sandbox/documents", &documents); err != nil {
		return nil, err
	}
	last, err := newest(runs)
	if err != nil {
		return nil, err
	}
	chips, err := d.chips(ctx, documents)
	if err != nil {
		return nil, err
	}
	var outcomes []demoOutcome
	for _, document := range documents {
		key := demoKey{document.Kind, int64(document.ID)}
		if document.Announced {
			outcomes = append(outcomes, demoOutcome{document, last[key], chips[key]})
		}
	}
	return outcomes, nil
}

func (r *demoReport) count(o demoOutcome) {
	tally := r.Documents[o.Kind]
	tally.Raised++
	switch o.verdict() {
	case demoSynced:
		tally.Synced++
	case demoSkipped:
		tally.Skipped++
		r.Skipped++
	case demoHeld:
		tally.Held++
		r.Held++
	case demoFailed:
		tally.Failed++
		r.Failed++
	}
	r.Documents[o.Kind] = tally
	if o.Kind != magento.KindInvoice || o.isPlanted() {
		return
	}
	r.Raised++
	if o.verdict() == demoSynced {
		r.Synced++
	}
}
