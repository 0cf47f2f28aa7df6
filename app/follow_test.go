package app_test

import (
	"context"
	"testing"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/trail"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

// trailed notes what calls to the outside are about.
type trailed struct {
	ports.Shop
	ports.Webhooks
	about *trail.Trail
}

func (s *trailed) Invoice(ctx context.Context, to ports.ShopAccess, id int64) (commerce.Invoice, error) {
	s.about = trail.Of(ctx)
	return s.Shop.Invoice(ctx, to, id)
}

func (s *trailed) ClaimDeliveries(context.Context, access.TenantID, string, time.Time, time.Time) (ports.ClaimedDeliveries, error) {
	return ports.ClaimedDeliveries{Deliveries: []webhook.Delivery{{ID: "whd_1", TenantID: "tenant-a"}}}, nil
}

func (s *trailed) SaveDelivery(context.Context, webhook.Delivery, time.Time) (webhook.Endpoint, error) {
	return webhook.Endpoint{}, nil
}

func (s *trailed) Send(ctx context.Context, _ ports.WebhookCall) webhook.Answer {
	s.about = trail.Of(ctx)
	return webhook.Answer{Status: 204}
}

func TestAStepOfAJobIsAboutTheJob(t *testing.T) {
	t.Parallel()
	w := jobsWorld()
	deps := w.App().Deps
	seen := &trailed{Shop: deps.Shop}
	deps.Shop = seen
	a := app.New(deps)
	made, err := a.StartBackfill(t.Context(), jobsOwner, app.StartBackfill{
		BindingID: "bnd_1", Kind: job.BackfillDocuments, EntityType: commerce.EntityInvoice, MagentoIDs: []int64{12},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.WorkJob(t.Context(), "tenant-a", made.ID); err != nil {
		t.Fatal(err)
	}
	if seen.about.JobID() != made.ID || seen.about.Tenant() != "tenant-a" {
		t.Errorf("the shop is asked for job %q of %q", seen.about.JobID(), seen.about.Tenant())
	}
}

func TestAnAttemptAtADeliveryIsAboutTheDelivery(t *testing.T) {
	t.Parallel()
	deps := jobsWorld().App().Deps
	seen := &trailed{}
	deps.Webhooks, deps.WebhookSender = seen, seen
	if n, err := app.New(deps).SendWebhooks(t.Context(), "tenant-a", "whe_1"); n != 1 || err != nil {
		t.Fatalf("SendWebhooks = %d, %v", n, err)
	}
	if seen.about.DeliveryID() != "whd_1" || seen.about.Tenant() != "tenant-a" {
		t.Errorf("the endpoint is told of delivery %q of %q", seen.about.DeliveryID(), seen.about.Tenant())
	}
}
