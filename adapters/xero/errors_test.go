package xero_test

import (
	"encoding/json"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/domain/fault"
)

// TestRefusalMessages lists messages of refused invoices as people report them,
// with the code each must have.
func TestRefusalMessages(t *testing.T) {
	t.Parallel()
	tests := map[string]fault.Code{
		"Invoice # must be unique.":                                                     fault.CodeNumberTaken,
		"Invoice not of valid status for modification":                                  fault.CodeNumberTaken,
		"The document date cannot be before the period lock date of 31 March 2026":      fault.CodePeriodLocked,
		"The document date cannot be before the end of year lock date of 31 March 2026": fault.CodePeriodLocked,
		"The organisation is not subscribed to currency CHF":                            fault.CodeCurrencyNotSubscribed,
		"The TaxType code 'OUTPUT2' cannot be used with account code '425'.":            fault.CodeTaxTypeInvalid,
		"The TaxType code 'OLD' does not exist or cannot be used":                       fault.CodeTaxTypeInvalid,
		"TaxType must be specified":                                                     fault.CodeTaxTypeInvalid,
		"Tax rate must be valid":                                                        fault.CodeTaxTypeInvalid,
		"Account code '9999' is not a valid code for this document.":                    fault.CodeAccountInvalid,
		"Account code '9999' has been archived, or deleted":                             fault.CodeAccountInvalid,
		"Account code or ID must be specified":                                          fault.CodeAccountInvalid,
		"Account must be valid":                                                         fault.CodeAccountInvalid,
		"The contact Accounts & Currency Ltd has been archived":                         fault.CodeContactArchived,
		"The data provided matched an archived contact":                                 fault.CodeContactArchived,
		"The document total 12.00 does not equal the sum of the lines 12.01":            fault.CodeTotalsDiffer,
		"The line total 4.00 does not match the expected line total 4.01":               fault.CodeTotalsDiffer,
		"The TaxAmount cannot be greater than the line amount":                          fault.CodeTotalsDiffer,
		"Discount must not be greater than the line total":                              fault.CodeTotalsDiffer,
		"You have reached the limit of invoices you can approve this month":             fault.CodePlanLimit,
		"The organisation has no active subscription":                                   fault.CodePlanLimit,
		"The total of an invoice must not be less than zero":                            fault.CodeProviderRejected,
		"": fault.CodeProviderRejected,
	}
	for message, want := range tests {
		t.Run(message, func(t *testing.T) {
			t.Parallel()
			err := putOne(t, http.StatusOK, nil, refusedInvoice(t, "M-1", message))
			if got := fault.CodeOf(err); got != want {
				t.Errorf("%q is %v, want %s", message, err, want)
			}
		})
	}
	t.Run("a taken number outranks the rest", func(t *testing.T) {
		t.Parallel()
		err := putOne(t, http.StatusOK, nil, refusedInvoice(t, "M-1", "Account must be valid", "Invoice # must be unique."))
		require.Equal(t, fault.CodeNumberTaken, fault.CodeOf(err))
		require.Equal(t, "Account must be valid Invoice # must be unique.", fault.Of(err).Message)
	})
	t.Run("a line's own messages count", func(t *testing.T) {
		t.Parallel()
		err := putOne(t, http.StatusOK, nil, `{"Invoices":[{"InvoiceID":"00000000-0000-0000-0000-000000000000","InvoiceNumber":"M-1",`+
			`"LineItems":[{"ValidationErrors":[{"Message":"Account must be valid"}]}]}]}`)
		require.Equal(t, fault.CodeAccountInvalid, fault.CodeOf(err))
	})
	t.Run("a person is not named", func(t *testing.T) {
		t.Parallel()
		err := putOne(t, http.StatusOK, nil, refusedInvoice(t, "M-1", "The contact Ada Lovelace has been archived"))
		require.NotContains(t, err.Error(), "Lovelace")
	})
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	problem := `{"Type":null,"Title":"Forbidden","Status":403,"Detail":"AuthenticationUnsuccessful","Instance":"x"}`
	scope := http.Header{"Www-Authenticate": {`Bearer error="insuffic` + `ent_scope"`}}
	limit := func(kind, after string) http.Header {
		h := http.Header{"X-Rate-Limit-Problem": {kind}}
		if after != "" {
			h.Set("Retry-After", after)
		}
		return h
	}
	tests := map[string]struct {
		status      int
		header      http.Header
		body        string
		write, read fault.Code
		wait        time.Duration
	}{
		"a token that ran out":      {401, nil, `{"Detail":"TokenExpired: token expired at x"}`, fault.CodeProviderTokenExpired, fault.CodeProviderTokenExpired, 0},
		"a 401 for a scope":         {401, scope, ``, fault.CodeProviderScope, fault.CodeProviderScope, 0},
		"a 403 for a scope":         {403, scope, problem, fault.CodeProviderScope, fault.CodeProviderScope, 0},
		"a scope named in the body": {403, nil, `{"Detail":"insufficient_scope"}`, fault.CodeProviderScope, fault.CodeProviderScope, 0},
		"an unlinked organisation":  {403, nil, problem, fault.CodeProviderUnlinked, fault.CodeProviderUnlinked, 0},
		"the minute's limit":        {429, limit("minute", "17"), `<html>`, fault.CodeRateLimited, fault.CodeRateLimited, 17 * time.Second},
		"the day's limit":           {429, limit("day", "66975"), ``, fault.CodeRateLimited, fault.CodeRateLimited, 66975 * time.Second},
		"a wait beyond a day":       {429, limit("day", "9999999999"), ``, fault.CodeRateLimited, fault.CodeRateLimited, 24 * time.Hour},
		"a day's limit without end": {429, limit("day", ""), ``, fault.CodeRateLimited, fault.CodeRateLimited, time.Hour},
		"calls at once":             {429, limit("concurrent", ""), ``, fault.CodeRateLimited, fault.CodeRateLimited, 2 * time.Second},
		"a limit without a name":    {429, nil, ``, fault.CodeRateLimited, fault.CodeRateLimited, time.Minute},
		"a 500":                     {500, nil, `{"Type":"InternalServerException"}`, fault.CodeProviderUncertain, fault.CodeProviderUnavailable, 0},
		"a gateway's 502":           {502, nil, `<html>`, fault.CodeProviderUncertain, fault.CodeProviderUnavailable, 0},
		"an organisation offline":   {503, nil, `The Organisation is offline`, fault.CodeProviderUncertain, fault.CodeProviderUnavailable, 0},
		"not implemented":           {501, nil, ``, fault.CodeProviderUnavailable, fault.CodeProviderUnavailable, 0},
		"a wrong address":           {404, nil, `<html>`, fault.CodeProviderUnavailable, fault.CodeProviderUnavailable, 0},
		"a redirect":                {302, http.Header{"Location": {"https://elsewhere.test/"}}, ``, fault.CodeProviderUnavailable, fault.CodeProviderUnavailable, 0},
		"an unreadable success":     {200, nil, `<html>`, fault.CodeProviderUncertain, fault.CodeProviderUnavailable, 0},
		"half a success":            {200, nil, `{"Invoices":[{"InvoiceID":"a","Invo`, fault.CodeProviderUncertain, fault.CodeProviderUnavailable, 0},
		"a reused key":              {400, nil, `{"ErrorNumber":10,"Type":"ValidationException","Message":"x","Elements":[{"ValidationErrors":[{"Message":"The idempotency key was used with a different request"}]}]}`, fault.CodeProviderUncertain, fault.CodeProviderRejected, 0},
		"an unreadable 400":         {400, nil, `no`, fault.CodeProviderRejected, fault.CodeProviderRejected, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := putOne(t, tt.status, tt.header, tt.body)
			if got := fault.Of(err); got.Code != tt.write || got.Wait != tt.wait {
				t.Errorf("PutInvoices = %v after %s, want %s after %s", err, got.Wait, tt.write, tt.wait)
			}
			p, _ := stub(t, answer(tt.status, tt.header, tt.body))
			_, err = p.FindInvoices(t.Context(), stubSession, []string{"M-1"})
			if got := fault.Of(err); got.Code != tt.read || got.Wait != tt.wait {
				t.Errorf("FindInvoices = %v after %s, want %s after %s", err, got.Wait, tt.read, tt.wait)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := "http://" + listener.Addr().String()
	require.NoError(t, listener.Close())
	for name, address := range map[string]string{"a closed port": closed, "an unknown host": "http://unknown.invalid"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := xero.New(xero.Config{ClientID: "c", APIURL: address, Timeout: 5 * time.Second})
			require.NoError(t, err)
			_, err = p.PutInvoices(t.Context(), stubSession, invoices("c-1", "M-1"))
			if got := fault.CodeOf(err); got != fault.CodeProviderUnavailable {
				t.Errorf("PutInvoices = %v, want %s", err, fault.CodeProviderUnavailable)
			}
		})
	}
}

func TestAnswerTooLarge(t *testing.T) {
	t.Parallel()
	p, _ := stub(t, func(w http.ResponseWriter, _ *http.Request) {
		block := make([]byte, 1<<20)
		for range 17 {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	_, err := p.PutInvoices(t.Context(), stubSession, invoices("c-1", "M-1"))
	require.Equal(t, fault.CodeProviderUncertain, fault.CodeOf(err))
}

// putOne sends one invoice to a Xero that has one answer and returns its fault.
func putOne(t *testing.T, status int, header http.Header, body string) error {
	t.Helper()
	p, _ := stub(t, answer(status, header, body))
	outcomes, err := p.PutInvoices(t.Context(), stubSession, invoices("c-1", "M-1"))
	if err == nil {
		err = outcomes[0].Err
	}
	require.Error(t, err)
	return err
}

func answer(status int, header http.Header, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func refusedInvoice(t *testing.T, number string, messages ...string) string {
	t.Helper()
	type message struct{ Message string }
	element := map[string]any{
		"InvoiceID": "00000000-0000-0000-0000-000000000000", "InvoiceNumber": number, "HasErrors": true, "StatusAttributeString": "ERROR",
	}
	var list []message
	for _, m := range messages {
		list = append(list, message{m})
	}
	element["ValidationErrors"] = list
	out, err := json.Marshal(map[string]any{"Invoices": []any{element}})
	require.NoError(t, err)
	return string(out)
}
