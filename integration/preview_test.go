package integration_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
	shopbox "byte8.io/ledger/sandbox/magento"
)

// saved is the newest settings.
func (p *inProcess) saved(t *testing.T) settings.Settings {
	t.Helper()
	b := p.stored(t)
	version, err := p.app.Bindings.FindSettings(t.Context(), b.TenantID, b.ID, b.SettingsVersion)
	if err != nil {
		t.Fatal(err)
	}
	return version.Settings
}

// mark gives the binding another status.
func (p *inProcess) mark(t *testing.T, status binding.Status) {
	t.Helper()
	b := p.stored(t)
	b.Status = status
	if _, err := p.app.Bindings.SaveBinding(t.Context(), b, p.now()); err != nil {
		t.Fatal(err)
	}
}

func TestAPreviewSaysWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	p := newInProcess(t, "sqlite")
	invoice := p.raiseUnpaid(t)
	look := func(change func(*settings.Settings), kind commerce.EntityType, ids ...int64) []app.Preview {
		t.Helper()
		in := app.PreviewDocuments{BindingID: p.binding.ID, EntityType: kind, MagentoIDs: ids}
		if change != nil {
			proposed := p.saved(t)
			change(&proposed)
			in.Settings = &proposed
		}
		previews, err := p.reading().PreviewDocuments(t.Context(), p.admin, in)
		if err != nil {
			t.Fatal(err)
		}
		return previews
	}
	want := func(what string, got app.Preview, outcome app.PreviewOutcome, code fault.Code) {
		t.Helper()
		var has fault.Code
		if got.Fault != nil {
			has = got.Fault.Code
		}
		if got.Outcome != outcome || has != code || (len(got.Requests) > 0) != (outcome == app.PreviewWrite) {
			t.Errorf("%s: %s %s with %d requests, want %s %s", what, got.Outcome, has, len(got.Requests), outcome, code)
		}
	}

	seen := look(nil, commerce.EntityInvoice, 999_999, int64(invoice), 999_998)
	want("one that the shop does not have", seen[0], app.PreviewFail, fault.CodeMagentoNotFound)
	want("its neighbour", seen[1], app.PreviewWrite, "")
	if seen[1].MagentoID != int64(invoice) || seen[1].SettingsVersion != p.stored(t).SettingsVersion || len(seen[1].Trace) == 0 {
		t.Errorf("the previews are not in the order asked, or say too little: %+v", seen[1])
	}
	unmapped := look(func(s *settings.Settings) { s.Defaults.TaxRateMap, s.Defaults.TaxType = nil, "" }, commerce.EntityInvoice, int64(invoice))[0]
	want("a tax rate without a type", unmapped, app.PreviewHold, fault.CodeTaxRateNotMapped)
	if unmapped.SettingsVersion != 0 {
		t.Errorf("with settings given the version is %d", unmapped.SettingsVersion)
	}
	filtered := look(func(s *settings.Settings) { s.SyncBehaviour.WebsiteFilter = []int64{77} }, commerce.EntityInvoice, int64(invoice))[0]
	want("one of another website", filtered, app.PreviewSkip, "")
	if filtered.SkipReason != syncrun.SkipWebsiteFiltered {
		t.Errorf("left out for %s", filtered.SkipReason)
	}
	want("a product where they are off", look(nil, commerce.EntityProduct, 999_999)[0], app.PreviewSkip, "")

	for _, status := range []binding.Status{binding.StatusPaused, binding.StatusUnlinked} {
		p.mark(t, status)
		got := look(nil, commerce.EntityInvoice, int64(invoice))[0]
		want("a binding that is "+string(status), got, app.PreviewWrite, "")
		if !slices.ContainsFunc(got.Steps, func(s string) bool { return strings.Contains(s, string(status)) }) {
			t.Errorf("the steps do not say that the binding is %s: %q", status, got.Steps)
		}
	}
	p.mark(t, binding.StatusActive)

	if err := p.shop.InjectFault(shopbox.Fault{Kind: shopbox.Fault401, Path: "/V1/", Count: 20}); err != nil {
		t.Fatal(err)
	}
	want("a shop that refuses our key", look(nil, commerce.EntityInvoice, int64(invoice))[0], app.PreviewFail, fault.CodeMagentoAuth)
	p.shop.ClearFaults()

	if _, err := p.app.PreviewDocuments(t.Context(), p.stranger(t), app.PreviewDocuments{BindingID: p.binding.ID, EntityType: commerce.EntityInvoice, MagentoIDs: []int64{int64(invoice)}}); !fault.IsKind(err, fault.NotFound) {
		t.Errorf("a stranger gets %v, want NotFound", err)
	}
	if _, err := p.app.PreviewDocuments(t.Context(), p.admin, app.PreviewDocuments{BindingID: p.binding.ID, EntityType: commerce.EntityInvoice, MagentoIDs: make([]int64, app.MaxPreviews+1)}); !fault.IsKind(err, fault.Invalid) {
		t.Errorf("51 documents: %v, want Invalid", err)
	}
}

// stallingShop answers some reads of invoices, and then none in time.
type stallingShop struct {
	ports.Shop
	answers atomic.Int64
}

func (s *stallingShop) Invoice(ctx context.Context, access ports.ShopAccess, id int64) (commerce.Invoice, error) {
	if s.answers.Add(-1) < 0 {
		<-ctx.Done()
		return commerce.Invoice{}, fault.Wrap(fault.CodeMagentoUnreachable, "The shop does not answer.", ctx.Err())
	}
	return s.Shop.Invoice(ctx, access, id)
}

// TestWeighingSettingsEndsInTime shows that what a slow shop did not answer is
// not counted.
func TestWeighingSettingsEndsInTime(t *testing.T) {
	t.Parallel()
	p := newInProcess(t, "sqlite")
	synced := p.raiseOrdinary(t, 30)
	p.work(t, 3)
	proposed := p.saved(t)
	proposed.Defaults.RevenueAccount = "260"
	const answers = 27
	shop := &stallingShop{Shop: p.app.Shop}
	shop.answers.Store(answers)
	reading := p.reading()
	reading.Shop = shop
	began := time.Now()
	impact, err := reading.WeighSettings(t.Context(), p.admin, app.WeighSettings{BindingID: p.binding.ID, Settings: proposed, Within: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	if r := impact.Remapped; r.Total != len(synced) || r.Examined != answers || r.Count != answers || len(r.Samples) != 20 {
		t.Errorf("examined %d, %d meant, of %d, %d shown; want %d, %d, of %d, 20 shown", r.Examined, r.Count, r.Total, len(r.Samples), answers, answers, len(synced))
	}
}

var revenueAccount = regexp.MustCompile(`^invoice\.lines\[\d+\]\.accountCode$`)

func TestTheImpactOfSettingsOnMoney(t *testing.T) {
	t.Parallel()
	p := newInProcess(t, "sqlite")
	p.payInto(t)
	invoice := p.raiseCharged(t)
	p.announce(t, commerce.EventInvoiceCreated, invoice.MagentoID)
	p.work(t, 4)
	paid := p.announce(t, commerce.EventInvoicePaid, invoice.MagentoID)
	p.work(t, 8)
	memo, err := p.shop.Refund(invoice.MagentoID, false)
	must(t, err)
	refunded := p.announceMemo(t, memo.MagentoID)
	p.work(t, 12)
	proposed := p.saved(t)
	bank := proposed.Defaults.BankAccount
	proposed.Defaults.BankAccount = ""
	impact, err := p.reading().WeighSettings(t.Context(), p.admin, app.WeighSettings{BindingID: p.binding.ID, Settings: proposed})
	must(t, err)
	for what, run := range map[string]string{"payment": paid, "refund": refunded} {
		i := slices.IndexFunc(impact.Remapped.Samples, func(s app.ImpactSample) bool { return s.RunID == run })
		if i < 0 {
			t.Errorf("the %s is not remapped: %+v", what, impact.Remapped)
			continue
		}
		gone := slices.IndexFunc(impact.Remapped.Samples[i].Changes, func(c books.Change) bool {
			return c.Path == what+".accountId" && c.Before != nil && *c.Before == bank && c.After == nil
		})
		if gone < 0 {
			t.Errorf("of the %s changes %+v, want its account gone", what, impact.Remapped.Samples[i])
		}
	}
}

func TestTheImpactOfSettings(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		good := p.saved(t)
		weigh := func(change func(*settings.Settings)) app.SettingsImpact {
			t.Helper()
			proposed := good
			change(&proposed)
			impact, err := p.reading().WeighSettings(t.Context(), p.admin, app.WeighSettings{BindingID: p.binding.ID, Settings: proposed})
			if err != nil {
				t.Fatal(err)
			}
			return impact
		}
		synced := p.raiseOrdinary(t, 3)
		p.work(t, 4)
		p.change(t, func(s *settings.Settings) { s.Defaults.TaxRateMap, s.Defaults.TaxType = nil, "" })
		held := p.raiseOrdinary(t, 4)
		p.work(t, 4)

		released := weigh(func(*settings.Settings) {})
		if released.HeldReleased.Count != len(held) || released.HeldReleased.Examined != len(held) || released.HeldReleased.Total != len(held) {
			t.Errorf("mapping the rates again releases %+v, want all %d", released.HeldReleased, len(held))
		}
		if len(released.Changes) == 0 || len(released.Fields) > 0 {
			t.Errorf("changes %v, at fault %v", released.Changes, released.Fields)
		}
		if s := released.HeldReleased.Samples; len(s) != len(held) || s[0].Before != (app.Foreseen{Outcome: app.PreviewHold, ErrorCode: fault.CodeTaxRateNotMapped}) || s[0].After != (app.Foreseen{Outcome: app.PreviewWrite}) ||
			s[0].IncrementID == "" || len(s[0].Changes) > 0 {
			t.Errorf("samples %+v", s)
		}
		if released.Remapped.Count != 0 || released.Remapped.Examined != len(synced) {
			t.Errorf("what is synced is remapped by its own settings: %+v", released.Remapped)
		}

		remapped := weigh(func(s *settings.Settings) { s.Defaults.RevenueAccount = "260" })
		if remapped.Remapped.Count != len(synced) {
			t.Errorf("another revenue account remaps %+v, want all %d", remapped.Remapped, len(synced))
		}
		for _, s := range remapped.Remapped.Samples {
			if len(s.Changes) == 0 {
				t.Errorf("nothing of %s changes", s.IncrementID)
			}
			for _, c := range s.Changes {
				if !revenueAccount.MatchString(c.Path) || c.Before == nil || *c.Before != "200" || c.After == nil || *c.After != "260" {
					t.Errorf("of %s changes %s from %v to %v", s.IncrementID, c.Path, c.Before, c.After)
				}
			}
		}
		if broken := weigh(func(s *settings.Settings) { s.Defaults.RevenueAccount = "no such" }); len(broken.Fields) != 1 || broken.Fields[0].Code != "not_in_reference" {
			t.Errorf("at fault %+v", broken.Fields)
		}
		if _, err := p.app.WeighSettings(t.Context(), p.stranger(t), app.WeighSettings{BindingID: p.binding.ID, Settings: good}); !fault.IsKind(err, fault.NotFound) {
			t.Errorf("a stranger gets %v, want NotFound", err)
		}
	})
}
