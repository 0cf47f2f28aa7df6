package magento

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
)

const (
	shopName       = "magento"
	ledgerName     = "byte8-ledger"
	outboundTTL    = 60 * time.Second
	outboundHeader = `{"alg":"HS256","typ":"JWT"}`
)

type outboundClaims struct {
	Iss string `json:"iss"`
	Sub string `json:"sub"`
	Aud string `json:"aud"`
	Iat int64  `json:"iat"`
	Nbf int64  `json:"nbf"`
	Exp int64  `json:"exp"`
	Jti string `json:"jti"`
}

// OutboundToken signs the token the shop presents to the ledger for one request. It lasts a minute
// from issued.
func OutboundToken(apiKey, tenantID, jti string, issued time.Time) (string, error) {
	key, err := OutboundKey(apiKey)
	if err != nil {
		return "", err
	}
	iat := issued.Unix()
	payload, err := json.Marshal(outboundClaims{
		Iss: shopName,
		Sub: tenantID,
		Aud: ledgerName,
		Iat: iat,
		Nbf: iat,
		Exp: iat + int64(outboundTTL/time.Second),
		Jti: jti,
	})
	if err != nil {
		return "", fmt.Errorf("encoding claims: %w", err)
	}
	signed := encodeSegment([]byte(outboundHeader)) + "." + encodeSegment(payload)
	return signed + "." + encodeSegment(signature(key, signed)), nil
}

func (s *Server) freshToken(c credentials) (string, error) {
	jti, err := uuid.NewRandomFromReader(s.opts.Random)
	if err != nil {
		return "", fmt.Errorf("drawing a token id: %w", err)
	}
	return OutboundToken(c.apiKey, c.tenantID, jti.String(), s.opts.Now())
}

func signature(key []byte, signed string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}

func encodeSegment(raw []byte) string {
	return base64.RawURLEncoding.EncodeToString(raw)
}

func decodeSegment(segment string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(segment)
}
