package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"

	"byte8.io/ledger/adapters/asynq"
	"byte8.io/ledger/adapters/httpserver"
	"byte8.io/ledger/adapters/otel"
	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/trail"
	"byte8.io/ledger/graph"
)

const (
	// tracesGrace is how long spans that are left may take to be sent.
	tracesGrace = 3 * time.Second
	// metricsGrace is how long a scrape under way may take when a server stops.
	metricsGrace = time.Second
	// redisProbeTime bounds the look whether Redis answers.
	redisProbeTime = time.Second
)

// withTraces has spans made by these, whatever the environment says.
func withTraces(t *otel.Traces) option {
	return func(o *openOptions) { o.traces = t }
}

// observe sets metrics and traces up and puts them round the ports.
func (l *ledger) observe(ctx context.Context, traces *otel.Traces, deps *app.Deps) error {
	l.traces = traces
	if traces == nil {
		l.traces = &otel.Traces{}
	}
	if traces == nil && l.config.OTLPEndpoint != "" {
		exported, end, err := otel.Export(ctx, l.config.OTLPEndpoint, version)
		if err != nil {
			return fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
		}
		l.traces = exported
		l.closes = append(l.closes, func() error {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tracesGrace)
			defer cancel()
			if err := end(ctx); err != nil {
				l.log.WarnContext(ctx, "some spans were not sent", "error", err)
			}
			return nil
		})
	}
	l.metrics = otel.NewMetrics()
	o := otel.NewObserver(l.metrics, l.traces, clock)
	deps.Intake, deps.Runs, deps.Callbacks = o.Intake(deps.Intake), o.Runs(deps.Runs), o.Callbacks(deps.Callbacks)
	deps.Shop, deps.Traces = o.Shop(deps.Shop), l.traces
	limits := map[binding.Provider]books.Limits{}
	for key, provider := range deps.Providers {
		limits[key] = provider.Capabilities().Limits
		deps.Providers[key] = o.Provider(provider)
	}
	l.metrics.Watch(ctx, otel.Sources{
		Backlog: sqlstore.NewBacklog(l.db), Budget: deps.Budget, QueueDepth: func(ctx context.Context) (int64, error) { return asynq.Depth(ctx, l.redis) },
		Connections: l.db.Connections, Now: l.clock.Now, Log: l.log,
		Limits: func(key binding.Provider) (books.Limits, bool) {
			of, ok := limits[key]
			return of, ok
		},
	})
	return nil
}

// observeRequest has a request traced and counted.
func (l *ledger) observeRequest(ctx context.Context, r *http.Request) (context.Context, func(httpserver.Served)) {
	ctx, end := l.traces.Request(ctx, r)
	return ctx, func(s httpserver.Served) {
		if !s.IsStream {
			l.metrics.ServedHTTP(s.Route, s.Status, s.Took)
		}
		end(s.Route, s.Status)
	}
}

// withPrincipal names the caller of a request, whose word about traces is taken
// from here on.
func (l *ledger) withPrincipal(ctx context.Context, p access.Principal) context.Context {
	if !p.IsZero() {
		trail.NoteTenant(ctx, p.TenantID)
		l.traces.Trust(ctx)
	}
	return graph.WithPrincipal(ctx, p)
}

// metricsOnMain answers scrapes where the API is served: with the token, or to
// this machine while the public address is this machine's too.
func (l *ledger) metricsOnMain() http.Handler {
	public, err := url.Parse(l.config.PublicURL)
	isLocal := err == nil && (public.Hostname() == "localhost" || public.Hostname() == "127.0.0.1")
	if l.config.MetricsToken == "" && !isLocal {
		return http.NotFoundHandler()
	}
	return httpserver.GuardMetrics(l.metrics.Handler(), l.config.MetricsToken, isLocal)
}

// besideMetrics does something, and serves metrics and probes on a listener of
// their own where there is one.
func (l *ledger) besideMetrics(ctx context.Context, do func(context.Context) error) error {
	if l.config.MetricsListen == "" {
		return do(ctx)
	}
	listener, err := listen(ctx, l.config.MetricsListen)
	if err != nil {
		return fmt.Errorf("LEDGER_METRICS_LISTEN: %w", err)
	}
	probes := httpserver.NewProbes(httpserver.Options{Ready: l.ready, Degraded: l.degraded, Log: l.log}, httpserver.GuardMetrics(l.metrics.Handler(), l.config.MetricsToken, false))
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return httpserver.ServeOn(ctx, listener, probes, metricsGrace) })
	group.Go(func() error { return do(ctx) })
	return group.Wait()
}

// degraded says that Redis does not answer: work then waits for the sweeper's
// second, and each process keeps to the call budget by itself.
func (l *ledger) degraded(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, redisProbeTime)
	defer cancel()
	if err := l.redis.Ping(ctx).Err(); err != nil {
		l.log.WarnContext(ctx, "Redis does not answer; work is found by looking, a second later", "error", err)
		return []string{"Redis does not answer; work is found by looking, a second later."}
	}
	return nil
}
