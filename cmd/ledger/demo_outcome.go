package main

import (
	"cmp"
	"strconv"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/sandbox/magento"
)

// demoVerdict is what became of a document, against what should have.
type demoVerdict string

// The verdicts. Skipped and held are for the reason the demo planted; what ended
// in any other way but in the books is failed.
const (
	demoSynced  demoVerdict = "synced"
	demoSkipped demoVerdict = "skipped"
	demoHeld    demoVerdict = "held"
	demoFailed  demoVerdict = "failed"
)

// demoOutcome is one document of the shop with its run and its chip.
type demoOutcome struct {
	magento.DocumentSummary
	run  demoRun
	chip demoChip
}

// plantedReason is why the document must stay out of the books; both are empty
// for one that belongs there.
func (o demoOutcome) plantedReason() (syncrun.SkipReason, fault.Code) {
	switch {
	case o.Kind == magento.KindPayment && o.PaymentMethod == demoUnpaidMethod && !o.Total.IsZero():
		return syncrun.SkipPaymentMethodNotMapped, ""
	case o.Oddity == magento.OddityComposite:
		return syncrun.SkipProductTypeNotSupported, ""
	case o.Oddity == magento.OddityOld:
		return syncrun.SkipOutsideSyncSince, ""
	case o.Oddity == magento.OddityLate:
		return "", fault.CodePeriodLocked
	case o.Oddity == magento.OddityRate:
		return "", fault.CodeTaxRateNotMapped
	case o.Oddity == magento.OddityCurrency:
		return "", fault.CodeCurrencyNotSubscribed
	default:
		return "", ""
	}
}

// isPlanted reports whether the document must stay out of the books.
func (o demoOutcome) isPlanted() bool {
	skip, hold := o.plantedReason()
	return skip != "" || hold != ""
}

// verdict compares how the run ended, and the chip that shows it, with what was
// planted. A payment has no chip of its own.
func (o demoOutcome) verdict() demoVerdict {
	skip, hold := o.plantedReason()
	want, verdict := "SUCCEEDED", demoSynced
	switch {
	case skip != "":
		want, verdict = "SKIPPED", demoSkipped
	case hold != "":
		want, verdict = "HELD", demoHeld
	}
	chips := map[demoVerdict]string{demoSynced: "SYNCED", demoSkipped: "SKIPPED", demoHeld: "FAILED"}
	isAsPlanted := o.run.Status == want && o.run.SkipReason == string(skip) && o.run.ErrorCode == string(hold)
	if !isAsPlanted || o.Kind != magento.KindPayment && o.chip.Status != chips[verdict] {
		return demoFailed
	}
	return verdict
}

// why is the reason the document is not in the books.
func (o demoOutcome) why() string {
	return cmp.Or(o.run.SkipReason, o.run.ErrorCode, o.chip.SkipReason, o.chip.ErrorCode)
}

// name is what a person calls the document: its number, or its id when it has
// none.
func (o demoOutcome) name() string {
	return cmp.Or(o.IncrementID, strconv.Itoa(o.ID))
}
