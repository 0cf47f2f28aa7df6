package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/binding"
)

func TestDisconnectBindingEndsItAndItsConsent(t *testing.T) {
	t.Parallel()
	w := newWorld()
	const disconnect = `mutation { disconnectBinding(input: {bindingId: "bnd_1"}) { binding { id status } userErrors { code } } }`
	want := parsed(t, `{"disconnectBinding": {"binding": {"id": "bnd_1", "status": "REVOKED"}, "userErrors": []}}`)
	for range 2 {
		if diff := cmp.Diff(want, data(t, w, owner, disconnect, nil)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if w.Bindings[0].Status != binding.StatusRevoked || w.Bindings[0].GrantID != "" || w.Grants[0].RevokedAt == nil {
		t.Errorf("binding %+v, grant %+v, want both ended", w.Bindings[0], w.Grants[0])
	}
	if revoked, retired := w.Calls("Provider.Revoke"), w.Calls("Stores.RetireStoreKeys"); revoked != 1 || retired != 0 {
		t.Errorf("revoked %d times, keys retired %d times; want 1 and 0, since the store has another binding", revoked, retired)
	}
	last := `mutation { disconnectBinding(input: {bindingId: "bnd_2"}) { binding { status store { connectionStatus } } } }`
	if diff := cmp.Diff(parsed(t, `{"disconnectBinding": {"binding": {"status": "REVOKED", "store": {"connectionStatus": "PENDING"}}}}`), data(t, w, owner, last, nil)); diff != "" {
		t.Errorf("the last binding (-want +got):\n%s", diff)
	}
}

func TestDisconnectPreviewChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld()
	got := data(t, w, owner, `{ disconnectPreview(bindingId: "bnd_1") { removed stays } unknown: disconnectPreview(bindingId: "bnd_9") { removed } }`, nil)
	preview, _ := got["disconnectPreview"].(map[string]any)
	for _, part := range []string{"removed", "stays"} {
		if sentences, _ := preview[part].([]any); len(sentences) == 0 {
			t.Errorf("%s says nothing: %v", part, got)
		}
	}
	if got["unknown"] != nil {
		t.Errorf("a binding that is not there has the preview %v", got["unknown"])
	}
	before := newWorld()
	if diff := cmp.Diff(before.Bindings, w.Bindings) + cmp.Diff(before.Grants, w.Grants); diff != "" {
		t.Errorf("changed:\n%s", diff)
	}
}

func TestAnotherOrganisationMustBeConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld()
	elsewhere := w.Organisations[0]
	elsewhere.Organisation.ID, elsewhere.Organisation.Name = "org-2", "Other Ltd"
	w.Organisations = append(w.Organisations, elsewhere)
	choose := func(arguments string) map[string]any {
		return data(t, w, owner, `mutation { selectOrganisation(input: {bindingId: "bnd_1", organisationId: "org-2"`+arguments+`}) { binding { status settingsVersion settingsDerived organisation { id name } } userErrors { code field } } }`, nil)
	}
	want := parsed(t, `{"selectOrganisation": {"binding": null, "userErrors": [{"code": "CONFLICT", "field": null}]}}`)
	for _, arguments := range []string{"", ", replace: false"} {
		if diff := cmp.Diff(want, choose(arguments)); diff != "" {
			t.Errorf("without a word (-want +got):\n%s", diff)
		}
	}
	want = parsed(t, `{"selectOrganisation": {"binding": {"status": "ACTIVE", "settingsVersion": 2, "settingsDerived": true, "organisation": {"id": "org-2", "name": "Other Ltd"}}, "userErrors": []}}`)
	if diff := cmp.Diff(want, choose(", replace: true")); diff != "" {
		t.Errorf("confirmed (-want +got):\n%s", diff)
	}
}
