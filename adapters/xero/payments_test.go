package xero_test

import (
	"encoding/json"
	"fmt"
	"io"
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

// bank is the id of a bank account in the organisation's currency.
func (b *bench) bank() string {
	b.t.Helper()
	reference, err := b.Reference(b.t.Context(), b.session)
	require.NoError(b.t, err)
	i := slices.IndexFunc(reference.Accounts, func(a books.Account) bool {
		return a.IsBank && a.IsActive && (a.Currency == "" || a.Currency == reference.Organisation.BaseCurrency)
	})
	require.GreaterOrEqual(b.t, i, 0)
	return reference.Accounts[i].ID
}

// invoiced makes approved invoices of one contact and returns their ids.
func (b *bench) invoiced(contactID string, numbers ...string) []string {
	b.t.Helper()
	outcomes, err := b.PutInvoices(b.t.Context(), b.session, invoices(contactID, numbers...))
	require.NoError(b.t, err)
	ids := make([]string, len(outcomes))
	for i, o := range outcomes {
		require.NoError(b.t, o.Err)
		ids[i] = o.Entity.ID
	}
	return ids
}

func payment(invoiceID, accountID, amount, reference string) ports.PaymentWrite {
	return ports.PaymentWrite{Key: "pay " + reference, Payment: books.Payment{
		InvoiceID: invoiceID, AccountID: accountID, Date: books.Date{Year: 2026, Month: time.October, Day: 2},
		Amount: money.Of(amount), Currency: "GBP", Reference: reference,
	}}
}

func (b *bench) putPayments(writes ...ports.PaymentWrite) []ports.PaymentOutcome {
	b.t.Helper()
	outcomes, err := b.PutPayments(b.t.Context(), b.session, writes)
	require.NoError(b.t, err)
	require.Len(b.t, outcomes, len(writes))
	return outcomes
}

func TestPutPayments(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	bank := b.bank()
	numbers := numbered("M-", 60)
	ids := b.invoiced(b.contact("s-1", "Ada Lovelace"), numbers...)
	writes := make([]ports.PaymentWrite, len(ids))
	for i, id := range ids {
		writes[i] = payment(id, bank, "29.63", "Magento "+numbers[i])
	}
	writes[7].Payment.Amount = money.Of("10")
	writes = append(writes, payment(ids[7], bank, "19.63", "Magento second"))
	outcomes := b.putPayments(writes...)
	for _, o := range outcomes {
		require.NoError(t, o.Err)
		require.NotEmpty(t, o.ID)
	}
	require.Len(t, b.recorder.of(http.MethodPut, "/Payments"), 2)

	found, err := b.FindInvoices(t.Context(), b.session, numbers)
	require.NoError(t, err)
	for i, n := range numbers {
		f := found[n]
		require.True(t, f.TakesPayments)
		require.True(t, f.AmountDue.IsZero(), "%s is due", f.AmountDue)
		if i != 7 {
			require.Len(t, f.Payments, 1)
			require.Equal(t, outcomes[i].ID, f.Payments[0].ID)
			require.Equal(t, "Magento "+n, f.Payments[0].Reference)
			require.True(t, f.Payments[0].Amount.Equal(money.Of("29.63")))
		}
	}
	require.Len(t, found[numbers[7]].Payments, 2)
}

func TestPaymentOnTheWire(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	bank, contact := b.bank(), b.contact("s-1", "Ada Lovelace")
	id := b.invoiced(contact, "M-1")[0]
	w := payment(id, bank, "5", "  Magento 1 & "+strings.Repeat("ü", 300))
	outcomes := b.putPayments(w)
	require.NoError(t, outcomes[0].Err)
	sent := b.recorder.of(http.MethodPut, "/Payments")[0]
	want := `{"Invoice":{"InvoiceID":"` + id + `"},"Account":{"AccountID":"` + bank + `"},"Date":"2026-10-02","Amount":5.00,` +
		`"Reference":"Magento 1 & ` + strings.Repeat("ü", 243) + `"}`
	require.Equal(t, `{"Payments":[`+want+`]}`, string(sent.sent))
	require.Equal(t, want, string(outcomes[0].Request))
	require.Equal(t, "summarizeErrors=false", sent.request.URL.RawQuery)
	require.Regexp(t, `^[0-9a-f]{64}$`, sent.request.Header.Get("Idempotency-Key"))
	require.NotContains(t, string(outcomes[0].Response), "Lovelace")
	require.Contains(t, string(outcomes[0].Response), outcomes[0].ID)

	again := b.putPayments(w)
	if diff := cmp.Diff(outcomes, again); diff != "" {
		t.Errorf("a second try within minutes (-first +second):\n%s", diff)
	}
	found, err := b.FindInvoices(t.Context(), b.session, []string{"M-1"})
	require.NoError(t, err)
	require.Len(t, found["M-1"].Payments, 1)
}

func TestRefusedPayments(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	bank, contact := b.bank(), b.contact("s-1", "Ada Lovelace")
	ids := b.invoiced(contact, "M-1", "M-2", "M-3")
	draft := invoices(contact, "M-4")
	draft[0].Invoice.Status = books.StatusDraft
	drafted, err := b.PutInvoices(t.Context(), b.session, draft)
	require.NoError(t, err)
	require.NoError(t, b.sandbox.SetLockDates("", time.Date(2026, time.August, 31, 0, 0, 0, 0, time.UTC), time.Time{}))
	locked := payment(ids[2], bank, "1", "c")
	locked.Payment.Date = books.Date{Year: 2026, Month: time.August, Day: 1}
	outcomes := b.putPayments(
		payment(ids[0], bank, "29.64", "a"),
		payment(ids[1], "5f0e8b7e-5c7c-4a40-8d0a-1a0f6b8e1c11", "1", "b"),
		locked,
		payment(drafted[0].Entity.ID, bank, "1", "d"),
		payment(ids[0], bank, "1", "e"),
		payment(ids[0], bank, "1", "e"),
	)
	want := []fault.Code{
		fault.CodePaymentExceedsDue, fault.CodeAccountInvalid, fault.CodePeriodLocked, fault.CodeInvoiceNotAuthorised, "", fault.CodeProviderUnavailable,
	}
	for i, o := range outcomes {
		if want[i] == "" {
			require.NoError(t, o.Err)
			continue
		}
		require.Equal(t, want[i], fault.CodeOf(o.Err), "payment %d: %v", i, o.Err)
		require.Empty(t, o.ID)
	}
	found, err := b.FindInvoices(t.Context(), b.session, []string{"M-1", "M-2", "M-3", "M-4"})
	require.NoError(t, err)
	require.Len(t, found["M-1"].Payments, 1)
	require.False(t, found["M-4"].TakesPayments)
}

// touchyPayments answers PUT /Payments: it refuses a whole batch that holds a
// reference in bad, and books all others, in reverse order and as Xero shows
// refunds, with an invoice in place of the credit note.
func touchyPayments(t *testing.T, bad string) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var sent struct {
			Payments []struct {
				Invoice    struct{ InvoiceID string }
				CreditNote struct{ CreditNoteID string }
				Amount     json.Number
				Reference  string
			}
		}
		if err := json.Unmarshal(body, &sent); err != nil {
			t.Errorf("reading a batch: %v", err)
		}
		var made []string
		for _, p := range sent.Payments {
			if p.Reference == bad {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(`{"ErrorNumber":10,"Type":"ValidationException","Message":"A validation exception occurred"}`))
				return
			}
			document := p.Invoice.InvoiceID + p.CreditNote.CreditNoteID
			made = append([]string{fmt.Sprintf(`{"PaymentID":"p-%s","Amount":"%s","Reference":%q,"Status":"AUTHORISED","Invoice":{"InvoiceID":%q,"ValidationErrors":[]}}`,
				p.Reference, strings.TrimSuffix(string(p.Amount), "0"), p.Reference, strings.ToUpper(document))}, made...)
		}
		_, _ = w.Write([]byte(`{"Payments":[` + strings.Join(made, ",") + `]}`))
	}
}

func TestPaymentsAreRecognisedWithoutTheirOrder(t *testing.T) {
	t.Parallel()
	p, r := stub(t, touchyPayments(t, "ref-5"))
	var writes []ports.PaymentWrite
	for i := range 8 {
		writes = append(writes, payment("invoice-1", "bank", "12.50", fmt.Sprintf("ref-%d", i)))
	}
	writes[3].Payment.InvoiceID, writes[3].Payment.CreditNoteID = "", "note-1"
	outcomes, err := p.PutPayments(t.Context(), stubSession, writes)
	require.NoError(t, err)
	for i, o := range outcomes {
		if i == 5 {
			require.Equal(t, fault.CodeProviderRejected, fault.CodeOf(o.Err))
			continue
		}
		require.NoError(t, o.Err)
		require.Equal(t, fmt.Sprintf("p-ref-%d", i), o.ID)
	}
	require.LessOrEqual(t, len(r.calls()), 7)
}

func TestPaymentAnswers(t *testing.T) {
	t.Parallel()
	const booked = `"Invoice":{"InvoiceID":"invoice-1"},"Amount":12.5,"Reference":"ref"`
	refused := func(message string) string {
		return `{"Payments":[{"PaymentID":"00000000-0000-0000-0000-000000000000",` + booked + `,"HasValidationErrors":true,"ValidationErrors":[{"Message":"` + message + `"}]}]}`
	}
	tests := map[string]struct {
		status int
		body   string
		want   fault.Code
	}{
		"too much":                          {200, refused("Payment amount exceeds the amount outstanding on this document"), fault.CodePaymentExceedsDue},
		"a draft":                           {200, refused("Payments can only be made against Authorised documents"), fault.CodeInvoiceNotAuthorised},
		"an unknown account":                {200, refused("Account could not be found"), fault.CodeAccountInvalid},
		"an account of the wrong kind":      {200, refused("BANKACCOUNT_NOT_VALID_FOR_PAYMENT"), fault.CodeAccountInvalid},
		"an account that takes no payments": {200, refused("The account code 610 does not have payments enabled"), fault.CodeAccountInvalid},
		"a locked period":                   {200, refused("The document date cannot be before the period lock date"), fault.CodePeriodLocked},
		"an unknown message":                {200, refused("No"), fault.CodeProviderRejected},
		"only the account's message":        {200, `{"Payments":[{"PaymentID":"00000000-0000-0000-0000-000000000000",` + booked + `,"Account":{"ValidationErrors":[{"Message":"Account must not be archived"}]}}]}`, fault.CodeAccountInvalid},
		"nobody's id":                       {200, `{"Payments":[{"PaymentID":"00000000-0000-0000-0000-000000000000",` + booked + `}]}`, fault.CodeProviderRejected},
		"an id and a refusal":               {200, `{"Payments":[{"PaymentID":"p-1",` + booked + `,"HasValidationErrors":true,"ValidationErrors":[{"Message":"exceeds"}]}]}`, fault.CodeProviderUncertain},
		"another reference":                 {200, `{"Payments":[{"PaymentID":"p-1","Invoice":{"InvoiceID":"invoice-1"},"Amount":12.5,"Reference":"other"}]}`, fault.CodeProviderUncertain},
		"another amount":                    {200, `{"Payments":[{"PaymentID":"p-1","Invoice":{"InvoiceID":"invoice-1"},"Amount":12.51,"Reference":"ref"}]}`, fault.CodeProviderUncertain},
		"half an answer":                    {200, `{"Payments":[{"PaymentID":"p-1`, fault.CodeProviderUncertain},
		"a 500":                             {500, ``, fault.CodeProviderUncertain},
		"a 429":                             {429, ``, fault.CodeRateLimited},
		"a reused key":                      {400, `{"Type":"ValidationException","Message":"The key was used with a different request"}`, fault.CodeProviderUncertain},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _ := stub(t, answer(tt.status, nil, tt.body))
			outcomes, err := p.PutPayments(t.Context(), stubSession, []ports.PaymentWrite{payment("invoice-1", "bank", "12.50", "ref")})
			if err == nil {
				err = outcomes[0].Err
			}
			if got := fault.CodeOf(err); got != tt.want {
				t.Errorf("PutPayments = %v, want %s", err, tt.want)
			}
		})
	}
}

func TestUncertainPayments(t *testing.T) {
	t.Parallel()
	for _, kind := range []sandbox.Kind{sandbox.TimeoutAfter, sandbox.Fail500After, sandbox.Fail500Before, sandbox.MalformedJSON, sandbox.HTMLError} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(_ *sandbox.Options, c *xero.Config) { c.Timeout = 2 * time.Second })
			bank, numbers := b.bank(), numbered("M-", 60)
			ids := b.invoiced(b.contact("s-1", "Ada Lovelace"), numbers...)
			writes := make([]ports.PaymentWrite, len(ids))
			for i, id := range ids {
				writes[i] = payment(id, bank, "29.63", numbers[i])
			}
			require.NoError(t, b.sandbox.InjectFault(sandbox.Fault{Kind: kind, Count: 1, Method: http.MethodPut, Path: "/Payments", DelayMS: 60_000}))
			outcomes := b.putPayments(writes...)
			found, err := b.FindInvoices(t.Context(), b.session, numbers)
			require.NoError(t, err)
			for i, o := range outcomes {
				switch {
				case i < 50:
					require.Equal(t, fault.CodeProviderUncertain, fault.CodeOf(o.Err), "%d: %v", i, o.Err)
				case kind == sandbox.MalformedJSON:
					require.NoError(t, o.Err)
				default:
					require.Equal(t, fault.CodeProviderUnavailable, fault.CodeOf(o.Err), "%d: %v", i, o.Err)
					require.Empty(t, found[numbers[i]].Payments)
				}
			}
		})
	}
}
