package main

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"
)

// minter makes a shop's tokens, a fresh one for each event.
type minter struct {
	tenant string
	key    []byte
}

func newMinter(tenant, storeKey string) (minter, error) {
	key, err := hkdf.Key(sha256.New, []byte(storeKey), nil, "byte8-magento-outbound-v1", sha256.Size)
	return minter{tenant, key}, err
}

func (m minter) mint(jti string, now time.Time) string {
	encode := base64.RawURLEncoding.EncodeToString
	claims := fmt.Sprintf(`{"iss":"magento","sub":%q,"aud":"byte8-ledger","iat":%d,"nbf":%d,"exp":%d,"jti":%q}`, m.tenant, now.Unix(), now.Unix(), now.Unix()+120, jti)
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode([]byte(claims))
	mac := hmac.New(sha256.New, m.key)
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}

// event is the body of an event about one invoice.
func event(id int) []byte {
	return fmt.Appendf(nil, `{"magento_entity_id":%d,"website_id":1,"store_id":1,"occurred_at":"2026-05-01T09:30:00Z","payload":{"increment_id":"%09d","paid":false}}`, id, id)
}
