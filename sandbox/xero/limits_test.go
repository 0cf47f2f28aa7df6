package xero_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"byte8.io/ledger/sandbox/xero"
)

type reply struct {
	StatusCode int
	Header     http.Header
}

func (b *bench) headers(path string) reply {
	b.t.Helper()
	response, err := b.client.Do(b.request("GET", path, ""))
	require.NoError(b.t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	require.NoError(b.t, response.Body.Close())
	if response.StatusCode == http.StatusTooManyRequests {
		require.Empty(b.t, body)
		require.NotContains(b.t, response.Header.Get("Content-Type"), "json")
	}
	return reply{StatusCode: response.StatusCode, Header: response.Header}
}

func TestMinuteLimitIsAFixedWindow(t *testing.T) {
	t.Parallel()
	b := linked(t, func(o *xero.Options) { o.Limits = xero.Limits{} })
	for i := range 60 {
		response := b.headers("/Currencies")
		require.Equal(t, http.StatusOK, response.StatusCode)
		if i == 0 {
			require.Equal(t, "59", response.Header.Get("X-MinLimit-Remaining"))
			require.Equal(t, "4999", response.Header.Get("X-DayLimit-Remaining"))
			require.Equal(t, "9999", response.Header.Get("X-AppMinLimit-Remaining"))
			b.clock.advance(20 * time.Second)
		}
	}
	refused := b.headers("/Currencies")
	require.Equal(t, http.StatusTooManyRequests, refused.StatusCode)
	require.Equal(t, "minute", refused.Header.Get("X-Rate-Limit-Problem"))
	require.Equal(t, "40", refused.Header.Get("Retry-After"))
	require.Equal(t, "0", refused.Header.Get("X-MinLimit-Remaining"))
	b.clock.advance(40 * time.Second)
	require.Equal(t, "59", b.headers("/Currencies").Header.Get("X-MinLimit-Remaining"))
	require.Equal(t, 1, b.Stats().Throttled)
}

func TestDayAndAppLimits(t *testing.T) {
	t.Parallel()
	b := linked(t)
	status, _ := b.control("PUT", "/limits", `{"day":1}`)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, http.StatusOK, b.headers("/Currencies").StatusCode)
	b.clock.advance(time.Minute)
	refused := b.headers("/Currencies")
	require.Equal(t, "day", refused.Header.Get("X-Rate-Limit-Problem"))
	require.Equal(t, "86340", refused.Header.Get("Retry-After"))

	b.SetLimits(xero.Limits{Minute: -1, Concurrent: -1, Day: -1, AppMinute: 1})
	require.Equal(t, http.StatusOK, b.headers("/Currencies").StatusCode)
	require.Equal(t, "appminute", b.headers("/Currencies").Header.Get("X-Rate-Limit-Problem"))
}

func TestLimitsBelongToTheOrganisation(t *testing.T) {
	t.Parallel()
	second := "11111111-2222-4333-8444-555555555555"
	b := linked(t, func(o *xero.Options) {
		o.Organisations = []xero.Organisation{xero.UKOrganisation("7d2c4a19-0b1e-4f6a-9c55-2a6f3f1d8e01", "One"), xero.UKOrganisation(second, "Two")}
		o.Limits = xero.Limits{Minute: 1}
	})
	require.Equal(t, http.StatusOK, b.headers("/Currencies").StatusCode)
	require.Equal(t, http.StatusTooManyRequests, b.headers("/Currencies").StatusCode)
	b.tenant = second
	require.Equal(t, http.StatusOK, b.headers("/Currencies").StatusCode)
}

func TestFiveCallsInFlight(t *testing.T) {
	t.Parallel()
	b := linked(t, func(o *xero.Options) { o.Limits = xero.Limits{Minute: -1, Day: -1, AppMinute: -1} })
	require.NoError(t, b.InjectFault(xero.Fault{Kind: xero.TimeoutAfter, Path: "/Accounts", Count: 5, DelayMS: 60_000}))
	hanging := make(chan error, 5)
	ctx, giveUp := context.WithCancel(t.Context())
	for range 5 {
		request := b.request("GET", "/Accounts", "").WithContext(ctx)
		go func() {
			response, err := b.client.Do(request)
			if err == nil {
				_ = response.Body.Close()
			}
			hanging <- err
		}()
	}
	require.Eventually(t, func() bool { return b.Stats().MaxInFlight == 5 }, 5*time.Second, time.Millisecond)
	refused := b.headers("/Currencies")
	require.Equal(t, http.StatusTooManyRequests, refused.StatusCode)
	require.Equal(t, "concurrent", refused.Header.Get("X-Rate-Limit-Problem"))
	require.Empty(t, refused.Header.Values("Retry-After"))
	giveUp()
	for range 5 {
		require.Error(t, <-hanging, "a call that is never answered")
	}
	require.Eventually(t, func() bool { return b.headers("/Currencies").StatusCode == http.StatusOK }, 5*time.Second, time.Millisecond,
		"a caller that hangs up frees its place")
}
