package magento_test

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/sandbox/magento"
)

const (
	outboundKey   = "5c34cf43c0e6b3ae6a71455ead32d5464f77ac7ee074b5dc9f22877dd5e53648"
	inboundKey    = "51719e9c3b618c57a68c70894b0e2d6ece47b9581d6359a3493e7e842e7831af"
	outboundToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJtYWdlbnRvIiwic3ViIjoiYThkNGUyZTAtMWM0ZS0xMWVmLTkyNjItMDI0" +
		"MmFjMTIwMDAyIiwiYXVkIjoiYnl0ZTgtbGVkZ2VyIiwiaWF0IjoxNzY3MjI1NjAwLCJuYmYiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTY2MCwian" +
		"RpIjoiMTExMTExMTEtMjIyMi00MzMzLTg0NDQtNTU1NTU1NTU1NTU1In0.ugvH2WurvBC3rl8WymPtHWKZ75ikpRPSR7o6mf4ZuSE"
	unauthorised = `{"message":"The consumer isn't authorized to access %resources.","parameters":{"resources":"Byte8_Client::byte8_webapi"}}`
)

func TestSubkeys(t *testing.T) {
	t.Parallel()
	outbound, err := magento.OutboundKey(apiKey)
	if err != nil {
		t.Fatal(err)
	}
	inbound, err := magento.InboundKey(apiKey)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{hex.EncodeToString(outbound), hex.EncodeToString(inbound)}
	if diff := cmp.Diff([]string{outboundKey, inboundKey}, got); diff != "" {
		t.Error(diff)
	}
}

func TestOutboundToken(t *testing.T) {
	t.Parallel()
	got, err := magento.OutboundToken(apiKey, tenantID, "11111111-2222-4333-8444-555555555555", time.Unix(1767225600, 0))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(outboundToken, got); diff != "" {
		t.Error(diff)
	}
}

func TestAcceptableTokens(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(map[string]any){
		"as usual":              nil,
		"longest life":          func(c map[string]any) { c["exp"] = c["iat"].(int64) + 300 },
		"issued thirty ahead":   func(c map[string]any) { c["iat"] = c["iat"].(int64) + 30 },
		"about to expire":       func(c map[string]any) { c["exp"] = c["iat"].(int64) + 1 },
		"an unknown claim more": func(c map[string]any) { c["scope"] = "all" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newPairedBench(t, magento.Options{})
			status, body := b.do(http.MethodGet, "/rest/V1/byte8/ping", b.token(change), nil)
			if status != http.StatusOK {
				t.Errorf("%d %s", status, body)
			}
		})
	}
}

func TestRefusedTokens(t *testing.T) {
	t.Parallel()
	claim := func(name string, value any) func(*bench) string {
		return func(b *bench) string { return b.token(func(c map[string]any) { c[name] = value }) }
	}
	ahead := func(name string, seconds int64) func(*bench) string {
		return func(b *bench) string {
			return b.token(func(c map[string]any) { c[name] = b.clock.Now().Unix() + seconds })
		}
	}
	header := func(alg, typ any) func(*bench) string {
		return func(b *bench) string {
			claims := map[string]any{}
			b.token(func(c map[string]any) { claims = c })
			return sign(b.t, map[string]any{"alg": alg, "typ": typ}, claims, apiKey)
		}
	}
	for _, test := range []struct {
		name  string
		token func(*bench) string
		want  magento.Refusal
	}{
		{"none", func(*bench) string { return "" }, magento.RefusedMissing},
		{"not a token", func(*bench) string { return "abc" }, magento.RefusedMalformed},
		{"padded", func(b *bench) string { return b.token(nil) + "=" }, magento.RefusedMalformed},
		{"iss", claim("iss", "byte8"), magento.RefusedIssuer},
		{"aud", claim("aud", "byte8-ledger"), magento.RefusedAudience},
		{"aud as a list", claim("aud", []string{"magento"}), magento.RefusedAudience},
		{"alg none", header("none", "JWT"), magento.RefusedAlgorithm},
		{"alg 512", header("HS512", "JWT"), magento.RefusedAlgorithm},
		{"typ", header("HS256", "jwt"), magento.RefusedType},
		{"other key", func(b *bench) string {
			claims := map[string]any{}
			b.token(func(c map[string]any) { claims = c })
			return sign(b.t, map[string]any{"alg": "HS256", "typ": "JWT"}, claims, apiKey+"0")
		}, magento.RefusedSignature},
		{"other direction", func(*bench) string { return outboundToken }, magento.RefusedIssuer},
		{"sub", claim("sub", "somebody"), magento.RefusedSubject},
		{"no exp", func(b *bench) string { return b.token(func(c map[string]any) { delete(c, "exp") }) }, magento.RefusedDates},
		{"fractional iat", claim("iat", json.Number("1777636800.0")), magento.RefusedDates},
		{"exponent in nbf", claim("nbf", json.Number("1.7e9")), magento.RefusedDates},
		{"exp as text", claim("exp", "1777636900"), magento.RefusedDates},
		{"no jti", claim("jti", ""), magento.RefusedID},
		{"jti as number", claim("jti", 12), magento.RefusedID},
		{"iat too far ahead", ahead("iat", 31), magento.RefusedAhead},
		{"nbf one second ahead", ahead("nbf", 1), magento.RefusedEarly},
		{"expired", ahead("exp", 0), magento.RefusedExpired},
		{"life too long", ahead("exp", 301), magento.RefusedLifetime},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newPairedBench(t, magento.Options{})
			status, body := b.do(http.MethodGet, "/rest/V1/byte8/ping", test.token(b), nil)
			if status != http.StatusUnauthorized || body != unauthorised {
				t.Errorf("%d %s", status, body)
			}
			if diff := cmp.Diff(map[magento.Refusal]int{test.want: 1}, b.shop.Stats().Refusals); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTokensWorkOnce(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	token := b.token(nil)
	if status, _ := b.do(http.MethodGet, "/rest/V1/byte8/invoice/7", token, nil); status != http.StatusNotFound {
		t.Fatalf("first use: %d", status)
	}
	status, body := b.do(http.MethodGet, "/rest/V1/byte8/ping", token, nil)
	if status != http.StatusUnauthorized || b.shop.Stats().Refusals[magento.RefusedReplay] != 1 {
		t.Errorf("second use: %d %s", status, body)
	}
}

func TestUnpairedShopsRefuse(t *testing.T) {
	t.Parallel()
	b := newBench(t, magento.Options{})
	status, _ := b.get("/ping")
	if status != http.StatusUnauthorized || b.shop.Stats().Refusals[magento.RefusedNotConnected] != 1 {
		t.Errorf("%d, refusals %v", status, b.shop.Stats().Refusals)
	}
}

func TestProductionModeWantsHTTPS(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{ProductionMode: true})
	if status, _ := b.get("/ping"); status != http.StatusUnauthorized {
		t.Errorf("plain HTTP: %d", status)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+"/rest/V1/byte8/ping", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "bearer "+b.token(nil))
	request.Header.Set("X-Forwarded-Proto", "https")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
		t.Errorf("behind TLS: %d %s", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
}
