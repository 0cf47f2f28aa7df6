package xero_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"byte8.io/ledger/sandbox/xero"
)

func TestRefreshTokenRotatesAtEveryUse(t *testing.T) {
	t.Parallel()
	b := linked(t)
	seen := map[any]bool{b.refresh: true}
	current := b.refresh
	for range 3 {
		b.clock.advance(40 * 24 * time.Hour)
		status, body := b.rotate(current)
		require.Equal(t, http.StatusOK, status)
		current = body["refresh_token"].(string)
		require.False(t, seen[current])
		seen[current] = true
	}
	b.clock.advance(60 * 24 * time.Hour)
	_, body := b.rotate(current)
	require.Equal(t, "invalid_grant", body["error"], "unused for 60 days")
}

func TestSupersededTokenIsHonouredInGraceWithoutForking(t *testing.T) {
	t.Parallel()
	b := linked(t)
	_, first := b.rotate(b.refresh)
	b.clock.advance(time.Minute)
	status, second := b.rotate(b.refresh)
	require.Equal(t, http.StatusOK, status, "the lost answer is asked for again")
	require.NotEqual(t, first["refresh_token"], second["refresh_token"])

	b.clock.advance(30 * time.Minute)
	_, body := b.rotate(b.refresh)
	require.Equal(t, "invalid_grant", body["error"], "grace is over")
	_, body = b.rotate(first["refresh_token"].(string))
	require.Equal(t, "invalid_grant", body["error"], "the second pair superseded the first")
	status, _ = b.rotate(second["refresh_token"].(string))
	require.Equal(t, http.StatusOK, status, "the last pair is the live one")
	require.Equal(t, 3, b.Stats().TokenRefreshes)
}

func TestLostTokenAnswerCanBeRepeated(t *testing.T) {
	t.Parallel()
	b := linked(t)
	require.NoError(t, b.InjectFault(xero.Fault{Kind: xero.TimeoutAfter, Path: "/connect/token"}))
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {b.refresh}}
	request, err := http.NewRequest(http.MethodPost, b.url+"/connect/token", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth("sandbox-client", "sandbox-secret")
	response, err := b.client.Do(request)
	if err == nil {
		require.NoError(t, response.Body.Close())
	}
	require.Error(t, err)
	status, _ := b.rotate(b.refresh)
	require.Equal(t, http.StatusOK, status)
}

func TestRevocationEndsEverything(t *testing.T) {
	t.Parallel()
	b := linked(t)
	request, err := http.NewRequest(http.MethodPost, b.url+"/connect/revocation", strings.NewReader(url.Values{"token": {b.refresh}}.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth("sandbox-client", "sandbox-secret")
	status, _ := b.send(request)
	require.Equal(t, http.StatusOK, status)

	_, body := b.rotate(b.refresh)
	require.Equal(t, "invalid_grant", body["error"])
	status, _ = b.call("GET", "/Organisation", "")
	require.Equal(t, http.StatusUnauthorized, status)
}

func TestExpireTokensLeavesRefreshAlone(t *testing.T) {
	t.Parallel()
	b := linked(t)
	status, _ := b.control("POST", "/tokens/expire", "")
	require.Equal(t, http.StatusNoContent, status)
	status, _ = b.call("GET", "/Organisation", "")
	require.Equal(t, http.StatusUnauthorized, status)
	status, body := b.rotate(b.refresh)
	require.Equal(t, http.StatusOK, status)
	b.access = body["access_token"].(string)
	b.want("GET", "/Organisation", "Organisations", "")

	b.RevokeTokens()
	status, _ = b.rotate(body["refresh_token"].(string))
	require.Equal(t, http.StatusBadRequest, status)
}
