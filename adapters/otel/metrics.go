package otel

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are what Prometheus reads of a process. No label has a value that a
// client or a tenant chooses.
type Metrics struct {
	registry  *prometheus.Registry
	described []Description

	runOutcomes     *prometheus.CounterVec
	runSeconds      *prometheus.HistogramVec
	events          *prometheus.CounterVec
	callbacks       *prometheus.CounterVec
	callbackLag     prometheus.Observer
	providerCalls   *prometheus.CounterVec
	providerSeconds *prometheus.HistogramVec
	shopSeconds     *prometheus.HistogramVec
	graphqlSeconds  *prometheus.HistogramVec
	httpSeconds     *prometheus.HistogramVec
}

// Description is one metric of ours.
type Description struct {
	Name   string
	Labels []string
	Help   string
}

// The bounds of histograms, in seconds.
var (
	answerBounds   = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30} //nolint:gochecknoglobals // constant
	deliveryBounds = []float64{.25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400}      //nolint:gochecknoglobals // constant
)

// NewMetrics makes the metrics, with those of the Go runtime and the process.
func NewMetrics() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.runOutcomes = m.counter("ledger_run_outcomes_total", "Tries of runs by what they left the run in; code is an error code or the reason of a skip.", "provider", "event", "outcome", "code")
	m.runSeconds = m.histogram("ledger_run_duration_seconds", "Time from the webhook to the document in the books, of runs that succeeded.", deliveryBounds, "provider", "event")
	m.events = m.counter("ledger_events_total", "Authenticated events of shops by what became of them.", "event", "result")
	m.callbacks = m.counter("ledger_callbacks_total", "Tries to tell a shop of a chip by their result.", "result")
	m.callbackLag = m.histogram("ledger_callback_lag_seconds", "Time from an outcome to the shop that knows of it.", deliveryBounds).WithLabelValues()
	m.providerCalls = m.counter("ledger_provider_calls_total", "Operations at an accounting provider by their result: ok, or an error code.", "provider", "operation", "result")
	m.providerSeconds = m.histogram("ledger_provider_call_seconds", "Time an operation at an accounting provider takes, with the wait for the call budget.", answerBounds, "provider", "operation")
	m.shopSeconds = m.histogram("ledger_shop_call_seconds", "Time a call to a shop takes.", answerBounds, "operation", "result")
	m.graphqlSeconds = m.histogram("ledger_graphql_seconds", "Time a GraphQL query or mutation takes once it is validated.", answerBounds, "operation", "result")
	m.httpSeconds = m.histogram("ledger_http_seconds", "Time a request takes, streams left out.", answerBounds, "route", "status")
	return m
}

// Handler answers scrapes, two at a time.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: 10 * time.Second})
}

// Describe lists our metrics, those of the runtime left out.
func (m *Metrics) Describe() []Description { return slices.Clone(m.described) }

// ServedHTTP notes an answered request. The route is a pattern.
func (m *Metrics) ServedHTTP(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.httpSeconds.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// ServedGraphQL notes an executed operation. Its name is one of the schema's.
func (m *Metrics) ServedGraphQL(operation, result string, took time.Duration) {
	m.graphqlSeconds.WithLabelValues(operation, result).Observe(took.Seconds())
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.add(Description{name, labels, help}, vec)
	return vec
}

func (m *Metrics) histogram(name, help string, bounds []float64, labels ...string) *prometheus.HistogramVec {
	vec := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: bounds}, labels)
	m.add(Description{name, labels, help}, vec)
	return vec
}

func (m *Metrics) add(d Description, c prometheus.Collector) {
	m.described = append(m.described, d)
	m.registry.MustRegister(c)
}
