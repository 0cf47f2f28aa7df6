package magento_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/sandbox/magento"
)

func TestPingIsAList(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	status, body := b.get("/ping")
	if want := `[true,"` + tenantID + `","2026-05-01T12:00:00Z"]`; status != http.StatusOK || body != want {
		t.Errorf("%d %s", status, body)
	}
}

func TestPaymentMethods(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	status, body := b.get("/payment-methods")
	if status != http.StatusOK || !strings.Contains(body, `{"code":"legacy_gateway","label":null,"is_active":false}`) ||
		!strings.Contains(body, `"label":"Cheque \/ Money order"`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestNumbersLookLikePHPFloats(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"10.00": "10", "10.50": "10.5", "0.0425": "0.0425", "0": "0", "-3.10": "-3.1", "1200.0000": "1200",
	} {
		var n magento.Number
		if err := json.Unmarshal([]byte(given), &n); err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(n)
		if err != nil || string(got) != want {
			t.Errorf("%s becomes %s (%v), want %s", given, got, err, want)
		}
	}
}

func TestGeneratedDocumentsAreServed(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	raised, err := b.shop.Raise(60)
	if err != nil {
		t.Fatal(err)
	}
	isFraction := regexp.MustCompile(`\.\d*0[,}\]]`)
	for _, id := range raised.IDs {
		status, body := b.get(fmt.Sprintf("/invoice/%d", id))
		if status != http.StatusOK {
			t.Fatalf("invoice %d: %d %s", id, status, body)
		}
		if strings.Contains(body, "null") || isFraction.MatchString(body) {
			t.Errorf("invoice %d: %s", id, body)
		}
		for _, r := range body {
			if r > 0x7e {
				t.Fatalf("invoice %d has %q unescaped", id, r)
			}
		}
		var invoice magento.Invoice
		if err := json.Unmarshal([]byte(body), &invoice); err != nil {
			t.Fatal(err)
		}
		kept, _ := b.shop.Invoice(id)
		if got, want := len(invoice.Lines), len(kept.Lines); got != want || !invoice.GrandTotal.Equal(kept.GrandTotal.Decimal) {
			t.Errorf("invoice %d differs from what was raised", id)
		}
		if status, body := b.get(fmt.Sprintf("/payment/%d", id)); status != http.StatusOK {
			t.Errorf("payment of %d: %d %s", id, status, body)
		}
		if customer := invoice.Customer.MagentoID; customer != 0 {
			if status, body := b.get(fmt.Sprintf("/customer/%d", customer)); status != http.StatusOK {
				t.Errorf("customer %d: %d %s", customer, status, body)
			}
		}
	}
	if status, body := b.get("/product/1"); status != http.StatusOK || !strings.Contains(body, `"sku":"MUG-STONE"`) {
		t.Errorf("product: %d %s", status, body)
	}
	memo, err := b.shop.Refund(raised.IDs[0], false)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := b.get(fmt.Sprintf("/creditmemo/%d", memo.MagentoID)); status != http.StatusOK {
		t.Errorf("credit memo: %d %s", status, body)
	}
}

func TestVerbatimDocuments(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{BaseURL: "https://shop.example/store/"})
	given := json.RawMessage(`{"magento_id":7, "qty":"1.5000", "x":{"y":10.0}}`)
	if status, body := b.do(http.MethodPut, "/_sandbox/documents/customer/7", "", given); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	for _, prefix := range []string{"/rest/V1", "/rest/default/V1", "/store/rest/V1"} {
		status, body := b.do(http.MethodGet, prefix+"/byte8/customer/7", b.token(nil), nil)
		if status != http.StatusOK || body != `{"magento_id":7,"qty":"1.5000","x":{"y":10.0}}` {
			t.Errorf("%s: %d %s", prefix, status, body)
		}
	}
}

func TestErrorAnswers(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	for _, test := range []struct {
		path   string
		status int
		want   string
	}{
		{"/rest/V1/byte8/invoice/9", 404, `{"message":"The entity that was requested doesn't exist. Verify the entity and try again."}`},
		{"/rest/V1/byte8/payment/9", 404, "doesn't exist"},
		{"/rest/V1/byte8/customer/9", 404, `"parameters":{"fieldName":"customerId","fieldValue":"9"}`},
		{"/rest/V1/byte8/product/999", 404, "The product that was requested doesn't exist"},
		{"/rest/V1/byte8/invoice/nine", 400, "type is invalid"},
		{"/rest/V1/byte8/quote/1", 404, "Request does not match any route."},
		{"/rest/V1/byte8/sync-state", 404, "Request does not match any route."},
		{"/rest/all/V1/byte8/ping", 400, "store code 'all'"},
	} {
		status, body := b.do(http.MethodGet, test.path, b.token(nil), nil)
		if status != test.status || !strings.Contains(body, test.want) {
			t.Errorf("%s: %d %s", test.path, status, body)
		}
	}
}

func TestBodiesMustBeJSON(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	for contentType, body := range map[string]string{"": "{}", "text/plain": "{}", "application/json": "{"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+syncState, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+b.token(nil))
		if contentType != "" {
			request.Header.Set("Content-Type", contentType)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%q %s: %d", contentType, body, answer.StatusCode)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	putInvoice(t, b, 1, magento.StateOpen)
	for kind, want := range map[string]int{magento.Fault401: 401, magento.Fault404: 404, magento.Fault500: 500, magento.FaultSlow: 200} {
		status, body := b.do(http.MethodPost, "/_sandbox/faults", "", map[string]any{"kind": kind, "count": 2, "path": "/invoice", "delayMs": 1})
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		if status, _ := b.get("/ping"); status != http.StatusOK {
			t.Errorf("%s strikes another path: %d", kind, status)
		}
		for range 2 {
			if status, body := b.get("/invoice/1"); status != want {
				t.Errorf("%s: %d %s", kind, status, body)
			}
		}
		if status, _ := b.get("/invoice/1"); status != http.StatusOK {
			t.Errorf("%s strikes once too often: %d", kind, status)
		}
	}
	if got := b.shop.Stats().Faults; got != 8 {
		t.Errorf("%d faults struck", got)
	}
}

func TestCutAnswersComeAfterTheWork(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	if err := b.shop.InjectFault(magento.Fault{Kind: magento.FaultCut}); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(synced())
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+syncState, strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+b.token(nil))
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err == nil {
		_, err = io.ReadAll(answer.Body)
		answer.Body.Close()
	}
	if err == nil {
		t.Error("the answer is whole")
	}
	if len(b.shop.Mirror()) != 1 {
		t.Error("the work is not done")
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	putInvoice(t, b, 1, magento.StateOpen)
	b.get("/invoice/1")
	b.get("/invoice/2")
	b.callBack(synced())
	want := magento.Stats{
		Calls: []magento.Call{
			{Route: "GET /V1/byte8/invoice/{id}", Status: 200, Count: 1},
			{Route: "GET /V1/byte8/invoice/{id}", Status: 404, Count: 1},
			{Route: "POST /V1/byte8/sync-state", Status: 200, Count: 1},
			{Route: "POST /V1/byte8/xero_accounting/setup/pair", Status: 200, Count: 1},
		},
		Reads: 1, Callbacks: map[string]int{"synced": 1}, Refusals: map[magento.Refusal]int{}, Deliveries: map[string]int{},
	}
	if diff := cmp.Diff(want, b.shop.Stats()); diff != "" {
		t.Error(diff)
	}
}
