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
)

func refund(document, account, amount string) string {
	return `{"CreditNote":{` + document + `},"Account":{"Code":"` + account + `"},"Date":"2026-10-06","Amount":` + amount + `,"Reference":"re_1"}`
}

func TestRefund(t *testing.T) {
	t.Parallel()
	b := withBooks(t)
	byID, byNumber := `"CreditNoteID":"`+b.noteID+`"`, `"CreditNoteNumber":"C1"`
	require.Contains(t, b.refused("PUT", "/Payments", refund(byID, "605", "18.01")), "exceeds the amount outstanding")
	require.Contains(t, b.refused("PUT", "/Payments", refund(byID, "200", "1")), "not a valid code for a payment")
	require.Contains(t, b.refused("PUT", "/Payments", refund(`"CreditNoteNumber":"N1"`, "605", "1")), "could not be found")
	require.Contains(t, b.refused("PUT", "/Payments", refund(`"CreditNoteID":"`+b.invoiceID+`"`, "605", "1")), "could not be found")
	both := strings.Replace(refund(byID, "605", "1"), `{"CreditNote"`, `{"Invoice":{"InvoiceID":"`+b.invoiceID+`"},"CreditNote"`, 1)
	require.Contains(t, b.refused("PUT", "/Payments", both), "exactly one of")

	first := b.want("PUT", "/Payments", "Payments", refund(byID, "605", "8.00"))[0]
	require.Equal(t, "ARCREDITPAYMENT", first["PaymentType"])
	require.Equal(t, b.noteID, first["CreditNote"].(map[string]any)["CreditNoteID"])
	require.NotContains(t, first, "Invoice")
	require.Equal(t, json.Number("10.00"), b.creditNote("C1")["RemainingCredit"])
	b.want("POST", "/Payments", "Payments", refund(byNumber, "090", "10.00"))
	note := b.creditNote("C1")
	require.Equal(t, "PAID", note["Status"])
	require.Equal(t, json.Number("0.00"), note["AppliedAmount"], "a refund is no allocation")
	payments := elements(t, note, "Payments")
	require.Len(t, payments, 2)
	require.Equal(t, first["PaymentID"], payments[0]["PaymentID"])
	require.Equal(t, "re_1", payments[0]["Reference"])
	require.Equal(t, json.Number("8.00"), payments[0]["Amount"])
	require.Contains(t, b.refused("PUT", b.allocations(), allocation(b.invoiceID, "1")), "exceeds the credit remaining")

	b.want("POST", "/Payments/"+first["PaymentID"].(string), "Payments", `{"Status":"DELETED"}`)
	note = b.creditNote("C1")
	require.Equal(t, "AUTHORISED", note["Status"])
	require.Equal(t, json.Number("8.00"), note["RemainingCredit"])

	draft := strings.Replace(credit(b.contact, "C2", goods("1")), "AUTHORISED", "DRAFT", 1)
	b.want("PUT", "/CreditNotes", "CreditNotes", draft)
	require.Contains(t, b.refused("PUT", "/Payments", refund(`"CreditNoteNumber":"C2"`, "605", "1")), "only be made against Authorised documents")
	require.NoError(t, b.SetLockDates("", time.Date(2026, 10, 6, 0, 0, 0, 0, time.UTC), time.Time{}))
	require.Contains(t, b.refused("PUT", "/Payments", refund(byID, "605", "1")), "period lock date")
}

func TestPartRefundAndPartAllocation(t *testing.T) {
	t.Parallel()
	b := withBooks(t)
	b.want("PUT", b.allocations(), "Allocations", allocation(b.invoiceID, "12.00"))
	id := `"CreditNoteID":"` + b.noteID + `"`
	require.Contains(t, b.refused("PUT", "/Payments", refund(id, "605", "6.01")), "exceeds the amount outstanding")
	b.want("PUT", "/Payments", "Payments", refund(id, "605", "6.00"))
	require.Equal(t, "PAID", b.creditNote("C1")["Status"])
	held := b.CreditNotes("")[0]
	require.Equal(t, "6 12 0", fmt.Sprint(held.AmountRefunded, held.AppliedAmount, held.RemainingCredit))
}

func TestPaymentsOfEveryKindInOneCall(t *testing.T) {
	t.Parallel()
	b := withBooks(t)
	pay := func(amount string) string {
		return `{"Invoice":{"InvoiceID":"` + b.invoiceID + `"},"Account":{"Code":"090"},"Date":"2026-10-05","Amount":` + amount + `,"Reference":"ch_1"}`
	}
	id := `"CreditNoteID":"` + b.noteID + `"`
	body := `{"Payments":[` + strings.Join([]string{
		pay("12.00"), refund(id, "605", "18.50"), refund(id, "605", "8.00"), pay("0.01"), refund(id, "9", "1"),
	}, ",") + `]}`
	require.Contains(t, b.refused("PUT", "/Payments", body), "exceeds the amount outstanding")
	require.Empty(t, b.Payments(""))

	var verdicts []string
	for _, e := range b.want("PUT", "/Payments?summarizeErrors=false", "Payments", body) {
		verdicts = append(verdicts, fmt.Sprint(e["Amount"], e["StatusAttributeString"], e["HasValidationErrors"], e["PaymentID"] == noID, messages(e)))
	}
	const excess = "The payment amount exceeds the amount outstanding on this document"
	require.Equal(t, []string{
		"12.00OKfalse false", "18.50ERRORtrue true" + excess, "8.00OKfalse false", "0.01ERRORtrue true" + excess,
		"1ERRORtrue trueAccount could not be found",
	}, verdicts)

	found := func(where string) string {
		var amounts []string
		for _, p := range b.want("GET", "/Payments?where="+url.QueryEscape(where), "Payments", "") {
			amounts = append(amounts, fmt.Sprint(p["PaymentType"], p["Amount"]))
		}
		return strings.Join(amounts, " ")
	}
	invoice, note := `Invoice.InvoiceID==guid("`+b.invoiceID+`")`, `CreditNote.CreditNoteID==guid("`+b.noteID+`")`
	require.Equal(t, "ACCRECPAYMENT12.00", found(invoice))
	require.Equal(t, "ARCREDITPAYMENT8.00", found(note))
	require.Equal(t, "ACCRECPAYMENT12.00 ARCREDITPAYMENT8.00", found(invoice+" OR "+note))
	require.Equal(t, "ARCREDITPAYMENT8.00", found(`CreditNote.CreditNoteNumber=="C1"`))
	require.Empty(t, found(`Invoice.InvoiceID==guid("`+b.noteID+`")`))

	paid := elements(t, b.invoice("N1"), "Payments")[0]
	require.Equal(t, "ch_1 12.00", fmt.Sprint(paid["Reference"], " ", paid["Amount"]))
	require.NotEmpty(t, paid["PaymentID"])

	status, dump := b.control("GET", "/payments", "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "12 8", fmt.Sprint(dump["total"], " ", dump["refunded"]))
	require.Equal(t, "C1", b.Payments("")[1].CreditNoteNumber)
	require.Empty(t, b.Payments("")[1].InvoiceID)
}
