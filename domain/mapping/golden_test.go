package mapping_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/settings"
)

var update = flag.Bool("update", false, "write the golden cases again")

// Names of the files in a case: what is looked at, and what becomes of it.
const (
	fileMagento   = "magento.json"
	fileSettings  = "settings.json"
	fileReference = "reference.json"
	fileRequest   = "request.json"
	// fileParent is the invoice a memo refunds, fileInvoice the one that money is
	// set against, fileNote the credit note to settle.
	fileParent  = "parent.json"
	fileInvoice = "invoice.json"
	fileNote    = "note.json"

	fileBooks   = "books.json"
	fileSkipped = "skipped.txt"
	fileRefused = "refused.txt"
	fileTrace   = "trace.txt"
)

// golden is one case: a rule in a sentence, a document, and what becomes of it.
type golden struct {
	path    string
	archive *txtar.Archive
	files   map[string][]byte
}

// around is what a case may say of the event beside the document.
type around struct {
	Event       commerce.EventName `json:"event"`
	StoreURL    string             `json:"storeUrl"`
	StoreID     int64              `json:"storeId"`
	WebsiteID   int64              `json:"websiteId"`
	TaxOverride *bool              `json:"taxOverride"`
	ItemTypes   []string           `json:"itemTypes"`
	// Method is how the invoice of a settlement was paid; nil is not known.
	Method *string `json:"method"`
}

// goldens are the cases of a kind.
func goldens(t *testing.T, k kind) []golden {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", k.name, "*.txtar"))
	if err != nil || len(paths) < k.least {
		t.Fatalf("found %d cases of %s: %v", len(paths), k.name, err)
	}
	cases := make([]golden, 0, len(paths))
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatalf("reading %s: %v", path, err)
		}
		g := golden{path: path, archive: archive, files: map[string][]byte{}}
		for _, f := range archive.Files {
			g.files[f.Name] = f.Data
		}
		cases = append(cases, g)
	}
	return cases
}

func (g golden) name(k kind) string {
	return k.name + "/" + strings.TrimSuffix(filepath.Base(g.path), ".txtar")
}

// decodeAs reads a case's document, anew for each decision.
func decodeAs[T any](t *testing.T, raw []byte, decode func([]byte) (T, error)) T {
	t.Helper()
	document, err := decode(raw)
	if err != nil {
		t.Fatalf("decoding the document: %v", err)
	}
	return document
}

// read reads a file of the case; nil when the case has none.
func read[T any](t *testing.T, g golden, name string) *T {
	t.Helper()
	if g.files[name] == nil {
		return nil
	}
	var v T
	overlay(t, g.files[name], &v)
	return &v
}

func (g golden) around(t *testing.T) around {
	t.Helper()
	about := around{Event: commerce.EventInvoiceCreated}
	overlay(t, g.files[fileRequest], &about)
	return about
}

func (g golden) request(t *testing.T) mapping.Request {
	t.Helper()
	ref := defaultReference(t)
	overlay(t, g.files[fileReference], &ref)
	set := settings.Derive(ref)
	overlay(t, g.files[fileSettings], &set)
	about := g.around(t)
	zone, err := time.LoadLocation(ref.Organisation.TimeZone)
	if err != nil {
		t.Fatalf("the reference's time zone: %v", err)
	}
	return mapping.Request{
		Settings: set, Reference: ref, Location: zone, StoreCode: "k7w2p9ax",
		Capabilities: books.Capabilities{
			TaxOverride: about.TaxOverride == nil || *about.TaxOverride, ItemTypes: about.ItemTypes,
		},
		StoreURL: about.StoreURL, Event: about.Event, StoreID: about.StoreID, WebsiteID: about.WebsiteID,
	}
}

// defaultReference is a British company's: the reference of a case that says nothing else.
func defaultReference(t *testing.T) books.Reference {
	t.Helper()
	raw, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var ref books.Reference
	overlay(t, raw, &ref)
	return ref
}

func overlay(t *testing.T, raw []byte, onto any) {
	t.Helper()
	if len(raw) == 0 {
		return
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(onto); err != nil {
		t.Fatalf("reading %s: %v", raw, err)
	}
}

func isOutcome(file string) bool {
	return slices.Contains([]string{fileBooks, fileSkipped, fileRefused, fileTrace}, file)
}

func TestGoldens(t *testing.T) {
	t.Parallel()
	for _, k := range kinds() {
		for _, g := range goldens(t, k) {
			t.Run(g.name(k), func(t *testing.T) {
				t.Parallel()
				rule := strings.TrimSpace(string(g.archive.Comment))
				if !strings.HasSuffix(rule, ".") || len(rule) < 20 {
					t.Fatalf("the case does not state its rule in a sentence: %q", rule)
				}
				got := k.decide(t, g).outcome(t)
				if *update {
					g.accept(t, got)
					return
				}
				want := map[string]string{}
				for name, data := range g.files {
					if isOutcome(name) {
						want[name] = string(data)
					}
				}
				have := map[string]string{}
				for _, f := range got {
					have[f.Name] = string(f.Data)
				}
				if diff := cmp.Diff(want, have); diff != "" {
					t.Errorf("%s (-want +got):\n%s", rule, diff)
				}
			})
		}
	}
}

// accept writes the case with its inputs as they are and the outcome it has now.
func (g golden) accept(t *testing.T, got []txtar.File) {
	t.Helper()
	accepted := txtar.Archive{Comment: g.archive.Comment}
	for _, f := range g.archive.Files {
		if !isOutcome(f.Name) {
			accepted.Files = append(accepted.Files, f)
		}
	}
	accepted.Files = append(accepted.Files, got...)
	// Other tests read the cases meanwhile.
	written := g.path + ".new"
	if err := os.WriteFile(written, txtar.Format(&accepted), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(written, g.path); err != nil {
		t.Fatal(err)
	}
}
