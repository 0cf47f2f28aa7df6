// Package ledger_test keeps the rules of the tree: which folder may import
// which, and which third-party modules a folder may know.
package ledger_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	module = "byte8.io/ledger"

	// everything stands for any folder of the module, or any third-party module.
	everything = "*"

	// testPackages stands for every package of the module whose name ends in test.
	testPackages = "*test"
)

// layer is a folder and what the packages in it may import besides the
// standard library and each other. A name that ends in /* makes each subfolder
// a layer of its own, so that siblings do not meet. The limits on third-party
// modules and on the standard library are for production code.
type layer struct {
	folder     string
	uses       []string
	testsUse   []string
	thirdParty []string
	refuses    []string // packages of the standard library
	testsOnly  bool
}

// layers is the whole module: a package in none of them needs a decision. The
// first that fits a package is its layer.
var layers = []layer{
	{folder: "."},
	{
		folder:     "domain",
		thirdParty: []string{"github.com/shopspring/decimal"},
		refuses:    []string{"crypto/rand", "database/sql", "log", "log/slog", "math/rand", "math/rand/v2", "net", "net/http", "os", "os/exec"},
	},
	{folder: "ports", uses: []string{"domain"}},
	{
		folder:     "app",
		uses:       []string{"domain", "ports"},
		testsUse:   []string{"sandbox", testPackages},
		thirdParty: []string{"golang.org/x/sync"},
	},
	{
		folder:     "graph",
		uses:       []string{"app", "domain"},
		testsUse:   []string{"sandbox", testPackages},
		thirdParty: []string{"github.com/99designs/gqlgen", "github.com/coder/websocket", "github.com/graph-gophers/dataloader", "github.com/vektah/gqlparser"},
	},
	{
		folder:     "adapters/sqlstore",
		uses:       []string{"domain", "ports", "migrations"},
		testsUse:   []string{"sandbox", "ports/porttest"},
		thirdParty: []string{everything},
	},
	{
		folder:     "adapters/*",
		uses:       []string{"domain", "ports"},
		testsUse:   []string{"sandbox", "ports/porttest"},
		thirdParty: []string{everything},
	},
	{folder: "sandbox/*", thirdParty: []string{everything}},
	{folder: "migrations"},
	{folder: "cmd", uses: []string{everything}, thirdParty: []string{everything}},
	{folder: "bench", uses: []string{everything}, thirdParty: []string{everything}},
	{folder: "integration", uses: []string{everything}, thirdParty: []string{everything}, testsOnly: true},
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	sources := goFiles(t, os.DirFS("."))
	if _, ok := sources["architecture_test.go"]; !ok {
		t.Fatal("the walk over the module did not come by this file")
	}
	for _, v := range violations(sources) {
		t.Error(v)
	}
}

func TestViolations(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path    string
		imports []string
		want    []string
	}{
		"domain knows decimals":               {"domain/money/amount.go", []string{"strings", "github.com/shopspring/decimal"}, nil},
		"domain knows domain":                 {"domain/mapping/invoice.go", []string{module + "/domain/money"}, nil},
		"a domain test knows test libraries":  {"domain/money/amount_test.go", []string{"os", "pgregory.net/rapid"}, nil},
		"porttest knows go-cmp":               {"ports/porttest/runs.go", []string{"testing", "github.com/google/go-cmp/cmp", module + "/ports"}, nil},
		"graph knows gqlgen":                  {"graph/server.go", []string{"github.com/99designs/gqlgen/graphql", module + "/app"}, nil},
		"the store knows migrations":          {"adapters/sqlstore/open.go", []string{module + "/migrations", "github.com/lib/pq"}, nil},
		"an adapter has subfolders":           {"adapters/xero/books.go", []string{module + "/adapters/xero/internal/wire"}, nil},
		"an adapter's test has the sandbox":   {"adapters/xero/books_test.go", []string{module + "/sandbox/xero", module + "/ports/porttest"}, nil},
		"a use case's test has a store":       {"app/claim_run_test.go", []string{module + "/adapters/sqlstore/sqlstoretest"}, nil},
		"cmd knows everything":                {"cmd/ledger/main.go", []string{module + "/adapters/xero", module + "/sandbox/xero", "github.com/alecthomas/kong"}, nil},
		"third party in domain":               {"domain/syncrun/run.go", []string{"github.com/google/uuid"}, []string{"domain/syncrun/run.go: domain may not import github.com/google/uuid"}},
		"I/O in domain":                       {"domain/syncrun/run.go", []string{"net/http"}, []string{"domain/syncrun/run.go: domain may not import net/http"}},
		"domain looks outward":                {"domain/syncrun/run.go", []string{module + "/ports"}, []string{"domain/syncrun/run.go: domain may not import ports"}},
		"a namesake of decimal":               {"domain/money/amount.go", []string{"github.com/shopspring/decimals"}, []string{"domain/money/amount.go: domain may not import github.com/shopspring/decimals"}},
		"a port knows a test library":         {"ports/runs.go", []string{"github.com/google/go-cmp/cmp"}, []string{"ports/runs.go: ports may not import github.com/google/go-cmp/cmp"}},
		"a use case knows an adapter":         {"app/claim_run.go", []string{module + "/adapters/sqlstore"}, []string{"app/claim_run.go: app may not import adapters/sqlstore"}},
		"graph skips the use cases":           {"graph/runs.go", []string{module + "/ports"}, []string{"graph/runs.go: graph may not import ports"}},
		"adapters meet":                       {"adapters/xero/books.go", []string{module + "/adapters/vault"}, []string{"adapters/xero/books.go: adapters/xero may not import adapters/vault"}},
		"adapters meet in a test":             {"adapters/asynq/worker_test.go", []string{module + "/adapters/sqlstore/sqlstoretest"}, []string{"adapters/asynq/worker_test.go: adapters/asynq may not import adapters/sqlstore/sqlstoretest"}},
		"an adapter knows a use case":         {"adapters/asynq/worker.go", []string{module + "/app"}, []string{"adapters/asynq/worker.go: adapters/asynq may not import app"}},
		"an adapter ships a sandbox":          {"adapters/xero/books.go", []string{module + "/sandbox/xero"}, []string{"adapters/xero/books.go: adapters/xero may not import sandbox/xero"}},
		"another adapter knows migrations":    {"adapters/vault/seal.go", []string{module + "/migrations"}, []string{"adapters/vault/seal.go: adapters/vault may not import migrations"}},
		"a sandbox believes the product":      {"sandbox/xero/invoices.go", []string{module + "/domain/books"}, []string{"sandbox/xero/invoices.go: sandbox/xero may not import domain/books"}},
		"production code knows porttest":      {"cmd/ledger/main.go", []string{module + "/ports/porttest"}, []string{"cmd/ledger/main.go: byte8.io/ledger/ports/porttest is for tests"}},
		"production code knows testing":       {"cmd/ledger/main.go", []string{"net/http/httptest", "testing"}, []string{"cmd/ledger/main.go: net/http/httptest is for tests", "cmd/ledger/main.go: testing is for tests"}},
		"a new folder":                        {"helpers/strings.go", nil, []string{"helpers/strings.go: helpers is in no layer"}},
		"a package beside the adapters":       {"adapters/http.go", nil, []string{"adapters/http.go: adapters is in no layer"}},
		"Go among the documents":              {"docs/example.go", nil, []string{"docs/example.go: docs is in no layer"}},
		"Go in the dashboard":                 {"web/embed.go", nil, []string{"web/embed.go: web is in no layer"}},
		"an import of a folder without layer": {"cmd/ledger/main.go", []string{module + "/web"}, []string{"cmd/ledger/main.go: web is in no layer"}},
		"the integration tests ship code":     {"integration/stack.go", nil, []string{"integration/stack.go: integration holds tests only"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := violations(map[string][]byte{tt.path: sourceOf(tt.imports)})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a file that does not parse", func(t *testing.T) {
		t.Parallel()
		if got := violations(map[string][]byte{"app/broken.go": []byte("package")}); len(got) != 1 {
			t.Errorf("violations = %q, want one", got)
		}
	})
}

func sourceOf(imports []string) []byte {
	var b strings.Builder
	b.WriteString("package planted\n")
	for _, imported := range imports {
		fmt.Fprintf(&b, "import _ %q\n", imported)
	}
	return []byte(b.String())
}

// goFiles is every Go file of the module by its path, without testdata and
// without folders the go command passes over.
func goFiles(t *testing.T, root fs.FS) map[string][]byte {
	t.Helper()
	sources := map[string][]byte{}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch base := path.Base(name); {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules"):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(name) != ".go":
			return nil
		}
		sources[name], err = fs.ReadFile(root, name)
		return err
	})
	if err != nil {
		t.Fatalf("reading the module: %v", err)
	}
	return sources
}

// violations is what the sources break, in order of path and import.
func violations(sources map[string][]byte) []string {
	var broken []string
	for name, source := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
		if err != nil {
			broken = append(broken, fmt.Sprintf("%s: %v", name, err))
			continue
		}
		home, ok := layerOf(path.Dir(name))
		if !ok {
			broken = append(broken, fmt.Sprintf("%s: %s is in no layer", name, path.Dir(name)))
			continue
		}
		test := isTest(name)
		if home.testsOnly && !test {
			broken = append(broken, fmt.Sprintf("%s: %s holds tests only", name, home.folder))
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				broken = append(broken, fmt.Sprintf("%s: %v", name, err))
				continue
			}
			if complaint := home.complaint(imported, test); complaint != "" {
				broken = append(broken, name+": "+complaint)
			}
		}
	}
	slices.Sort(broken)
	return broken
}

// layerOf is the layer of a folder, its own name put in for a /*.
func layerOf(folder string) (layer, bool) {
	for _, l := range layers {
		parent, each := strings.CutSuffix(l.folder, "/*")
		if !each {
			if folder == l.folder || l.folder != "." && within(folder, l.folder) {
				return l, true
			}
			continue
		}
		if rest, ok := strings.CutPrefix(folder, parent+"/"); ok {
			child, _, _ := strings.Cut(rest, "/")
			l.folder = parent + "/" + child
			return l, true
		}
	}
	return layer{}, false
}

// complaint says what is wrong with the import, and nothing when it is allowed.
func (l layer) complaint(imported string, test bool) string {
	if !test && isTestHelp(imported) {
		return imported + " is for tests"
	}
	name, allowed := imported, false
	switch folder, ours := folderOf(imported); {
	case ours:
		if _, ok := layerOf(folder); !ok {
			return folder + " is in no layer"
		}
		name, allowed = folder, l.mayUse(folder, test)
	case isStandard(imported):
		allowed = test || !slices.Contains(l.refuses, imported)
	default:
		allowed = test || matches(imported, l.thirdParty)
	}
	if allowed {
		return ""
	}
	return fmt.Sprintf("%s may not import %s", l.folder, name)
}

func (l layer) mayUse(folder string, test bool) bool {
	if within(folder, l.folder) || matches(folder, l.uses) {
		return true
	}
	return test && (matches(folder, l.testsUse) || slices.Contains(l.testsUse, testPackages) && isTestHelp(folder))
}

// folderOf is the folder of a package of this module.
func folderOf(imported string) (string, bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}

// isTest reports whether the file is a test or belongs to a package of test help.
func isTest(file string) bool {
	return strings.HasSuffix(file, "_test.go") || isTestHelp(path.Dir(file))
}

func isTestHelp(pkg string) bool {
	base := path.Base(pkg)
	return base == "testing" || strings.HasSuffix(base, "test")
}

func isStandard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

func matches(name string, allowed []string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool { return a == everything || within(name, a) })
}

func within(name, folder string) bool {
	return name == folder || strings.HasPrefix(name, folder+"/")
}
