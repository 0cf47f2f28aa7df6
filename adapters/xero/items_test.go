package xero_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/ports"
)

func itemWrite(code, price string) ports.ItemWrite {
	amount := money.Of(price)
	return ports.ItemWrite{Key: "key-" + code, Item: books.Item{
		Code: code, Name: "Canvas bag " + code, Type: books.ItemProduct, Description: "Canvas bag & strap", UnitPrice: &amount, AccountCode: "200", TaxType: "OUTPUT2",
	}}
}

func (b *bench) putItems(writes ...ports.ItemWrite) []ports.ItemOutcome {
	b.t.Helper()
	outcomes, err := b.PutItems(b.t.Context(), b.session, writes)
	require.NoError(b.t, err)
	require.Len(b.t, outcomes, len(writes))
	return outcomes
}

func TestPutItems(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var writes []ports.ItemWrite
	for _, code := range numbered("BAG-", 60) {
		writes = append(writes, itemWrite(code, "12.5"))
	}
	first := b.putItems(writes...)
	for _, o := range first {
		require.NoError(t, o.Err)
		require.NotEmpty(t, o.ID)
	}
	require.Len(t, b.recorder.of(http.MethodPost, "/Items"), 2)
	require.Equal(t, first, b.putItems(writes...))
}

// Going back to an earlier state must not be answered from Xero's memory of it.
func TestItemsGoBackToAnEarlierState(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, price := range []string{"10", "12", "10"} {
		require.NoError(t, b.putItems(itemWrite("BAG", price))[0].Err)
	}
	require.Zero(t, b.sandbox.Stats().IdempotentReplays)
	for _, call := range b.recorder.of(http.MethodPost, "/Items") {
		require.Empty(t, call.request.Header.Get("Idempotency-Key"))
	}
}

func TestItemOnTheWire(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := itemWrite("BAG", "12.34567")
	w.Item.Name, w.Item.Description = strings.Repeat("ü", 60), strings.Repeat("x", 5000)
	bare := ports.ItemWrite{Key: "bare", Item: books.Item{Code: "BARE", Type: books.ItemService}}
	outcomes := b.putItems(w, bare)
	require.NoError(t, outcomes[0].Err)
	require.NoError(t, outcomes[1].Err)
	sent := b.recorder.of(http.MethodPost, "/Items")[0]
	require.Equal(t, "summarizeErrors=false&unitdp=4", sent.request.URL.RawQuery)
	require.JSONEq(t, `{"Items":[{"Code":"BARE","IsSold":true},
		{"Code":"BAG","Name":"`+strings.Repeat("ü", 50)+`","Description":"`+strings.Repeat("x", 4000)+`","IsSold":true,
		"SalesDetails":{"UnitPrice":12.3457,"AccountCode":"200","TaxType":"OUTPUT2"}}]}`, string(sent.sent))
	require.Contains(t, string(sent.sent), `"UnitPrice":12.3457,`)
	require.Contains(t, string(outcomes[0].Response), `"Code":"BAG"`)
}

func TestRefusedItems(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	account, long := itemWrite("BAD-ACCOUNT", "1"), itemWrite(strings.Repeat("x", 31), "1")
	account.Item.AccountCode = "9999"
	outcomes := b.putItems(itemWrite("BAG", "1"), account, long, itemWrite("BAG", "2"))
	require.NoError(t, outcomes[0].Err)
	require.Equal(t, fault.CodeAccountInvalid, fault.CodeOf(outcomes[1].Err), "%v", outcomes[1].Err)
	require.Equal(t, fault.CodeProviderRejected, fault.CodeOf(outcomes[2].Err), "%v", outcomes[2].Err)
	require.Equal(t, fault.CodeProviderUnavailable, fault.CodeOf(outcomes[3].Err), "%v", outcomes[3].Err)
}

func TestItemsThatAreNotAnswered(t *testing.T) {
	t.Parallel()
	p, _ := stub(t, answer(http.StatusOK, nil, `{"Items":[{"ItemID":"i-1","Code":"A"},{"ItemID":"00000000-0000-0000-0000-000000000000","Code":"B"},{"Code":"C"}]}`))
	outcomes, err := p.PutItems(t.Context(), stubSession, []ports.ItemWrite{itemWrite("A", "1"), itemWrite("B", "1"), itemWrite("C", "1"), itemWrite("D", "1")})
	require.NoError(t, err)
	require.Equal(t, "i-1", outcomes[0].ID)
	for i, want := range map[int]fault.Code{1: fault.CodeProviderRejected, 2: fault.CodeProviderUncertain, 3: fault.CodeProviderUncertain} {
		require.Equal(t, want, fault.CodeOf(outcomes[i].Err), "%d: %v", i, outcomes[i].Err)
	}
}
