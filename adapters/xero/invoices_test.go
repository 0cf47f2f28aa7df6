package xero_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/ports"
	sandbox "byte8.io/ledger/sandbox/xero"
)

func TestPutInvoices(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	contact := b.contact("s-1", "Ada Lovelace")
	writes := invoices(contact, numbered("M2-", 120)...)
	outcomes, err := b.PutInvoices(t.Context(), b.session, writes)
	require.NoError(t, err)
	require.Len(t, outcomes, len(writes))
	for i, o := range outcomes {
		require.NoError(t, o.Err)
		require.Equal(t, writes[i].Invoice.Number, o.Entity.Number)
		require.Equal(t, "AUTHORISED", o.Entity.Status)
		require.Equal(t, "https://go.xero.com/organisationlogin/default.aspx?shortcode=!SBX01&redirecturl=/AccountsReceivable/Edit.aspx?InvoiceID="+o.Entity.ID, o.Entity.URL)
		require.True(t, o.Totals.Equal(writes[i].Invoice.Totals()), "%v", o.Totals)
	}
	require.Len(t, b.sandbox.Invoices(""), 120)
	require.Len(t, b.recorder.of(http.MethodPut, "/Invoices"), 3)
}

func TestInvoiceOnTheWire(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	contact := b.contact("s-1", "Ada Lovelace")
	inv := invoice(contact, "M2-1")
	tax := money.Of("4")
	inv.Lines = append(inv.Lines, books.Line{
		Description: "Discounted", Quantity: money.Of("1"), UnitAmount: money.Of("20"), Discount: money.Of("2.5"),
		AccountCode: "260", TaxType: "OUTPUT2", TaxPercent: money.Of("20"), TaxAmount: &tax,
	})
	outcomes, err := b.PutInvoices(t.Context(), b.session, []ports.InvoiceWrite{{Key: "k", Invoice: inv}})
	require.NoError(t, err)
	require.NoError(t, outcomes[0].Err)

	sent := b.recorder.of(http.MethodPut, "/Invoices")[0]
	want := `{"Type":"ACCREC","Contact":{"ContactID":"` + contact + `"},"InvoiceNumber":"M2-1","Reference":"Order M2-1",` +
		`"Date":"2026-10-01","DueDate":"2026-10-31","CurrencyCode":"GBP","LineAmountTypes":"Exclusive","Status":"AUTHORISED",` +
		`"Url":"https://shop.example.test/admin/sales/order/view/order_id/7","LineItems":[` +
		`{"Description":"Canvas bag & strap","Quantity":2.0000,"UnitAmount":12.3456,"AccountCode":"200","TaxType":"OUTPUT2"},` +
		`{"Description":"Discounted","Quantity":1.0000,"UnitAmount":20.0000,"DiscountAmount":2.50,"AccountCode":"260","TaxType":"OUTPUT2","TaxAmount":4.00}]}`
	require.Equal(t, `{"Invoices":[`+want+`]}`, string(sent.sent))
	require.Equal(t, want, string(outcomes[0].Request))
	require.Equal(t, "summarizeErrors=false&unitdp=4", sent.request.URL.RawQuery)
	require.Regexp(t, `^[0-9a-f]{64}$`, sent.request.Header.Get("Idempotency-Key"))
	require.Equal(t, "application/json", sent.request.Header.Get("Accept"))
	require.Equal(t, "byte8-ledger", sent.request.UserAgent())

	var kept map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(outcomes[0].Response, &kept))
	require.Equal(t, []string{
		"AmountDue", "Contact", "CurrencyCode", "CurrencyRate", "InvoiceID", "InvoiceNumber", "Reference", "Status",
		"StatusAttributeString", "SubTotal", "Total", "TotalTax",
	}, slices.Sorted(maps.Keys(kept)))
	require.NotContains(t, string(outcomes[0].Response), "Lovelace")
}

func TestInvoiceWithoutOptionalParts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	inv := invoice(b.contact("s-1", "Ada"), "M2-1")
	inv.DueDate, inv.Currency, inv.Status = books.Date{}, "JPY", books.StatusDraft
	inv.Lines[0].AccountCode = ""
	for source, want := range map[string]bool{
		"": false, "not a link": false, "https://go.xero.com/x": false, "javascript:alert(1)": false, "http://shop.test/": true,
	} {
		inv.SourceURL = source
		outcomes, err := b.PutInvoices(t.Context(), b.session, []ports.InvoiceWrite{{Key: "k" + source, Invoice: inv}})
		require.NoError(t, err)
		sent := string(outcomes[0].Request)
		require.Equal(t, want, strings.Contains(sent, `"Url"`), sent)
		require.Contains(t, sent, `"DueDate":"2026-10-31"`)
		require.NotContains(t, sent, "AccountCode")
	}
}

func TestWritesAreRepeatable(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	contact := b.contact("s-1", "Ada Lovelace")
	b.contact("s-1", "Ada Lovelace")
	writes := invoices(contact, numbered("M2-", 60)...)
	first, err := b.PutInvoices(t.Context(), b.session, writes)
	require.NoError(t, err)
	slices.Reverse(writes)
	again, err := b.PutInvoices(t.Context(), b.session, writes)
	require.NoError(t, err)
	slices.Reverse(again)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the second call's outcomes (-first +second):\n%s", diff)
	}
	require.Len(t, b.sandbox.Invoices(""), 60)
	require.Equal(t, 3, b.sandbox.Stats().IdempotentReplays)
	calls := b.recorder.of(http.MethodPut, "/Invoices")
	require.Len(t, calls, 4)
	for i := range 2 {
		require.Equal(t, calls[i].request.Header.Get("Idempotency-Key"), calls[i+2].request.Header.Get("Idempotency-Key"))
		require.Equal(t, calls[i].sent, calls[i+2].sent)
	}
	require.NotEqual(t, calls[0].request.Header.Get("Idempotency-Key"), calls[1].request.Header.Get("Idempotency-Key"))
}

func TestRefusedElements(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	contact := b.contact("s-1", "Ada Lovelace")
	archived := b.contact("s-2", "Grace Hopper")
	require.NoError(t, b.sandbox.ArchiveContact(archived))
	writes := invoices(contact, numbered("M2-", 8)...)
	writes[1].Invoice.Lines[0].AccountCode = "299"
	writes[2].Invoice.Lines[0].TaxType = "OUTPUT"
	writes[3].Invoice.Currency = "CHF"
	writes[4].Invoice.ContactID = archived
	writes[5].Invoice.Number = writes[0].Invoice.Number
	writes[6].Invoice.Lines[0].Discount = money.Of("99")
	tooMuch := money.Of("99")
	writes[7].Invoice.Lines[0].TaxAmount = &tooMuch
	outcomes, err := b.PutInvoices(t.Context(), b.session, writes)
	require.NoError(t, err)
	want := []fault.Code{
		"", fault.CodeAccountInvalid, fault.CodeTaxTypeInvalid, fault.CodeCurrencyNotSubscribed,
		fault.CodeContactArchived, fault.CodeNumberTaken, fault.CodeTotalsDiffer, fault.CodeTotalsDiffer,
	}
	for i, o := range outcomes {
		if i == 0 {
			require.NoError(t, o.Err)
			continue
		}
		if got := fault.CodeOf(o.Err); got != want[i] {
			t.Errorf("invoice %d: %v, want %s", i, o.Err, want[i])
		}
	}
	require.Len(t, b.sandbox.Invoices(""), 1)
	require.NotContains(t, string(outcomes[4].Response)+outcomes[4].Err.Error(), "Hopper")
	require.Contains(t, string(outcomes[1].Response), "is not a valid code")

	taken, err := b.PutInvoices(t.Context(), b.session, []ports.InvoiceWrite{{Key: "other", Invoice: writes[0].Invoice}})
	require.NoError(t, err)
	require.Equal(t, fault.CodeNumberTaken, fault.CodeOf(taken[0].Err))
}

func TestLockedPeriod(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	contact := b.contact("s-1", "Ada Lovelace")
	locked := time.Date(2026, time.October, 31, 0, 0, 0, 0, time.UTC)
	require.NoError(t, b.sandbox.SetLockDates("", locked, time.Time{}))
	outcomes, err := b.PutInvoices(t.Context(), b.session, invoices(contact, "M2-1"))
	require.NoError(t, err)
	require.Equal(t, fault.CodePeriodLocked, fault.CodeOf(outcomes[0].Err))
}

func TestUncertainInvoices(t *testing.T) {
	t.Parallel()
	for _, kind := range []sandbox.Kind{sandbox.TimeoutAfter, sandbox.Fail500After, sandbox.Fail500Before, sandbox.MalformedJSON, sandbox.HTMLError} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(_ *sandbox.Options, c *xero.Config) { c.Timeout = 2 * time.Second })
			writes := invoices(b.contact("s-1", "Ada Lovelace"), numbered("M2-", 60)...)
			require.NoError(t, b.sandbox.InjectFault(sandbox.Fault{Kind: kind, Method: http.MethodPut, Path: "/Invoices", DelayMS: 60_000}))
			outcomes, err := b.PutInvoices(t.Context(), b.session, writes)
			if kind == sandbox.MalformedJSON {
				require.NoError(t, err)
				for i, o := range outcomes {
					require.Equal(t, i < 50, fault.Is(o.Err, fault.CodeProviderUncertain), "%d: %v", i, o.Err)
				}
				return
			}
			require.NoError(t, err)
			for i, o := range outcomes {
				want := fault.CodeProviderUncertain
				if i >= 50 {
					want = fault.CodeProviderUnavailable
				}
				require.Equal(t, want, fault.CodeOf(o.Err), "%d: %v", i, o.Err)
			}
		})
	}
}

func TestCutConnectionIsResent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	contact := b.contact("s-1", "Ada Lovelace")
	b.inject(sandbox.TimeoutAfter, http.MethodPut, "/Invoices")
	outcomes, err := b.PutInvoices(t.Context(), b.session, invoices(contact, "M2-1"))
	if err == nil {
		err = outcomes[0].Err
	}
	if err != nil {
		require.Equal(t, fault.CodeProviderUncertain, fault.CodeOf(err), "a fresh connection is not resent")
	}
	require.Len(t, b.sandbox.Invoices(""), 1)
}

func TestFindInvoices(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	contact := b.contact("s-1", "Ada Lovelace")
	numbers := append(numbered("M2-", 60), "odd, number", "M2 & more")
	outcomes, err := b.PutInvoices(t.Context(), b.session, invoices(contact, numbers...))
	require.NoError(t, err)
	require.NoError(t, b.sandbox.VoidInvoice(outcomes[3].Entity.ID))
	before := len(b.recorder.of(http.MethodGet, "/Invoices"))
	found, err := b.FindInvoices(t.Context(), b.session, append(numbers, "M2-9999", "", "M2-0001"))
	require.NoError(t, err)
	require.Len(t, found, len(numbers))
	for i, n := range numbers {
		f := found[n]
		require.Equal(t, outcomes[i].Entity.ID, f.Entity.ID)
		require.Equal(t, "Order "+n, f.Reference)
		require.Equal(t, contact, f.ContactID)
		require.Equal(t, "GBP", f.Currency)
		require.Equal(t, i == 3, f.IsGone)
		require.Equal(t, i != 3, f.TakesPayments)
		require.Empty(t, f.Payments)
		require.Equal(t, i != 3, f.AmountDue.Equal(f.Totals.Gross), "%s is due", f.AmountDue)
		require.True(t, f.Totals.Equal(outcomes[i].Totals))
	}
	require.Equal(t, 3, len(b.recorder.of(http.MethodGet, "/Invoices"))-before)
}

func TestFindInvoicesPrefersTheStandingOne(t *testing.T) {
	t.Parallel()
	p, _ := stub(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"Invoices":[
			{"Type":"ACCREC","InvoiceID":"a","InvoiceNumber":"m-1","Status":"DELETED","Total":"1.50"},
			{"Type":"ACCREC","InvoiceID":"b","InvoiceNumber":"M-1","Status":"PAID","Total":"12.00","SubTotal":10,"TotalTax":2.0,"AmountDue":"1.5",
			 "Payments":[{"PaymentID":"p","Amount":"10.5","Reference":"r","Account":{"AccountID":"a"}},{"PaymentID":"q","Amount":3,"Status":"DELETED"}]},
			{"Type":"ACCREC","InvoiceID":"c","InvoiceNumber":"M-1","Status":"DELETED","Total":3},
			{"Type":"ACCPAY","InvoiceID":"d","InvoiceNumber":"M-1","Status":"AUTHORISED","Total":4}]}`))
	})
	found, err := p.FindInvoices(t.Context(), stubSession, []string{"M-1"})
	require.NoError(t, err)
	require.Equal(t, "b", found["M-1"].Entity.ID)
	require.True(t, found["M-1"].TakesPayments)
	require.True(t, found["M-1"].AmountDue.Equal(money.Of("1.5")))
	if diff := cmp.Diff([]ports.BookPayment{{ID: "p", Amount: money.Of("10.5"), Reference: "r", AccountID: "a"}}, found["M-1"].Payments); diff != "" {
		t.Errorf("payments (-want +got):\n%s", diff)
	}
	require.Equal(t, "https://go.xero.com/AccountsReceivable/View.aspx?InvoiceID=b", found["M-1"].Entity.URL)
	require.True(t, found["M-1"].Totals.Equal(books.Totals{Net: money.Of("10"), Tax: money.Of("2"), Gross: money.Of("12")}))
}
