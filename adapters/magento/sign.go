package magento

import (
	"fmt"
	"io"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"byte8.io/ledger/ports"
)

// backdate is how far back a token's iat and nbf are set. The shop allows its
// clock no lag on nbf; this allows it 20 s.
const backdate = 20 * time.Second

// sign makes a token for one request. The shop burns its id when it reads it,
// so that no token can be used for a second request, a retry included.
//
// The token lives as long as the shop allows, which lets the shop's clock run
// up to 280 s ahead of ours.
func sign(access ports.ShopAccess, now time.Time, random io.Reader) (string, error) {
	key, err := toShop.subkey(access.Secret)
	if err != nil {
		return "", err
	}
	id, err := uuid.NewRandomFromReader(random)
	if err != nil {
		return "", fmt.Errorf("drawing a token id: %w", err)
	}
	issued := now.Add(-backdate).Unix()
	expires := issued + int64(maxTokenLife/time.Second)
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		Issuer: ledgerName, Subject: string(access.TenantID), Audience: shopName,
		IssuedAt: &issued, NotBefore: &issued, ExpiresAt: &expires, ID: id.String(),
	}).SignedString(key)
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return token, nil
}
