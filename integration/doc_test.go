// Package integration_test runs the real binary, with real HTTP, real
// PostgreSQL and Redis or the embedded default, against the sandboxes.
package integration_test
