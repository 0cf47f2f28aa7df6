package xero_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"byte8.io/ledger/sandbox/xero"
)

func (b *bench) fault(body string) {
	b.t.Helper()
	status, answer := b.control("POST", "/faults", body)
	require.Equal(b.t, http.StatusNoContent, status, answer)
}

func TestFaultsBeforeAndAfterTheCommit(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	b.fault(`{"kind":"500_before","count":1,"path":"/Invoices","method":"PUT"}`)
	b.want("GET", "/Invoices", "Invoices", "")
	status, _ := b.call("PUT", "/Invoices", sale(contact, "N1", goods("1")))
	require.Equal(t, http.StatusInternalServerError, status)
	require.Empty(t, b.Invoices(""))

	b.fault(`{"kind":"500_after","count":2}`)
	status, _ = b.call("PUT", "/Invoices", sale(contact, "N1", goods("1")))
	require.Equal(t, http.StatusInternalServerError, status)
	require.Len(t, b.Invoices(""), 1)
	status, _ = b.call("GET", "/Organisation", "")
	require.Equal(t, http.StatusInternalServerError, status)
	b.want("GET", "/Organisation", "Organisations", "")
	require.Equal(t, 2, b.Stats().FaultsApplied[xero.Fail500After])
}

func TestTimeoutAfterTheCommit(t *testing.T) {
	t.Parallel()
	b := linked(t)
	// Over a kept connection Go's client would silently repeat a request that
	// bears an idempotency key.
	b.client.Timeout, b.client.Transport = 500*time.Millisecond, &http.Transport{DisableKeepAlives: true}
	contact := b.contact("Ada")
	for _, delay := range []string{"0", "30000"} {
		b.fault(`{"kind":"timeout_after","path":"/Invoices","delayMs":` + delay + `}`)
		key := newKey()
		body := sale(contact, "N"+delay, goods("1"))
		response, err := b.client.Do(b.request("PUT", "/Invoices", body, "Idempotency-Key", key))
		if err == nil {
			require.NoError(t, response.Body.Close())
		}
		require.Error(t, err)
		require.Equal(t, "N"+delay, b.want("PUT", "/Invoices", "Invoices", body, "Idempotency-Key", key)[0]["InvoiceNumber"])
	}
	require.Len(t, b.Invoices(""), 2)
	require.Equal(t, 2, b.Stats().Cut)
}

func TestThrottleFaults(t *testing.T) {
	t.Parallel()
	b := linked(t)
	b.fault(`{"kind":"429_minute","retryAfterSeconds":7}`)
	b.fault(`{"kind":"429_day"}`)
	b.fault(`{"kind":"429_concurrent"}`)
	var got []string
	for range 3 {
		response := b.headers("/Currencies")
		got = append(got, response.Header.Get("X-Rate-Limit-Problem")+response.Header.Get("Retry-After"))
	}
	require.Equal(t, []string{"minute7", "day3600", "concurrent"}, got)
	require.Equal(t, 3, b.Stats().Throttled)
	require.Equal(t, http.StatusOK, b.headers("/Currencies").StatusCode)
}

func TestExpiredTokenFaultExpiresTheToken(t *testing.T) {
	t.Parallel()
	b := linked(t)
	b.fault(`{"kind":"expired_token"}`)
	for range 2 {
		status, body := b.call("GET", "/Currencies", "")
		require.Equal(t, http.StatusUnauthorized, status)
		require.Contains(t, body["Detail"], "TokenExpired")
	}
	_, tokens := b.rotate(b.refresh)
	b.access = tokens["access_token"].(string)
	b.want("GET", "/Currencies", "Currencies", "")
}

func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	b := linked(t)
	for kind, want := range map[string]struct {
		status    int
		committed int
	}{"html_error": {http.StatusServiceUnavailable, 0}, "malformed_json": {http.StatusOK, 1}} {
		before := len(b.Contacts(""))
		b.fault(`{"kind":"` + kind + `"}`)
		response, err := b.client.Do(b.request("PUT", "/Contacts", `{"Name":"`+kind+`"}`))
		require.NoError(t, err)
		raw, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, want.status, response.StatusCode)
		require.False(t, json.Valid(raw))
		require.Len(t, b.Contacts(""), before+want.committed)
	}
}

func TestSlowCallIsAnsweredInFull(t *testing.T) {
	t.Parallel()
	b := linked(t)
	b.fault(`{"kind":"slow","delayMs":60}`)
	began := time.Now()
	b.want("GET", "/Currencies", "Currencies", "")
	require.GreaterOrEqual(t, time.Since(began), 60*time.Millisecond)
}

func TestFaultIsKeptWhenTheCallEndsEarlier(t *testing.T) {
	t.Parallel()
	b := linked(t)
	b.fault(`{"kind":"500_after","method":"GET"}`)
	status, _ := b.call("GET", "/Currencies", "", "Authorization", "Bearer nonsense")
	require.Equal(t, http.StatusUnauthorized, status)
	status, _ = b.call("GET", "/Currencies", "")
	require.Equal(t, http.StatusInternalServerError, status)
}

func TestFaultsCanBeListedClearedAndRefused(t *testing.T) {
	t.Parallel()
	b := linked(t)
	status, body := b.control("POST", "/faults", `{"kind":"earthquake"}`)
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, body["error"], "earthquake")
	status, _ = b.control("POST", "/faults", `{"kind":"slow","speed":1}`)
	require.Equal(t, http.StatusBadRequest, status)

	b.fault(`{"kind":"500_before","count":3}`)
	status, _ = b.control("DELETE", "/faults", "")
	require.Equal(t, http.StatusNoContent, status)
	b.want("GET", "/Currencies", "Currencies", "")
}

func TestStatsCountWhatHappened(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	for _, number := range []string{"N1", "N2"} {
		made := sale(contact, number, goods("1"))
		b.want("PUT", "/Invoices", "Invoices", `{"Invoices":[`+made[:len(made)-1]+`,"Reference":"Order 7"}]}`)
	}
	b.headers("/Invoices/N1")
	status, stats := b.control("GET", "/stats", "")
	require.Equal(t, http.StatusOK, status)
	calls := stats["calls"].(map[string]any)
	require.Equal(t, json.Number("2"), calls["PUT /api.xro/2.0/Invoices"])
	require.Equal(t, json.Number("1"), calls["GET /api.xro/2.0/Invoices/{ref}"])
	require.Equal(t, json.Number("4"), stats["apiCalls"])
	require.Equal(t, map[string]any{"Order 7": json.Number("2")}, stats["duplicateReferences"])
	require.Equal(t, json.Number("6"), stats["statuses"].(map[string]any)["200"])

	require.NoError(t, b.VoidInvoice(b.Invoices("")[1].ID))
	require.Empty(t, b.Stats().DuplicateReferences)
	require.Error(t, b.VoidInvoice("nobody"))
}
