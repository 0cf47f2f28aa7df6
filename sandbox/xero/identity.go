package xero

import (
	"crypto/subtle"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// token grants tokens for a code or a refresh token. Every refusal is a 400
// with an OAuth error code.
func (s *Server) token(r *http.Request) rendered {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/x-www-form-urlencoded" {
		return oauthError("unsupported_grant_type")
	}
	if err := r.ParseForm(); err != nil {
		return oauthError("invalid_request")
	}
	if !s.clientProven(r) {
		return oauthError("invalid_client")
	}
	var (
		pair tokenPair
		ok   bool
	)
	form, now := r.PostForm, s.options.Now()
	switch form.Get("grant_type") {
	case "authorization_code":
		pair, ok = s.vault.redeem(form.Get("code"), form.Get("redirect_uri"), form.Get("code_verifier"), s.options.ClientID, now)
	case "refresh_token":
		pair, ok = s.vault.rotate(form.Get("refresh_token"), s.options.ClientID, now)
	case "client_credentials":
		return oauthError("unauthorized_client")
	default:
		return oauthError("unsupported_grant_type")
	}
	if !ok {
		return oauthError("invalid_grant")
	}
	body := map[string]any{
		"access_token": pair.access,
		"token_type":   "Bearer",
		"expires_in":   int(accessLife.Seconds()),
		"scope":        strings.Join(pair.scopes, " "),
	}
	if pair.refresh != "" {
		body["refresh_token"] = pair.refresh
	}
	if pair.id != "" {
		body["id_token"] = pair.id
	}
	return plainJSON(http.StatusOK, body)
}

// revocation ends what the user granted to the app, whichever refresh token of
// theirs is named. An unknown token is no fault.
func (s *Server) revocation(r *http.Request) rendered {
	if err := r.ParseForm(); err != nil {
		return oauthError("invalid_request")
	}
	if !s.clientProven(r) {
		return oauthError("invalid_client")
	}
	if s.vault.owns(r.PostForm.Get("token")) {
		s.vault.revoke()
	}
	return rendered{status: http.StatusOK, header: http.Header{}}
}

// clientProven checks HTTP Basic for an app with a secret, and the client id in
// the form for a public one.
func (s *Server) clientProven(r *http.Request) bool {
	if s.options.ClientSecret == "" {
		return r.PostForm.Get("client_id") == s.options.ClientID
	}
	user, password, ok := r.BasicAuth()
	if !ok {
		return false
	}
	id, errID := url.QueryUnescape(user)
	secret, errSecret := url.QueryUnescape(password)
	return errID == nil && errSecret == nil && id == s.options.ClientID &&
		subtle.ConstantTimeCompare([]byte(secret), []byte(s.options.ClientSecret)) == 1
}

func oauthError(code string) rendered {
	return plainJSON(http.StatusBadRequest, map[string]string{"error": code})
}

func plainJSON(status int, value any) rendered {
	body, err := json.Marshal(value)
	if err != nil {
		return rendered{status: http.StatusInternalServerError, header: http.Header{}}
	}
	return rendered{status: status, header: http.Header{"Content-Type": {"application/json; charset=utf-8"}, "Cache-Control": {"no-store"}}, body: body}
}
