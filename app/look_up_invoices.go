package app

import (
	"context"
	"encoding/json"
	"fmt"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// lookUp asks the provider what became of documents that were sent before. One
// that is found is adopted. One that is not, after an unknown outcome, is
// looked for once more before it may be sent again: an index may lag.
func (d *delivery) lookUp(ctx context.Context) {
	var asked []*work
	for _, w := range d.unknownInvoices() {
		if w.run.Intent == nil || w.run.Intent.Operation != syncrun.OperationInvoice {
			continue
		}
		var sent books.Invoice
		if err := json.Unmarshal(w.run.Intent.Document, &sent); err != nil {
			w.fail(fmt.Errorf("reading the recorded document: %w", err))
			continue
		}
		w.document = &sent
		asked = append(asked, w)
	}
	found, err := d.find(ctx, asked)
	if err != nil {
		d.failAll(asked, err)
		return
	}
	for _, w := range asked {
		number := w.document.Number
		if f, ok := found[number]; ok {
			d.adopt(ctx, w, f)
			continue
		}
		w.document = nil
		d.notFound(w, number)
	}
}

// adoptTaken deals with numbers the provider says are in use: ours from an
// earlier try are adopted, others end as number_taken.
func (d *delivery) adoptTaken(ctx context.Context, works []*work) {
	found, err := d.find(ctx, works)
	if err != nil {
		d.failAll(works, err)
		return
	}
	for _, w := range works {
		if f, ok := found[w.document.Number]; ok {
			d.adopt(ctx, w, f)
			continue
		}
		w.fail(numberTaken(w.document.Number))
	}
}

func (d *delivery) find(ctx context.Context, works []*work) (map[string]ports.FoundInvoice, error) {
	if len(works) == 0 {
		return nil, nil
	}
	numbers := make([]string, len(works))
	for i, w := range works {
		numbers[i] = w.document.Number
	}
	return d.findInvoices(ctx, numbers)
}

func (d *delivery) findInvoices(ctx context.Context, numbers []string) (map[string]ports.FoundInvoice, error) {
	var found map[string]ports.FoundInvoice
	err := d.call(ctx, func(s session) error {
		var err error
		found, err = d.provider.FindInvoices(ctx, s, numbers)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking invoices up: %w", err)
	}
	return found, nil
}

// adopt takes a found document as the outcome when it is the one we sent: our
// reference and source, and the same contact or the same totals. A stranger's document is
// left alone.
func (d *delivery) adopt(ctx context.Context, w *work, f ports.FoundInvoice) {
	sent := w.document
	wanted := sent.Totals()
	w.run.MagentoTotals, w.run.Currency = &wanted, sent.Currency
	isOurs := f.Reference == sent.Reference && isSource(f.SourceURL, sent.SourceURL) && f.Currency == string(sent.Currency) &&
		(f.ContactID == sent.ContactID || f.Totals.Equal(sent.Totals()))
	switch {
	case !isOurs:
		w.trace("look_up", sent.Number, "belongs to another document: "+f.Reference)
		w.settle(d.Now())
		w.fail(numberTaken(sent.Number))
	case f.IsGone:
		w.trace("look_up", sent.Number, "ours, voided or deleted there")
		w.settle(d.Now())
		w.fail(fault.Newf(fault.CodeRemovedInProvider, "Invoice %s was voided or deleted in the books.", sent.Number))
	default:
		w.trace("look_up", sent.Number, "ours; adopted")
		d.accept(ctx, w, f.Entity, f.Totals)
	}
}

// isSource reports whether a document's link leads to our order, or to nowhere.
// Two shops that share an organisation may use the same numbers.
func isSource(found, sent string) bool { return found == "" || sent == "" || found == sent }

func numberTaken(number string) error {
	return fault.Newf(fault.CodeNumberTaken, "Number %s belongs to another invoice in the books.", number)
}
