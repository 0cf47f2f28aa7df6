package xero_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/domain/fault"
	sandbox "byte8.io/ledger/sandbox/xero"
)

// touchyXero answers PUT /Invoices: it refuses a whole batch for the numbers in
// bad, with the body that refuse makes, and creates all others in reverse order.
func touchyXero(t *testing.T, bad string, refuse func(number string) (int, string)) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var sent struct {
			Invoices []struct{ InvoiceNumber string }
		}
		if err := json.Unmarshal(body, &sent); err != nil {
			t.Errorf("reading a batch: %v", err)
		}
		var made []string
		for _, i := range sent.Invoices {
			if strings.Contains(bad, i.InvoiceNumber) {
				status, answer := refuse(i.InvoiceNumber)
				w.WriteHeader(status)
				_, _ = w.Write([]byte(answer))
				return
			}
			made = append([]string{fmt.Sprintf(`{"InvoiceID":"id-%s","InvoiceNumber":%q,"Status":"AUTHORISED","Total":1}`, i.InvoiceNumber, i.InvoiceNumber)}, made...)
		}
		_, _ = w.Write([]byte(`{"Invoices":[` + strings.Join(made, ",") + `]}`))
	}
}

func TestBatchRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		refuse func(number string) (int, string)
		calls  int
		want   fault.Code
	}{
		"with the element named": {func(n string) (int, string) {
			return 400, `{"Type":"ValidationException","Message":"A validation exception occurred","Elements":[{"InvoiceNumber":"` + n + `","ValidationErrors":[{"Message":"Account must be valid"}]}]}`
		}, 3, fault.CodeAccountInvalid},
		"without a name": {func(string) (int, string) {
			return 400, `{"ErrorNumber":14,"Type":"PostDataInvalidException","Message":"The string is not a date"}`
		}, 13, fault.CodeProviderRejected},
		"for its size": {func(string) (int, string) { return 413, `` }, 13, fault.CodeProviderRejected},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, r := stub(t, touchyXero(t, "M-0003 M-0007", tt.refuse))
			outcomes, err := p.PutInvoices(t.Context(), stubSession, invoices("c-1", numbered("M-", 8)...))
			require.NoError(t, err)
			for i, o := range outcomes {
				if i == 2 || i == 6 {
					require.Equal(t, tt.want, fault.CodeOf(o.Err), "%v", o.Err)
					continue
				}
				require.NoError(t, o.Err)
				require.Equal(t, fmt.Sprintf("id-M-%04d", i+1), o.Entity.ID)
			}
			require.LessOrEqual(t, len(r.calls()), tt.calls)
			keys := map[string]bool{}
			for _, c := range r.calls() {
				require.False(t, keys[c.request.Header.Get("Idempotency-Key")], "a key with two contents")
				keys[c.request.Header.Get("Idempotency-Key")] = true
			}
		})
	}
}

func TestRefusalForNoElementIsNotSplit(t *testing.T) {
	t.Parallel()
	p, r := stub(t, answer(400, nil, `{"Type":"QueryParseException","Message":"Bad query"}`))
	outcomes, err := p.PutInvoices(t.Context(), stubSession, invoices("c-1", numbered("M-", 8)...))
	require.NoError(t, err)
	for _, o := range outcomes {
		require.Equal(t, fault.CodeProviderRejected, fault.CodeOf(o.Err))
	}
	require.Len(t, r.calls(), 1)
}

func TestLargeDocumentsMakeSmallBatches(t *testing.T) {
	t.Parallel()
	p, r := stub(t, touchyXero(t, "", nil))
	writes := invoices("c-1", numbered("M-", 20)...)
	for i := range writes {
		line := writes[i].Invoice.Lines[0]
		line.Description = strings.Repeat("x", 4500)
		for range 99 {
			writes[i].Invoice.Lines = append(writes[i].Invoice.Lines, line)
		}
	}
	outcomes, err := p.PutInvoices(t.Context(), stubSession, writes)
	require.NoError(t, err)
	for _, o := range outcomes {
		require.NoError(t, o.Err)
	}
	require.Len(t, r.calls(), 3)
	for _, c := range r.calls() {
		require.Less(t, len(c.sent), 3_600_000)
	}
}

func TestThrottledCall(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	contact := b.contact("s-1", "Ada Lovelace")
	b.inject(sandbox.Throttle429Minute, http.MethodPut, "/Invoices")
	_, err := b.PutInvoices(t.Context(), b.session, invoices(contact, numbered("M-", 60)...))
	require.Equal(t, fault.CodeRateLimited, fault.CodeOf(err))
	require.Empty(t, b.sandbox.Invoices(""))
	require.Len(t, b.recorder.of(http.MethodPut, "/Invoices"), 1)
}

func TestExpiredTokenAndLostLink(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	writes := invoices("c-1", "M-1")
	b.sandbox.ExpireTokens()
	_, err := b.PutInvoices(t.Context(), b.session, writes)
	require.Equal(t, fault.CodeProviderTokenExpired, fault.CodeOf(err))

	b.tokens = b.consent()
	b.session.AccessToken = b.tokens.AccessToken
	organisations, err := b.Organisations(t.Context(), b.tokens)
	require.NoError(t, err)
	require.NoError(t, b.Revoke(t.Context(), b.tokens, organisations[0].LinkID))
	_, err = b.PutInvoices(t.Context(), b.session, writes)
	require.Equal(t, fault.CodeProviderUnlinked, fault.CodeOf(err))
}

func TestMissingScope(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(_ *sandbox.Options, c *xero.Config) { c.Scopes = "openid offline_access accounting.contacts" })
	_, err := b.PutInvoices(t.Context(), b.session, invoices("c-1", "M-1"))
	require.Equal(t, fault.CodeProviderScope, fault.CodeOf(err))
}
