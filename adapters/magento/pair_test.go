package magento_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

func pairing(url string, provider binding.Provider) ports.PairRequest {
	return ports.PairRequest{
		Provider: provider, BaseURL: url, PairingCode: "0123456789abcdef0123456789abcdef",
		TenantID: vectorTenant, Secret: vectorSecret, LedgerURL: "https://ledger.example",
	}
}

func TestPairingTriesTheDocumentedAliasOnce(t *testing.T) {
	t.Parallel()
	tests := map[binding.Provider]struct {
		answers map[string]int
		want    []string
		code    fault.Code
	}{
		binding.Xero: {
			map[string]int{"/rest/V1/byte8/xero/setup/pair": 200},
			[]string{"/rest/V1/byte8/xero_accounting/setup/pair", "/rest/V1/byte8/xero/setup/pair"},
			"",
		},
		binding.FreeAgent: {
			map[string]int{"/rest/V1/byte8/freeagent_accounting/setup/pair": 200},
			[]string{"/rest/V1/byte8/freeagent_accounting/setup/pair"},
			"",
		},
		binding.SageAccounting: {nil, []string{"/rest/V1/byte8/setup/pair"}, fault.CodePairingRefused},
		"books":                {nil, nil, fault.CodeNotSupported},
	}
	for provider, tc := range tests {
		t.Run(string(provider), func(t *testing.T) {
			t.Parallel()
			var paths []string
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				paths = append(paths, r.URL.Path)
				if r.Method != http.MethodPost || r.Header.Get("Authorization") != "" || r.Header.Get("Content-Type") != "application/json" {
					t.Errorf("%s with headers %v", r.Method, r.Header)
				}
				raw, _ := io.ReadAll(r.Body)
				var body map[string]string
				if err := json.Unmarshal(raw, &body); err != nil {
					t.Errorf("body %q: %v", raw, err)
				}
				want := map[string]string{
					"pairing_code": "0123456789abcdef0123456789abcdef", "tenant_id": string(vectorTenant),
					"byte8_api_key": vectorSecret, "ledger_base_url": "https://ledger.example",
				}
				if diff := cmp.Diff(want, body); diff != "" {
					t.Errorf("body (-want +got):\n%s", diff)
				}
				status := tc.answers[r.URL.Path]
				if status == 0 {
					status = http.StatusNotFound
				}
				answerJSON(w, status, `[]`)
			})
			err := newClient(t, private()).Pair(t.Context(), pairing(url, provider))
			if diff := cmp.Diff(tc.want, paths); diff != "" {
				t.Errorf("paths (-want +got):\n%s", diff)
			}
			if (tc.code == "") != (err == nil) || (err != nil && fault.CodeOf(err) != tc.code) {
				t.Errorf("error %v, want code %q", err, tc.code)
			}
		})
	}
}

// Only an answer that proves the shop took nothing may be pairing_refused: the
// key would be given up for lost after it.
func TestPairingFaults(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]fault.Code{
		401: fault.CodePairingRefused, 404: fault.CodePairingRefused,
		400: fault.CodeMagentoRefused, 403: fault.CodeMagentoRefused, 500: fault.CodeMagentoRefused, 503: fault.CodeMagentoRefused,
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, status, `{"message":"no"}`) })
		if err := newClient(t, private()).Pair(t.Context(), pairing(url, binding.Xero)); fault.CodeOf(err) != want {
			t.Errorf("%d: code %s, want %s", status, fault.CodeOf(err), want)
		}
	}
	if err := newClient(t, private()).Pair(t.Context(), pairing(serve(t, cut("")), binding.Xero)); !fault.Is(err, fault.CodeMagentoUnreachable) {
		t.Errorf("connection cut: %v", err)
	}
}
