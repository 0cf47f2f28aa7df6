package integration_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/graph"
	shopbox "byte8.io/ledger/sandbox/magento"
)

// unusableCode has the form of a pairing code that no shop has given out.
const unusableCode = "00000000000000000000000000000000"

// endsTheWorld are changes at the shop or the provider that every later question
// would meet: they are asked last.
var endsTheWorld = []string{"disconnectBinding", "connectMagento"}

// resumes is the field that would leave an active binding as it is: it is asked
// while the binding is paused.
const resumes = "resumeBinding"

// Every root field of the schema is asked with tenant A's ids as tenant B, who
// sees none of A's and changes none of its rows, and as A's owner, who does.
func TestEveryRootFieldIsClosedToStrangers(t *testing.T) {
	t.Parallel()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			isClosedToStrangers(t, newNeighbours(t, dialect))
		})
	}
}

func isClosedToStrangers(t *testing.T, w *neighbours) {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: graph.SDL()})
	must(t, err)
	a := asker{t, schema, w.rules()}
	var queries, changes, streams []question
	for _, isWide := range []bool{true, false} {
		queries = append(queries, a.all(ast.Query, schema.Query, isWide)...)
		changes = append(changes, a.all(ast.Mutation, schema.Mutation, isWide)...)
		streams = append(streams, a.all(ast.Subscription, schema.Subscription, isWide)...)
	}
	if len(queries) == 0 || len(changes) == 0 || len(streams) == 0 {
		t.Fatal("the schema has nothing to ask")
	}
	tr := &trial{w, apiOf(w.app), w.file.dump(t, w.admin.TenantID), w.foreignWords(t)}
	if calls := w.callsOf(func() {
		for _, q := range slices.Concat(queries, changes, streams) {
			tr.isClosed(t, q)
		}
	}); len(calls) > 0 {
		t.Errorf("strangers caused calls to the provider: %v", calls)
	}
	for _, row := range w.file.dump(t, w.tenantB) {
		for _, id := range w.ids() {
			if holds(row, id) {
				t.Errorf("a row of tenant B holds tenant A's %s: %s", id, row)
			}
		}
	}
	for _, q := range slices.Concat(queries, streams) {
		got := tr.ask(t, w.owner, q)
		for _, problem := range ownersAnswer(q, got) {
			t.Errorf("%s as the owner: %s\n%s", q, problem, got.raw)
		}
		for _, node := range schema.GetPossibleTypes(schema.Types["Node"]) {
			if q.field.Name == "nodes" && !strings.Contains(got.raw, `"__typename":"`+node.Name+`"`) {
				t.Errorf("no %s of tenant A's is asked for: rules name none in nodes.ids", node.Name)
			}
		}
	}
	tr.changesOfTheOwner(t, changes)
}

// trial asks the questions of one pair of neighbours.
type trial struct {
	*neighbours
	api http.Handler
	// before are tenant A's rows, foreign its words.
	before, foreign []string
}

func (tr *trial) ask(t *testing.T, p access.Principal, q question) graphReply {
	t.Helper()
	if q.operation == ast.Subscription {
		return tr.watch(t, p, q)
	}
	return askGraph(t, tr.api, p, q)
}

// isClosed asks as everybody who must see and change nothing of tenant A's.
func (tr *trial) isClosed(t *testing.T, q question) {
	t.Helper()
	if q.field.Name == resumes {
		_, err := tr.app.PauseBinding(t.Context(), tr.owner, tr.binding.ID)
		must(t, err)
		tr.before = tr.file.dump(t, tr.admin.TenantID)
		defer func() {
			_, err := tr.app.ResumeBinding(t.Context(), tr.owner, tr.binding.ID)
			must(t, err)
			tr.before = tr.file.dump(t, tr.admin.TenantID)
		}()
	}
	for code, p := range tr.unwelcome(q) {
		if got := tr.ask(t, p, q); !slices.Equal(got.codes(), []string{code}) || !isNothing(got.Data) {
			t.Errorf("%s is not refused with %s:\n%s", q, code, got.raw)
		}
	}
	for name, p := range tr.strangers {
		got := tr.ask(t, p, q)
		for _, problem := range strangersAnswer(q, p, got, tr.foreign) {
			t.Errorf("%s as tenant B's %s: %s\n%s", q, name, problem, got.raw)
		}
		if diff := cmp.Diff(tr.before, tr.file.dump(t, tr.admin.TenantID)); diff != "" {
			t.Fatalf("%s as tenant B's %s changed tenant A's rows:\n%s", q, name, diff)
		}
	}
}

// changesOfTheOwner asks each change of a copy of the database, in which the
// owner's must leave a trace: else a stranger's would not be seen either.
func (tr *trial) changesOfTheOwner(t *testing.T, changes []question) {
	t.Helper()
	slices.SortStableFunc(changes, func(a, b question) int {
		return slices.Index(endsTheWorld, a.field.Name) - slices.Index(endsTheWorld, b.field.Name)
	})
	tr.leave(t)
	for _, q := range changes {
		t.Run(q.String(), func(t *testing.T) { tr.isChangedByTheOwner(t, q) })
	}
}

func (tr *trial) isChangedByTheOwner(t *testing.T, q question) {
	t.Helper()
	if input, ok := q.variables["input"].(map[string]any); ok && input["pairingCode"] != nil {
		code, err := tr.shop.PairingCode(shopbox.ModuleXero)
		must(t, err)
		input = maps.Clone(input)
		input["pairingCode"] = code
		q.variables = map[string]any{"input": input}
	}
	api, file := tr.copied(t)
	if q.field.Name == resumes {
		_, err := api.PauseBinding(t.Context(), tr.owner, tr.binding.ID)
		must(t, err)
	}
	before := withoutKeys(file.dump(t, tr.admin.TenantID))
	got := askGraph(t, apiOf(api), tr.owner, q)
	for _, problem := range ownersAnswer(q, got) {
		t.Errorf("%s as the owner: %s\n%s", q, problem, got.raw)
	}
	if q.isWide && cmp.Equal(before, withoutKeys(file.dump(t, tr.admin.TenantID))) {
		t.Errorf("%s as the owner left no trace in tenant A's rows", q)
	}
}

// withoutKeys leaves out what every repeatable write stores besides.
func withoutKeys(rows []string) []string {
	return slices.DeleteFunc(slices.Clone(rows), func(row string) bool { return strings.HasPrefix(row, "idempotency_keys ") })
}

// unwelcome are callers that no argument could help, by the code they get:
// nobody, and tenant A's owner without the scope that the field asks for.
func (w *neighbours) unwelcome(q question) map[string]access.Principal {
	out := map[string]access.Principal{"UNAUTHENTICATED": {}}
	if q.scope() != "" {
		powerless := w.owner
		powerless.Scopes = nil
		out["DENIED"] = powerless
	}
	return out
}

// all are the questions of a root type.
func (a asker) all(operation ast.Operation, root *ast.Definition, isWide bool) []question {
	var out []question
	for _, field := range root.Fields {
		// A field without optional arguments is asked once.
		hasTwoForms := slices.ContainsFunc(field.Arguments, func(a *ast.ArgumentDefinition) bool { return !isRequired(a) || a.Name == "input" })
		if !strings.HasPrefix(field.Name, "__") && (isWide || hasTwoForms) {
			out = append(out, a.ask(operation, field, isWide))
		}
	}
	return out
}

// graphReply is an answer of the API.
type graphReply struct {
	Data   map[string]any
	Errors []struct {
		Message    string
		Extensions struct{ Code string }
	}
	raw string
}

func (r graphReply) codes() []string {
	var out []string
	for _, e := range r.Errors {
		out = append(out, e.Extensions.Code)
	}
	return out
}

func apiOf(a *app.App) http.Handler {
	return graph.NewHandler(graph.Options{App: a, Log: slog.New(slog.DiscardHandler), CostLimit: 1 << 20})
}

func askGraph(t *testing.T, api http.Handler, p access.Principal, q question) graphReply {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": q.text, "variables": q.variables})
	must(t, err)
	r := httptest.NewRequestWithContext(graph.WithPrincipal(t.Context(), p), http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	api.ServeHTTP(answer, r)
	return readGraph(t, answer.Body.Bytes())
}

func readGraph(t *testing.T, raw []byte) graphReply {
	t.Helper()
	reply := graphReply{raw: string(raw)}
	if err := json.Unmarshal(raw, &reply); err != nil {
		t.Fatalf("the answer %q: %v", raw, err)
	}
	return reply
}

// strangersAnswer is what is wrong with what a stranger got.
func strangersAnswer(q question, p access.Principal, got graphReply, foreign []string) []string {
	var problems []string
	for _, word := range foreign {
		if holds(got.raw, word) && !isSent(q, word) {
			problems = append(problems, fmt.Sprintf("it tells %q, which is tenant A's", word))
		}
	}
	if scope := q.scope(); scope != "" && !p.Scopes.Allow(scope) {
		if !slices.Equal(got.codes(), []string{"DENIED"}) || !isNothing(got.Data) {
			problems = append(problems, "it is not refused for want of its scope")
		}
		return problems
	}
	payload, _ := got.Data[q.field.Name].(map[string]any)
	told := append(got.codes(), userErrors(payload)...)
	switch {
	case q.names && !isNothing(got.Data):
		problems = append(problems, "it answers")
	case q.names && slices.ContainsFunc(told, func(code string) bool { return code != "NOT_FOUND" }):
		problems = append(problems, fmt.Sprintf("it says %q, which is not NOT_FOUND", told))
	case slices.Contains(told, "INTERNAL"):
		problems = append(problems, "it fails on our side")
	}
	return problems
}

// ownersAnswer is what is wrong with what tenant A's owner got.
func ownersAnswer(q question, got graphReply) []string {
	value := got.Data[q.field.Name]
	payload, _ := value.(map[string]any)
	list, _ := value.([]any)
	told := append(got.codes(), userErrors(payload)...)
	switch {
	case slices.Contains(told, "NOT_FOUND"):
		return []string{"it is not found"}
	case len(got.Errors) > 0, q.isWide && len(told) > 0:
		return []string{fmt.Sprintf("it fails with %q", told)}
	case isNothing(value) && len(told) == 0, slices.Contains(list, nil):
		return []string{"it answers nothing"}
	}
	return nil
}

func userErrors(payload map[string]any) []string {
	var out []string
	problems, _ := payload["userErrors"].([]any)
	for _, problem := range problems {
		fields, _ := problem.(map[string]any)
		out = append(out, fmt.Sprint(fields["code"]))
	}
	return out
}

// isNothing reports whether an answer tells nothing besides why.
func isNothing(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case map[string]any:
		for name, field := range value {
			if name != "userErrors" && !isNothing(field) {
				return false
			}
		}
		return true
	case []any:
		return !slices.ContainsFunc(value, func(v any) bool { return !isNothing(v) })
	case float64:
		return value == 0
	case bool:
		return !value
	}
	return false
}

// holds reports whether a text has a word in it that is not part of a longer one.
func holds(text, word string) bool {
	for at := 0; ; {
		found := strings.Index(text[at:], word)
		if found < 0 {
			return false
		}
		start, end := at+found, at+found+len(word)
		if (start == 0 || !isOfAWord(text[start-1])) && (end == len(text) || !isOfAWord(text[end])) {
			return true
		}
		at = end
	}
}

func isOfAWord(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// isSent reports whether the caller knows the word already.
func isSent(q question, word string) bool {
	sent, err := json.Marshal(q.variables)
	return err == nil && strings.Contains(string(sent), word)
}

// foreignWords are the texts of tenant A's rows that stand in no row of tenant
// B's, and are long enough not to stand anywhere by chance.
func (w *neighbours) foreignWords(t *testing.T) []string {
	t.Helper()
	own := w.file.words(t, w.tenantB)
	var out []string
	for word := range w.file.words(t, w.admin.TenantID) {
		if len(word) >= 8 && !own[word] {
			out = append(out, word)
		}
	}
	return out
}

// ids are what names tenant A and its things.
func (w *neighbours) ids() []string {
	return []string{
		string(w.admin.TenantID), w.store.ID, w.binding.ID, w.heldRun.ID, w.key.ID, w.owner.ID, w.member.ID, w.invitation.ID, w.session.ID,
		w.owner.SessionID, w.job.ID, w.endpoint.ID, w.delivery.ID, w.entry.ID,
	}
}
