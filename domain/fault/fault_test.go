package fault_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"testing"

	"byte8.io/ledger/domain/fault"
)

var update = flag.Bool("update", false, "write docs/errors.md")

func TestDocumentIsCurrent(t *testing.T) {
	t.Parallel()
	const path = "../../docs/errors.md"
	if *update {
		if err := os.WriteFile(path, []byte(fault.Document()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != fault.Document() {
		t.Errorf("%s differs from the table; run `make generate`", path)
	}
}

func TestTableIsComplete(t *testing.T) {
	t.Parallel()
	snake := regexp.MustCompile(`^[a-z]+(_[a-z0-9]+)*$`)
	seen := map[fault.Code]bool{}
	for _, r := range fault.Table() {
		if seen[r.Code] {
			t.Errorf("code %q stands twice", r.Code)
		}
		seen[r.Code] = true
		if !snake.MatchString(string(r.Code)) || len(r.Code) > 64 {
			t.Errorf("code %q is not lower snake case of at most 64 characters", r.Code)
		}
		if r.Title == "" || r.Advice == "" {
			t.Errorf("code %q has no title or no advice", r.Code)
		}
		if r.Code.Kind() != r.Kind || r.Code.Advice() != r.Advice || r.Code.Title() != r.Title {
			t.Errorf("code %q does not look up its own row", r.Code)
		}
	}
}

func TestKindCodesAreUnique(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for k := fault.Internal; k <= fault.Unlinked; k++ {
		if seen[k.String()] {
			t.Errorf("kind code %s stands twice", k)
		}
		seen[k.String()] = true
		if k.Means() == "" || k.Class().String() == "unknown" {
			t.Errorf("kind %s has no meaning or no class", k)
		}
	}
}

func TestOfFindsTheOutermostFault(t *testing.T) {
	t.Parallel()
	inner := fault.New(fault.CodeProviderRejected, "no")
	outer := fault.Wrap(fault.CodeTaxRateNotMapped, "map it", fmt.Errorf("deep: %w", inner))
	err := fmt.Errorf("deciding: %w", outer)

	if got := fault.CodeOf(err); got != fault.CodeTaxRateNotMapped {
		t.Errorf("CodeOf = %q, want the outermost", got)
	}
	if !fault.Is(err, fault.CodeTotalsDiffer, fault.CodeTaxRateNotMapped) || fault.Is(err, fault.CodeProviderRejected) {
		t.Error("Is must look at the outermost fault only")
	}
	if got := fault.KindOf(errors.New("plain")); got != fault.Internal {
		t.Errorf("KindOf(plain error) = %s, want INTERNAL", got)
	}
	if fault.IsKind(nil, fault.Internal) || !fault.IsKind(err, fault.Invalid, fault.Held) {
		t.Error("IsKind must be false for nil and look at the outermost fault")
	}
	if fault.Of(nil) != nil {
		t.Error("Of(nil) must be nil")
	}
	if !errors.Is(err, inner) {
		t.Error("the cause must stay reachable")
	}
}

func TestNewfKeepsTheCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("dial refused")
	f := fault.Newf(fault.CodeMagentoUnreachable, "calling the shop: %w", cause)
	if !errors.Is(f, cause) {
		t.Error("Newf with a wrapped error must keep it as the cause")
	}
	if f.Kind() != fault.Unavailable {
		t.Errorf("Kind = %s, want UNAVAILABLE", f.Kind())
	}
}
