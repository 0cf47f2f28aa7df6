package magento_test

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/sandbox/magento"
)

const xeroPair = "/rest/V1/byte8/xero_accounting/setup/pair"

func (b *bench) wish(code string) map[string]any {
	return map[string]any{
		"pairing_code": code, "tenant_id": tenantID, "byte8_api_key": apiKey, "ledger_base_url": b.ledgerURL,
	}
}

func (b *bench) code(m magento.Module) string {
	b.t.Helper()
	code, err := b.shop.PairingCode(m)
	if err != nil {
		b.t.Fatal(err)
	}
	return code
}

func TestEveryModulePairs(t *testing.T) {
	t.Parallel()
	for module, path := range map[magento.Module]string{
		magento.ModuleXero:      xeroPair,
		magento.ModuleFreeAgent: "/rest/default/V1/byte8/freeagent_accounting/setup/pair",
		magento.ModuleSage:      "/rest/V1/byte8/setup/pair",
	} {
		t.Run(string(module), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, magento.Options{})
			code := b.code(module)
			if len(code) != 32 || strings.ToLower(code) != code {
				t.Errorf("code %q", code)
			}
			status, body := b.do(http.MethodPost, path, "", map[string]any{
				"pairingCode": " " + code + " ", "tenantId": tenantID, "byte8ApiKey": apiKey, "ledgerBaseUrl": b.ledgerURL + "//",
			})
			if status != http.StatusOK || body != "[]" {
				t.Fatalf("%d %s", status, body)
			}
			want := magento.Identity{
				BaseURL: "http://localhost", TenantID: tenantID, Connected: true,
				LedgerBaseURL: b.ledgerURL, PairedModules: []magento.Module{module},
			}
			if diff := cmp.Diff(want, b.shop.Identity()); diff != "" {
				t.Error(diff)
			}
			if status, _ := b.get("/ping"); status != http.StatusOK {
				t.Errorf("ping answers %d", status)
			}
		})
	}
}

func TestPairingRefusals(t *testing.T) {
	t.Parallel()
	const wrong = `{"message":"Invalid or expired pairing code."}`
	for _, test := range []struct {
		name   string
		change func(b *bench, wish map[string]any)
		status int
		want   string
	}{
		{
			"one field absent", func(_ *bench, w map[string]any) { delete(w, "tenant_id") }, 400,
			`{"message":"\"%fieldName\" is required. Enter and try again.","parameters":{"fieldName":"tenantId"}}`,
		},
		{
			"one field null", func(_ *bench, w map[string]any) { w["byte8_api_key"] = nil }, 400,
			`{"message":"\"%fieldName\" is required. Enter and try again.","parameters":{"fieldName":"byte8ApiKey"}}`,
		},
		{"all fields absent", func(_ *bench, w map[string]any) { clear(w) }, 400, "One or more input exceptions have occurred."},
		{"empty after trimming", func(_ *bench, w map[string]any) { w["tenant_id"] = "  " }, 400, "ledger_base_url must not be empty"},
		{"relative URL before a wrong code", func(_ *bench, w map[string]any) {
			w["ledger_base_url"], w["pairing_code"] = "ledger.example", "00"
		}, 400, "absolute"},
		{"a list for a string", func(_ *bench, w map[string]any) { w["tenant_id"] = []int{1} }, 400, "type is invalid"},
		{"wrong code", func(_ *bench, w map[string]any) { w["pairing_code"] = strings.Repeat("0", 32) }, 401, wrong},
		{"another module's code", func(b *bench, w map[string]any) { w["pairing_code"] = b.code(magento.ModuleSage) }, 401, wrong},
		{"an outdated code", func(b *bench, _ map[string]any) { b.code(magento.ModuleXero) }, 401, wrong},
		{"an old code", func(b *bench, _ map[string]any) { b.clock.Advance(1801 * time.Second) }, 401, wrong},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, magento.Options{})
			wish := b.wish(b.code(magento.ModuleXero))
			test.change(b, wish)
			status, body := b.do(http.MethodPost, xeroPair, "", wish)
			if status != test.status || !strings.Contains(body, test.want) {
				t.Errorf("%d %s", status, body)
			}
			if b.shop.Identity().Connected {
				t.Error("the shop is connected")
			}
		})
	}
}

func TestPairingCodesWorkOnceAndForHalfAnHour(t *testing.T) {
	t.Parallel()
	b := newBench(t, magento.Options{})
	wish := b.wish(b.code(magento.ModuleXero))
	mistaken := maps.Clone(wish)
	mistaken["pairing_code"] = "00"
	if status, _ := b.do(http.MethodPost, xeroPair, "", mistaken); status != http.StatusUnauthorized {
		t.Fatalf("wrong code: %d", status)
	}
	b.clock.Advance(1800 * time.Second)
	if status, body := b.do(http.MethodPost, xeroPair, "", wish); status != http.StatusOK {
		t.Fatalf("after a mistake: %d %s", status, body)
	}
	if status, _ := b.do(http.MethodPost, xeroPair, "", wish); status != http.StatusUnauthorized {
		t.Errorf("second use: %d", status)
	}
}

func TestPairingAgainRotatesTheKey(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	wish := b.wish(b.code(magento.ModuleXero))
	wish["byte8_api_key"] = "byte8_lk_another"
	if status, body := b.do(http.MethodPost, xeroPair, "", wish); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	if status, _ := b.get("/ping"); status != http.StatusUnauthorized {
		t.Errorf("the old key still works: %d", status)
	}
}

func TestDisconnect(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status  int
		dialect magento.Dialect
		uri     string
		want    bool
	}{
		"acknowledged":   {http.StatusNoContent, magento.DialectPublic, "/v1/tenant/disconnect", true},
		"with provider":  {http.StatusOK, magento.DialectProvider, "/v1/tenant/disconnect?provider=xero", true},
		"ledger is down": {http.StatusBadGateway, magento.DialectPublic, "/v1/tenant/disconnect", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newPairedBench(t, magento.Options{Dialect: test.dialect})
			b.ledger.answer(test.status)
			got, err := b.shop.Disconnect(t.Context(), magento.ModuleXero)
			if err != nil || got != test.want {
				t.Fatalf("%t %v", got, err)
			}
			seen := b.ledger.seen()
			if len(seen) != 1 || seen[0].URI != test.uri || seen[0].Body != "{}" ||
				seen[0].Key != "disconnect:1253ef880a7bbed0b487070a78a80bcce271b26c" {
				t.Errorf("the ledger saw %+v", seen)
			}
			identity := b.shop.Identity()
			if identity.Connected || identity.TenantID != "" || identity.LedgerBaseURL != b.ledgerURL {
				t.Errorf("left behind: %+v", identity)
			}
			if _, err := b.shop.Disconnect(t.Context(), magento.ModuleXero); !errors.Is(err, magento.ErrNotConnected) {
				t.Errorf("second time: %v", err)
			}
		})
	}
}

func TestDisconnectingOneModuleCutsTheOther(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	b.pair(magento.ModuleSage)
	if _, err := b.shop.Disconnect(t.Context(), magento.ModuleSage); err != nil {
		t.Fatal(err)
	}
	if _, err := b.shop.Raise(1); err != nil {
		t.Fatal(err)
	}
	if b.shop.Stats().LostEvents == 0 || len(b.shop.Outbox()) != 0 {
		t.Errorf("lost %d, outbox %v", b.shop.Stats().LostEvents, b.shop.Outbox())
	}
	if got := b.shop.Identity().PairedModules; len(got) != 1 || got[0] != magento.ModuleXero {
		t.Errorf("paired modules %v", got)
	}
}
