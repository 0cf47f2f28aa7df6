package settings_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/settings"
)

func TestDiffNamesWhatChanges(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	before := valid()
	after := valid()
	after.SyncBehaviour.SyncSince = &since
	after.SyncBehaviour.WebsiteFilter = []int64{3, 1}
	after.Defaults.RevenueAccount = ""
	after.Defaults.TaxRateMap = append(after.Defaults.TaxRateMap[1:], settings.TaxRateMapping{Percent: money.Of("21"), CountryGroup: settings.CountryEU, TaxType: "OUTPUT2"})
	after.PaymentMethodMap = after.PaymentMethodMap[1:]
	after.Commercial.PaymentTermsDays = 14
	want := []settings.Change{
		{Path: "settings.syncBehaviour.syncSince", After: "2026-01-01T00:00:00Z", HadBefore: true, HasAfter: true},
		{Path: "settings.syncBehaviour.websiteFilter", Before: []int64{1}, After: []int64{1, 3}, HadBefore: true, HasAfter: true},
		{Path: "settings.defaults.revenueAccount", Before: "200", HadBefore: true, HasAfter: true},
		{Path: "settings.defaults.taxRateMap[20.00]", Before: "OUTPUT2", HadBefore: true},
		{Path: "settings.defaults.taxRateMap[21.00 EU]", After: "OUTPUT2", HasAfter: true},
		{Path: "settings.paymentMethodMap[checkmo]", HadBefore: true},
		{Path: "settings.commercial.paymentTermsDays", Before: 30, After: 14, HadBefore: true, HasAfter: true},
	}
	if diff := cmp.Diff(want, settings.Diff(before, after)); diff != "" {
		t.Errorf("Diff (-want +got):\n%s", diff)
	}
}

func TestDiffIgnoresOrderAndWriting(t *testing.T) {
	t.Parallel()
	before, after := valid(), valid()
	before.SyncBehaviour.WebsiteFilter, after.SyncBehaviour.WebsiteFilter = []int64{1, 2}, []int64{2, 1, 2}
	before.SyncBehaviour.StoreFilter, after.SyncBehaviour.StoreFilter = nil, []int64{}
	before.Defaults.TaxRateMap[0].Percent, after.Defaults.TaxRateMap[0].Percent = money.Of("20"), money.Of("20.00")
	rates := after.Defaults.TaxRateMap
	rates[0], rates[1] = rates[1], rates[0]
	if diff := cmp.Diff([]settings.Change(nil), settings.Diff(before, after)); diff != "" {
		t.Errorf("Diff (-want +got):\n%s", diff)
	}
}

// drawn is settings of which any value may differ from another draw's.
func drawn(t *rapid.T, name string) settings.Settings {
	s := settings.Default()
	s.SyncBehaviour.SyncProducts = rapid.Bool().Draw(t, name+" products")
	s.SyncBehaviour.StoreFilter = rapid.SliceOfNDistinct(rapid.Int64Range(1, 4), 0, 3, rapid.ID).Draw(t, name+" stores")
	s.Defaults.ShippingAccount = rapid.SampledFrom([]string{"", "200", "260"}).Draw(t, name+" shipping")
	s.Defaults.RoundingTolerance = money.Of(rapid.SampledFrom([]string{"0", "0.05", "1"}).Draw(t, name+" tolerance"))
	for _, percent := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"0", "5", "20.00"}), 0, 3, rapid.ID).Draw(t, name+" percents") {
		s.Defaults.TaxRateMap = append(s.Defaults.TaxRateMap, settings.TaxRateMapping{Percent: money.Of(percent), TaxType: rapid.SampledFrom([]string{"A", "B"}).Draw(t, name+" type")})
	}
	for _, method := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"checkmo", "stripe"}), 0, 2, rapid.ID).Draw(t, name+" methods") {
		route := settings.PaymentRoute{Method: method}
		if rapid.Bool().Draw(t, name+" routed") {
			account := rapid.SampledFrom([]string{"bank", "till"}).Draw(t, name+" account")
			route.BankAccount = &account
		}
		s.PaymentMethodMap = append(s.PaymentMethodMap, route)
	}
	s.Commercial.NumberPrefix = rapid.SampledFrom([]string{"", "M-"}).Draw(t, name+" prefix")
	return s
}

func TestDiffIsItsOwnReverse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, after := drawn(t, "before"), drawn(t, "after")
		if diff := settings.Diff(before, before); len(diff) > 0 {
			t.Fatalf("settings differ from themselves: %v", diff)
		}
		forth, back := settings.Diff(before, after), settings.Diff(after, before)
		for i := range back {
			c := &back[i]
			c.Before, c.After, c.HadBefore, c.HasAfter = c.After, c.Before, c.HasAfter, c.HadBefore
		}
		if diff := cmp.Diff(forth, back); diff != "" {
			t.Fatalf("forth and back (-forth +back):\n%s", diff)
		}
		if !cmp.Equal(before, after) && len(forth) == 0 && !onlyReordered(before, after) {
			t.Fatalf("no change between\n%+v\n%+v", before, after)
		}
	})
}

// onlyReordered reports whether two states hold the same entries in another order.
func onlyReordered(x, y settings.Settings) bool {
	entries := func(s settings.Settings) (int, int, int) {
		return len(s.Defaults.TaxRateMap), len(s.PaymentMethodMap), len(s.SyncBehaviour.StoreFilter)
	}
	xt, xm, xs := entries(x)
	yt, ym, ys := entries(y)
	return xt == yt && xm == ym && xs == ys
}

func TestFieldsFollowTheCapabilities(t *testing.T) {
	t.Parallel()
	everything := can()
	everything.SettingsLabels = map[string]string{"settings.defaults.bankAccount": "Clearing account"}
	paths := map[string]settings.Field{}
	for _, f := range settings.Fields(everything) {
		if f.Label == "" || f.Help == "" || f.Choices == "" || !strings.HasPrefix(f.Path, "settings."+f.Card) {
			t.Errorf("field %+v is not complete", f)
		}
		paths[f.Path] = f
	}
	if got := paths["settings.defaults.bankAccount"].Label; got != "Clearing account" {
		t.Errorf("label %q, want the provider's word", got)
	}
	little := can()
	little.Items, little.Payments, little.CreditNotes, little.Statuses = false, false, false, little.Statuses[:1]
	for _, f := range settings.Fields(little) {
		delete(paths, f.Path)
	}
	for _, path := range []string{
		"settings.syncBehaviour.syncProducts", "settings.itemTypeMap", "settings.paymentMethodMap", "settings.defaults.bankAccount",
		"settings.commercial.creditNoteSettlement", "settings.commercial.initialStatus",
	} {
		if _, left := paths[path]; !left {
			t.Errorf("%s is shown for a provider that cannot use it", path)
		}
		delete(paths, path)
	}
	if len(paths) > 0 {
		t.Errorf("fields %v are not shown for a provider that can use them", paths)
	}
}
