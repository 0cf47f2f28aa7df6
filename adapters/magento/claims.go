package magento

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The parties as the claims name them.
const (
	shopName   = "magento"
	ledgerName = "byte8-ledger"
)

// maxTokenLife is the longest life either side grants a token.
const maxTokenLife = 300 * time.Second

// claims are a token's claims in either direction. The audience is one string,
// because the shop compares it strictly, and times are whole seconds. A time
// that is absent stays nil; one with a fraction does not decode.
type claims struct {
	Issuer    string `json:"iss"`
	Subject   string `json:"sub"`
	Audience  string `json:"aud"`
	IssuedAt  *int64 `json:"iat"`
	NotBefore *int64 `json:"nbf"`
	ExpiresAt *int64 `json:"exp"`
	ID        string `json:"jti"`
}

var _ jwt.Claims = claims{}

// GetExpirationTime implements jwt.Claims.
func (c claims) GetExpirationTime() (*jwt.NumericDate, error) { return date(c.ExpiresAt), nil }

// GetIssuedAt implements jwt.Claims.
func (c claims) GetIssuedAt() (*jwt.NumericDate, error) { return date(c.IssuedAt), nil }

// GetNotBefore implements jwt.Claims.
func (c claims) GetNotBefore() (*jwt.NumericDate, error) { return date(c.NotBefore), nil }

// GetIssuer implements jwt.Claims.
func (c claims) GetIssuer() (string, error) { return c.Issuer, nil }

// GetSubject implements jwt.Claims.
func (c claims) GetSubject() (string, error) { return c.Subject, nil }

// GetAudience implements jwt.Claims.
func (c claims) GetAudience() (jwt.ClaimStrings, error) { return jwt.ClaimStrings{c.Audience}, nil }

func date(seconds *int64) *jwt.NumericDate {
	if seconds == nil {
		return nil
	}
	return jwt.NewNumericDate(time.Unix(*seconds, 0))
}
