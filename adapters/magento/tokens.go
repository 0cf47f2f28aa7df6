package magento

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/golang-jwt/jwt/v5"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

const (
	// leeway is how far a shop's clock may be off, either way.
	leeway = 30 * time.Second
	// maxTokenLength bounds what is parsed; a shop's token has about 330 characters.
	maxTokenLength = 4096
	// maxTokenID is the longest jti that is remembered.
	maxTokenID = 255
)

// Tokens implements ports.ShopTokens: HS256 under the store's outbound subkey,
// typ JWT, issued by magento to byte8-ledger in the tenant's name, living at
// most 300 s, with 30 s of leeway on iat, nbf and exp.
type Tokens struct{}

var _ ports.ShopTokens = Tokens{}

// Tenant implements ports.ShopTokens.
func (Tokens) Tenant(token string) (access.TenantID, bool) {
	t, err := parse(token)
	if err != nil || t.claims.Issuer != shopName || t.claims.Audience != ledgerName || t.claims.Subject == "" {
		return "", false
	}
	return access.TenantID(t.claims.Subject), true
}

// Verify implements ports.ShopTokens. Every key is tried, whichever matches, so
// that the time taken does not tell which did. A key without a secret matches
// nothing.
func (Tokens) Verify(token string, tenant access.TenantID, keys []binding.StoreKey, now time.Time) (ports.VerifiedToken, error) {
	t, err := parse(token)
	if err != nil {
		return refuse(err)
	}
	key, err := t.signer(keys)
	if err != nil {
		return refuse(err)
	}
	if err := t.claims.check(tenant, now); err != nil {
		return refuse(err)
	}
	return ports.VerifiedToken{
		Key: key,
		Use: ports.TokenUse{
			TenantID: tenant, JTI: t.claims.ID,
			RememberUntil: time.Unix(*t.claims.ExpiresAt, 0).Add(leeway).UTC(),
		},
	}, nil
}

func refuse(cause error) (ports.VerifiedToken, error) {
	return ports.VerifiedToken{}, fault.Wrap(fault.CodeUnauthenticated, "The shop's token is not accepted; pair the shop again if this stays.", cause)
}

// shopToken is a token taken apart, its signature not yet checked.
type shopToken struct {
	signed    string
	signature []byte
	claims    claims
}

func parse(token string) (shopToken, error) {
	if len(token) > maxTokenLength {
		return shopToken{}, fmt.Errorf("the token is longer than %d characters", maxTokenLength)
	}
	var c claims
	parsed, parts, err := jwt.NewParser(jwt.WithStrictDecoding()).ParseUnverified(token, &c)
	if err != nil {
		return shopToken{}, fmt.Errorf("parsing the token: %w", err)
	}
	switch {
	case parsed.Method.Alg() != jwt.SigningMethodHS256.Alg():
		return shopToken{}, errors.New("alg is not HS256")
	case parsed.Header["typ"] != "JWT":
		return shopToken{}, errors.New("typ is not JWT")
	case parsed.Header["crit"] != nil:
		return shopToken{}, errors.New("crit names extensions we do not know")
	}
	return shopToken{signed: strings.Join(parts[:2], "."), signature: parsed.Signature, claims: c}, nil
}

func (t shopToken) signer(keys []binding.StoreKey) (binding.StoreKey, error) {
	match := -1
	for i, key := range keys {
		subkey, err := fromShop.subkey(key.Secret)
		if err != nil {
			return binding.StoreKey{}, err
		}
		if jwt.SigningMethodHS256.Verify(t.signed, t.signature, subkey) == nil && key.Secret != "" {
			match = i
		}
	}
	if match < 0 {
		return binding.StoreKey{}, fmt.Errorf("none of %d keys made the signature", len(keys))
	}
	return keys[match], nil
}

// check is nil when the claims allow a request in the tenant's name at now.
func (c claims) check(tenant access.TenantID, now time.Time) error {
	if c.IssuedAt == nil || c.NotBefore == nil || c.ExpiresAt == nil {
		return errors.New("iat, nbf or exp is missing")
	}
	const slack, longest = int64(leeway / time.Second), int64(maxTokenLife / time.Second)
	at, iat, nbf, exp := now.Unix(), *c.IssuedAt, *c.NotBefore, *c.ExpiresAt
	switch {
	case c.Issuer != shopName:
		return errors.New("iss is not magento")
	case c.Audience != ledgerName:
		return errors.New("aud is not byte8-ledger")
	case c.Subject == "" || c.Subject != string(tenant):
		return errors.New("sub is not the tenant")
	case c.ID == "" || len(c.ID) > maxTokenID || strings.ContainsFunc(c.ID, unicode.IsControl):
		return errors.New("jti is empty, too long or not text")
	case iat < 0 || exp < 0:
		return errors.New("iat or exp is negative")
	case iat > at+slack:
		return fmt.Errorf("iat is %d s ahead", iat-at)
	case nbf > at+slack:
		return errors.New("nbf is ahead")
	case exp <= at-slack:
		return fmt.Errorf("exp is %d s past", at-exp)
	case exp <= iat || exp-iat > longest:
		return fmt.Errorf("the token lives %d s", exp-iat)
	}
	return nil
}
