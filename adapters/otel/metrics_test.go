package otel_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/adapters/otel"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

var start = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

type backlog struct {
	waiting ports.Waiting
	err     error
	reads   int
}

func (b *backlog) ReadBacklog(ctx context.Context, _ int) (ports.Waiting, error) {
	b.reads++
	if _, bounded := ctx.Deadline(); !bounded {
		return ports.Waiting{}, errors.New("the reading has no time-out")
	}
	return b.waiting, b.err
}

type budget struct{ ports.Budget }

func (budget) Left(_ context.Context, organisation string, _ books.Limits) (ports.BudgetLeft, error) {
	left := map[string]ports.BudgetLeft{"rich": {MinuteLeft: 60, DayLeft: 900}, "poor": {MinuteLeft: 50, DayLeft: 7}}
	return left[organisation], nil
}

type scene struct {
	metrics *otel.Metrics
	backlog *backlog
	now     time.Time
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{metrics: otel.NewMetrics(), backlog: &backlog{}, now: start}
	s.metrics.Watch(t.Context(), otel.Sources{
		Backlog: s.backlog, Budget: budget{}, Connections: func() sql.DBStats { return sql.DBStats{InUse: 3} },
		QueueDepth: func(context.Context) (int64, error) { return 4, nil },
		Limits: func(binding.Provider) (books.Limits, bool) {
			return books.Limits{PerMinute: 60, PerDay: 1000}, true
		},
		Now: func() time.Time { return s.now }, Log: slog.New(slog.DiscardHandler),
	})
	return s
}

func (s *scene) scrape(t *testing.T) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	s.metrics.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	body, err := io.ReadAll(recorder.Result().Body)
	if err != nil || recorder.Code != 200 {
		t.Fatalf("scraping: %d, %v", recorder.Code, err)
	}
	return string(body)
}

func (s *scene) has(t *testing.T, lines ...string) {
	t.Helper()
	text := s.scrape(t)
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("a scrape has no line %q:\n%s", line, regexp.MustCompile(`(?m)^ledger_.*$`).FindAllString(text, -1))
		}
	}
}

func TestGaugesAreReadWhenTheyAreScraped(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	oldest := start.Add(-90 * time.Second)
	s.backlog.waiting = ports.Waiting{
		Runs: []ports.WaitingRuns{{Provider: binding.Xero, Status: syncrun.StatusQueued, Count: 5}}, OldestRun: &oldest, Callbacks: 6, DeadCallbacks: 2,
		Organisations: []ports.ProviderOrganisation{{Provider: binding.Xero, OrganisationID: "rich"}, {Provider: binding.Xero, OrganisationID: "poor"}},
	}
	s.has(t, `ledger_runs_pending{provider="xero",status="queued"} 5`, `ledger_oldest_pending_seconds 90`, `ledger_callbacks_pending 6`,
		`ledger_callbacks_dead 2`, `ledger_queue_depth 4`, `ledger_backlog_readable 1`, `ledger_db_connections{state="in use"} 3`,
		`ledger_provider_budget_left{provider="xero",window="minute"} 50`, `ledger_provider_budget_left{provider="xero",window="day"} 7`)
	s.scrape(t)
	if s.backlog.reads != 1 {
		t.Errorf("two scrapes at once read the database %d times", s.backlog.reads)
	}
	s.now = s.now.Add(5 * time.Second)
	s.has(t, `ledger_oldest_pending_seconds 95`)
}

func TestGaugesThatCannotBeReadAreMissing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.backlog.err = errors.New("down")
	s.has(t, `ledger_backlog_readable 0`)
	if text := s.scrape(t); strings.Contains(text, "ledger_runs_pending") || strings.Contains(text, "ledger_oldest_pending_seconds ") {
		t.Error("a scrape has gauges that were not read")
	}
	if s.backlog.reads != 1 {
		t.Errorf("a database that failed a moment ago was asked %d times", s.backlog.reads)
	}
}

type intakeStub struct {
	ports.Intake
	accepted []ports.Accepted
	err      error
}

func (i intakeStub) Accept(context.Context, ports.TokenUse, syncrun.Event, []syncrun.Run) ([]ports.Accepted, error) {
	return i.accepted, i.err
}

type runsStub struct {
	ports.Runs
	errs []error
}

func (r runsStub) RecordOutcomes(context.Context, []ports.Outcome) []error { return r.errs }

type callbacksStub struct{ ports.Callbacks }

func (callbacksStub) SaveCallback(context.Context, syncrun.Callback) error { return nil }

type providerStub struct{ ports.Provider }

func (providerStub) Key() binding.Provider { return binding.Xero }
func (providerStub) PutInvoices(context.Context, ports.Session, []ports.InvoiceWrite) ([]ports.InvoiceOutcome, error) {
	return nil, fault.New(fault.CodeRateLimited, "Later.")
}

type shopStub struct{ ports.Shop }

func (shopStub) Ping(context.Context, ports.ShopAccess) error { return nil }

// exercise puts something through every port that is counted.
func (s *scene) exercise(t *testing.T) {
	t.Helper()
	o := otel.NewObserver(s.metrics, &otel.Traces{}, func() time.Time { return s.now })
	ctx, later := t.Context(), start.Add(3*time.Second)
	known, unknown := syncrun.Event{Name: commerce.EventInvoiceCreated}, syncrun.Event{Name: "made-up-by-a-shop", Ignored: true}
	_, _ = o.Intake(intakeStub{accepted: []ports.Accepted{{IsNew: true}}}).Accept(ctx, ports.TokenUse{}, known, nil)
	_, _ = o.Intake(intakeStub{accepted: []ports.Accepted{{}}}).Accept(ctx, ports.TokenUse{}, known, nil)
	_, _ = o.Intake(intakeStub{}).Accept(ctx, ports.TokenUse{}, unknown, nil)
	_, _ = o.Intake(intakeStub{err: fault.New(fault.CodeUnauthenticated, "Used.")}).Accept(ctx, ports.TokenUse{}, known, nil)
	run := syncrun.Run{Provider: binding.Xero, Event: commerce.EventInvoiceCreated, Status: syncrun.StatusSucceeded, CreatedAt: start, FinishedAt: &later}
	held := syncrun.Run{Provider: binding.Xero, Event: commerce.EventInvoiceCreated, Status: syncrun.StatusHeld, ErrorCode: "period_locked"}
	o.Runs(runsStub{errs: []error{nil, nil, errors.New("not stored")}}).RecordOutcomes(ctx, []ports.Outcome{{Run: run}, {Run: held}, {Run: held}})
	for _, c := range []syncrun.Callback{{Status: syncrun.CallbackDelivered, CreatedAt: start, DeliveredAt: &later}, {Status: syncrun.CallbackDead}, {Status: syncrun.CallbackPending}} {
		_ = o.Callbacks(callbacksStub{}).SaveCallback(ctx, c)
	}
	_, _ = o.Provider(providerStub{}).PutInvoices(ctx, ports.Session{}, nil)
	_ = o.Shop(shopStub{}).Ping(ctx, ports.ShopAccess{})
	s.metrics.ServedHTTP("POST /graphql", 200, time.Second)
	s.metrics.ServedGraphQL("syncStates", "ok", time.Second)
}

func TestPortsAreCounted(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.exercise(t)
	s.has(t,
		`ledger_events_total{event="invoice.created",result="accepted"} 1`, `ledger_events_total{event="invoice.created",result="repeated"} 1`,
		`ledger_events_total{event="other",result="ignored"} 1`, `ledger_events_total{event="invoice.created",result="refused"} 1`,
		`ledger_run_outcomes_total{code="",event="invoice.created",outcome="succeeded",provider="xero"} 1`,
		`ledger_run_outcomes_total{code="period_locked",event="invoice.created",outcome="held",provider="xero"} 1`,
		`ledger_run_duration_seconds_sum{event="invoice.created",provider="xero"} 3`,
		`ledger_callbacks_total{result="delivered"} 1`, `ledger_callbacks_total{result="given up"} 1`, `ledger_callbacks_total{result="put off"} 1`,
		`ledger_callback_lag_seconds_sum 3`,
		`ledger_provider_calls_total{operation="put_invoices",provider="xero",result="rate_limited"} 1`,
		`ledger_shop_call_seconds_count{operation="ping",result="ok"} 1`,
		`ledger_http_seconds_count{route="POST /graphql",status="200"} 1`, `ledger_graphql_seconds_count{operation="syncStates",result="ok"} 1`)
}

// document is what docs/metrics.md says of each metric: a row of name, labels,
// unit, meaning and what to alert on.
func document(t *testing.T) []otel.Description {
	t.Helper()
	raw, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []otel.Description
	for _, row := range regexp.MustCompile("(?m)^\\| `(ledger_\\w+)` \\| (.*?) \\| (.*?) \\| (.*?) \\| (.*?) \\|$").FindAllStringSubmatch(string(raw), -1) {
		var labels []string
		for _, label := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(row[2], -1) {
			labels = append(labels, label[1])
		}
		if row[3] == "" || row[5] == "" {
			t.Errorf("docs/metrics.md says no unit of %s, or not what to alert on", row[1])
		}
		out = append(out, otel.Description{Name: row[1], Labels: labels, Help: row[4]})
	}
	return out
}

func TestMetricsAreThoseOfTheDocument(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if diff := cmp.Diff(s.metrics.Describe(), document(t)); diff != "" {
		t.Errorf("docs/metrics.md differs (-code +document):\n%s", diff)
	}
	s.exercise(t)
	s.backlog.waiting.Runs = []ports.WaitingRuns{{Provider: binding.Xero, Status: syncrun.StatusQueued, Count: 1}}
	s.backlog.waiting.Organisations = []ports.ProviderOrganisation{{Provider: binding.Xero, OrganisationID: "rich"}}
	described, served := map[string]string{}, map[string]string{}
	for _, d := range s.metrics.Describe() {
		described[d.Name] = d.Help
	}
	for _, help := range regexp.MustCompile(`(?m)^# HELP (ledger_\w+) (.*)$`).FindAllStringSubmatch(s.scrape(t), -1) {
		served[help[1]] = help[2]
	}
	if diff := cmp.Diff(described, served); diff != "" {
		t.Errorf("what is scraped differs from what is described (-described +scraped):\n%s", diff)
	}
}

func TestNoLabelNamesATenant(t *testing.T) {
	t.Parallel()
	for _, d := range newScene(t).metrics.Describe() {
		for _, label := range []string{"tenant", "tenant_id", "organisation", "store", "binding", "run", "path", "user"} {
			if slices.Contains(d.Labels, label) {
				t.Errorf("%s has the label %s, whose values are without number", d.Name, label)
			}
		}
	}
}
