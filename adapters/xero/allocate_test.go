package xero_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/ports"
	sandbox "byte8.io/ledger/sandbox/xero"
)

func allocation(noteID, invoiceID, amount string) ports.AllocationWrite {
	return ports.AllocationWrite{
		Key: "allocate " + amount,
		Allocation: books.Allocation{
			CreditNoteID: noteID, InvoiceID: invoiceID, Amount: money.Of(amount), Date: books.Date{Year: 2026, Month: time.October, Day: 6},
		},
	}
}

// allocate is Allocate without its evidence.
func (b *bench) allocate(noteID, invoiceID, amount string) error {
	_, err := b.Allocate(b.t.Context(), b.session, allocation(noteID, invoiceID, amount))
	return err
}

func TestSettlingACreditNote(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	bank, contact := b.bank(), b.contact("s-1", "Ada Lovelace")
	invoiceID, noteID := b.invoiced(contact, "M-1")[0], b.credited(contact, "CM-1")[0]

	kept, err := b.Allocate(t.Context(), b.session, allocation(noteID, invoiceID, "10"))
	require.NoError(t, err)
	require.JSONEq(t, `{"Amount":10.00,"Date":"2026-10-06","Invoice":{"InvoiceID":"`+invoiceID+`"}}`, string(kept.Request))
	require.Contains(t, string(kept.Response), `"AllocationID":"`)
	sent := b.recorder.of(http.MethodPut, "/CreditNotes/"+noteID+"/Allocations")
	require.Len(t, sent, 1)
	require.Equal(t, `{"Allocations":[{"Amount":10.00,"Date":"2026-10-06","Invoice":{"InvoiceID":"`+invoiceID+`"}}]}`, string(sent[0].sent))
	require.Equal(t, "summarizeErrors=false", sent[0].request.URL.RawQuery)
	require.Regexp(t, `^[0-9a-f]{64}$`, sent[0].request.Header.Get("Idempotency-Key"))
	require.NoError(t, b.allocate(noteID, invoiceID, "10"), "the same key is no second allocation")

	refund := payment("", bank, "4.82", "refund 1")
	refund.Payment.CreditNoteID = noteID
	outcomes := b.putPayments(refund)
	require.NoError(t, outcomes[0].Err)
	require.Contains(t, string(outcomes[0].Request), `{"CreditNote":{"CreditNoteID":"`+noteID+`"},"Account"`)

	note := b.note("CM-1")
	require.True(t, note.Remaining.IsZero(), "%s remains", note.Remaining)
	require.True(t, note.TakesPayments)
	require.Len(t, note.Allocations, 1)
	require.Equal(t, invoiceID, note.Allocations[0].InvoiceID)
	require.True(t, note.Allocations[0].Amount.Equal(money.Of("10")))
	require.Len(t, note.Refunds, 1)
	require.Equal(t, outcomes[0].ID, note.Refunds[0].ID)
	require.Equal(t, "refund 1", note.Refunds[0].Reference)
	require.True(t, note.Refunds[0].Amount.Equal(money.Of("4.82")))
	require.True(t, b.invoice("M-1").AmountDue.Equal(money.Of("19.63")), "%s is due", b.invoice("M-1").AmountDue)

	refund.Key, refund.Payment.Reference = "another", "refund 2"
	require.Equal(t, fault.CodePaymentExceedsDue, fault.CodeOf(b.putPayments(refund)[0].Err))
}

func TestRefusedAllocations(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	contact := b.contact("s-1", "Ada Lovelace")
	noteID := b.credited(contact, "CM-1")[0]
	invoiceID := b.invoiced(contact, "M-1")[0]
	draft := invoices(contact, "M-2")
	draft[0].Invoice.Status = books.StatusDraft
	drafted, err := b.PutInvoices(t.Context(), b.session, draft)
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		write ports.AllocationWrite
		want  fault.Code
	}{
		"more than remains":  {allocation(noteID, invoiceID, "14.83"), fault.CodePaymentExceedsDue},
		"a draft":            {allocation(noteID, drafted[0].Entity.ID, "1"), fault.CodeInvoiceNotAuthorised},
		"no such invoice":    {allocation(noteID, "5f0e8b7e-5c7c-4a40-8d0a-1a0f6b8e1c11", "2"), fault.CodeProviderRejected},
		"no amount":          {allocation(noteID, invoiceID, "0"), fault.CodeProviderRejected},
		"an unknown note":    {allocation("5f0e8b7e-5c7c-4a40-8d0a-1a0f6b8e1c11", invoiceID, "3"), fault.CodeProviderUnavailable},
		"an id with a slash": {allocation("../x", invoiceID, "4"), fault.CodeProviderUnavailable},
	} {
		kept, err := b.Allocate(t.Context(), b.session, tt.write)
		require.NotEmpty(t, kept.Request, name)
		require.Equal(t, tt.want, fault.CodeOf(err), "%s: %v", name, err)
	}
	require.Empty(t, b.note("CM-1").Allocations)
}

func TestAllocationAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		want   fault.Code
	}{
		"an answer without an id": {200, `{"Allocations":[{"Amount":5,"Invoice":{"InvoiceID":"I-1"},"ValidationErrors":[]}]}`, ""},
		"nobody's id":             {200, `{"Allocations":[{"AllocationID":"00000000-0000-0000-0000-000000000000","Invoice":{"InvoiceID":"i-1"}}]}`, fault.CodeProviderRejected},
		"a refusal":               {200, `{"Allocations":[{"Invoice":{"InvoiceID":"i-1"},"ValidationErrors":[{"Message":"The amount exceeds what is outstanding"}]}]}`, fault.CodePaymentExceedsDue},
		"another invoice":         {200, `{"Allocations":[{"Amount":5,"Invoice":{"InvoiceID":"i-2"}}]}`, fault.CodeProviderUncertain},
		"a refused call":          {400, `{"Type":"ValidationException","Message":"The amount exceeds the remaining credit"}`, fault.CodePaymentExceedsDue},
		"an unreadable answer":    {200, `<html>`, fault.CodeProviderUncertain},
		"a 500":                   {500, ``, fault.CodeProviderUncertain},
		"a 429":                   {429, ``, fault.CodeRateLimited},
		"a lost link":             {403, ``, fault.CodeProviderUnlinked},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _ := stub(t, answer(tt.status, nil, tt.body))
			_, err := p.Allocate(t.Context(), stubSession, allocation("n-1", "i-1", "5"))
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, tt.want, fault.CodeOf(err), "%v", err)
		})
	}
}

func TestUncertainAllocation(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(_ *sandbox.Options, c *xero.Config) { c.Timeout = 2 * time.Second })
	contact := b.contact("s-1", "Ada Lovelace")
	invoiceID, noteID := b.invoiced(contact, "M-1")[0], b.credited(contact, "CM-1")[0]
	require.NoError(t, b.sandbox.InjectFault(sandbox.Fault{Kind: sandbox.TimeoutAfter, Count: 1, Method: http.MethodPut, Path: "/CreditNotes", DelayMS: 60_000}))
	err := b.allocate(noteID, invoiceID, "5")
	require.Equal(t, fault.CodeProviderUncertain, fault.CodeOf(err), "%v", err)
	b.sandbox.ClearFaults()
	require.Len(t, b.note("CM-1").Allocations, 1)
}
