// Package otel tells operators what the server does: metrics that Prometheus
// reads, spans that are sent by OTLP, and log lines that name both. It wraps
// ports and changes nothing they do.
package otel
