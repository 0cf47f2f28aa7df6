package xero_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"byte8.io/ledger/sandbox/xero"
)

func TestSameKeyAndRequestIsAnsweredOnceForSixMinutes(t *testing.T) {
	t.Parallel()
	b := linked(t)
	body := sale(b.contact("Ada"), "N1", goods("1"))
	key := newKey()
	first := b.want("PUT", "/Invoices", "Invoices", body, "Idempotency-Key", key)[0]
	b.clock.advance(5*time.Minute + 59*time.Second)
	again := b.want("PUT", "/Invoices", "Invoices", body, "Idempotency-Key", key)[0]
	require.Equal(t, first["InvoiceID"], again["InvoiceID"])
	require.Len(t, b.Invoices(""), 1)
	require.Equal(t, 1, b.Stats().IdempotentReplays)

	b.clock.advance(time.Second)
	require.Contains(t, b.refused("PUT", "/Invoices", body, "Idempotency-Key", key), "must be unique", "the key is forgotten")
}

func TestRefusalsAreRememberedToo(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	key := newKey()
	body := sale(contact, "N1", strings.Replace(goods("1"), `"200"`, `"299"`, 1))
	require.Contains(t, b.refused("PUT", "/Invoices", body, "Idempotency-Key", key), "not a valid code")
	require.NoError(t, b.SetAccountStatus("", "299", "ACTIVE"))
	require.Contains(t, b.refused("PUT", "/Invoices", body, "Idempotency-Key", key), "not a valid code")
	b.ClearIdempotency()
	b.want("PUT", "/Invoices", "Invoices", body, "Idempotency-Key", key)

	require.NoError(t, b.InjectFault(xero.Fault{Kind: xero.Fail500Before}))
	key = newKey()
	for range 2 {
		status, _ := b.call("PUT", "/Invoices", sale(contact, "N2", goods("1")), "Idempotency-Key", key)
		require.Equal(t, http.StatusInternalServerError, status)
	}
	b.want("PUT", "/Invoices", "Invoices", sale(contact, "N2", goods("1")), "Idempotency-Key", newKey())
}

func TestKeyOfAnotherRequestIsRefused(t *testing.T) {
	t.Parallel()
	b := linked(t)
	key := newKey()
	b.want("PUT", "/Contacts", "Contacts", `{"Name":"Ada"}`, "Idempotency-Key", key)
	const fragment = "used with a different request"
	require.Contains(t, b.refused("PUT", "/Contacts", `{"Name":"Bob"}`, "Idempotency-Key", key), fragment)
	require.Contains(t, b.refused("POST", "/Contacts", `{"Name":"Ada"}`, "Idempotency-Key", key), fragment)
	require.Contains(t, b.refused("PUT", "/Contacts?summarizeErrors=false", `{"Name":"Ada"}`, "Idempotency-Key", key), fragment)
	require.Contains(t, b.refused("PUT", "/Contacts", `{"Name":"Cid"}`, "Idempotency-Key", strings.Repeat("k", 129)), "128")
	b.want("PUT", "/Contacts", "Contacts", `{"Name":"Cid"}`, "Idempotency-Key", strings.Repeat("k", 128))
}

func TestSecondCallWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	b := linked(t)
	b.SetLatency(xero.Latency{Min: 20 * time.Millisecond, Max: 20 * time.Millisecond})
	body, key := sale(b.contact("Ada"), "N1", goods("1")), newKey()
	ids := make([]any, 4)
	var wait sync.WaitGroup
	for i := range ids {
		wait.Go(func() {
			status, answer := b.call("PUT", "/Invoices", body, "Idempotency-Key", key)
			if status == http.StatusOK {
				ids[i] = answer["Invoices"].([]any)[0].(map[string]any)["InvoiceID"]
			}
		})
	}
	wait.Wait()
	require.NotNil(t, ids[0])
	for _, id := range ids {
		require.Equal(t, ids[0], id)
	}
	require.Len(t, b.Invoices(""), 1)
}

func TestThrottledCallLeavesTheKeyFree(t *testing.T) {
	t.Parallel()
	b := linked(t)
	require.NoError(t, b.InjectFault(xero.Fault{Kind: xero.Throttle429Minute}))
	key := newKey()
	response, err := b.client.Do(b.request("PUT", "/Contacts", `{"Name":"Ada"}`, "Idempotency-Key", key))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusTooManyRequests, response.StatusCode)
	b.want("PUT", "/Contacts", "Contacts", `{"Name":"Ada"}`, "Idempotency-Key", key)
}
