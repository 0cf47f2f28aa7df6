package graph_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

func TestWebhookEndpointsAreReadAndManaged(t *testing.T) {
	t.Parallel()
	w := newWorld()
	tests := []struct{ operation, want string }{
		{
			`{ webhookEndpoints { id url topics bindingId description isEnabled disabledReason lastDeliveredAt lastFailedAt } }`,
			`{"webhookEndpoints": [{"id": "whe_1", "url": "https://partner.example/hook", "topics": ["RUN_HELD"], "bindingId": null, "description": "Partner",
				"isEnabled": true, "disabledReason": null, "lastDeliveredAt": null, "lastFailedAt": "2026-03-01T11:59:00Z"}]}`,
		},
		{
			`{ webhookDeliveries(endpointId: "whe_1", first: 1) { edges { node { id endpointId topic payload status attempts responseStatus message nextAttemptAt deliveredAt } } pageInfo { hasNextPage } } }`,
			`{"webhookDeliveries": {"edges": [{"node": {"id": "whd_2", "endpointId": "whe_1", "topic": "RUN_HELD", "payload": {"type": "run.held"}, "status": "PENDING",
				"attempts": 1, "responseStatus": 500, "message": "The endpoint answered 500.", "nextAttemptAt": "2026-03-01T12:00:00Z", "deliveredAt": null}}],
				"pageInfo": {"hasNextPage": true}}}`,
		},
		{
			`{ webhookDeliveries(endpointId: "whe_1", status: DELIVERED) { nodes { id nextAttemptAt } } }`,
			`{"webhookDeliveries": {"nodes": [{"id": "whd_1", "nextAttemptAt": null}]}}`,
		},
		{
			`{ nodes(ids: ["whe_1", "whd_1"]) { __typename id } }`,
			`{"nodes": [{"__typename": "WebhookEndpoint", "id": "whe_1"}, {"__typename": "WebhookDelivery", "id": "whd_1"}]}`,
		},
		{
			`mutation { replayWebhooks(input: {endpointId: "whe_1", deliveryId: "whd_1"}) { replayed userErrors { code } } }`,
			`{"replayWebhooks": {"replayed": 1, "userErrors": []}}`,
		},
		{
			`mutation { replayWebhooks(input: {endpointId: "whe_1", from: "2026-01-01T00:00:00Z"}) { replayed userErrors { code } } }`,
			`{"replayWebhooks": {"replayed": 2, "userErrors": []}}`,
		},
		{
			`mutation { updateWebhookEndpoint(input: {endpointId: "whe_1", topics: [BUDGET_LOW, BINDING_UNLINKED], isEnabled: false}) { endpoint { url topics isEnabled } userErrors { code } } }`,
			`{"updateWebhookEndpoint": {"endpoint": {"url": "https://partner.example/hook", "topics": ["BINDING_UNLINKED", "BUDGET_LOW"], "isEnabled": false}, "userErrors": []}}`,
		},
		{
			`mutation { deleteWebhookEndpoint(input: {endpointId: "whe_1"}) { deletedEndpointId userErrors { code } } }`,
			`{"deleteWebhookEndpoint": {"deletedEndpointId": "whe_1", "userErrors": []}}`,
		},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(parsed(t, tt.want), data(t, w, owner, tt.operation, nil)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.operation, diff)
		}
	}
	var done []audit.Action
	for _, e := range w.Audit {
		done = append(done, e.Action)
	}
	want := []audit.Action{audit.WebhooksReplayed, audit.WebhooksReplayed, audit.WebhookEndpointUpdated, audit.WebhookEndpointDeleted}
	if diff := cmp.Diff(want, done); diff != "" {
		t.Errorf("audit log (-want +got):\n%s", diff)
	}
}

func TestAWebhookSecretIsShownOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	for _, operation := range []string{
		`mutation { payload: createWebhookEndpoint(input: {url: "https://partner.example?token=hidden", topics: [RUN_FAILED], bindingId: "bnd_1"}) { endpoint { id } secret userErrors { code } } }`,
		`mutation { payload: rotateWebhookSecret(input: {endpointId: "whe_1", overlapMinutes: 60}) { endpoint { id } secret userErrors { code } } }`,
	} {
		payload := data(t, w, owner, operation, nil)["payload"].(map[string]any)
		if secret, _ := payload["secret"].(string); !strings.HasPrefix(secret, "whsec_") || payload["endpoint"] == nil {
			t.Errorf("%s gave %v", operation, payload)
		}
	}
	if len(w.Audit) != 2 || w.Audit[0].Action != audit.WebhookEndpointCreated || w.Audit[1].Action != audit.WebhookEndpointSecretRotated {
		t.Fatalf("audit log %+v", w.Audit)
	}
	for _, e := range w.Audit {
		if strings.Contains(e.Detail, "whsec_") || strings.Contains(e.Detail, "hidden") {
			t.Errorf("the audit log shows %s", e.Detail)
		}
	}
}

func TestWebhookInputsAtFault(t *testing.T) {
	t.Parallel()
	for operation, field := range map[string]any{
		`createWebhookEndpoint(input: {url: "http://partner.example", topics: [RUN_HELD]})`:                                                   "url",
		`createWebhookEndpoint(input: {url: "https://169.254.169.254/", topics: [RUN_HELD]})`:                                                 "url",
		`createWebhookEndpoint(input: {url: "https://partner.example", topics: []})`:                                                          "topics",
		`updateWebhookEndpoint(input: {endpointId: "whe_1", url: "https://a:b@partner.example"})`:                                             "url",
		`updateWebhookEndpoint(input: {endpointId: "whe_1", topics: []})`:                                                                     "topics",
		`rotateWebhookSecret(input: {endpointId: "whe_1", overlapMinutes: 10081})`:                                                            "overlapMinutes",
		`rotateWebhookSecret(input: {endpointId: "whe_1", overlapMinutes: -1})`:                                                               "overlapMinutes",
		`replayWebhooks(input: {endpointId: "whe_1"})`:                                                                                        "from",
		`replayWebhooks(input: {endpointId: "whe_1", to: "2026-01-01T00:00:00Z"})`:                                                            "from",
		`replayWebhooks(input: {endpointId: "whe_1", from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z"})`:                              "to",
		`replayWebhooks(input: {endpointId: "whe_1", deliveryId: "whd_unknown"})`:                                                             nil,
		`createWebhookEndpoint(input: {url: "https://partner.example", topics: [RUN_HELD], description: "` + strings.Repeat("x", 201) + `"})`: "description",
	} {
		w := newWorld()
		payload := data(t, w, owner, `mutation { payload: `+operation+` { userErrors { code field } } }`, nil)["payload"].(map[string]any)
		problems := payload["userErrors"].([]any)
		if len(problems) != 1 || problems[0].(map[string]any)["field"] != field {
			t.Errorf("%s gave %v, want the field %v", operation, problems, field)
		}
		if len(w.Audit) > 0 {
			t.Errorf("%s left %+v in the audit log", operation, w.Audit)
		}
	}
}

// A caller that is bound to one binding has the endpoints of that binding alone.
func TestABoundCallerHasItsOwnWebhooks(t *testing.T) {
	t.Parallel()
	bound := access.Principal{Kind: access.KindAPIKey, TenantID: "tenant-a", ID: "key_b", Scopes: access.Scopes{access.ScopeAdmin}, BindingID: "bnd_1"}
	w := newWorld()
	got := data(t, w, bound, `{ webhookEndpoints { id } webhookDeliveries(endpointId: "whe_1") { nodes { id } } nodes(ids: ["whe_1", "whd_1"]) { id } }`, nil)
	want := parsed(t, `{"webhookEndpoints": [], "webhookDeliveries": {"nodes": []}, "nodes": [null, null]}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a bound caller sees (-want +got):\n%s", diff)
	}
	for operation, code := range map[string]string{
		`createWebhookEndpoint(input: {url: "https://partner.example", topics: [RUN_HELD]})`:                     "DENIED",
		`createWebhookEndpoint(input: {url: "https://partner.example", topics: [RUN_HELD], bindingId: "bnd_2"})`: "NOT_FOUND",
		`deleteWebhookEndpoint(input: {endpointId: "whe_1"})`:                                                    "NOT_FOUND",
	} {
		r := ask(t, w, bound, `mutation { payload: `+operation+` { userErrors { code } } }`, nil)
		got := r.code()
		if payload, ok := r.Data["payload"].(map[string]any); ok {
			got = payload["userErrors"].([]any)[0].(map[string]any)["code"].(string)
		}
		if got != code {
			t.Errorf("%s gave %s, want %s", operation, got, code)
		}
	}
	data(t, w, bound, `mutation { createWebhookEndpoint(input: {url: "https://partner.example", topics: [RUN_HELD], bindingId: "bnd_1"}) { userErrors { code } } }`, nil)
	if got := data(t, w, bound, `{ webhookEndpoints { bindingId } }`, nil); !cmp.Equal(got, parsed(t, `{"webhookEndpoints": [{"bindingId": "bnd_1"}]}`)) {
		t.Errorf("a bound caller's own endpoint: %v", got)
	}
}
