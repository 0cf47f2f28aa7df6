// Package porttest holds one conformance suite a store port. Every adapter of a
// port runs its suite; each subtest keeps one promise of the port's comment.
//
// A suite opens one backend. Every subtest works in a tenant of its own beside
// the others, so the suites also show that tenants do not meet.
package porttest

import (
	"testing"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Backend is the store ports over one and the same storage, empty at first.
type Backend struct {
	Tenants     ports.Tenants
	Members     ports.Members
	Invitations ports.Invitations
	Sessions    ports.Sessions
	Stores      ports.Stores
	Bindings    ports.Bindings
	Grants      ports.Grants
	Intake      ports.Intake
	Runs        ports.Runs
	Callbacks   ports.Callbacks
	Audit       ports.Audit
	Jobs        ports.Jobs
	Backlog     ports.Backlog
	Webhooks    ports.Webhooks
	Idempotency ports.Idempotency
}

// promise is one sentence of a port's comment and the check that it is kept.
type promise struct {
	name  string
	check func(t *testing.T, w *world)
}

func keep(t *testing.T, open func(t *testing.T) Backend, promises []promise) {
	t.Helper()
	backend := open(t)
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.check(t, newWorld(t, backend))
		})
	}
}

// need ends the test unless the call went well.
func need(t *testing.T, doing string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", doing, err)
	}
}

// must is the value of a call that went well.
func must[T any](value T, err error) func(t *testing.T, doing string) T {
	return func(t *testing.T, doing string) T {
		t.Helper()
		need(t, doing, err)
		return value
	}
}

func wantFault(t *testing.T, doing string, err error, code fault.Code) {
	t.Helper()
	if err == nil {
		t.Errorf("%s went well, want %s", doing, code)
	} else if got := fault.CodeOf(err); got != code {
		t.Errorf("%s gave %s (%v), want %s", doing, got, err, code)
	}
}
