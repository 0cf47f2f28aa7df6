package integration_test

import (
	"encoding/json"
	"testing"
	"time"

	"byte8.io/ledger/sandbox/xero"
)

// A day of 60 calls has less than a tenth left once 55 were made; bulk work would
// stop before, live work goes on.
func TestALowBudgetIsToldByAWorker(t *testing.T) {
	t.Parallel()
	for _, where := range backends(t) {
		t.Run(where.name, func(t *testing.T) {
			t.Parallel()
			const day = 60
			w := newWorld(t, where, worldOptions{limits: xero.Limits{Day: day, Minute: 1000}})
			w.env = append(w.env, "LEDGER_ALLOW_PRIVATE_WEBHOOKS=true", "LEDGER_XERO_DAY_LIMIT=60")
			w.serve(t)
			w.connect(t)
			to := newPartner(t)
			var made struct {
				CreateWebhookEndpoint struct {
					Secret     string
					UserErrors []struct{ Message string }
				}
			}
			w.graphql(t, `mutation ($url: String!) { createWebhookEndpoint(input: {url: $url, topics: [BUDGET_LOW]}) { secret userErrors { message } } }`,
				map[string]any{"url": to.url}, &made)
			if len(made.CreateWebhookEndpoint.UserErrors) > 0 {
				t.Fatal(made.CreateWebhookEndpoint.UserErrors)
			}
			var got []parcel
			eventually(t, 90*time.Second, "the endpoint is told", func() bool {
				if _, err := w.shop.Raise(1); err != nil {
					t.Fatal(err)
				}
				got = append(got, to.take()...)
				return len(got) > 0
			})
			verify(t, got[0], made.CreateWebhookEndpoint.Secret)
			var body struct {
				Type string
				Data struct {
					BindingID         string
					DayLeft, DayLimit int
				}
			}
			if err := json.Unmarshal(got[0].body, &body); err != nil {
				t.Fatal(err)
			}
			if body.Type != "budget.low" || body.Data.BindingID != w.binding || body.Data.DayLimit != day || body.Data.DayLeft*10 >= day {
				t.Errorf("the endpoint is told %s", got[0].body)
			}
			if again := to.take(); len(got)+len(again) != 1 {
				t.Errorf("the endpoint is told %d times", len(got)+len(again))
			}
		})
	}
}
