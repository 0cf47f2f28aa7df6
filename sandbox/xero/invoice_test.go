package xero_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"byte8.io/ledger/sandbox/xero"
)

func TestInvoiceTotals(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	third := `{"Description":"x","Quantity":1,"UnitAmount":0.33,"AccountCode":"200","TaxType":"OUTPUT2"}`
	for name, c := range map[string]struct {
		amounts, unitdp, lines string
		subTotal, tax, total   string
	}{
		"tax is rounded line by line": {"Exclusive", "", third + "," + third + "," + third, "0.99", "0.21", "1.20"},
		"half a cent goes away from zero": {
			"Exclusive", "", `{"Description":"x","Quantity":1,"UnitAmount":0.30,"AccountCode":"200","TaxType":"RROUTPUT"}`, "0.30", "0.02", "0.32",
		},
		"half a cent of a negative line goes away from zero": {
			"Exclusive", "", goods("10.00") + `,{"Description":"x","Quantity":1,"UnitAmount":-0.30,"AccountCode":"200","TaxType":"RROUTPUT"}`, "9.70", "1.98", "11.68",
		},
		"a tax that was sent is kept": {
			"Exclusive", "", `{"Description":"x","Quantity":3,"UnitAmount":0.33,"AccountCode":"200","TaxType":"OUTPUT2","TaxAmount":0.21}`, "0.99", "0.21", "1.20",
		},
		"inclusive amounts contain the tax": {"Inclusive", "", goods("19.99"), "16.66", "3.33", "19.99"},
		"no tax":                            {"NoTax", "", goods("19.99"), "19.99", "0.00", "19.99"},
		"unit amounts are cut to two places": {
			"Exclusive", "", `{"Description":"x","Quantity":100,"UnitAmount":0.1249,"AccountCode":"200","TaxType":"OUTPUT2"}`, "12.00", "2.40", "14.40",
		},
		"unit amounts have four places on demand": {
			"Exclusive", "4", `{"Description":"x","Quantity":100,"UnitAmount":0.1249,"AccountCode":"200","TaxType":"OUTPUT2"}`, "12.49", "2.50", "14.99",
		},
		"discount by rate": {
			"Exclusive", "", `{"Description":"x","Quantity":3,"UnitAmount":9.99,"DiscountRate":10,"AccountCode":"200","TaxType":"OUTPUT2"}`, "26.97", "5.39", "32.36",
		},
		"discount by amount": {
			"Exclusive", "", `{"Description":"x","Quantity":3,"UnitAmount":9.99,"DiscountAmount":2.97,"AccountCode":"200","TaxType":"OUTPUT2"}`, "27.00", "5.40", "32.40",
		},
		"text line, shipping and voucher": {
			"Exclusive", "4", `{"Description":"Order 345"},
			{"Description":"Bag","Quantity":2,"UnitAmount":12.5000,"LineAmount":25.00,"AccountCode":"200","TaxType":"OUTPUT2","TaxAmount":5.00},
			{"Description":"Voucher","Quantity":1,"UnitAmount":-2.50,"AccountCode":"200","TaxType":"OUTPUT2","TaxAmount":-0.50},
			{"Description":"Shipping","Quantity":1,"UnitAmount":"3.75","AccountCode":"425","TaxType":"OUTPUT2","TaxAmount":0.75},
			{"Description":"Rounding","Quantity":1,"UnitAmount":0.01,"AccountCode":"860","TaxType":"NONE"}`, "26.26", "5.25", "31.51",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := strings.Replace(sale(contact, "N-"+name, c.lines), `"Status"`, `"LineAmountTypes":"`+c.amounts+`","Status"`, 1)
			made := b.want("PUT", "/Invoices?unitdp="+c.unitdp, "Invoices", body)[0]
			require.Equal(t, json.Number(c.subTotal), made["SubTotal"])
			require.Equal(t, json.Number(c.tax), made["TotalTax"])
			require.Equal(t, json.Number(c.total), made["Total"])
			require.Equal(t, json.Number(c.total), made["AmountDue"])
			require.Equal(t, "/Date(1790812800000+0000)/", made["Date"])
			require.Equal(t, "2026-10-31T00:00:00", made["DueDateString"])
		})
	}
}

func TestInvoiceRules(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	base := sale(contact, "N1", goods("10.00"))
	line := func(change string) string {
		return sale(contact, "N1", `{"Description":"x","Quantity":1,"UnitAmount":10.00,"AccountCode":"200","TaxType":"OUTPUT2",`+change+`}`)
	}
	for name, c := range map[string]struct{ body, fragment string }{
		"no type":              {strings.Replace(base, `"Type":"ACCREC",`, "", 1), "Type is required"},
		"no due date":          {strings.Replace(base, `"DueDate":"2026-10-31",`, "", 1), "DueDate is required"},
		"no lines":             {sale(contact, "N1", ""), "line items must be specified"},
		"no description":       {strings.Replace(base, `"Description":"Canvas bag",`, "", 1), "Description is required"},
		"born paid":            {strings.Replace(base, `AUTHORISED`, "PAID", 1), "cannot have the status PAID"},
		"unknown contact":      {sale("0a4f0c9e-7a34-4f3a-9a77-2b6f5e1d1234", "N1", goods("1")), "could not be found"},
		"no contact":           {strings.Replace(base, `"ContactID"`, `"X"`, 1), "must contain at least 1 of"},
		"unknown account":      {line(`"AccountCode":"9999"`), "Account code '9999' is not a valid code for this document."},
		"archived account":     {line(`"AccountCode":"299"`), "is not a valid code"},
		"bank account":         {line(`"AccountCode":"090"`), "is not a valid code"},
		"debtors":              {line(`"AccountCode":"610"`), "is not a valid code"},
		"no account":           {line(`"AccountCode":""`), "Account code or ID must be specified"},
		"purchase tax":         {line(`"TaxType":"INPUT2"`), "cannot be used with account code"},
		"unknown tax":          {line(`"TaxType":"TAX001"`), "does not exist"},
		"deleted tax":          {line(`"TaxType":"OUTPUT"`), "does not exist"},
		"tax above line":       {line(`"TaxAmount":10.01`), "TaxAmount cannot be greater"},
		"tax of other sign":    {line(`"TaxAmount":-1`), "sign of the line"},
		"line total differs":   {line(`"LineAmount":10.01`), "does not match the expected line total"},
		"discount above line":  {line(`"DiscountAmount":10.01`), "Discount must not be greater"},
		"two discounts":        {line(`"DiscountAmount":1,"DiscountRate":1`), "Only one of"},
		"item":                 {line(`"ItemCode":"BAG"`), "Item code 'BAG' is not valid"},
		"tracking":             {line(`"Tracking":[{"Name":"Channel","Option":"Moon"}]`), "tracking category"},
		"negative total":       {sale(contact, "N1", goods("-0.01")), "less than zero"},
		"currency":             {strings.Replace(base, `"Status"`, `"CurrencyCode":"JPY","Status"`, 1), "not subscribed to currency"},
		"line amount types":    {strings.Replace(base, `"Status"`, `"LineAmountTypes":"Gross","Status"`, 1), "LineAmountTypes"},
		"sum differs":          {strings.Replace(base, `"Status"`, `"Total":11.99,"Status"`, 1), "does not equal the sum of the lines"},
		"xero address":         {strings.Replace(base, `"Status"`, `"Url":"https://go.xero.com/x","Status"`, 1), "Url must not"},
		"no address":           {strings.Replace(base, `"Status"`, `"Url":"shop","Status"`, 1), "Url must be"},
		"number not ASCII":     {sale(contact, "Nº1", goods("1")), "printable ASCII"},
		"theme":                {strings.Replace(base, `"Status"`, `"BrandingThemeID":"x","Status"`, 1), "branding theme"},
		"bill":                 {strings.Replace(base, `ACCREC`, "ACCPAY", 1), "ACCREC"},
		"sent while a draft":   {strings.Replace(base, `"Status":"AUTHORISED"`, `"SentToContact":true`, 1), "SentToContact"},
		"line total too great": {sale(contact, "N1", goods("10000000000.00")), "out of range"},
	} {
		require.Contains(t, b.refused("PUT", "/Invoices", c.body), c.fragment, name)
	}
	require.Empty(t, b.Invoices(""))

	status, answer := b.call("PUT", "/Invoices", strings.Replace(base, "2026-10-01", "01/10/2026", 1))
	require.Equal(t, http.StatusBadRequest, status)
	require.Equal(t, "PostDataInvalidException", answer["Type"])
	b.want("PUT", "/Invoices", "Invoices", base)
}

func TestDraftNeedsLess(t *testing.T) {
	t.Parallel()
	b := linked(t)
	made := b.want("PUT", "/Invoices", "Invoices", `{"Type":"ACCREC","Contact":{"ContactID":"`+b.contact("Ada")+`"},"LineItems":[{"Description":"x","UnitAmount":5}]}`)[0]
	require.Equal(t, "DRAFT", made["Status"])
	require.Equal(t, "INV-0001", made["InvoiceNumber"])
	require.Equal(t, "2026-10-01T00:00:00", made["DateString"])

	path := "/Invoices/" + made["InvoiceID"].(string)
	approve := `{"Status":"AUTHORISED","DueDate":"2026-10-31"`
	require.Contains(t, b.refused("POST", path, approve+`}`), "Account code or ID must be specified")
	require.Contains(t, b.refused("POST", path, `{"LineAmountTypes":"Inclusive"}`), "together with the line items")
	approved := b.want("POST", path, "Invoices", approve+`,"LineItems":[`+goods("5")+`]}`)[0]
	require.Equal(t, "AUTHORISED", approved["Status"])
	require.Equal(t, json.Number("6.00"), approved["Total"])
}

func TestDateIsTodayWhereTheOrganisationIs(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	b.clock.advance(14*time.Hour + 10*time.Minute)
	_, tokens := b.rotate(b.refresh)
	b.access = tokens["access_token"].(string)
	made := b.want("PUT", "/Invoices", "Invoices", strings.Replace(sale(contact, "N1", goods("1")), `"Date":"2026-10-01",`, "", 1))[0]
	require.Equal(t, "2026-10-02T00:00:00", made["DateString"], "23:10 UTC is past midnight of British summer time")
}

func TestForeignCurrency(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	withRate := strings.Replace(sale(contact, "N1", goods("1")), `"Status"`, `"CurrencyCode":"EUR","CurrencyRate":1.2345678,"Status"`, 1)
	require.Equal(t, json.Number("1.234568"), b.want("PUT", "/Invoices", "Invoices", withRate)[0]["CurrencyRate"])
	without := strings.Replace(sale(contact, "N2", goods("1")), `"Status"`, `"CurrencyCode":"EUR","Status"`, 1)
	require.Equal(t, json.Number("1.16"), b.want("PUT", "/Invoices", "Invoices", without)[0]["CurrencyRate"])
	require.Equal(t, json.Number("1.00"), b.want("PUT", "/Invoices", "Invoices", sale(contact, "N3", goods("1")))[0]["CurrencyRate"])
}

func TestInvoiceNumberIsUniqueForPutAndAKeyForPost(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	first := b.want("PUT", "/Invoices", "Invoices", sale(contact, "M2-1", goods("10.00")))[0]
	require.Contains(t, b.refused("PUT", "/Invoices", sale(contact, "M2-1", goods("10.00"))), "Invoice # must be unique")

	edited := b.want("POST", "/Invoices", "Invoices", sale(contact, "M2-1", goods("11.00")))[0]
	require.Equal(t, first["InvoiceID"], edited["InvoiceID"])
	require.Equal(t, json.Number("13.20"), edited["Total"])
	require.Len(t, b.Invoices(""), 1)

	require.NoError(t, b.VoidInvoice(first["InvoiceID"].(string)))
	require.Contains(t, b.refused("PUT", "/Invoices", sale(contact, "M2-1", goods("10.00"))), "must be unique", "a voided number stays taken")
	require.Contains(t, b.refused("POST", "/Invoices", sale(contact, "M2-1", goods("10.00"))), "not of valid status for modification")

	draft := b.want("PUT", "/Invoices", "Invoices", strings.Replace(sale(contact, "M2-2", goods("1.00")), "AUTHORISED", "DRAFT", 1))[0]
	b.want("POST", "/Invoices/"+draft["InvoiceID"].(string), "Invoices", `{"Status":"DELETED"}`)
	b.want("PUT", "/Invoices", "Invoices", sale(contact, "M2-2", goods("1.00")))
	require.Contains(t, b.refused("POST", "/Invoices/M2-2", `{"Status":"DELETED"}`), "not of valid status")
	b.want("POST", "/Invoices/M2-2", "Invoices", `{"Status":"VOIDED"}`)
}

func TestZeroTotalIsPaidAtOnce(t *testing.T) {
	t.Parallel()
	b := linked(t)
	made := b.want("PUT", "/Invoices", "Invoices", sale(b.contact("Ada"), "N1", goods("0.00")))[0]
	require.Equal(t, "PAID", made["Status"])
	require.Equal(t, json.Number("0.00"), made["AmountDue"])
}

func TestLockDates(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	status, _ := b.control("PUT", "/organisation", `{"periodLockDate":"2026-10-01"}`)
	require.Equal(t, http.StatusNoContent, status)
	require.Contains(t, b.refused("PUT", "/Invoices", sale(contact, "N1", goods("1"))), "cannot be before the period lock date 1 Oct 2026")
	b.want("PUT", "/Invoices", "Invoices", strings.Replace(sale(contact, "N1", goods("1")), "AUTHORISED", "DRAFT", 1))
	organisation := b.want("GET", "/Organisation", "Organisations", "")[0]
	require.Equal(t, "/Date(1790812800000+0000)/", organisation["PeriodLockDate"])

	require.NoError(t, b.SetLockDates("", time.Time{}, time.Date(2026, 10, 2, 0, 0, 0, 0, time.UTC)))
	require.Contains(t, b.refused("PUT", "/Invoices", sale(contact, "N2", goods("1"))), "cannot be before the end of year lock date")
	require.NoError(t, b.SetLockDates("", time.Time{}, time.Time{}))
	b.want("PUT", "/Invoices", "Invoices", sale(contact, "N2", goods("1")))
}

func TestInvoiceLists(t *testing.T) {
	t.Parallel()
	b := linked(t)
	ada, bob := b.contact("Ada"), b.contact("Bob")
	b.want("PUT", "/Invoices", "Invoices", `{"Invoices":[`+sale(ada, "M2-1", goods("1"))+`,`+sale(bob, "M2-2", goods("2"))+`,`+
		strings.Replace(sale(bob, "M2-3", goods("3")), "AUTHORISED", "DRAFT", 1)+`]}`)
	status, answer := b.control("POST", "/invoices", sale(ada, "INV-7", goods("4")))
	require.Equal(t, http.StatusOK, status, answer)
	numbers := func(query string) string {
		var out []string
		for _, inv := range b.want("GET", "/Invoices?"+query, "Invoices", "") {
			out = append(out, inv["InvoiceNumber"].(string))
		}
		return strings.Join(out, " ")
	}
	require.Equal(t, "M2-2 M2-1", numbers("InvoiceNumbers=M2-2,M2-9,M2-1"))
	require.Equal(t, "M2-2 M2-3", numbers("ContactIDs="+bob))
	require.Equal(t, "M2-3", numbers("Statuses=DRAFT,VOIDED"))
	require.Equal(t, "M2-1 M2-2 M2-3", numbers("createdByMyApp=true"))
	require.Equal(t, "M2-1 M2-2 M2-3 INV-7", numbers(""))
	require.Equal(t, "M2-2", numbers("where="+url.QueryEscape(`Reference=="Order M2-2"`)))
	require.Equal(t, "M2-1 INV-7", numbers("where="+url.QueryEscape(`Contact.ContactID==guid("`+ada+`") AND Date>=DateTime(2026,10,01)`)))
	require.Equal(t, "M2-3", numbers("where="+url.QueryEscape(`AmountDue>2.5 AND (Status=="DRAFT" OR Status=="PAID")`)))
	require.Equal(t, "M2-3", numbers("searchTerm=order+m2-3"))
	require.Equal(t, "M2-3 INV-7", numbers("page=2&pageSize=2"))
	id := b.Invoices("")[0].ID
	require.Equal(t, "M2-1", numbers("IDs="+id))

	require.NotContains(t, b.want("GET", "/Invoices?InvoiceNumbers=M2-1", "Invoices", "")[0], "LineItems")
	require.Contains(t, b.want("GET", "/Invoices?InvoiceNumbers=M2-1&page=1", "Invoices", "")[0], "LineItems")
	require.NotContains(t, b.want("GET", "/Invoices?page=1&summaryOnly=true", "Invoices", "")[0], "LineItems")
	require.Equal(t, id, b.want("GET", "/Invoices/M2-1", "Invoices", "")[0]["InvoiceID"])
	status, _ = b.call("GET", "/Invoices/M2-99", "")
	require.Equal(t, http.StatusNotFound, status)

	b.clock.advance(2 * time.Minute)
	b.want("POST", "/Invoices/M2-3", "Invoices", `{"Reference":"changed"}`)
	since := b.want("GET", "/Invoices", "Invoices", "", "If-Modified-Since", "2026-10-01T09:01:00")
	require.Len(t, since, 1)
	require.Equal(t, "changed", since[0]["Reference"])
}

func TestPayments(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	made := b.want("PUT", "/Invoices", "Invoices", sale(contact, "N1", goods("10.00")))[0]
	id := made["InvoiceID"].(string)
	pay := func(account, amount string) string {
		return `{"Payments":[{"Invoice":{"InvoiceID":"` + id + `"},"Account":{"Code":"` + account + `"},"Date":"2026-10-02","Amount":` + amount + `,"Reference":"ch_1"}]}`
	}
	require.Contains(t, b.refused("PUT", "/Payments", pay("090", "12.01")), "exceeds the amount outstanding")
	require.Contains(t, b.refused("PUT", "/Payments", pay("200", "1")), "not a valid code for a payment")
	require.Contains(t, b.refused("PUT", "/Payments", pay("999", "1")), "Account could not be found")
	require.Contains(t, b.refused("PUT", "/Payments", pay("090", "0")), "greater than zero")
	require.Contains(t, b.refused("PUT", "/Payments", `{"Account":{"Code":"090"},"Amount":1}`), "exactly one of")

	first := b.want("PUT", "/Payments", "Payments", pay("605", "5.00"))[0]
	require.Equal(t, "AUTHORISED", b.want("GET", "/Invoices/"+id, "Invoices", "")[0]["Status"])
	require.Contains(t, b.refused("POST", "/Invoices", sale(contact, "N1", goods("9.00"))), "not of valid status for modification")
	b.want("PUT", "/Payments", "Payments", pay("090", "7.00"))
	paid := b.want("GET", "/Invoices/"+id, "Invoices", "")[0]
	require.Equal(t, "PAID", paid["Status"])
	require.Len(t, paid["Payments"], 2)
	require.Equal(t, "/Date(1790899200000+0000)/", paid["FullyPaidOnDate"])
	require.Contains(t, b.refused("PUT", "/Payments", pay("090", "0.01")), "exceeds the amount outstanding")
	require.Contains(t, b.refused("POST", "/Invoices/"+id, `{"Status":"VOIDED"}`), "not of valid status")
	require.ErrorIs(t, b.VoidInvoice(id), xero.ErrRefused)

	where := url.QueryEscape(`Invoice.InvoiceID==guid("` + id + `") AND Status=="AUTHORISED"`)
	require.Len(t, b.want("GET", "/Payments?where="+where, "Payments", ""), 2)
	b.want("POST", "/Payments/"+first["PaymentID"].(string), "Payments", `{"Status":"DELETED"}`)
	require.Len(t, b.want("GET", "/Payments?where="+where, "Payments", ""), 1)
	again := b.want("GET", "/Invoices/"+id, "Invoices", "")[0]
	require.Equal(t, "AUTHORISED", again["Status"])
	require.Equal(t, json.Number("5.00"), again["AmountDue"])

	draft := strings.Replace(sale(contact, "N2", goods("10.00")), "AUTHORISED", "DRAFT", 1)
	id = b.want("PUT", "/Invoices", "Invoices", draft)[0]["InvoiceID"].(string)
	require.Contains(t, b.refused("PUT", "/Payments", pay("090", "1.00")), "only be made against Authorised documents")
}

func TestRefusedBatchOfPaymentsLeavesNothing(t *testing.T) {
	t.Parallel()
	b := linked(t)
	id := b.want("PUT", "/Invoices", "Invoices", sale(b.contact("Ada"), "N1", goods("10.00")))[0]["InvoiceID"].(string)
	one := `{"Invoice":{"InvoiceID":"` + id + `"},"Account":{"Code":"090"},"Amount":12}`
	require.Contains(t, b.refused("PUT", "/Payments", `{"Payments":[`+one+`,`+one+`]}`), "exceeds the amount outstanding")
	require.Empty(t, b.Payments(""))
	require.Equal(t, "AUTHORISED", b.Invoices("")[0].Status)
	require.True(t, b.Invoices("")[0].AmountPaid.IsZero())
}
