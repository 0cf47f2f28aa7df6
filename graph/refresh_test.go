package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/access"
)

func TestRefreshingReferenceDataNeedsBindingsWriteAlone(t *testing.T) {
	t.Parallel()
	caller := owner
	caller.Scopes = access.Scopes{access.ScopeBindingsWrite}
	got := data(t, newWorld(), caller, `mutation { refreshReferenceData(input: {bindingId: "bnd_1"}) { binding { id status } referenceData { currencies } userErrors { code } } }`, nil)
	want := parsed(t, `{"refreshReferenceData": {"binding": {"id": "bnd_1", "status": "ACTIVE"}, "referenceData": {"currencies": ["GBP", "EUR"]}, "userErrors": []}}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
