package graph_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/graph"
)

// hostileBodies are requests made to cost much for little, each refused.
func hostileBodies(t *testing.T) map[string]string {
	t.Helper()
	query := func(text string, variables map[string]any) string {
		body, err := json.Marshal(map[string]any{"query": text, "variables": variables})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	numbered := func(n int, one func(i string) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(one(strconv.Itoa(i)))
		}
		return b.String()
	}
	const listed = `query($v: JSON) { syncStates(entityType: INVOICE, magentoIds: [1], storeId: $v) { status } }`
	return map[string]string{
		"deep":               query(strings.Repeat("{ a ", 2000)+strings.Repeat("}", 2000), nil),
		"deep in the schema": query("{ stores { "+strings.Repeat("bindings { store { ", 400)+"id"+strings.Repeat(" } }", 400)+" } }", nil),
		"deep lists":         query("{ nodes(ids: "+strings.Repeat("[", 2400)+strings.Repeat("]", 2400)+") { id } }", nil),
		"wide":               query("{ syncRuns { nodes { "+strings.Repeat("id ", 4900)+"} } }", nil),
		"aliased":            query("{ "+numbered(480, func(i string) string { return "a" + i + ": stores { id } " })+"}", nil),
		"aliased apart":      query("{ syncRuns { nodes { "+numbered(1600, func(i string) string { return "a" + i + ": id " })+"} } }", nil),
		"same name twice":    query("{ stores { "+strings.Repeat("bindings { id } ", 1200)+"} }", nil),
		"a fragment cycle":   query(`{ ...A } fragment A on Query { ...B } fragment B on Query { ...A viewer { scopes } }`, nil),
		"a long cycle": query("{ ...F0 }"+numbered(600, func(i string) string {
			n, _ := strconv.Atoi(i)
			return " fragment F" + i + " on Query { ...F" + strconv.Itoa((n+1)%600) + " }"
		}), nil),
		"a fragment bomb": query("{ ...F0 } "+numbered(60, func(i string) string {
			n, _ := strconv.Atoi(i)
			if n == 59 {
				return " fragment F59 on Query { viewer { scopes } }"
			}
			next := strconv.Itoa(n + 1)
			return " fragment F" + i + " on Query { " + strings.Repeat("...F"+next+" ", 10) + "}"
		}), nil),
		"a bomb of fields": query("{ stores { ...G0 } } "+numbered(40, func(i string) string {
			n, _ := strconv.Atoi(i)
			if n == 39 {
				return " fragment G39 on Store { id }"
			}
			next := strconv.Itoa(n + 1)
			return " fragment G" + i + " on Store { bindings { store { ...G" + next + " } } b: bindings { store { ...G" + next + " } } }"
		}), nil),
		"unused fragments":       query("{ viewer { scopes } } "+numbered(600, func(i string) string { return " fragment U" + i + " on Query { viewer { scopes } }" }), nil),
		"many operations":        query(numbered(600, func(i string) string { return "query O" + i + " { viewer { scopes } } " }), nil),
		"many variables":         query("query("+numbered(1200, func(i string) string { return "$v" + i + ": Int " })+") { viewer { scopes } }", nil),
		"many directives":        query("{ viewer { scopes "+strings.Repeat("@skip(if: false) ", 700)+"} }", nil),
		"directives on fields":   query("{ viewer { "+strings.Repeat("scopes @skip(if: false) ", 600)+"} }", nil),
		"huge variables":         query(listed, map[string]any{"v": strings.Repeat("x", 900_000)}),
		"many list variables":    query(`query($ids: [Int64!]!) { syncStates(entityType: INVOICE, magentoIds: $ids) { status } }`, map[string]any{"ids": make([]int, 200_000)}),
		"deep variables":         `{"query": "{ viewer { scopes } }", "variables": {"v": ` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}}`,
		"deeper variables":       `{"query": "{ viewer { scopes } }", "variables": {"v": ` + strings.Repeat(`{"a":`, 150_000) + "1" + strings.Repeat("}", 150_000) + `}}`,
		"a long string":          query(`{ node(id: "`+strings.Repeat("x", 900_000)+`") { nothing } }`, nil),
		"a long name":            query("{ "+strings.Repeat("x", 900_000)+" }", nil),
		"a long comment":         query("# "+strings.Repeat("x", 900_000)+"\n{ nothing }", nil),
		"a batch":                "[" + strings.Repeat(query(`{ viewer { scopes } }`, nil)+",", 5000) + query(`{ viewer { scopes } }`, nil) + "]",
		"deep introspection":     query("{ __schema { types { "+strings.Repeat("fields { type { ", 100)+"name"+strings.Repeat(" } }", 100)+" } } }", nil),
		"wide introspection":     query("{ "+numbered(400, func(i string) string { return "a" + i + ": __schema { types { name } } " })+"}", nil),
		"invalid UTF-8":          "{\"query\": \"{ viewer { \xff\xfe } }\"}",
		"a million digits":       query("{ syncStates(entityType: INVOICE, magentoIds: ["+strings.Repeat("9", 1_000_000)+"]) { status } }", nil),
		"a million digits given": `{"query": "query($id: Int64!) { syncStates(entityType: INVOICE, magentoIds: [$id]) { status } }", "variables": {"id": ` + strings.Repeat("9", 1_000_000) + `}}`,
		"a huge exponent":        `{"query": "query($n: Int) { syncRuns(first: $n) { nodes { id } } }", "variables": {"n": 1e999999999}}`,
		"aliased mutations": query("mutation { "+numbered(90, func(i string) string {
			return "a" + i + `: pauseBinding(input: {bindingId: "bnd_1"}) { binding { id } } `
		})+"}", nil),
	}
}

// TestHostileRequestsCostLittle is the promise that each is refused in under
// 100 ms, and that none makes the server take much more memory than its bytes.
func TestHostileRequestsCostLittle(t *testing.T) { //nolint:paralleltest // it measures
	w := newWorld()
	h := graph.NewHandler(graph.Options{App: w.App(), Log: w.Logger()})
	const most, mostMemory = slowdown * 100 * time.Millisecond, 64 << 20
	for name, body := range hostileBodies(t) {
		best, memory := time.Hour, uint64(0)
		for range 3 {
			r := httptest.NewRequestWithContext(graph.WithPrincipal(t.Context(), owner), http.MethodPost, "/graphql", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			recorder := httptest.NewRecorder()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			h.ServeHTTP(recorder, r)
			best = min(best, time.Since(start))
			runtime.ReadMemStats(&after)
			memory = after.TotalAlloc - before.TotalAlloc
			var answer reply
			if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || len(answer.Errors) == 0 || answer.Data != nil {
				t.Errorf("%s: not refused (%v): %.300s", name, err, recorder.Body)
			}
			if recorder.Body.Len() > 64<<10 && len(answer.Errors) > 0 {
				t.Errorf("%s: the refusal has %d bytes", name, recorder.Body.Len())
			}
		}
		t.Logf("%-24s %8s %6d kB", name, best.Round(10*time.Microsecond), memory>>10)
		if best > most || memory > mostMemory {
			t.Errorf("%s: %v and %d kB", name, best, memory>>10)
		}
	}
}
