package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/access"
)

// everyCard is the settings as they are read and written.
const everyCard = `syncBehaviour { syncUnpaidInvoices syncZeroValueInvoices syncProducts syncSince websiteFilter storeFilter }
	defaults { revenueAccount shippingAccount taxType bankAccount roundingTolerance taxRateMap { percent countryGroup taxType } }
	paymentMethodMap { method bankAccount } itemTypeMap { productType itemType }
	commercial { numberPrefix customerNamePriority initialStatus paymentTermsDays creditNoteSettlement }`

const saveSettings = `mutation($in: UpdateSettingsInput!) { updateSettings(input: $in) { binding { settingsVersion settingsDerived settings { ` + everyCard + ` } } userErrors { code field message errorCode } } }`

const readSettings = `{ binding(id: "bnd_1") { settings { ` + everyCard + ` } } }`

// cards digs the settings out of an answer.
func cards(t *testing.T, answer map[string]any, path ...string) map[string]any {
	t.Helper()
	at := answer
	for _, step := range path {
		next, ok := at[step].(map[string]any)
		if !ok {
			t.Fatalf("no %s in %v", step, at)
		}
		at = next
	}
	return at
}

func change(version int, settings map[string]any) map[string]any {
	return map[string]any{"in": map[string]any{"bindingId": "bnd_1", "expectedVersion": version, "settings": settings}}
}

func TestUpdateSettingsReplacesTheCardsItIsGiven(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"nothing":         `{}`,
		"null is nothing": `{"syncBehaviour": null, "defaults": null, "paymentMethodMap": null, "itemTypeMap": null, "commercial": null}`,
		"behaviour":       `{"syncBehaviour": {"syncUnpaidInvoices": false, "syncZeroValueInvoices": false, "syncProducts": true, "syncSince": "2026-01-01T00:00:00Z", "websiteFilter": [1, 2], "storeFilter": [3]}}`,
		"defaults":        `{"defaults": {"revenueAccount": null, "shippingAccount": "200", "taxType": "OUTPUT2", "bankAccount": null, "roundingTolerance": "0.1", "taxRateMap": [{"percent": "20.00", "countryGroup": "EU", "taxType": "OUTPUT2"}]}}`,
		"payment methods": `{"paymentMethodMap": [{"method": "checkmo", "bankAccount": null}]}`,
		"no item types":   `{"itemTypeMap": []}`,
		"two cards": `{"itemTypeMap": [{"productType": "simple", "itemType": "SERVICE"}],
			"commercial": {"numberPrefix": "M2-", "customerNamePriority": "PERSON", "initialStatus": "DRAFT", "paymentTermsDays": 14, "creditNoteSettlement": "LEAVE_OPEN"}}`,
	}
	for name, given := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			want := cards(t, data(t, w, owner, readSettings, nil), "binding", "settings")
			settings := parsed(t, given)
			for card, value := range settings {
				if value != nil {
					want[card] = value
				}
			}
			saved := cards(t, data(t, w, owner, saveSettings, change(1, settings)), "updateSettings")
			if diff := cmp.Diff([]any{}, saved["userErrors"]); diff != "" {
				t.Fatalf("userErrors (-want +got):\n%s", diff)
			}
			b := cards(t, saved, "binding")
			if b["settingsVersion"] != float64(2) || b["settingsDerived"] != false {
				t.Errorf("binding %v, want version 2, saved by a person", b)
			}
			if diff := cmp.Diff(want, b["settings"]); diff != "" {
				t.Errorf("answered (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want, cards(t, data(t, w, owner, readSettings, nil), "binding", "settings")); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettingsAreTakenAsTheyWereRead(t *testing.T) {
	t.Parallel()
	w := newWorld()
	read := cards(t, data(t, w, owner, readSettings, nil), "binding", "settings")
	saved := cards(t, data(t, w, owner, saveSettings, change(1, read)), "updateSettings", "binding")
	if diff := cmp.Diff(read, saved["settings"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUpdateSettingsNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	const defaults = `"shippingAccount": null, "taxType": null, "roundingTolerance": "0.05"`
	tests := map[string]struct {
		version        int
		settings, want string
	}{
		"an unknown account": {
			1, `{"defaults": {"revenueAccount": "999", ` + defaults + `, "taxRateMap": []}}`,
			`[{"code": "not_in_reference", "field": "settings.defaults.revenueAccount", "message": "Not an active revenue account of the organisation.", "errorCode": "validation"}]`,
		},
		"two fields": {
			1, `{"defaults": {"bankAccount": "acc-9", ` + defaults + `, "taxRateMap": [{"percent": "20.005", "taxType": "OUTPUT2"}]}}`,
			`[{"code": "not_in_reference", "field": "settings.defaults.bankAccount", "message": "Not an active account of the organisation that takes payments.", "errorCode": "validation"},
				{"code": "invalid_format", "field": "settings.defaults.taxRateMap.0.percent", "message": "At most two decimals.", "errorCode": "validation"},
				{"code": "not_in_reference", "field": "settings.defaults.taxRateMap.0.taxType", "message": "The tax rate charges another percentage.", "errorCode": "validation"}]`,
		},
		"terms without end": {
			1, `{"commercial": {"numberPrefix": "", "customerNamePriority": "COMPANY", "initialStatus": "AUTHORISED", "paymentTermsDays": 366, "creditNoteSettlement": "AUTO"}}`,
			`[{"code": "out_of_range", "field": "settings.commercial.paymentTermsDays", "message": "Between 0 and 365.", "errorCode": "validation"}]`,
		},
		"a method the shop does not have": {
			1, `{"paymentMethodMap": [{"method": "paypal"}]}`,
			`[{"code": "not_in_reference", "field": "settings.paymentMethodMap.0.method", "message": "The shop has no such payment method.", "errorCode": "validation"}]`,
		},
		"a version to come": {2, `{}`, `[{"code": "CONFLICT", "field": null, "message": "The settings have no version 2; load them again.", "errorCode": "conflict"}]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			got := data(t, w, owner, saveSettings, change(tt.version, parsed(t, tt.settings)))
			want := parsed(t, `{"updateSettings": {"binding": null, "userErrors": `+tt.want+`}}`)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := w.Calls("Bindings.AddSettings"); n != 0 {
				t.Errorf("stored %d times", n)
			}
		})
	}
}

func TestTheSecondOfTwoChangesIsAConflict(t *testing.T) {
	t.Parallel()
	const save = `(input: {bindingId: "bnd_1", expectedVersion: 1, settings: {itemTypeMap: []}}) { binding { settingsVersion } userErrors { code message } }`
	got := data(t, newWorld(), owner, `mutation { one: updateSettings`+save+` two: updateSettings`+save+` }`, nil)
	want := parsed(t, `{"one": {"binding": {"settingsVersion": 2}, "userErrors": []},
		"two": {"binding": null, "userErrors": [{"code": "CONFLICT", "message": "The settings are at version 2, not 1; load them again."}]}}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNothingIsSavedForACallerWhoMayNotRead(t *testing.T) {
	t.Parallel()
	writer := owner
	writer.Scopes = access.Scopes{access.ScopeSettingsWrite}
	w := newWorld()
	if r := ask(t, w, writer, saveSettings, change(1, map[string]any{})); r.code() != "DENIED" || w.Calls("Bindings.AddSettings") != 0 {
		t.Errorf("stored %d times, errors %+v, want DENIED and nothing stored", w.Calls("Bindings.AddSettings"), r.Errors)
	}
}
