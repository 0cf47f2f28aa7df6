package graph_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/graph"
)

func TestHostileOperationsAreRefused(t *testing.T) {
	t.Parallel()
	nested := func(n int) string {
		return "{ stores { " + strings.Repeat("bindings { store { ", n) + "id" + strings.Repeat(" } }", n) + " } }"
	}
	aliases := func(n int, field string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(" a" + strconv.Itoa(i) + ": " + field)
		}
		return "{" + b.String() + " }"
	}
	doubling := func(n int) string {
		var b strings.Builder
		for i := range n {
			next := "...F" + strconv.Itoa(i+1) + " ...F" + strconv.Itoa(i+1)
			if i == n-1 {
				next = "viewer { scopes }"
			}
			b.WriteString("fragment F" + strconv.Itoa(i) + " on Query { " + next + " }\n")
		}
		return "{ ...F0 }\n" + b.String()
	}
	tests := map[string]struct{ operation, code string }{
		"deep":                       {nested(8), "DEPTH_LIMIT_EXCEEDED"},
		"wide pages":                 {`{ bindings(first: 200) { nodes { health { pending } callBudget { inFlight } settings { commercial { numberPrefix } } referenceData { accounts { code } } store { bindings { id } } } } }`, "COST_LIMIT_EXCEEDED"},
		"many remote calls":          {`{ bindings(first: 200) { nodes { availableOrganisations { id } } } }`, "COST_LIMIT_EXCEEDED"},
		"aliased objects":            {aliases(60, "bindings(first: 200) { nodes { id } }"), "SHAPE_LIMIT_EXCEEDED"},
		"aliased leaves":             {"{ syncRuns(first: 1) { nodes " + aliases(101, "id") + " } }", "SHAPE_LIMIT_EXCEEDED"},
		"directives":                 {"{ viewer { scopes " + strings.Repeat("@skip(if: false) scopes ", 101) + "} }", "SHAPE_LIMIT_EXCEEDED"},
		"aliased scalars":            {"{ syncRuns(first: 200) { nodes " + aliases(600, "id") + " } }", "COST_LIMIT_EXCEEDED"},
		"aliased mutations":          {"mutation " + aliases(20, `connectMagento(input: {baseUrl: "https://x.example", pairingCode: "ABCDEFGH", provider: XERO}) { store { id } }`), "SHAPE_LIMIT_EXCEEDED"},
		"fragments within fragments": {doubling(30), "COST_LIMIT_EXCEEDED"},
		"a fragment cycle":           {`{ ...A } fragment A on Query { ...B } fragment B on Query { ...A viewer { scopes } }`, "GRAPHQL_VALIDATION_FAILED"},
		"too many tokens":            {"{ viewer { " + strings.Repeat("a ", 6000) + "} }", "GRAPHQL_PARSE_FAILED"},
		"deep introspection":         {"{ __type(name: \"Query\") { " + strings.Repeat("fields { type { ", 6) + "name" + strings.Repeat(" } }", 6) + " } }", "GRAPHQL_VALIDATION_FAILED"},
		"a number beyond 64 bits":    {`{ syncStates(entityType: INVOICE, magentoIds: [99999999999999999999999]) { status } }`, "GRAPHQL_VALIDATION_FAILED"},
		"a float beyond all bounds":  {`{ syncStates(entityType: INVOICE, magentoIds: [1e999]) { status } }`, "GRAPHQL_VALIDATION_FAILED"},
		"a fraction for an id":       {`{ syncStates(entityType: INVOICE, magentoIds: [1.5]) { status } }`, "INVALID"},
		"words for an id":            {`{ syncStates(entityType: INVOICE, magentoIds: ["one"]) { status } }`, "INVALID"},
		"a bad time":                 {`{ syncRuns(filter: {createdFrom: "yesterday"}) { nodes { id } } }`, "INVALID"},
		"a code of no error":         {`{ syncRuns(filter: {errorCode: "number_token"}) { nodes { id } } }`, "INVALID"},
		"an event there is not":      {`{ syncRuns(filter: {event: "invoice.payed"}) { totalCount } }`, "INVALID"},
		"a reason there is not":      {`{ syncRuns(filter: {skipReason: "zero"}) { totalCount } }`, "INVALID"},
		"a page too large":           {`{ syncRuns(first: 201) { nodes { id } } }`, "INVALID"},
		"a negative page":            {`{ bindings(first: -1) { nodes { id } } }`, "INVALID"},
		"a cursor of nothing":        {`{ apiKeys(after: "zzz") { nodes { id } } }`, "INVALID"},
		"too many nodes":             {`{ nodes(ids: [` + strings.Repeat(`"x",`, 201) + `]) { id } }`, "INVALID"},
		"an unknown field":           {`{ secrets }`, "GRAPHQL_VALIDATION_FAILED"},
		"an unknown provider":        {`{ bindings(provider: QUICKBOOKS) { nodes { id } } }`, "GRAPHQL_VALIDATION_FAILED"},
		"no operation":               {``, "GRAPHQL_VALIDATION_FAILED"},
		"a broken operation":         {`{ viewer {`, "GRAPHQL_PARSE_FAILED"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			r := ask(t, newWorld(), owner, tt.operation, nil)
			if r.code() != tt.code {
				t.Errorf("errors %+v, want %s", r.Errors, tt.code)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("refused after %v", took)
			}
		})
	}
}

func TestHostileVariablesAreRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		variables map[string]any
		code      string
	}{
		"a float for an int":     {map[string]any{"first": 1.5}, "GRAPHQL_VALIDATION_FAILED"},
		"words for an int":       {map[string]any{"first": "many"}, "GRAPHQL_VALIDATION_FAILED"},
		"an int beyond 32 bits":  {map[string]any{"first": int64(1) << 40}, "INVALID"},
		"an unknown status":      {map[string]any{"status": []string{"LOST"}}, "GRAPHQL_VALIDATION_FAILED"},
		"an object for an int64": {map[string]any{"id": map[string]any{"a": 1}}, "INVALID"},
		"a text too long":        {map[string]any{"unknown": strings.Repeat("x", 256<<10+1)}, "SHAPE_LIMIT_EXCEEDED"},
		"names too long":         {map[string]any{"unknown": map[string]any{strings.Repeat("x", 256<<10): true}}, "SHAPE_LIMIT_EXCEEDED"},
		"texts too long":         {map[string]any{"unknown": slices.Repeat([]string{strings.Repeat("x", 1024)}, 257)}, "SHAPE_LIMIT_EXCEEDED"},
		"too many values":        {map[string]any{"status": slices.Repeat([]string{"HELD"}, 11_001)}, "SHAPE_LIMIT_EXCEEDED"},
		"what just fits":         {map[string]any{"unknown": strings.Repeat("x", 256<<10-100)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := ask(t, newWorld(), owner, `query($first: Int, $status: [SyncRunStatus!], $id: Int64) { syncRuns(first: $first, filter: {status: $status, magentoId: $id}) { nodes { id } } }`, tt.variables)
			if r.code() != tt.code {
				t.Errorf("errors %+v, want %s", r.Errors, tt.code)
			}
		})
	}
}

// The longest list of ids that any argument takes.
func TestABackfillOfManyIDsFits(t *testing.T) {
	t.Parallel()
	ids := make([]string, app.MaxBackfillIDs)
	for i := range ids {
		ids[i] = strconv.Itoa(4_000_000_000 + i)
	}
	got := data(t, newWorld(), owner, `mutation($ids: [Int64!]!) { startBackfill(input: {bindingId: "bnd_1", kind: BACKFILL_DOCUMENTS, entityType: INVOICE, magentoIds: $ids}) { job { total } } }`,
		map[string]any{"ids": ids})
	if diff := cmp.Diff(parsed(t, `{"startBackfill": {"job": {"total": 10000}}}`), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h := graph.NewHandler(graph.Options{App: w.App(), Log: w.Logger()})
	for name, tt := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"over 1 MB":           {`{"query": "{ viewer { scopes } }", "variables": {"a": "` + strings.Repeat("x", 1<<20) + `"}}`, http.StatusRequestEntityTooLarge, "INVALID"},
		"a list":              {`[{"query": "{ viewer { scopes } }"}]`, http.StatusBadRequest, "INVALID"},
		"no JSON":             {`{"query": `, http.StatusBadRequest, "INVALID"},
		"empty":               {``, http.StatusBadRequest, "INVALID"},
		"query of other sort": {`{"query": 5}`, http.StatusBadRequest, "BAD_REQUEST"},
	} {
		r := send(t, h, owner, []byte(tt.body))
		if r.status != tt.status || r.code() != tt.code {
			t.Errorf("%s: status %d, errors %+v; want %d %s", name, r.status, r.Errors, tt.status, tt.code)
		}
		if len(r.Errors) > 0 && strings.Contains(r.Errors[0].Message, "body") && strings.Contains(r.Errors[0].Message, `"query"`) {
			t.Errorf("%s: the body is repeated in %q", name, r.Errors[0].Message)
		}
	}
}

func TestGETServesQueriesOnly(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h := graph.NewHandler(graph.Options{App: w.App(), Log: w.Logger()})
	get := func(operation string) reply {
		return serve(t, h, owner, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/graphql?query="+url.QueryEscape(operation), nil))
	}
	if r := get(`{ viewer { tenant { id } } }`); r.status != http.StatusOK || r.Data["viewer"] == nil {
		t.Errorf("query: status %d, errors %+v", r.status, r.Errors)
	}
	if r := get(`mutation { pauseBinding(input: {bindingId: "bnd_1"}) { binding { id } } }`); r.status != http.StatusNotAcceptable || w.Calls("Bindings.SaveBinding") != 0 {
		t.Errorf("mutation: status %d, saved %d times", r.status, w.Calls("Bindings.SaveBinding"))
	}
}

func TestIntrospectionIsForKnownCallers(t *testing.T) {
	t.Parallel()
	w := newWorld()
	const ordinary = `{ __schema { queryType { name } types { kind name description fields(includeDeprecated: true) { name args { ...Input } type { ...Ref } } inputFields { ...Input } } } }
		fragment Input on __InputValue { name type { ...Ref } defaultValue }
		fragment Ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`
	if r := ask(t, w, owner, ordinary, nil); len(r.Errors) > 0 {
		t.Errorf("a known caller: errors %+v", r.Errors)
	}
	for _, operation := range []string{ordinary, `{ ...S } fragment S on Query { __type(name: "Query") { name } }`} {
		if r := ask(t, w, access.Principal{}, operation, nil); r.code() != "UNAUTHENTICATED" || r.Data != nil {
			t.Errorf("nobody: data %v, errors %+v", r.Data, r.Errors)
		}
	}
}

func TestPersistedQueries(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h := graph.NewHandler(graph.Options{App: w.App(), Log: w.Logger()})
	post := func(body map[string]any) reply {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return send(t, h, owner, raw)
	}
	const operation = `{ viewer { tenant { id } } }`
	persisted := map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": sha256Hex(operation)}}
	if r := post(map[string]any{"extensions": persisted}); r.code() != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("before: errors %+v", r.Errors)
	}
	if r := post(map[string]any{"query": operation, "extensions": persisted}); len(r.Errors) > 0 {
		t.Errorf("storing: errors %+v", r.Errors)
	}
	if r := post(map[string]any{"extensions": persisted}); r.Data["viewer"] == nil {
		t.Errorf("after: errors %+v", r.Errors)
	}
	if r := post(map[string]any{"query": `{ providers { key } }`, "extensions": persisted}); len(r.Errors) == 0 {
		t.Error("another operation was taken under the same hash")
	}
}
