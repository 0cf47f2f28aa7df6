package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"byte8.io/ledger/sandbox/magento"
	"byte8.io/ledger/sandbox/xero"
)

func sum(text string) magento.Number {
	return magento.Number{Decimal: decimal.RequireFromString(text)}
}

func synced(kind magento.Kind, number, total string) demoOutcome {
	return demoOutcome{
		DocumentSummary: magento.DocumentSummary{Kind: kind, IncrementID: number, Currency: "GBP", Total: sum(total)},
		run:             demoRun{Status: "SUCCEEDED"}, chip: demoChip{Status: "SYNCED"},
	}
}

func TestReconcile(t *testing.T) {
	t.Parallel()
	late := synced(magento.KindInvoice, "3", "7.00")
	late.Oddity, late.run = magento.OddityLate, demoRun{Status: "HELD", ErrorCode: "period_locked"}
	got := reconcile(
		[]demoOutcome{
			synced(magento.KindInvoice, "1", "10.00"), synced(magento.KindInvoice, "2", "20.00"), late,
			synced(magento.KindCreditMemo, "1", "4.00"), synced(magento.KindPayment, "1", "10.00"),
		},
		demoBooks{
			invoices: []xero.InvoiceRecord{
				{Number: "1", Currency: "GBP", Total: sum("10.00").Decimal},
				{Number: "2", Currency: "GBP", Total: sum("19.98").Decimal},
				{Number: "2", Currency: "GBP", Total: sum("0.01").Decimal, Status: voided},
				{Number: "stranger", Currency: "GBP", Total: sum("1.00").Decimal},
			},
			creditNotes: []xero.CreditNoteRecord{{Number: "1", Currency: "GBP", Total: sum("4.00").Decimal}},
			payments: []xero.PaymentRecord{
				{InvoiceNumber: "1", Currency: "GBP", Amount: sum("6.00").Decimal},
				{InvoiceNumber: "1", Currency: "GBP", Amount: sum("4.00").Decimal},
				{CreditNoteID: "n", Currency: "GBP", Amount: sum("4.00").Decimal},
			},
		},
	)
	balance := func(kind magento.Kind, shop, leftOut, books, difference string) demoBalance {
		return demoBalance{kind, "GBP", sum(shop).Decimal, sum(leftOut).Decimal, sum(books).Decimal, sum(difference).Decimal}
	}
	want := []demoBalance{
		balance(magento.KindInvoice, "37", "7", "30.98", "0.98"),
		balance(magento.KindCreditMemo, "4", "0", "4", "0"),
		balance(magento.KindPayment, "10", "0", "10", "0"),
	}
	if diff := cmp.Diff(want, got.balances); diff != "" {
		t.Error(diff)
	}
	if got.duplicates != 2 || got.centsOff != 2 {
		t.Errorf("%d duplicates and %d cents off; one payment is there again, and one invoice is a stranger", got.duplicates, got.centsOff)
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	odd := func(oddity magento.Oddity, run demoRun, chip string) demoOutcome {
		return demoOutcome{magento.DocumentSummary{Kind: magento.KindInvoice, Oddity: oddity}, run, demoChip{Status: chip}}
	}
	unpaid := demoOutcome{
		DocumentSummary: magento.DocumentSummary{Kind: magento.KindPayment, PaymentMethod: demoUnpaidMethod, Total: sum("1")},
		run:             demoRun{Status: "SKIPPED", SkipReason: "payment_method_not_mapped"},
	}
	for name, test := range map[string]struct {
		outcome demoOutcome
		want    demoVerdict
	}{
		"in the books":             {odd("", demoRun{Status: "SUCCEEDED"}, "SYNCED"), demoSynced},
		"chip lags behind":         {odd("", demoRun{Status: "SUCCEEDED"}, "PENDING"), demoFailed},
		"held as planted":          {odd(magento.OddityRate, demoRun{Status: "HELD", ErrorCode: "tax_rate_not_mapped"}, "FAILED"), demoHeld},
		"held for another reason":  {odd(magento.OddityRate, demoRun{Status: "HELD", ErrorCode: "totals_differ"}, "FAILED"), demoFailed},
		"held for no reason":       {odd("", demoRun{Status: "HELD", ErrorCode: "totals_differ"}, "FAILED"), demoFailed},
		"booked all the same":      {odd(magento.OddityCurrency, demoRun{Status: "SUCCEEDED"}, "SYNCED"), demoFailed},
		"skipped as planted":       {odd(magento.OddityOld, demoRun{Status: "SKIPPED", SkipReason: "outside_sync_since"}, "SKIPPED"), demoSkipped},
		"payment left to a person": {unpaid, demoSkipped},
		"never arrived":            {odd("", demoRun{}, ""), demoFailed},
	} {
		if got := test.outcome.verdict(); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
