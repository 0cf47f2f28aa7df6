package xero_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"byte8.io/ledger/sandbox/xero"
)

// books are an invoice over 12.00 and a credit note over 18.00 of one contact.
type books struct {
	*bench
	contact, invoiceID, noteID string
}

func withBooks(t *testing.T) books {
	t.Helper()
	b := linked(t)
	contact := b.contact("Ada")
	return books{
		bench: b, contact: contact,
		invoiceID: b.want("PUT", "/Invoices", "Invoices", sale(contact, "N1", goods("10.00")))[0]["InvoiceID"].(string),
		noteID:    b.want("PUT", "/CreditNotes", "CreditNotes", credit(contact, "C1", goods("15.00")))[0]["CreditNoteID"].(string),
	}
}

func (b books) allocations() string { return "/CreditNotes/" + b.noteID + "/Allocations" }

func allocation(invoiceID, amount string) string {
	return `{"Allocations":[{"Amount":` + amount + `,"Date":"2026-10-02","Invoice":{"InvoiceID":"` + invoiceID + `"}}]}`
}

func TestAllocationMovesBothDocuments(t *testing.T) {
	t.Parallel()
	b := withBooks(t)
	made := b.want("PUT", b.allocations(), "Allocations", allocation(b.invoiceID, "5.00"))[0]
	require.Equal(t, json.Number("5.00"), made["Amount"])
	require.Equal(t, "/Date(1791158400000+0000)/", made["Date"], "the later document dates an allocation")
	require.Equal(t, b.invoiceID, made["Invoice"].(map[string]any)["InvoiceID"])
	require.Equal(t, b.noteID, made["CreditNote"].(map[string]any)["CreditNoteID"])
	second := b.want("PUT", b.allocations(), "Allocations", allocation(b.invoiceID, "7.00"))[0]

	invoice, note := b.invoice("N1"), b.creditNote("C1")
	require.Equal(t, "PAID", invoice["Status"])
	require.Equal(t, json.Number("12.00"), invoice["AmountCredited"])
	require.Equal(t, json.Number("0.00"), invoice["AmountDue"])
	require.Equal(t, json.Number("0.00"), invoice["AmountPaid"])
	credits := elements(t, invoice, "CreditNotes")
	require.Len(t, credits, 1, "a note is listed once")
	require.Equal(t, "C1", credits[0]["CreditNoteNumber"])
	require.Equal(t, json.Number("12.00"), credits[0]["AppliedAmount"])
	require.Equal(t, "AUTHORISED", note["Status"])
	require.Equal(t, json.Number("6.00"), note["RemainingCredit"])
	require.Equal(t, json.Number("12.00"), note["AppliedAmount"])
	require.Len(t, note["Allocations"], 2)
	require.Contains(t, b.refused("POST", "/Invoices/N1", `{"Status":"VOIDED"}`), "not of valid status")
	require.Contains(t, b.refused("POST", "/CreditNotes/C1", `{"Status":"VOIDED"}`), "not of valid status")
	require.ErrorIs(t, b.VoidCreditNote(b.noteID), xero.ErrRefused)
	require.ErrorIs(t, b.VoidInvoice(b.invoiceID), xero.ErrRefused)

	b.clock.advance(time.Minute)
	status, gone := b.call("DELETE", b.allocations()+"/"+second["AllocationID"].(string), "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, true, gone["IsDeleted"])
	require.Equal(t, second["AllocationID"], gone["AllocationID"])
	invoice, note = b.invoice("N1"), b.creditNote("C1")
	require.Equal(t, "AUTHORISED", invoice["Status"])
	require.Equal(t, json.Number("7.00"), invoice["AmountDue"])
	require.Equal(t, json.Number("5.00"), elements(t, invoice, "CreditNotes")[0]["AppliedAmount"])
	require.Equal(t, json.Number("13.00"), note["RemainingCredit"])
	require.Equal(t, "/Date(1790845260000+0000)/", note["UpdatedDateUTC"])
	status, _ = b.call("DELETE", b.allocations()+"/"+second["AllocationID"].(string), "")
	require.Equal(t, http.StatusNotFound, status)

	b.call("DELETE", b.allocations()+"/"+made["AllocationID"].(string), "")
	require.NoError(t, b.VoidCreditNote(b.noteID))
}

func TestCreditNoteThatIsUsedUpIsPaid(t *testing.T) {
	t.Parallel()
	b := withBooks(t)
	other := b.want("PUT", "/Invoices", "Invoices", sale(b.contact, "N2", goods("20.00")))[0]["InvoiceID"].(string)
	body := `{"Allocations":[{"Amount":12,"Date":"2026-10-05","Invoice":{"InvoiceID":"` + b.invoiceID + `"}},
		{"Amount":6,"Date":"2026-10-05","Invoice":{"InvoiceID":"` + other + `"}}]}`
	made := b.want("PUT", b.allocations(), "Allocations", body)
	note := b.creditNote("C1")
	require.Equal(t, "PAID", note["Status"])
	require.Equal(t, "/Date(1791158400000+0000)/", note["FullyPaidOnDate"])
	require.Equal(t, json.Number("18.00"), b.invoice("N2")["AmountDue"])

	status, _ := b.call("DELETE", b.allocations()+"/"+made[1]["AllocationID"].(string), "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "AUTHORISED", b.creditNote("C1")["Status"])
	require.NotContains(t, b.creditNote("C1"), "FullyPaidOnDate")
}

func TestAllocationRules(t *testing.T) {
	t.Parallel()
	b := withBooks(t)
	other := b.want("PUT", "/Invoices", "Invoices", sale(b.bench.contact("Bob"), "N2", goods("10.00")))[0]["InvoiceID"].(string)
	euros := strings.Replace(sale(b.contact, "N3", goods("10.00")), `"Status"`, `"CurrencyCode":"EUR","Status"`, 1)
	foreign := b.want("PUT", "/Invoices", "Invoices", euros)[0]["InvoiceID"].(string)
	draft := strings.Replace(sale(b.contact, "N4", goods("10.00")), "AUTHORISED", "DRAFT", 1)
	unapproved := b.want("PUT", "/Invoices", "Invoices", draft)[0]["InvoiceID"].(string)
	large := b.want("PUT", "/Invoices", "Invoices", sale(b.contact, "N5", goods("100.00")))[0]["InvoiceID"].(string)
	nothing := b.want("PUT", "/Invoices", "Invoices", sale(b.contact, "N6", goods("0.00")))[0]["InvoiceID"].(string)
	for name, c := range map[string]struct{ body, fragment string }{
		"more than due":       {allocation(b.invoiceID, "12.01"), "greater than amount outstanding"},
		"more than remains":   {allocation(large, "18.01"), "exceeds the credit remaining"},
		"another contact":     {allocation(other, "1"), "same contact"},
		"another currency":    {allocation(foreign, "1"), "same currency"},
		"a draft invoice":     {allocation(unapproved, "1"), "between Authorised documents"},
		"a paid invoice":      {allocation(nothing, "1"), "already been paid off"},
		"unknown invoice":     {allocation(noID, "1"), "could not be found"},
		"no invoice":          {`{"Allocations":[{"Amount":1,"Date":"2026-10-05"}]}`, "could not be found"},
		"no date":             {strings.Replace(allocation(b.invoiceID, "1"), `"Date":"2026-10-02",`, "", 1), "Date is required"},
		"no amount":           {allocation(b.invoiceID, "null"), "greater than zero"},
		"a negative amount":   {allocation(b.invoiceID, "-1"), "greater than zero"},
		"a fraction of cents": {allocation(b.invoiceID, "1.001"), "two decimal places"},
	} {
		require.Contains(t, b.refused("PUT", b.allocations(), c.body), c.fragment, name)
	}
	status, _ := b.call("PUT", "/CreditNotes/"+noID+"/Allocations", allocation(b.invoiceID, "1"))
	require.Equal(t, http.StatusNotFound, status)

	require.NoError(t, b.SetLockDates("", time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC), time.Time{}))
	require.Contains(t, b.refused("PUT", b.allocations(), allocation(b.invoiceID, "1")), "period lock date")
	require.NoError(t, b.SetLockDates("", time.Time{}, time.Time{}))

	require.NoError(t, b.VoidCreditNote(b.noteID))
	require.Contains(t, b.refused("PUT", b.allocations(), allocation(b.invoiceID, "1")), "between Authorised documents")
	require.Zero(t, b.Stats().Allocations)
}

func TestRefusedAllocationsLeaveNothing(t *testing.T) {
	t.Parallel()
	b := withBooks(t)
	one := func(amount string) string {
		return `{"Amount":` + amount + `,"Date":"2026-10-05","Invoice":{"InvoiceID":"` + b.invoiceID + `"}}`
	}
	body := `{"Allocations":[` + one("10") + `,` + one("3") + `]}`
	require.Contains(t, b.refused("PUT", b.allocations(), body), "amount outstanding")
	require.Equal(t, json.Number("12.00"), b.invoice("N1")["AmountDue"])
	require.Equal(t, json.Number("18.00"), b.creditNote("C1")["RemainingCredit"])
	require.Zero(t, b.Stats().Allocations)

	got := b.want("PUT", b.allocations()+"?summarizeErrors=false", "Allocations", body)
	require.Equal(t, "OK", got[0]["StatusAttributeString"])
	require.Equal(t, "ERROR", got[1]["StatusAttributeString"])
	require.Equal(t, noID, got[1]["AllocationID"])
	require.Equal(t, 1, b.Stats().Allocations)
}

func TestAllocationIsRepeatedByItsKeyAlone(t *testing.T) {
	t.Parallel()
	b := withBooks(t)
	body, key := allocation(b.invoiceID, "5.00"), newKey()
	first := b.want("PUT", b.allocations(), "Allocations", body, "Idempotency-Key", key)[0]["AllocationID"]
	require.Equal(t, first, b.want("PUT", b.allocations(), "Allocations", body, "Idempotency-Key", key)[0]["AllocationID"])
	require.Equal(t, 1, b.Stats().Allocations)
	require.NotEqual(t, first, b.want("PUT", b.allocations(), "Allocations", body)[0]["AllocationID"], "nothing else stops a second one")
	require.Equal(t, 2, b.Stats().Allocations)
}

func TestMergedContactTakesItsCreditNotesAlong(t *testing.T) {
	t.Parallel()
	b := withBooks(t)
	into := b.bench.contact("Ada Lovelace")
	require.NoError(t, b.MergeContact(b.contact, into))
	require.Equal(t, into, b.CreditNotes("")[0].ContactID)
	b.want("PUT", b.allocations(), "Allocations", allocation(b.invoiceID, "1.00"))
}

func TestCreditNotesAreCountedAndDumped(t *testing.T) {
	t.Parallel()
	b := withBooks(t)
	b.want("PUT", b.allocations(), "Allocations", allocation(b.invoiceID, "5.00"))
	b.want("PUT", "/CreditNotes", "CreditNotes", strings.Replace(credit(b.contact, "C2", goods("1.00")), "Order C2", "Order C1", 1))
	stats := b.Stats()
	require.Equal(t, "2 1 1", fmt.Sprint(stats.CreditNotes, stats.Allocations, stats.Invoices))
	require.Equal(t, map[string]int{"Order C1": 2}, stats.DuplicateCreditNoteReferences)
	require.Empty(t, stats.DuplicateReferences)

	status, dump := b.control("GET", "/credit-notes?tenant="+b.tenant, "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "19.2", dump["totals"].(map[string]any)["GBP"].(map[string]any)["total"])
	first := elements(t, dump, "creditNotes")[0]
	require.Equal(t, "13", first["remainingCredit"])
	require.Equal(t, "5", first["appliedAmount"])
	require.Equal(t, "N1", elements(t, first, "allocations")[0]["invoiceNumber"])
	require.Equal(t, "5", b.Invoices("")[0].AmountCredited.String())

	second := elements(t, dump, "creditNotes")[1]["id"].(string)
	status, _ = b.control("POST", "/credit-notes/"+second+"/void", "")
	require.Equal(t, http.StatusNoContent, status)
	require.Empty(t, b.Stats().DuplicateCreditNoteReferences)
	_, dump = b.control("GET", "/credit-notes", "")
	require.Equal(t, "18", dump["totals"].(map[string]any)["GBP"].(map[string]any)["total"])
}
