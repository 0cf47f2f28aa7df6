package mapping_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
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

// Names of the files in a case.
const (
	fileMagento   = "magento.json"
	fileSettings  = "settings.json"
	fileReference = "reference.json"
	fileRequest   = "request.json"
	fileBooks     = "books.json"
	fileSkipped   = "skipped.txt"
	fileRefused   = "refused.txt"
	fileTrace     = "trace.txt"
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
}

func goldens(t *testing.T) []golden {
	t.Helper()
	paths, err := filepath.Glob("testdata/invoice/*.txtar")
	if err != nil || len(paths) < 30 {
		t.Fatalf("found %d cases in testdata/invoice: %v", len(paths), err)
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

func (g golden) name() string { return strings.TrimSuffix(filepath.Base(g.path), ".txtar") }

// decide maps the case's document, read anew.
func (g golden) decide(t *testing.T) mapping.Decision {
	t.Helper()
	inv, err := commerce.DecodeInvoice(g.files[fileMagento])
	if err != nil {
		t.Fatalf("DecodeInvoice: %v", err)
	}
	return mapping.Invoice(g.request(t), inv)
}

func (g golden) request(t *testing.T) mapping.Request {
	t.Helper()
	ref := defaultReference(t)
	overlay(t, g.files[fileReference], &ref)
	set := settings.Derive(ref)
	overlay(t, g.files[fileSettings], &set)
	about := around{Event: commerce.EventInvoiceCreated}
	overlay(t, g.files[fileRequest], &about)
	zone, err := time.LoadLocation(ref.Organisation.TimeZone)
	if err != nil {
		t.Fatalf("the reference's time zone: %v", err)
	}
	return mapping.Request{
		Settings: set, Reference: ref, Location: zone, StoreCode: "k7w2p9ax",
		Capabilities: books.Capabilities{TaxOverride: about.TaxOverride == nil || *about.TaxOverride},
		StoreURL:     about.StoreURL, Event: about.Event, StoreID: about.StoreID, WebsiteID: about.WebsiteID,
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

// outcome is the decision as a case's files.
func outcome(t *testing.T, d mapping.Decision) []txtar.File {
	t.Helper()
	var result txtar.File
	switch {
	case d.Fault != nil:
		var b strings.Builder
		fmt.Fprintf(&b, "%s (%s)\n%s\n", d.Fault.Code, d.Fault.Kind(), d.Fault.Message)
		for _, f := range d.Fault.Fields {
			fmt.Fprintf(&b, "%s: %s: %s\n", f.Path, f.Code, f.Message)
		}
		result = txtar.File{Name: fileRefused, Data: []byte(b.String())}
	case d.Skip != "":
		result = txtar.File{Name: fileSkipped, Data: []byte(string(d.Skip) + "\n")}
	default:
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(struct {
			Rendering string         `json:"rendering"`
			Totals    books.Totals   `json:"totals"`
			Invoice   *books.Invoice `json:"invoice"`
			Contact   *books.Contact `json:"contact"`
		}{d.Rendering, d.Invoice.Totals(), d.Invoice, d.Contact}); err != nil {
			t.Fatalf("encoding the decision: %v", err)
		}
		result = txtar.File{Name: fileBooks, Data: b.Bytes()}
	}
	var trace strings.Builder
	for _, s := range d.Trace {
		fmt.Fprintf(&trace, "%s: %s => %s\n", s.Rule, s.Input, s.Result)
	}
	return []txtar.File{result, {Name: fileTrace, Data: []byte(trace.String())}}
}

func TestInvoiceGoldens(t *testing.T) {
	t.Parallel()
	for _, g := range goldens(t) {
		t.Run(g.name(), func(t *testing.T) {
			t.Parallel()
			rule := strings.TrimSpace(string(g.archive.Comment))
			if !strings.HasSuffix(rule, ".") || len(rule) < 20 {
				t.Fatalf("the case does not state its rule in a sentence: %q", rule)
			}
			got := outcome(t, g.decide(t))
			if *update {
				g.accept(t, got)
				return
			}
			want := map[string]string{}
			for name, data := range g.files {
				if name == fileBooks || name == fileSkipped || name == fileRefused || name == fileTrace {
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

// accept writes the case with its inputs as they are and the outcome it has now.
func (g golden) accept(t *testing.T, got []txtar.File) {
	t.Helper()
	accepted := txtar.Archive{Comment: g.archive.Comment}
	for _, f := range g.archive.Files {
		switch f.Name {
		case fileMagento, fileSettings, fileReference, fileRequest:
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
