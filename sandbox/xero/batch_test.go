package xero_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const noID = "00000000-0000-0000-0000-000000000000"

func TestOneBadElementRefusesTheBatch(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	body := `{"Invoices":[` + sale(contact, "N1", goods("1")) + `,` + sale(contact, "N2", strings.Replace(goods("1"), `"200"`, `"9999"`, 1)) + `]}`
	for _, query := range []string{"", "?summarizeErrors=true"} {
		status, answer := b.call("PUT", "/Invoices"+query, body)
		require.Equal(t, http.StatusBadRequest, status)
		require.Equal(t, "ValidationException", answer["Type"])
		refused := elements(t, answer, "Elements")
		require.Len(t, refused, 1)
		require.Equal(t, "N2", refused[0]["InvoiceNumber"])
		require.Equal(t, "Account code '9999' is not a valid code for this document.", messages(refused[0]))
	}
	require.Empty(t, b.Invoices(""))
	b.want("PUT", "/Invoices", "Invoices", sale(contact, "N1", goods("1")))
}

func TestEveryElementHasItsVerdictOnDemand(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	b.want("PUT", "/Invoices", "Invoices", sale(contact, "TAKEN", goods("1")))
	body := `{"Invoices":[` + strings.Join([]string{
		sale(contact, "N1", goods("1")), sale(contact, "TAKEN", goods("1")), sale(contact, "N1", goods("1")), sale(contact, "N2", goods("1")),
	}, ",") + `]}`
	got := b.want("PUT", "/Invoices?summarizeErrors=false", "Invoices", body)
	var verdicts []string
	for _, e := range got {
		verdicts = append(verdicts, fmt.Sprint(e["InvoiceNumber"], e["StatusAttributeString"], e["HasErrors"], e["InvoiceID"] == noID, messages(e)))
	}
	require.Equal(t, []string{
		"N1OKfalse false", "TAKENERRORtrue trueInvoice # must be unique.", "N1ERRORtrue trueInvoice # must be unique.", "N2OKfalse false",
	}, verdicts)
	require.Len(t, b.Invoices(""), 3)

	contacts := b.want("PUT", "/Contacts?summarizeErrors=false", "Contacts", `{"Contacts":[{"Name":"Ada"},{"Name":"Bob"}]}`)
	require.Equal(t, true, contacts[0]["HasValidationErrors"])
	require.Equal(t, noID, contacts[0]["ContactID"])
	require.Equal(t, false, contacts[1]["HasValidationErrors"])
}

func TestRefusedElementLeavesNoContactBehind(t *testing.T) {
	t.Parallel()
	b := linked(t)
	withName := func(name, number, unit string) string {
		return strings.Replace(sale("", number, goods(unit)), `"ContactID":""`, `"Name":"`+name+`"`, 1)
	}
	b.refused("PUT", "/Invoices", `{"Invoices":[`+withName("Ada", "N1", "1")+`,`+withName("Bob", "N2", "-1")+`]}`)
	require.Empty(t, b.Contacts(""))
	require.Empty(t, b.Invoices(""))
}

func TestUnreadableBodies(t *testing.T) {
	t.Parallel()
	b := linked(t)
	for _, body := range []string{"", "[]", "{", `"text"`, `{"Invoices":[]}`, `{"Invoices":{}}`, `{"Invoices":[{"Type":5}]}`} {
		status, answer := b.call("PUT", "/Invoices", body)
		require.Equal(t, http.StatusBadRequest, status, body)
		require.Equal(t, "PostDataInvalidException", answer["Type"], body)
	}
}

func TestManyInvoicesKeepTheOrderOfTheRequest(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	const batches, size = 20, 50
	for i := range batches {
		var items []string
		for k := range size {
			items = append(items, sale(contact, fmt.Sprintf("N-%d-%d", i, k), goods("1.00")))
		}
		got := b.want("PUT", "/Invoices?summarizeErrors=false&unitdp=4", "Invoices", `{"Invoices":[`+strings.Join(items, ",")+`]}`)
		for k, e := range got {
			require.Equal(t, fmt.Sprintf("N-%d-%d", i, k), e["InvoiceNumber"])
		}
	}
	require.Equal(t, batches*size, b.Stats().Invoices)
	status, dump := b.control("GET", "/invoices", "")
	require.Equal(t, http.StatusOK, status)
	totals := dump["totals"].(map[string]any)["GBP"].(map[string]any)
	require.Equal(t, "1200", totals["total"])
}
