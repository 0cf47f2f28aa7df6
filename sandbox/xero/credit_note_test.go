package xero_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"byte8.io/ledger/sandbox/xero"
)

// credit is the JSON of an approved credit note with the lines given.
func credit(contactID, number, lines string) string {
	return `{"Type":"ACCRECCREDIT","Contact":{"ContactID":"` + contactID + `"},"CreditNoteNumber":"` + number +
		`","Reference":"Order ` + number + `","Date":"2026-10-05","Status":"AUTHORISED","LineItems":[` + lines + `]}`
}

func (b *bench) creditNote(ref string) map[string]any {
	b.t.Helper()
	return b.want("GET", "/CreditNotes/"+ref, "CreditNotes", "")[0]
}

func (b *bench) invoice(ref string) map[string]any {
	b.t.Helper()
	return b.want("GET", "/Invoices/"+ref, "Invoices", "")[0]
}

func TestCreditNoteTotalsLikeAnInvoice(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	lines := `{"Description":"Return","Quantity":3,"UnitAmount":4.1249,"AccountCode":"200","TaxType":"OUTPUT2"},
		{"Description":"Fee","Quantity":1,"UnitAmount":-2.50,"AccountCode":"260","TaxType":"OUTPUT2","TaxAmount":-0.50}`
	fine := b.want("PUT", "/CreditNotes?unitdp=4", "CreditNotes", credit(contact, "CM-1", lines))[0]
	require.Equal(t, "AUTHORISED", fine["Status"])
	require.Equal(t, json.Number("9.87"), fine["SubTotal"])
	require.Equal(t, json.Number("1.97"), fine["TotalTax"])
	require.Equal(t, json.Number("11.84"), fine["Total"])
	require.Equal(t, json.Number("11.84"), fine["RemainingCredit"])
	require.Equal(t, json.Number("0.00"), fine["AppliedAmount"])
	require.Equal(t, "2026-10-05T00:00:00", fine["DateString"])
	require.NotContains(t, fine, "DueDate")

	coarse := b.want("PUT", "/CreditNotes", "CreditNotes", credit(contact, "CM-2", lines))[0]
	require.Equal(t, json.Number("11.83"), coarse["Total"], "unit amounts are cut to two places")
	require.Equal(t, true, b.want("GET", "/Contacts/"+contact, "Contacts", "")[0]["IsCustomer"])
}

func TestCreditNoteRules(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	require.NoError(t, b.SetLockDates("", time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC), time.Time{}))
	base := credit(contact, "CM-1", goods("10.00"))
	line := func(change string) string {
		return credit(contact, "CM-1", `{"Description":"x","Quantity":1,"UnitAmount":10.00,"AccountCode":"200","TaxType":"OUTPUT2",`+change+`}`)
	}
	for name, c := range map[string]struct{ body, fragment string }{
		"no type":          {strings.Replace(base, `"Type":"ACCRECCREDIT",`, "", 1), "Type is required"},
		"invoice":          {strings.Replace(base, `ACCRECCREDIT`, "ACCREC", 1), "must be ACCRECCREDIT"},
		"supplier's":       {strings.Replace(base, `ACCRECCREDIT`, "ACCPAYCREDIT", 1), "must be ACCRECCREDIT"},
		"discount rate":    {line(`"DiscountRate":10`), "Discounts are not supported"},
		"discount amount":  {line(`"DiscountAmount":0`), "Discounts are not supported"},
		"unknown account":  {line(`"AccountCode":"9999"`), "Account code '9999' is not a valid code for this document."},
		"purchase tax":     {line(`"TaxType":"INPUT2"`), "cannot be used with account code"},
		"tax above line":   {line(`"TaxAmount":10.01`), "TaxAmount cannot be greater"},
		"no description":   {line(`"Description":""`), "Description is required"},
		"locked":           {strings.Replace(base, "2026-10-05", "2026-09-30", 1), "period lock date"},
		"currency":         {strings.Replace(base, `"Status"`, `"CurrencyCode":"JPY","Status"`, 1), "not subscribed to currency"},
		"negative total":   {credit(contact, "CM-1", goods("-0.01")), "less than zero"},
		"born paid":        {strings.Replace(base, `AUTHORISED`, "PAID", 1), "cannot have the status PAID"},
		"unknown contact":  {credit("0a4f0c9e-7a34-4f3a-9a77-2b6f5e1d1234", "CM-1", goods("1")), "could not be found"},
		"number not ASCII": {credit(contact, "Nº1", goods("1")), "Credit Note # must consist of"},
		"sum differs":      {strings.Replace(base, `"Status"`, `"Total":11.99,"Status"`, 1), "does not equal the sum of the lines"},
	} {
		require.Contains(t, b.refused("PUT", "/CreditNotes", c.body), c.fragment, name)
	}
	require.Empty(t, b.CreditNotes(""))
	b.want("PUT", "/CreditNotes", "CreditNotes", base)
}

func TestCreditNoteNumberIsUniqueAmongCreditNotes(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	b.want("PUT", "/Invoices", "Invoices", sale(contact, "N1", goods("10.00")))
	first := b.want("PUT", "/CreditNotes", "CreditNotes", credit(contact, "N1", goods("10.00")))[0]
	require.Equal(t, "Credit Note # must be unique.", b.refused("PUT", "/CreditNotes", credit(contact, "N1", goods("10.00"))))

	edited := b.want("POST", "/CreditNotes", "CreditNotes", credit(contact, "N1", goods("11.00")))[0]
	require.Equal(t, first["CreditNoteID"], edited["CreditNoteID"])
	require.Equal(t, json.Number("13.20"), edited["RemainingCredit"])
	require.Equal(t, json.Number("12.00"), b.invoice("N1")["Total"], "the invoice of the same number is another document")

	id := first["CreditNoteID"].(string)
	require.Equal(t, "changed", b.want("POST", "/CreditNotes/"+id, "CreditNotes", `{"Reference":"changed"}`)[0]["Reference"])
	require.NoError(t, b.VoidCreditNote(id))
	require.Equal(t, "VOIDED", b.creditNote("N1")["Status"])
	require.Contains(t, b.refused("PUT", "/CreditNotes", credit(contact, "N1", goods("1"))), "must be unique")
	require.Contains(t, b.refused("POST", "/CreditNotes", credit(contact, "N1", goods("1"))), "not of valid status for modification")
	require.ErrorIs(t, b.VoidCreditNote(id), xero.ErrRefused)
	require.ErrorIs(t, b.VoidCreditNote(newKey()), xero.ErrNotFound)

	automatic := strings.Replace(credit(contact, "", goods("1")), `"CreditNoteNumber":"",`, "", 1)
	require.Equal(t, "CN-0001", b.want("PUT", "/CreditNotes", "CreditNotes", automatic)[0]["CreditNoteNumber"])
}

func TestCreditNoteBatchVerdicts(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	body := `{"CreditNotes":[` + strings.Join([]string{
		credit(contact, "C1", goods("1")), credit(contact, "C1", goods("1")),
		credit(contact, "C2", strings.Replace(goods("1"), `"200"`, `"090"`, 1)), credit(contact, "C3", goods("1")),
	}, ",") + `]}`
	require.Contains(t, b.refused("PUT", "/CreditNotes", body), "must be unique")
	require.Empty(t, b.CreditNotes(""))
	var verdicts []string
	for _, e := range b.want("PUT", "/CreditNotes?summarizeErrors=false", "CreditNotes", body) {
		verdicts = append(verdicts, fmt.Sprint(e["CreditNoteNumber"], e["StatusAttributeString"], e["HasErrors"], e["CreditNoteID"] == noID, messages(e)))
	}
	require.Equal(t, []string{
		"C1OKfalse false", "C1ERRORtrue trueCredit Note # must be unique.",
		"C2ERRORtrue trueAccount code '090' is not a valid code for this document.", "C3OKfalse false",
	}, verdicts)
	require.Len(t, b.CreditNotes(""), 2)
}

func TestCreditNoteLists(t *testing.T) {
	t.Parallel()
	b := linked(t)
	ada, bob := b.contact("Ada"), b.contact("Bob")
	b.want("PUT", "/CreditNotes", "CreditNotes", `{"CreditNotes":[`+credit(ada, "C1", goods("1"))+`,`+credit(bob, "C2", goods("2"))+`,`+
		strings.Replace(credit(bob, "C3", goods("3")), "AUTHORISED", "DRAFT", 1)+`]}`)
	numbers := func(query string) string {
		var out []string
		for _, note := range b.want("GET", "/CreditNotes?"+query, "CreditNotes", "") {
			out = append(out, note["CreditNoteNumber"].(string))
		}
		return strings.Join(out, " ")
	}
	where := func(text string) string { return numbers("where=" + url.QueryEscape(text)) }
	require.Equal(t, "C1 C3", where(`CreditNoteNumber=="C1" OR CreditNoteNumber=="C3" OR CreditNoteNumber=="C9"`))
	require.Equal(t, "C2", where(`Reference=="Order C2"`))
	require.Equal(t, "C3", where(`Status=="DRAFT" AND Type=="ACCRECCREDIT"`))
	require.Equal(t, "C2 C3", where(`Contact.ContactID==guid("`+bob+`")`))
	require.Equal(t, "C1", where(`CreditNoteID==guid("`+b.CreditNotes("")[0].ID+`")`))
	require.Equal(t, "C3", where(`RemainingCredit>2.5`))
	require.Equal(t, "C3 C2", numbers("page=1&order=CreditNoteNumber+DESC&where="+url.QueryEscape(`Total>2`)))
	require.Equal(t, "C1 C2 C3", numbers("CreditNoteNumbers=C2&IDs="+b.CreditNotes("")[1].ID), "parameters that are not there narrow nothing")
	require.Equal(t, "C3", numbers("page=2&pageSize=2"))

	require.NotContains(t, b.want("GET", "/CreditNotes", "CreditNotes", "")[0], "LineItems", "unpaged lists are summaries")
	require.Contains(t, b.want("GET", "/CreditNotes?page=1", "CreditNotes", "")[0], "LineItems")
	status, answer := b.call("GET", "/CreditNotes?where="+url.QueryEscape(`InvoiceNumber=="C1"`), "")
	require.Equal(t, http.StatusBadRequest, status)
	require.Equal(t, "QueryParseException", answer["Type"])
	status, _ = b.call("GET", "/CreditNotes/C99", "")
	require.Equal(t, http.StatusNotFound, status)
}

func TestCreditNoteNeedsTheScopeOfInvoices(t *testing.T) {
	t.Parallel()
	b := start(t)
	tokens := b.exchange(b.consent(func(q url.Values) { q.Set("scope", "offline_access accounting.contacts accounting.settings.read") }), "")
	b.access = tokens["access_token"].(string)
	b.tenant = b.connections("")[0]["tenantId"].(string)
	for _, c := range [][2]string{{"GET", "/CreditNotes"}, {"PUT", "/CreditNotes/" + noID + "/Allocations"}, {"PUT", "/Items"}} {
		status, _ := b.call(c[0], c[1], `{}`)
		require.Equal(t, http.StatusForbidden, status, c)
	}
	b.want("GET", "/Items", "Items", "")
}
