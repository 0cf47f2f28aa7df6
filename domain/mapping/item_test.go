package mapping_test

import (
	"strings"
	"testing"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/settings"
)

// TestItemCodesKeepSKUsApart covers what tells SKUs apart beyond the width of a
// code, and that a code never changes: items are found by it.
func TestItemCodesKeepSKUsApart(t *testing.T) {
	t.Parallel()
	set := settings.Default()
	set.SyncBehaviour.SyncProducts = true
	long := strings.Repeat("é", 40)
	seen := map[string]string{}
	for _, sku := range []string{
		"BAG", "bag", "BAG  GRN", "BAG GRN", long, long + "1", long + "2", long[:60], strings.Repeat("x", 30), strings.Repeat("x", 31), strings.Repeat("x", 64),
	} {
		d := mapping.Item(mapping.Request{Settings: set}, commerce.Product{MagentoID: 1, SKU: sku, Name: "Thing", ProductType: "simple"})
		if d.Item == nil {
			t.Fatalf("no item for %q: %+v", sku, d)
		}
		if other, taken := seen[d.Item.Code]; taken {
			t.Errorf("%q and %q share the code %q", sku, other, d.Item.Code)
		}
		seen[d.Item.Code] = sku
	}
	// printf %s CANVAS-BAG-GREEN-LARGE-WITH-ZIP-2026 | sha256sum
	d := mapping.Item(mapping.Request{Settings: set}, commerce.Product{SKU: "CANVAS-BAG-GREEN-LARGE-WITH-ZIP-2026", ProductType: "simple"})
	if want := "CANVAS-BAG-GREEN-LARG~acde7c09"; d.Item.Code != want {
		t.Errorf("code %q, want %q", d.Item.Code, want)
	}
}
