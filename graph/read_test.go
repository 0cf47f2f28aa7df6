package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/access"
)

func TestReads(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ operation, want string }{
		"viewer": {
			`{ viewer { principal { id kind name } scopes tenant { id name } } }`,
			`{"viewer": {"principal": {"id": "key_a", "kind": "API_KEY", "name": "first key"}, "scopes": ["admin"], "tenant": {"id": "tenant-a", "name": "Alpha"}}}`,
		},
		"node": {
			`{ node(id: "run_1") { __typename id ... on SyncRun { status } } }`,
			`{"node": {"__typename": "SyncRun", "id": "run_1", "status": "SUCCEEDED"}}`,
		},
		"nodes": {
			`{ nodes(ids: ["bnd_1", "run_9", "sto_1", "run_2", "key_2", "what", "bnd_1"]) { __typename id } }`,
			`{"nodes": [{"__typename": "Binding", "id": "bnd_1"}, null, {"__typename": "Store", "id": "sto_1"}, {"__typename": "SyncRun", "id": "run_2"},
				{"__typename": "ApiKey", "id": "key_2"}, null, {"__typename": "Binding", "id": "bnd_1"}]}`,
		},
		"stores": {
			`{ stores { id code baseUrl connectionStatus createdAt paymentMethods { code label isActive } bindings { id provider } } }`,
			`{"stores": [{"id": "sto_1", "code": "abcdefgh", "baseUrl": "https://shop.example", "connectionStatus": "ACTIVE", "createdAt": "2026-03-01T12:00:00Z",
				"paymentMethods": [{"code": "checkmo", "label": "Check", "isActive": true}], "bindings": [{"id": "bnd_1", "provider": "XERO"}, {"id": "bnd_2", "provider": "FREEAGENT"}]}]}`,
		},
		"store": {`{ store(id: "sto_1") { id } missing: store(id: "sto_9") { id } }`, `{"store": {"id": "sto_1"}, "missing": null}`},
		"bindings": {
			`{ bindings(first: 1, provider: XERO) { edges { cursor node { id } } nodes { status organisation { id name countryCode baseCurrency } store { id } }
				pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
			`{"bindings": {"edges": [{"cursor": "bnd_1", "node": {"id": "bnd_1"}}],
				"nodes": [{"status": "ACTIVE", "organisation": {"id": "org-1", "name": "Demo Ltd", "countryCode": "GB", "baseCurrency": "GBP"}, "store": {"id": "sto_1"}}],
				"pageInfo": {"hasNextPage": false, "hasPreviousPage": false, "startCursor": "bnd_1", "endCursor": "bnd_1"}}}`,
		},
		"a binding that posts": {
			`{ binding(id: "bnd_1") { settingsVersion settingsDerived health { pending held failed24h lastRunAt oldestPendingSeconds } callBudget { minuteLeft dayLeft inFlight parkedUntil }
				referenceData { organisation { name periodLockDate endOfYearLockDate timeZone } accounts { code takesSales currency } taxRates { taxType percent } currencies fetchedAt }
				settings { syncBehaviour { syncUnpaidInvoices syncSince websiteFilter } defaults { revenueAccount bankAccount roundingTolerance taxRateMap { percent countryGroup taxType } }
					paymentMethodMap { method } itemTypeMap { productType itemType } commercial { customerNamePriority initialStatus paymentTermsDays creditNoteSettlement } } } }`,
			`{"binding": {"settingsVersion": 1, "settingsDerived": true,
				"health": {"pending": 1, "held": 0, "failed24h": 1, "lastRunAt": "2026-03-01T11:59:00Z", "oldestPendingSeconds": 30},
				"callBudget": {"minuteLeft": 59, "dayLeft": null, "inFlight": 1, "parkedUntil": null},
				"referenceData": {"organisation": {"name": "Demo Ltd", "periodLockDate": "2025-12-31", "endOfYearLockDate": null, "timeZone": null},
					"accounts": [{"code": "200", "takesSales": true, "currency": null}], "taxRates": [{"taxType": "OUTPUT2", "percent": "20.00"}],
					"currencies": ["GBP", "EUR"], "fetchedAt": "2026-03-01T12:00:00Z"},
				"settings": {"syncBehaviour": {"syncUnpaidInvoices": true, "syncSince": null, "websiteFilter": []},
					"defaults": {"revenueAccount": "200", "bankAccount": null, "roundingTolerance": "0.05", "taxRateMap": [{"percent": "20.00", "countryGroup": null, "taxType": "OUTPUT2"}]},
					"paymentMethodMap": [], "itemTypeMap": [{"productType": "simple", "itemType": "PRODUCT"}, {"productType": "virtual", "itemType": "SERVICE"}, {"productType": "downloadable", "itemType": "SERVICE"}],
					"commercial": {"customerNamePriority": "COMPANY", "initialStatus": "AUTHORISED", "paymentTermsDays": 30, "creditNoteSettlement": "AUTO"}}}}`,
		},
		"a binding without consent": {
			`{ binding(id: "bnd_2") { status organisation { id } availableOrganisations { id } settings { defaults { taxType } } settingsVersion settingsDerived referenceData { fetchedAt } callBudget { inFlight } health { pending lastRunAt oldestPendingSeconds } } }`,
			`{"binding": {"status": "PENDING", "organisation": null, "availableOrganisations": [], "settings": null, "settingsVersion": 0, "settingsDerived": false, "referenceData": null, "callBudget": null,
				"health": {"pending": 0, "lastRunAt": null, "oldestPendingSeconds": null}}}`,
		},
		"providers": {
			`{ providers { key title capabilities { invoices webhooks batchSize idempotency itemTypes statuses concurrentCalls callsPerMinute callsPerDay } } }`,
			`{"providers": [{"key": "XERO", "title": "Xero", "capabilities": {"invoices": true, "webhooks": false, "batchSize": 50, "idempotency": "HEADER", "itemTypes": ["PRODUCT", "SERVICE"], "statuses": ["AUTHORISED", "DRAFT", "SUBMITTED"], "concurrentCalls": 5, "callsPerMinute": 60, "callsPerDay": null}}]}`,
		},
		"a run in the books": {
			`{ syncRun(id: "run_1") { event entityType magentoId incrementId provider status skipReason errorCode message advice nextAttemptAt providerEntityId providerReference providerUrl settingsVersion
				createdAt finishedAt document trace { rule input result } totals { magento { net tax gross currency } provider { gross } } attempts { number outcome errorCode request response } binding { id } } }`,
			`{"syncRun": {"event": "invoice.created", "entityType": "INVOICE", "magentoId": 1, "incrementId": "000000001", "provider": "XERO", "status": "SUCCEEDED", "skipReason": null, "errorCode": null,
				"message": null, "advice": null, "nextAttemptAt": null, "providerEntityId": "inv-1", "providerReference": "000000001", "providerUrl": "https://go.example/inv-1", "settingsVersion": 1,
				"createdAt": "2026-03-01T10:00:00Z", "finishedAt": "2026-03-01T11:59:00Z", "document": {"number": "000000001"}, "trace": [{"rule": "tax", "input": "20.00 HOME", "result": "OUTPUT2"}],
				"totals": {"magento": {"net": "16.50", "tax": "3.30", "gross": "19.80", "currency": "GBP"}, "provider": {"gross": "19.80"}},
				"attempts": [{"number": 1, "outcome": "SUCCEEDED", "errorCode": null, "request": "{}", "response": null}], "binding": {"id": "bnd_1"}}}`,
		},
		"a failed run": {
			`{ syncRun(id: "run_2") { errorCode message advice document trace { rule } totals { magento { net } provider { net } } attempts { number } } }`,
			`{"syncRun": {"errorCode": "number_taken", "message": "Taken.", "advice": "Somebody else's document has this number. Set a number prefix in the settings, then retry with current settings.",
				"document": null, "trace": [], "totals": {"magento": null, "provider": null}, "attempts": []}}`,
		},
		"a queued run": {`{ syncRun(id: "run_3") { nextAttemptAt finishedAt } }`, `{"syncRun": {"nextAttemptAt": "2026-03-01T12:00:00Z", "finishedAt": null}}`},
		"runs, page by page": {
			`{ one: syncRuns(first: 2) { nodes { id } pageInfo { hasNextPage endCursor } } two: syncRuns(first: 2, after: "run_2", orderBy: CREATED_AT_DESC) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage } } none: syncRuns(first: 0) { nodes { id } pageInfo { startCursor } } }`,
			`{"one": {"nodes": [{"id": "run_3"}, {"id": "run_2"}], "pageInfo": {"hasNextPage": true, "endCursor": "run_2"}},
				"two": {"edges": [{"cursor": "run_1", "node": {"id": "run_1"}}], "pageInfo": {"hasNextPage": false, "hasPreviousPage": true}}, "none": {"nodes": [], "pageInfo": {"startCursor": null}}}`,
		},
		"runs with what their list leaves out": {
			`{ syncRuns { nodes { id document trace { rule } } } }`,
			`{"syncRuns": {"nodes": [{"id": "run_3", "document": null, "trace": []}, {"id": "run_2", "document": null, "trace": []},
				{"id": "run_1", "document": {"number": "000000001"}, "trace": [{"rule": "tax"}]}]}}`,
		},
		"runs, counted": {
			`{ all: syncRuns(first: 1) { nodes { id } totalCount } failed: syncRuns(filter: {status: [FAILED]}) { totalCount } none: syncRuns(filter: {provider: FREEAGENT, text: "9"}) { totalCount } }`,
			`{"all": {"nodes": [{"id": "run_3"}], "totalCount": 3}, "failed": {"totalCount": 1}, "none": {"totalCount": 0}}`,
		},
		"runs, searched": {
			`{ number: syncRuns(filter: {text: " 00000000"}) { nodes { id } } event: syncRuns(filter: {event: "invoice.created", text: "0"}) { nodes { id } }
				paid: syncRuns(filter: {event: "invoice.paid"}) { nodes { id } }
				crossed: syncRuns(filter: {event: "invoice.created", entityType: CUSTOMER}) { nodes { id } } }`,
			`{"number": {"nodes": [{"id": "run_1"}]}, "event": {"nodes": [{"id": "run_1"}]}, "paid": {"nodes": []}, "crossed": {"nodes": []}}`,
		},
		"jobs": {
			`{ jobs(first: 1, bindingId: "bnd_1") { nodes { id kind status bindingId total done missed errorCode message createdBy startedAt finishedAt } pageInfo { hasNextPage } }
				none: jobs(bindingId: "bnd_2") { nodes { id } } job(id: "job_1") { createdAt } unknown: job(id: "job_9") { id } node(id: "job_1") { id ... on Job { total } } }`,
			`{"jobs": {"nodes": [{"id": "job_1", "kind": "RETRY", "status": "QUEUED", "bindingId": "bnd_1", "total": 7, "done": 2, "missed": 1, "errorCode": null, "message": null,
				"createdBy": "owner@shop.example", "startedAt": null, "finishedAt": null}], "pageInfo": {"hasNextPage": false}}, "none": {"nodes": []},
				"job": {"createdAt": "2026-03-01T12:00:00Z"}, "unknown": null, "node": {"id": "job_1", "total": 7}}`,
		},
		"runs, filtered": {
			`{ status: syncRuns(filter: {status: [FAILED, QUEUED], provider: XERO, bindingId: "bnd_1", entityType: INVOICE}) { nodes { id } }
				code: syncRuns(filter: {errorCode: "number_taken"}) { nodes { id } } id: syncRuns(filter: {magentoId: "1"}) { nodes { id } }
				time: syncRuns(filter: {createdFrom: "2026-03-01T11:00:00Z", createdTo: "2026-03-01T12:59:30+01:00"}) { nodes { id } } skipped: syncRuns(filter: {skipReason: "website_filtered"}) { nodes { id } } }`,
			`{"status": {"nodes": [{"id": "run_3"}, {"id": "run_2"}]}, "code": {"nodes": [{"id": "run_2"}]}, "id": {"nodes": [{"id": "run_1"}]}, "time": {"nodes": [{"id": "run_2"}]}, "skipped": {"nodes": []}}`,
		},
		"keys": {
			`{ apiKeys(first: 1) { nodes { id name prefix scopes bindingId expiresAt revokedAt } pageInfo { hasNextPage endCursor } } rest: apiKeys(after: "key_2") { nodes { id } } }`,
			`{"apiKeys": {"nodes": [{"id": "key_2", "name": "two", "prefix": "lk_22222222", "scopes": ["runs:read"], "bindingId": null, "expiresAt": null, "revokedAt": null}], "pageInfo": {"hasNextPage": true, "endCursor": "key_2"}}, "rest": {"nodes": [{"id": "key_a"}]}}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(parsed(t, tt.want), data(t, newWorld(), owner, tt.operation, nil)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.operation, diff)
			}
		})
	}
}

func TestEachThingIsReadOnceForAnOperation(t *testing.T) {
	t.Parallel()
	w := newWorld()
	data(t, w, owner, `{ syncRuns { nodes { binding { id } } edges { node { binding { settings { commercial { paymentTermsDays } } settingsDerived store { id } } } } } }`, nil)
	for _, method := range []string{"Runs.ListRuns", "Bindings.FindBinding", "Bindings.FindSettings", "Stores.FindStore"} {
		if n := w.Calls(method); n != 1 {
			t.Errorf("%s was called %d times, want 1", method, n)
		}
	}
}

func TestAKeyForOneBindingSeesNothingElse(t *testing.T) {
	t.Parallel()
	bound := owner
	bound.BindingID = "bnd_2"
	got := data(t, newWorld(), bound, `{ bindings { nodes { id } } other: binding(id: "bnd_1") { id } own: binding(id: "bnd_2") { id } stores { id } syncRuns { nodes { id } }
		named: syncRuns(filter: {bindingId: "bnd_1"}) { nodes { id } } syncRun(id: "run_1") { id } nodes(ids: ["run_1", "bnd_1"]) { id } apiKeys { nodes { id } } }`, nil)
	want := parsed(t, `{"bindings": {"nodes": [{"id": "bnd_2"}]}, "other": null, "own": {"id": "bnd_2"}, "stores": [{"id": "sto_1"}], "syncRuns": {"nodes": []},
		"named": {"nodes": []}, "syncRun": null, "nodes": [null, null], "apiKeys": {"nodes": []}}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScopesBoundFieldsWithin(t *testing.T) {
	t.Parallel()
	reader := owner
	reader.Scopes = access.Scopes{access.ScopeRunsRead}
	r := ask(t, newWorld(), reader, `{ syncRun(id: "run_1") { id attempts { number } binding { id } } }`, nil)
	run, _ := r.Data["syncRun"].(map[string]any)
	if r.code() != "DENIED" || run["id"] != "run_1" || run["binding"] != nil {
		t.Errorf("data %v, errors %+v", r.Data, r.Errors)
	}
}
