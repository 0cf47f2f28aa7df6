package binding_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
)

func TestNormaliseBaseURL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{"https://shop.example", "https://shop.example"},
		{"  https://Shop.Example/ ", "https://shop.example"},
		{"HTTPS://shop.example//", "https://shop.example"},
		{"https://shop.example/Store/EN/", "https://shop.example/Store/EN"},
		{"http://127.0.0.1:8081/", "http://127.0.0.1:8081"},
		{"http://[::1]:8081", "http://[::1]:8081"},
		{"https://shop.example:443/index.php", "https://shop.example:443/index.php"},
	} {
		got, err := binding.NormaliseBaseURL(test.in)
		if err != nil || got != test.want {
			t.Errorf("NormaliseBaseURL(%q) = %q, %v, want %q", test.in, got, err, test.want)
		}
		if again, err := binding.NormaliseBaseURL(got); err != nil || again != got {
			t.Errorf("NormaliseBaseURL(%q) = %q, %v, want it unchanged", got, again, err)
		}
	}
	for _, in := range []string{
		"", "shop.example", "//shop.example", "ftp://shop.example", "https://", "https://:443", "https://user:pw@shop.example",
		"https://shop.example?x=1", "https://shop.example/#top", "javascript:alert(1)", "https://shop .example", "https://shop.example\n.evil.example",
	} {
		got, err := binding.NormaliseBaseURL(in)
		if !fault.Is(err, fault.CodeInvalid) || fault.Of(err).Fields[0].Path != "baseUrl" {
			t.Errorf("NormaliseBaseURL(%q) = %q, %v, want a fault of baseUrl", in, got, err)
		}
	}
}

func TestNormalisePairingCode(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0123456789abcdef0123456789ABCDEF": "0123456789abcdef0123456789ABCDEF",
		" ABCD-EFGH-2345\r\n":              "ABCDEFGH2345",
		"abcd efgh":                        "abcdefgh",
	} {
		if got, err := binding.NormalisePairingCode(in); err != nil || got != want {
			t.Errorf("NormalisePairingCode(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "abc-def", strings.Repeat("a", 65)} {
		if got, err := binding.NormalisePairingCode(in); !fault.Is(err, fault.CodeInvalid) || fault.Of(err).Fields[0].Path != "pairingCode" {
			t.Errorf("NormalisePairingCode(%q) = %q, %v, want a fault of pairingCode", in, got, err)
		}
	}
}

func TestStoreCodeIsShortAndStable(t *testing.T) {
	t.Parallel()
	code := binding.StoreCode("https://shop.example")
	if !regexp.MustCompile(`^[a-z2-7]{8}$`).MatchString(code) {
		t.Errorf("code %q, want eight letters and digits", code)
	}
	if code != binding.StoreCode("https://SHOP.example") || code == binding.StoreCode("https://shop.example/de") {
		t.Error("the code does not follow the address")
	}
}

func TestStoreKeySecretIsItsCharacters(t *testing.T) {
	t.Parallel()
	if got, want := binding.NewStoreKeySecret([32]byte{31: 0xff}), "byte8_lk_"+strings.Repeat("00", 31)+"ff"; got != want {
		t.Errorf("NewStoreKeySecret = %q, want %q", got, want)
	}
}

func TestParseProvider(t *testing.T) {
	t.Parallel()
	for _, want := range []binding.Provider{binding.Xero, binding.SageAccounting, binding.FreeAgent} {
		if got, ok := binding.ParseProvider(" " + string(want) + "\n"); !ok || got != want {
			t.Errorf("ParseProvider(%q) = %q, %t", want, got, ok)
		}
	}
	for _, in := range []string{"", "Xero", "sage", "xero_accounting"} {
		if got, ok := binding.ParseProvider(in); ok {
			t.Errorf("ParseProvider(%q) = %q", in, got)
		}
	}
}

func TestOnlyLiveBindingsMayAuthorise(t *testing.T) {
	t.Parallel()
	for _, status := range []binding.Status{binding.StatusPending, binding.StatusActive, binding.StatusPaused, binding.StatusUnlinked} {
		if err := (binding.Binding{Status: status}).MayAuthorise(); err != nil || !status.IsLive() {
			t.Errorf("a binding that is %s: %v, live %t", status, err, status.IsLive())
		}
	}
	for _, status := range []binding.Status{binding.StatusRevoked, ""} {
		if err := (binding.Binding{Status: status}).MayAuthorise(); !fault.Is(err, fault.CodeConflict) {
			t.Errorf("a binding that is %q: %v, want a conflict", status, err)
		}
	}
}

func TestAccessTokensAreRenewedAhead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		grant binding.Grant
		want  bool
	}{
		"no token":        {binding.Grant{AccessExpiresAt: now.Add(time.Hour)}, false},
		"long to go":      {binding.Grant{AccessToken: "a", AccessExpiresAt: now.Add(binding.RefreshAhead + time.Second)}, true},
		"about to end":    {binding.Grant{AccessToken: "a", AccessExpiresAt: now.Add(binding.RefreshAhead)}, false},
		"ended":           {binding.Grant{AccessToken: "a", AccessExpiresAt: now.Add(-time.Second)}, false},
		"no known ending": {binding.Grant{AccessToken: "a"}, false},
	} {
		if got := test.grant.IsFresh(now); got != test.want {
			t.Errorf("%s: IsFresh = %t", name, got)
		}
	}
}
