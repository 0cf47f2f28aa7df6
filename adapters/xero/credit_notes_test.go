package xero_test

import (
	"net/http"
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

// creditNotes are approved credit notes of one canvas bag each, 14.81 with tax.
func creditNotes(contactID string, numbers ...string) []ports.CreditNoteWrite {
	out := make([]ports.CreditNoteWrite, 0, len(numbers))
	for _, n := range numbers {
		out = append(out, ports.CreditNoteWrite{Key: "key-" + n, CreditNote: books.CreditNote{
			Number: n, Reference: "Refund " + n, ContactID: contactID, Date: books.Date{Year: 2026, Month: time.October, Day: 5},
			Currency: "GBP", Status: books.StatusAuthorised,
			Lines: []books.Line{{
				Description: "Canvas bag & strap", Quantity: money.Of("1"), UnitAmount: money.Of("12.3456"),
				AccountCode: "200", TaxType: "OUTPUT2", TaxPercent: money.Of("20"),
			}},
		}})
	}
	return out
}

// credited makes approved credit notes and returns their ids.
func (b *bench) credited(contactID string, numbers ...string) []string {
	b.t.Helper()
	outcomes, err := b.PutCreditNotes(b.t.Context(), b.session, creditNotes(contactID, numbers...))
	require.NoError(b.t, err)
	ids := make([]string, len(outcomes))
	for i, o := range outcomes {
		require.NoError(b.t, o.Err)
		ids[i] = o.Entity.ID
	}
	return ids
}

func (b *bench) note(number string) ports.FoundCreditNote {
	b.t.Helper()
	found, err := b.FindCreditNotes(b.t.Context(), b.session, []string{number})
	require.NoError(b.t, err)
	require.Contains(b.t, found, number)
	return found[number]
}

func (b *bench) invoice(number string) ports.FoundInvoice {
	b.t.Helper()
	found, err := b.FindInvoices(b.t.Context(), b.session, []string{number})
	require.NoError(b.t, err)
	require.Contains(b.t, found, number)
	return found[number]
}

func TestPutCreditNotes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	writes := creditNotes(b.contact("s-1", "Ada Lovelace"), numbered("CM-", 60)...)
	writes = append(writes, writes[0])
	outcomes, err := b.PutCreditNotes(t.Context(), b.session, writes)
	require.NoError(t, err)
	for i, o := range outcomes[:60] {
		require.NoError(t, o.Err)
		require.Equal(t, writes[i].CreditNote.Number, o.Entity.Number)
		require.Equal(t, "AUTHORISED", o.Entity.Status)
		require.Equal(t, "https://go.xero.com/organisationlogin/default.aspx?shortcode=!SBX01&redirecturl=/AccountsReceivable/ViewCreditNote.aspx?creditNoteID="+o.Entity.ID, o.Entity.URL)
		require.True(t, o.Totals.Equal(writes[i].CreditNote.Totals()), "%v", o.Totals)
	}
	require.Equal(t, fault.CodeNumberTaken, fault.CodeOf(outcomes[60].Err))
	require.Len(t, b.recorder.of(http.MethodPut, "/CreditNotes"), 2)

	again, err := b.PutCreditNotes(t.Context(), b.session, writes)
	require.NoError(t, err)
	if diff := cmp.Diff(outcomes[:60], again[:60]); diff != "" {
		t.Errorf("a second try within minutes (-first +second):\n%s", diff)
	}
	b.sandbox.ClearIdempotency()
	again, err = b.PutCreditNotes(t.Context(), b.session, writes[:1])
	require.NoError(t, err)
	require.Equal(t, fault.CodeNumberTaken, fault.CodeOf(again[0].Err))
	require.Len(t, b.sandbox.CreditNotes(""), 60)
}

func TestCreditNoteOnTheWire(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	contact := b.contact("s-1", "Ada Lovelace")
	writes := creditNotes(contact, "CM-1")
	tax := money.Of("-0.5")
	writes[0].CreditNote.Lines = append(writes[0].CreditNote.Lines, books.Line{
		Description: "Fee", Quantity: money.Of("1"), UnitAmount: money.Of("-2.5"), AccountCode: "260", TaxType: "OUTPUT2", TaxPercent: money.Of("20"), TaxAmount: &tax,
	})
	outcomes, err := b.PutCreditNotes(t.Context(), b.session, writes)
	require.NoError(t, err)
	require.NoError(t, outcomes[0].Err)
	sent := b.recorder.of(http.MethodPut, "/CreditNotes")[0]
	want := `{"Type":"ACCRECCREDIT","Contact":{"ContactID":"` + contact + `"},"CreditNoteNumber":"CM-1","Reference":"Refund CM-1",` +
		`"Date":"2026-10-05","CurrencyCode":"GBP","LineAmountTypes":"Exclusive","Status":"AUTHORISED","LineItems":[` +
		`{"Description":"Canvas bag & strap","Quantity":1.0000,"UnitAmount":12.3456,"AccountCode":"200","TaxType":"OUTPUT2"},` +
		`{"Description":"Fee","Quantity":1.0000,"UnitAmount":-2.5000,"AccountCode":"260","TaxType":"OUTPUT2","TaxAmount":-0.50}]}`
	require.Equal(t, `{"CreditNotes":[`+want+`]}`, string(sent.sent))
	require.Equal(t, want, string(outcomes[0].Request))
	require.Equal(t, "summarizeErrors=false&unitdp=4", sent.request.URL.RawQuery)
	require.Contains(t, string(outcomes[0].Response), `"CreditNoteNumber":"CM-1"`)
	require.NotContains(t, string(outcomes[0].Response), "Lovelace")
}

func TestRefusedCreditNotes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	writes := creditNotes(b.contact("s-1", "Ada Lovelace"), numbered("CM-", 4)...)
	writes[1].CreditNote.Lines[0].AccountCode = "9999"
	writes[2].CreditNote.Lines[0].Discount = money.Of("1")
	writes[3].CreditNote.Currency = "CHF"
	outcomes, err := b.PutCreditNotes(t.Context(), b.session, writes)
	require.NoError(t, err)
	require.NoError(t, outcomes[0].Err)
	for i, want := range map[int]fault.Code{1: fault.CodeAccountInvalid, 2: fault.CodeTotalsDiffer, 3: fault.CodeCurrencyNotSubscribed} {
		require.Equal(t, want, fault.CodeOf(outcomes[i].Err), "%d: %v", i, outcomes[i].Err)
	}
	require.Nil(t, outcomes[2].Request)
	require.NotContains(t, string(b.recorder.of(http.MethodPut, "/CreditNotes")[0].sent), "CM-0003")
}

func TestUncertainCreditNotes(t *testing.T) {
	t.Parallel()
	for _, kind := range []sandbox.Kind{sandbox.TimeoutAfter, sandbox.Fail500After, sandbox.Fail500Before, sandbox.HTMLError} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(_ *sandbox.Options, c *xero.Config) { c.Timeout = 2 * time.Second })
			writes := creditNotes(b.contact("s-1", "Ada Lovelace"), "CM-1", "CM-2")
			require.NoError(t, b.sandbox.InjectFault(sandbox.Fault{Kind: kind, Method: http.MethodPut, Path: "/CreditNotes", DelayMS: 60_000}))
			_, err := b.PutCreditNotes(t.Context(), b.session, writes)
			require.Equal(t, fault.CodeProviderUncertain, fault.CodeOf(err))
			b.sandbox.ClearFaults()
			found, err := b.FindCreditNotes(t.Context(), b.session, []string{"CM-1", "CM-2"})
			require.NoError(t, err)
			require.Len(t, found, len(b.sandbox.CreditNotes("")))
		})
	}
}

func TestFindCreditNotes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	contact := b.contact("s-1", "Ada Lovelace")
	numbers := append(numbered("CM-", 60), "odd, number", `a "quoted" one`)
	ids := b.credited(contact, numbers...)
	require.NoError(t, b.sandbox.VoidCreditNote(ids[3]))
	found, err := b.FindCreditNotes(t.Context(), b.session, append(numbers, "CM-9999", ""))
	require.NoError(t, err)
	require.Len(t, found, len(numbers))
	for i, n := range numbers {
		f := found[n]
		require.Equal(t, ids[i], f.Entity.ID)
		require.Equal(t, "Refund "+n, f.Reference)
		require.Equal(t, contact, f.ContactID)
		require.Equal(t, "GBP", f.Currency)
		require.Equal(t, i == 3, f.IsGone)
		require.Equal(t, i != 3, f.TakesPayments)
		if i != 3 {
			require.True(t, f.Remaining.Equal(money.Of("14.82")), "%s remains", f.Remaining)
		}
	}
	require.LessOrEqual(t, len(b.recorder.of(http.MethodGet, "/CreditNotes")), 3)
}

func TestFindCreditNotesPrefersTheStandingOne(t *testing.T) {
	t.Parallel()
	p, _ := stub(t, answer(http.StatusOK, nil, `{"pagination":{"page":1},"CreditNotes":[
		{"Type":"ACCRECCREDIT","CreditNoteID":"a","CreditNoteNumber":"CM-1","Status":"VOIDED"},
		{"Type":"ACCRECCREDIT","CreditNoteID":"b","CreditNoteNumber":"cm-1","Status":"PAID","RemainingCredit":"1.50",
		 "Allocations":[{"Amount":2,"Invoice":{"InvoiceID":"i"}},{"Amount":3,"IsDeleted":true,"Invoice":{"InvoiceID":"j"}}],
		 "Payments":[{"PaymentID":"p","Amount":4,"Reference":"r","Status":"AUTHORISED"},{"PaymentID":"q","Amount":5,"Status":"DELETED"}]},
		{"Type":"ACCPAYCREDIT","CreditNoteID":"c","CreditNoteNumber":"CM-1","Status":"AUTHORISED"}]}`))
	found, err := p.FindCreditNotes(t.Context(), stubSession, []string{"CM-1"})
	require.NoError(t, err)
	want := map[string]ports.FoundCreditNote{"CM-1": {
		Entity:        ports.BookEntity{ID: "b", Number: "cm-1", Status: "PAID", URL: "https://go.xero.com/AccountsReceivable/ViewCreditNote.aspx?creditNoteID=b"},
		TakesPayments: true, Remaining: money.Of("1.5"),
		Allocations: []ports.BookAllocation{{InvoiceID: "i", Amount: money.Of("2")}},
		Refunds:     []ports.BookPayment{{ID: "p", Amount: money.Of("4"), Reference: "r"}},
	}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
}
