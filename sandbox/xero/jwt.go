package xero

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// signAccess makes an access token with the claims of a Xero one. Xero signs
// with RS256; the sandbox signs with a key that dies with it, because nobody
// but the sandbox verifies the token.
func (v *vault) signAccess(f *family, clientID string, now time.Time) string {
	return v.sign(map[string]any{
		"nbf": now.Unix(), "exp": now.Add(accessLife).Unix(),
		"iss": "https://identity.xero.com", "aud": "https://identity.xero.com/resources",
		"client_id": clientID, "sub": v.userID, "auth_time": now.Unix(), "xero_userid": v.userID,
		"global_session_id": f.eventID, "jti": uuid.NewString(),
		"authentication_event_id": f.eventID, "scope": f.scopes,
	})
}

func (v *vault) signID(f *family, clientID, nonce string, now time.Time) string {
	claims := map[string]any{
		"nbf": now.Unix(), "iat": now.Unix(), "exp": now.Add(codeLife).Unix(),
		"iss": "https://identity.xero.com", "aud": clientID, "sub": v.userID, "xero_userid": v.userID,
		"global_session_id": f.eventID, "preferred_username": "owner@sandbox.test",
		"email": "owner@sandbox.test", "given_name": "Sandbox", "family_name": "Owner",
	}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	return v.sign(claims)
}

func (v *vault) sign(claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "" // claims are strings, numbers and lists of strings: always marshalled
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT","kid":"sandbox"}`)) + "." + encode(payload)
	mac := hmac.New(sha256.New, v.signingKey)
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}
