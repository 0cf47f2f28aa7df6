package app

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"byte8.io/ledger/app/failpoint"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

// webhookLease is longer than an attempt and storing it may take. A killed
// worker's deliveries go out again when it ends.
const webhookLease = webhook.Timeout + recordTime + 5*time.Second

// SendWebhooks makes one attempt at each delivery to an endpoint that is due, up
// to what the endpoint gets at once, and returns how many it took up. It may be
// called by any number of workers. A delivery whose answer could not be stored
// goes out again under the same id.
func (a *App) SendWebhooks(ctx context.Context, tenant access.TenantID, endpointID string) (int, error) {
	now := a.Now()
	claimed, err := a.Webhooks.ClaimDeliveries(ctx, tenant, endpointID, now, now.Add(webhookLease))
	if err != nil {
		return 0, fmt.Errorf("claiming webhook deliveries: %w", err)
	}
	var sending errgroup.Group
	for _, d := range claimed.Deliveries {
		sending.Go(func() error { return guarded(func() error { return a.sendWebhook(ctx, claimed, d) }) })
	}
	return len(claimed.Deliveries), sending.Wait()
}

func (a *App) sendWebhook(ctx context.Context, claimed ports.ClaimedDeliveries, d webhook.Delivery) error {
	ctx = followDelivery(ctx, d)
	answer := a.WebhookSender.Send(ctx, ports.WebhookCall{URL: claimed.URL, ID: d.ID, Secrets: claimed.Secrets, At: a.Now(), Body: d.Payload})
	failpoint.Hit("webhook.after")
	if ctx.Err() != nil && !answer.IsTaken() {
		return nil // we stop: it says nothing of the endpoint
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	now := a.Now()
	e, err := a.Webhooks.SaveDelivery(ctx, d.After(answer, now), now)
	switch {
	case fault.IsKind(err, fault.Conflict, fault.NotFound):
		return nil // replayed, taken over or removed meanwhile
	case err != nil:
		return fmt.Errorf("storing the webhook delivery: %w", err)
	case e.IsLost(now):
		return a.switchOff(ctx, e, now)
	}
	return nil
}

// switchOff switches an endpoint off that took nothing for days.
func (a *App) switchOff(ctx context.Context, e webhook.Endpoint, now time.Time) error {
	entry := a.entry(access.System(e.TenantID), audit.WebhookEndpointSwitchedOff, e.ID, map[string]any{"host": e.Host(), "failingSince": e.FailingSince})
	off, err := a.Webhooks.SwitchOff(ctx, e.TenantID, e.ID, webhook.LostReason, now.Add(-webhook.LostAfter), entry)
	if err != nil {
		return fmt.Errorf("switching the webhook endpoint off: %w", err)
	}
	if off {
		a.Log.WarnContext(ctx, "a webhook endpoint was switched off: it took nothing for 5 days", "endpoint_id", e.ID)
	}
	return nil
}

// tellBudget tells the endpoints, once a day, that few of an organisation's
// calls are left.
func (a *App) tellBudget(ctx context.Context, b binding.Binding, left ports.BudgetLeft, limits books.Limits) {
	message := webhook.OfBudget(b, left.DayLeft, limits.PerDay, a.Now())
	if message == nil {
		return
	}
	if err := a.Webhooks.PutMessage(ctx, b.TenantID, *message); err != nil {
		a.Log.WarnContext(ctx, "telling of a low call budget failed; the next batch tries again", "binding_id", b.ID, "error", err)
	}
}

// webhookPurgeBatch is how many deliveries one statement removes.
const webhookPurgeBatch = 1000

// PurgeWebhooks removes deliveries of deleted endpoints, and those older than 30
// days that are no longer pending or whose endpoint is off, and returns how many.
// It is for the server itself.
func (a *App) PurgeWebhooks(ctx context.Context) (int, error) {
	removed := 0
	for {
		n, err := a.Webhooks.PurgeDeliveries(ctx, a.Now().Add(-webhook.Life), webhookPurgeBatch)
		removed += n
		if err != nil {
			return removed, fmt.Errorf("removing old webhook deliveries: %w", err)
		}
		if n < webhookPurgeBatch {
			return removed, nil
		}
	}
}
