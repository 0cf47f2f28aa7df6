package otel

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/ports"
)

const (
	// gaugesLife is how long what was read serves further scrapes.
	gaugesLife = 5 * time.Second
	// gaugesTime bounds one reading.
	gaugesTime = 2 * time.Second
	// backlogLimit bounds what one reading looks at.
	backlogLimit = 100_000
	// budgetLimit bounds the organisations whose call budget is read.
	budgetLimit = 200
)

// Sources are what gauges are read from.
type Sources struct {
	Backlog ports.Backlog
	Budget  ports.Budget
	// Limits are a provider's; false for one that is not known.
	Limits func(provider binding.Provider) (books.Limits, bool)
	// QueueDepth counts nudges that no worker has taken.
	QueueDepth func(ctx context.Context) (int64, error)
	// Connections is the state of the database's pool.
	Connections func() sql.DBStats
	Now         func() time.Time
	Log         *slog.Logger
}

// Watch adds gauges. What scrapes ask for within five seconds is read once, in
// at most two seconds; while it cannot be read its gauges are missing and
// ledger_backlog_readable is 0.
func (m *Metrics) Watch(ctx context.Context, s Sources) {
	g := &gauges{sources: s, bounded: func() (context.Context, context.CancelFunc) {
		return context.WithTimeout(context.WithoutCancel(ctx), gaugesTime)
	}}
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		m.described = append(m.described, Description{name, labels, help})
		return prometheus.NewDesc(name, help, labels, nil)
	}
	g.runs = desc("ledger_runs_pending", "Runs that are not finished, of the whole database; counting stops at 100000.", "provider", "status")
	g.oldest = desc("ledger_oldest_pending_seconds", "Age of the oldest unfinished run of an active binding, runs that wait for a person left out; 0 for none.")
	g.callbacks = desc("ledger_callbacks_pending", "Chips that shops are still to be told of, of the whole database; counting stops at 100000.")
	g.dead = desc("ledger_callbacks_dead", "Chips that shops could not be told of within a day, of the whole database.")
	g.budget = desc("ledger_provider_budget_left", "Calls left to the organisation that has the fewest left.", "provider", "window")
	g.queue = desc("ledger_queue_depth", "Nudges that no worker has taken.")
	g.readable = desc("ledger_backlog_readable", "1 while the gauges of the whole database can be read, else 0.")
	g.connections = desc("ledger_db_connections", "Connections of this process to the database.", "state")
	g.waits = desc("ledger_db_waits_total", "Times that work waited for a connection to the database.")
	g.waitSeconds = desc("ledger_db_wait_seconds_total", "Time that work waited for a connection to the database.")
	m.registry.MustRegister(g)
}

// gauges read what waits when they are scraped.
type gauges struct {
	sources Sources
	// bounded makes the context of one reading.
	bounded func() (context.Context, context.CancelFunc)

	runs, oldest, callbacks, dead, budget, queue, readable *prometheus.Desc
	connections, waits, waitSeconds                        *prometheus.Desc

	mu     sync.Mutex
	readAt time.Time
	last   []prometheus.Metric
}

// Describe implements [prometheus.Collector].
func (g *gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.runs, g.oldest, g.callbacks, g.dead, g.budget, g.queue, g.readable, g.connections, g.waits, g.waitSeconds} {
		out <- d
	}
}

// Collect implements [prometheus.Collector].
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	for _, metric := range g.read() {
		out <- metric
	}
	pool := g.sources.Connections()
	out <- gauge(g.connections, float64(pool.InUse), "in use")
	out <- gauge(g.connections, float64(pool.Idle), "idle")
	out <- gauge(g.connections, float64(pool.MaxOpenConnections), "limit")
	out <- prometheus.MustNewConstMetric(g.waits, prometheus.CounterValue, float64(pool.WaitCount))
	out <- prometheus.MustNewConstMetric(g.waitSeconds, prometheus.CounterValue, pool.WaitDuration.Seconds())
}

func (g *gauges) read() []prometheus.Metric {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := g.sources.Now(); g.last == nil || now.Sub(g.readAt) >= gaugesLife {
		g.last = g.readAgain(now)
		g.readAt = now
	}
	return g.last
}

func (g *gauges) readAgain(now time.Time) []prometheus.Metric {
	ctx, cancel := g.bounded()
	defer cancel()
	var out []prometheus.Metric
	if depth, err := g.sources.QueueDepth(ctx); err == nil {
		out = append(out, gauge(g.queue, float64(depth)))
	}
	w, err := g.sources.Backlog.ReadBacklog(ctx, backlogLimit)
	if err != nil {
		g.sources.Log.WarnContext(ctx, "counting what waits failed", "error", err)
		return append(out, gauge(g.readable, 0))
	}
	out = append(out, gauge(g.readable, 1), gauge(g.callbacks, float64(w.Callbacks)), gauge(g.dead, float64(w.DeadCallbacks)))
	for _, r := range w.Runs {
		out = append(out, gauge(g.runs, float64(r.Count), string(r.Provider), string(r.Status)))
	}
	age := 0.0
	if w.OldestRun != nil {
		age = max(0, now.Sub(*w.OldestRun).Seconds())
	}
	out = append(out, gauge(g.oldest, age))
	return append(out, g.budgets(ctx, w.Organisations)...)
}

// budgets is the least that is left of each provider's limits.
func (g *gauges) budgets(ctx context.Context, organisations []ports.ProviderOrganisation) []prometheus.Metric {
	type window struct {
		provider binding.Provider
		name     string
	}
	least := map[window]int{}
	note := func(of window, left int) {
		if before, ok := least[of]; !ok || left < before {
			least[of] = left
		}
	}
	for _, o := range organisations[:min(len(organisations), budgetLimit)] {
		limits, ok := g.sources.Limits(o.Provider)
		if !ok {
			continue
		}
		left, err := g.sources.Budget.Left(ctx, o.OrganisationID, limits)
		if err != nil {
			continue
		}
		if limits.PerMinute > 0 {
			note(window{o.Provider, "minute"}, left.MinuteLeft)
		}
		if limits.PerDay > 0 {
			note(window{o.Provider, "day"}, left.DayLeft)
		}
	}
	out := make([]prometheus.Metric, 0, len(least))
	for of, left := range least {
		out = append(out, gauge(g.budget, float64(left), string(of.provider), of.name))
	}
	return out
}

func gauge(desc *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}
