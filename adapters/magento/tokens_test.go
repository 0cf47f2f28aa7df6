package magento_test

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/adapters/magento"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// The key and subkeys of the wire contract's test vector.
const (
	vectorSecret   = "byte8_lk_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	vectorOutbound = "5c34cf43c0e6b3ae6a71455ead32d5464f77ac7ee074b5dc9f22877dd5e53648"
	vectorInbound  = "51719e9c3b618c57a68c70894b0e2d6ece47b9581d6359a3493e7e842e7831af"
	vectorTenant   = access.TenantID("a8d4e2e0-1c4e-11ef-9262-0242ac120002")
	vectorIssued   = 1767225600
	vectorToken    = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJtYWdlbnRvIiwic3ViIjoiYThkNGUyZTAtMWM0ZS0xMWVmLTkyNjItMDI0MmFjMTIwMDAyIiwiYXVkIjoiYnl0ZTgtbGVkZ2VyIiwiaWF0IjoxNzY3MjI1NjAwLCJuYmYiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTY2MCwianRpIjoiMTExMTExMTEtMjIyMi00MzMzLTg0NDQtNTU1NTU1NTU1NTU1In0.ugvH2WurvBC3rl8WymPtHWKZ75ikpRPSR7o6mf4ZuSE"
)

func vectorKeys() []binding.StoreKey {
	return []binding.StoreKey{{ID: "key_1", TenantID: vectorTenant, Secret: vectorSecret, Status: binding.KeyActive}}
}

func issuedAt() time.Time { return time.Unix(vectorIssued, 0) }

func TestTheContractsTokenIsAccepted(t *testing.T) {
	t.Parallel()
	got, err := magento.Tokens{}.Verify(vectorToken, vectorTenant, vectorKeys(), issuedAt())
	if err != nil {
		t.Fatal(err)
	}
	want := ports.VerifiedToken{
		Key: vectorKeys()[0],
		Use: ports.TokenUse{
			TenantID: vectorTenant, JTI: "11111111-2222-4333-8444-555555555555",
			RememberUntil: time.Unix(vectorIssued+60+30, 0).UTC(),
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verified token (-want +got):\n%s", diff)
	}
	if tenant, ok := (magento.Tokens{}).Tenant(vectorToken); !ok || tenant != vectorTenant {
		t.Errorf("Tenant = %q, %t", tenant, ok)
	}
}

// forge signs header and claims with a raw key, independently of the product.
func forge(tb testing.TB, key []byte, header, claims map[string]any) string {
	tb.Helper()
	encode := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			tb.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	signed := encode(header) + "." + encode(claims)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func outboundKey(tb testing.TB) []byte {
	tb.Helper()
	key, err := hex.DecodeString(vectorOutbound)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func goodHeader() map[string]any { return map[string]any{"alg": "HS256", "typ": "JWT"} }

func goodClaims() map[string]any {
	return map[string]any{
		"iss": "magento", "aud": "byte8-ledger", "sub": string(vectorTenant),
		"iat": vectorIssued, "nbf": vectorIssued, "exp": vectorIssued + 60, "jti": "a-jti",
	}
}

func with(m map[string]any, key string, value any) map[string]any {
	m[key] = value
	return m
}

func without(m map[string]any, key string) map[string]any {
	delete(m, key)
	return m
}

// window is claims that are issued, begin and end so many seconds off the clock.
func window(iat, nbf, exp int) map[string]any {
	return with(with(with(goodClaims(), "iat", vectorIssued+iat), "nbf", vectorIssued+nbf), "exp", vectorIssued+exp)
}

func TestTokenRules(t *testing.T) {
	t.Parallel()
	inbound, err := hex.DecodeString(vectorInbound)
	if err != nil {
		t.Fatal(err)
	}
	key := outboundKey(t)
	long := strings.Repeat("j", 255)
	tests := map[string]struct {
		token string
		want  bool
	}{
		"good":                        {forge(t, key, goodHeader(), goodClaims()), true},
		"extra header member":         {forge(t, key, with(goodHeader(), "kid", "7"), goodClaims()), true},
		"extra claim":                 {forge(t, key, goodHeader(), with(goodClaims(), "role", "x")), true},
		"jti of 255":                  {forge(t, key, goodHeader(), with(goodClaims(), "jti", long)), true},
		"iat 30 s ahead":              {forge(t, key, goodHeader(), window(30, 0, 60)), true},
		"nbf 30 s ahead":              {forge(t, key, goodHeader(), window(0, 30, 60)), true},
		"exp 29 s past":               {forge(t, key, goodHeader(), window(-89, -89, -29)), true},
		"lives 300 s":                 {forge(t, key, goodHeader(), window(0, 0, 300)), true},
		"iat 31 s ahead":              {forge(t, key, goodHeader(), window(31, 0, 60)), false},
		"nbf 31 s ahead":              {forge(t, key, goodHeader(), window(0, 31, 60)), false},
		"exp 30 s past":               {forge(t, key, goodHeader(), window(-90, -90, -30)), false},
		"lives 301 s":                 {forge(t, key, goodHeader(), window(0, 0, 301)), false},
		"ends before it was issued":   {forge(t, key, goodHeader(), window(20, 0, 10)), false},
		"overflowing life":            {forge(t, key, goodHeader(), with(goodClaims(), "iat", int64(-1<<63))), false},
		"alg none":                    {forge(t, key, with(goodHeader(), "alg", "none"), goodClaims()), false},
		"alg none unsigned":           {unsigned(t, with(goodHeader(), "alg", "none")), false},
		"alg HS512":                   {forge(t, key, with(goodHeader(), "alg", "HS512"), goodClaims()), false},
		"alg RS256":                   {forge(t, key, with(goodHeader(), "alg", "RS256"), goodClaims()), false},
		"alg missing":                 {forge(t, key, without(goodHeader(), "alg"), goodClaims()), false},
		"typ missing":                 {forge(t, key, without(goodHeader(), "typ"), goodClaims()), false},
		"typ in lower case":           {forge(t, key, with(goodHeader(), "typ", "jwt"), goodClaims()), false},
		"crit":                        {forge(t, key, with(goodHeader(), "crit", []string{"x"}), goodClaims()), false},
		"the other direction's key":   {forge(t, inbound, goodHeader(), goodClaims()), false},
		"the secret itself":           {forge(t, []byte(vectorSecret), goodHeader(), goodClaims()), false},
		"another issuer":              {forge(t, key, goodHeader(), with(goodClaims(), "iss", "byte8-ledger")), false},
		"no issuer":                   {forge(t, key, goodHeader(), without(goodClaims(), "iss")), false},
		"another audience":            {forge(t, key, goodHeader(), with(goodClaims(), "aud", "magento")), false},
		"audience in a list":          {forge(t, key, goodHeader(), with(goodClaims(), "aud", []string{"byte8-ledger"})), false},
		"no audience":                 {forge(t, key, goodHeader(), without(goodClaims(), "aud")), false},
		"another tenant":              {forge(t, key, goodHeader(), with(goodClaims(), "sub", "another")), false},
		"no tenant":                   {forge(t, key, goodHeader(), without(goodClaims(), "sub")), false},
		"no iat":                      {forge(t, key, goodHeader(), without(goodClaims(), "iat")), false},
		"no nbf":                      {forge(t, key, goodHeader(), without(goodClaims(), "nbf")), false},
		"no exp":                      {forge(t, key, goodHeader(), without(goodClaims(), "exp")), false},
		"null exp":                    {forge(t, key, goodHeader(), with(goodClaims(), "exp", nil)), false},
		"fractional exp":              {forge(t, key, goodHeader(), with(goodClaims(), "exp", vectorIssued+60.5)), false},
		"exp as text":                 {forge(t, key, goodHeader(), with(goodClaims(), "exp", "1767225660")), false},
		"no jti":                      {forge(t, key, goodHeader(), without(goodClaims(), "jti")), false},
		"empty jti":                   {forge(t, key, goodHeader(), with(goodClaims(), "jti", "")), false},
		"jti as a number":             {forge(t, key, goodHeader(), with(goodClaims(), "jti", 7)), false},
		"jti of 256":                  {forge(t, key, goodHeader(), with(goodClaims(), "jti", long+"j")), false},
		"jti with a NUL":              {forge(t, key, goodHeader(), with(goodClaims(), "jti", "a\x00b")), false},
		"too long":                    {forge(t, key, goodHeader(), with(goodClaims(), "pad", strings.Repeat("x", 5000))), false},
		"empty":                       {"", false},
		"two segments":                {"a.b", false},
		"four segments":               {vectorToken + ".x", false},
		"not base64":                  {"!.!.!", false},
		"changed signature":           {vectorToken[:len(vectorToken)-3] + "AAA", false},
		"padded signature":            {vectorToken + "=", false},
		"changed trailing bits":       {vectorToken[:len(vectorToken)-1] + "F", false},
		"claims that are not objects": {forgeRaw(t, key, `[]`), false},
		"null claims":                 {forgeRaw(t, key, `null`), false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := magento.Tokens{}.Verify(tc.token, vectorTenant, vectorKeys(), issuedAt())
			if (err == nil) != tc.want {
				t.Fatalf("Verify error = %v, want accepted: %t", err, tc.want)
			}
			if err == nil {
				return
			}
			if fault.KindOf(err) != fault.Unauthenticated {
				t.Errorf("kind = %s, want UNAUTHENTICATED", fault.KindOf(err))
			}
			if fault.Of(err).Cause == nil || strings.Contains(fault.Of(err).Message, fault.Of(err).Cause.Error()) {
				t.Errorf("the reason must be the cause alone: %v", err)
			}
			if diff := cmp.Diff(ports.VerifiedToken{}, got); diff != "" {
				t.Errorf("a refused token gave something:\n%s", diff)
			}
		})
	}
}

func unsigned(t *testing.T, header map[string]any) string {
	t.Helper()
	token := forge(t, nil, header, goodClaims())
	return token[:strings.LastIndexByte(token, '.')+1]
}

func forgeRaw(t *testing.T, key []byte, claims string) string {
	t.Helper()
	signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestEveryLiveKeyIsTried(t *testing.T) {
	t.Parallel()
	other := binding.StoreKey{ID: "key_0", Secret: binding.NewStoreKeySecret([32]byte{1})}
	mine := vectorKeys()[0]
	wiped := binding.StoreKey{ID: "key_9"}
	for name, keys := range map[string][]binding.StoreKey{
		"first": {mine, other}, "last": {other, mine}, "between": {other, mine, wiped},
	} {
		got, err := magento.Tokens{}.Verify(vectorToken, vectorTenant, keys, issuedAt())
		if err != nil || got.Key.ID != mine.ID {
			t.Errorf("%s: key %q, error %v", name, got.Key.ID, err)
		}
	}
	for name, keys := range map[string][]binding.StoreKey{"none": nil, "another": {other}} {
		if _, err := (magento.Tokens{}).Verify(vectorToken, vectorTenant, keys, issuedAt()); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestAKeyWithoutSecretSignsNothing(t *testing.T) {
	t.Parallel()
	// Anybody can derive the subkey of an empty secret.
	keys := []binding.StoreKey{{ID: "key_wiped"}}
	key, err := hkdf.Key(sha256.New, nil, nil, "byte8-magento-outbound-v1", 32)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (magento.Tokens{}).Verify(forge(t, key, goodHeader(), goodClaims()), vectorTenant, keys, issuedAt()); err == nil {
		t.Error("a token under the empty secret was accepted")
	}
}

func TestTenantIsReadOnlyFromShopsTokens(t *testing.T) {
	t.Parallel()
	key := []byte("any")
	for name, token := range map[string]string{
		"another issuer":   forge(t, key, goodHeader(), with(goodClaims(), "iss", "somebody")),
		"another audience": forge(t, key, goodHeader(), with(goodClaims(), "aud", "somebody")),
		"no tenant":        forge(t, key, goodHeader(), without(goodClaims(), "sub")),
		"an API key":       "lk_0123456789",
		"nothing":          "",
	} {
		if tenant, ok := (magento.Tokens{}).Tenant(token); ok {
			t.Errorf("%s: tenant %q", name, tenant)
		}
	}
	if tenant, ok := (magento.Tokens{}).Tenant(forge(t, key, goodHeader(), goodClaims())); !ok || tenant != vectorTenant {
		t.Errorf("an unverified token must still say its tenant: %q, %t", tenant, ok)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(vectorToken)
	f.Add("..")
	f.Add("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.e30.")
	f.Add("bnVsbA.bnVsbA.")
	f.Add(forge(f, []byte("k"), goodHeader(), goodClaims()))
	keys := vectorKeys()
	f.Fuzz(func(t *testing.T, token string) {
		tokens := magento.Tokens{}
		tokens.Tenant(token)
		got, err := tokens.Verify(token, vectorTenant, keys, issuedAt())
		if err == nil && token != vectorToken {
			t.Fatalf("accepted a token nobody signed: %q", token)
		}
		if err != nil && (fault.KindOf(err) != fault.Unauthenticated || got != ports.VerifiedToken{}) {
			t.Fatalf("refused with %v and %v", err, got)
		}
	})
}
