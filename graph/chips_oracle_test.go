package graph_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/graph"
)

// operationsAWorld times rapid's 100 worlds are the operations compared.
const operationsAWorld = 60

// TestChipsAreAnsweredAsTheGeneratedExecutorDoes compares answers byte for byte:
// random operations, arguments, callers and chips.
func TestChipsAreAnsweredAsTheGeneratedExecutorDoes(t *testing.T) {
	t.Parallel()
	compared, direct := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w := chipsWorld(t)
		opts := graph.Options{App: w.App(), Log: w.Logger()}
		ours, generated := graph.NewHandler(opts), graph.NewGeneratedHandler(opts)
		for range operationsAWorld {
			p := rapid.SampledFrom(chipsCallers).Draw(t, "caller")
			body := chipsOperation(t)
			before := w.Calls("Runs.EachSyncState")
			got := answerTo(t, ours, p, body)
			direct += w.Calls("Runs.EachSyncState") - before
			if want := answerTo(t, generated, p, body); got != want {
				t.Fatalf("%s\nanswered\n%s\nwant\n%s", body, got, want)
			}
			compared++
		}
	})
	t.Logf("%d operations compared, %d of them answered directly", compared, direct)
	if compared < 3000 || direct < 1000 {
		t.Errorf("%d operations compared and %d of them answered directly: that proves little", compared, direct)
	}
}

var chipsCallers = []access.Principal{
	owner, owner, owner, owner, owner, owner, other,
	access.Magento("tenant-a", "sto_1", "https://shop.example"),
	{},
	{Kind: access.KindAPIKey, TenantID: "tenant-a", ID: "key_3", BindingID: "bnd_1", Scopes: access.Scopes{access.ScopeStatusRead}},
	{Kind: access.KindAPIKey, TenantID: "tenant-a", ID: "key_4", Scopes: access.Scopes{access.ScopeRunsRead}},
}

func answerTo(t *rapid.T, h http.Handler, p access.Principal, body string) string {
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(graph.WithPrincipal(r.Context(), p)))
	return fmt.Sprintln(w.Code, w.Header().Get("Content-Type")) + inOrder(t, w.Body.String())
}

// inOrder sorts the errors of an answer with several: the generated executor
// runs root fields at once, and which fails first is chance.
func inOrder(t *rapid.T, body string) string {
	var parts struct {
		Errors []json.RawMessage `json:"errors"`
	}
	if err := json.Unmarshal([]byte(body), &parts); err != nil {
		t.Fatalf("answer %q: %v", body, err)
	}
	if len(parts.Errors) < 2 {
		return body
	}
	var texts []string
	for _, e := range parts.Errors {
		texts = append(texts, string(e))
	}
	before := strings.Join(texts, ",")
	slices.Sort(texts)
	return strings.Replace(body, before, strings.Join(texts, ","), 1)
}

// awkward are texts that a writer of JSON may get wrong.
var awkward = []string{
	"", "INV-1", "<script>&amp;</script>", "\u2028\u2029", "\xe2\x80", "\xe2", "\xff\xfe", "\"quoted\"", `back\slash`, "\x00\x1f\t\r\n\x7f", "Ω 発注 🧾", "\u202a",
}

func chipsWorld(t *rapid.T) *apptest.World {
	w := newWorld()
	w.States = nil
	text := rapid.OneOf(rapid.SampledFrom(awkward), rapid.String())
	for i := range rapid.IntRange(0, 12).Draw(t, "chips") {
		word := func(of string) string { return text.Draw(t, of) }
		w.States = append(w.States, syncrun.SyncState{
			TenantID: "tenant-a", StoreID: rapid.SampledFrom([]string{"sto_1", "sto_2"}).Draw(t, "store"), MagentoID: int64(i%5 + 1),
			Provider:   rapid.SampledFrom([]binding.Provider{binding.Xero, binding.FreeAgent, binding.SageAccounting}).Draw(t, "provider"),
			EntityType: rapid.SampledFrom([]commerce.EntityType{commerce.EntityInvoice, commerce.EntityInvoice, commerce.EntityProduct}).Draw(t, "entity"),
			Status:     rapid.SampledFrom([]syncrun.Chip{syncrun.ChipPending, syncrun.ChipSynced, syncrun.ChipSkipped, syncrun.ChipFailed, "unheard"}).Draw(t, "status"),
			RunID:      rapid.SampledFrom([]string{"", "run_1", "run_99"}).Draw(t, "run"), ProviderEntityID: word("id"), ProviderReference: word("reference"), ProviderURL: word("url"),
			SkipReason: syncrun.SkipReason(word("reason")), ErrorCode: fault.Code(word("code")),
			LastSyncAt: noon.Add(time.Duration(rapid.Int64Range(-1e18, 1e18).Draw(t, "at"))).In(time.FixedZone("x", 3600)),
		})
	}
	slices.SortFunc(w.States, func(a, b syncrun.SyncState) int { return strings.Compare(a.StoreID, b.StoreID) })
	w.StatesErr = rapid.SampledFrom([]error{nil, nil, nil, nil, nil, errors.New("the disk is on fire"), fault.New(fault.CodeOverloaded, "Later.")}).Draw(t, "failure")
	return w
}

// chipsDraft is an operation being written.
type chipsDraft struct {
	*rapid.T
	declared  []string
	variables map[string]any
	fragments []string
}

func (d *chipsDraft) chance(percent int, of string) bool {
	return rapid.Uint16Range(0, 9999).Draw(d.T, of) >= uint16(10000-100*percent)
}

func (d *chipsDraft) pick(of string, from ...string) string {
	return rapid.SampledFrom(from).Draw(d.T, of)
}

// variable declares a variable and returns its use.
func (d *chipsDraft) variable(kind string, value any) string {
	name := "v" + strconv.Itoa(len(d.declared))
	d.declared = append(d.declared, "$"+name+": "+kind)
	if value != absent {
		d.variables[name] = value
	}
	return "$" + name
}

// absent is a variable that is declared and not sent.
var absent = any("\x00absent")

func chipsOperation(t *rapid.T) string {
	d := &chipsDraft{T: t, variables: map[string]any{}}
	root := d.rootField()
	switch {
	case d.chance(6, "second root"):
		root += " " + d.pick("second", "viewer { scopes }", "__typename", "again: syncStates(entityType: PRODUCT, magentoIds: [1]) { status }", root)
	case d.chance(10, "root in a fragment"):
		root = "... on Query { " + root + " }"
	case d.chance(5, "root in a named fragment"):
		d.fragments = append(d.fragments, "fragment Root on Query { "+root+" }")
		root = "...Root"
	}
	operation := "query Chips"
	if len(d.declared) > 0 {
		operation += "(" + strings.Join(d.declared, ", ") + ")"
	}
	body, err := json.Marshal(map[string]any{"query": operation + " { " + root + " }\n" + strings.Join(d.fragments, "\n"), "variables": d.variables})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func (d *chipsDraft) rootField() string {
	field := d.pick("root alias", "", "", "chips: ", "_0: ") + "syncStates(" + strings.Join(d.arguments(), ", ") + ")"
	return field + d.directive() + " " + d.selections(3)
}

func (d *chipsDraft) arguments() []string {
	args := []string{"entityType: " + d.entity(), "magentoIds: " + d.ids()}
	if d.chance(40, "providers") {
		args = append(args, "providers: "+d.providers())
	}
	if d.chance(30, "store") {
		args = append(args, "storeId: "+d.store())
	}
	return args
}

func (d *chipsDraft) entity() string {
	entity := d.pick("entity", "INVOICE", "INVOICE", "INVOICE", "PRODUCT", "INVOICE", "INVOICE", "CUSTOMER", "CREDITMEMO", "ORDER")
	if d.chance(50, "entity as a variable") {
		return d.variable("EntityType!", entity)
	}
	return entity
}

func (d *chipsDraft) ids() string {
	good := []any{1, 2, "3", 4, 5, 1}
	many := make([]any, 501)
	for i := range many {
		many[i] = i
	}
	lists := []any{good, good, good, good, good, good, good, good, good, good, good[:2], []any{}, 3, "4", []any{"x"}, []any{1.5}, nil, []any{nil}, many, json.Number("99999999999999999999"), []any{true}, absent}
	value := lists[rapid.IntRange(0, len(lists)-1).Draw(d.T, "ids")]
	if d.chance(60, "ids as a variable") {
		return d.variable("[Int64!]!", value)
	}
	if value == absent {
		return "[1]"
	}
	text, err := json.Marshal(value)
	if err != nil {
		d.Fatal(err)
	}
	return string(text)
}

func (d *chipsDraft) providers() string {
	if d.chance(50, "providers as a variable") {
		values := []any{[]any{"XERO"}, []any{"XERO", "FREEAGENT", "XERO"}, []any{}, nil, "SAGE_ACCOUNTING", []any{nil}, []any{"QUICKBOOKS"}, absent}
		return d.variable("[ProviderKey!]", values[rapid.IntRange(0, len(values)-1).Draw(d.T, "providers")])
	}
	return d.pick("providers", "[XERO]", "XERO", "[]", "null", "[FREEAGENT, SAGE_ACCOUNTING]", `["XERO"]`, "[null]")
}

func (d *chipsDraft) store() string {
	if d.chance(50, "store as a variable") {
		values := []any{"sto_1", "sto_2", nil, 5, "", absent}
		return d.variable("ID", values[rapid.IntRange(0, len(values)-1).Draw(d.T, "store")])
	}
	return d.pick("store", `"sto_1"`, `"sto_2"`, "null", "5", `""`)
}

func (d *chipsDraft) directive() string {
	if d.chance(75, "plain") {
		return ""
	}
	condition := d.pick("condition", "true", "false", "variable")
	if condition == "variable" {
		condition = d.variable("Boolean!", d.chance(50, "value"))
	}
	return " @" + d.pick("directive", "skip", "include") + "(if: " + condition + ")"
}

func (d *chipsDraft) selections(depth int) string {
	var b strings.Builder
	b.WriteString("{")
	for range rapid.IntRange(1, 5).Draw(d.T, "selections") {
		b.WriteString(" " + d.selection(depth))
	}
	return b.String() + " }"
}

func (d *chipsDraft) selection(depth int) string {
	switch {
	case depth > 0 && d.chance(12, "inline fragment"):
		return "..." + d.pick("condition", "", " on SyncState") + d.directive() + " " + d.selections(depth-1)
	case depth > 0 && d.chance(8, "named fragment"):
		name := "F" + strconv.Itoa(len(d.fragments))
		at := len(d.fragments)
		d.fragments = append(d.fragments, "")
		d.fragments[at] = "fragment " + name + " on SyncState " + d.selections(depth-1)
		return "..." + name + d.directive() + d.pick("again", "", "", " ..."+name)
	case d.chance(4, "run"):
		return "run" + d.directive() + " { id }"
	case d.chance(1, "a mistake"):
		return d.pick("mistake", "secret", "run", "status { x }", "status(a: 1)")
	}
	name := d.pick("leaf", "__typename", "provider", "entityType", "magentoId", "status", "providerEntityId", "providerUrl", "providerReference", "skipReason", "errorCode", "lastSyncAt")
	alias := d.pick("alias", "", "", "", "my"+name+": ", "same: ")
	if alias == "same: " && d.chance(80, "no conflict") {
		alias = "own_" + name + ": "
	}
	return alias + name + d.directive()
}
